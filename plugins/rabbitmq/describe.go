package rabbitmq

import (
	"encoding/json"

	"dkron/plugin"
	"dkron/plugin/keys"
)

// Describe returns the JSON Schema of the configuration.
func (*Executor) Describe() json.RawMessage { return schema().JSON() }

func schema() plugin.Schema {
	all := append(brokerKeys(), queueKeys()...)
	all = append(all, messageKeys()...)
	all = append(all, keys.TimeoutKey("For connection and confirmation together"))
	all = append(all, keys.TLSKeys("tlsNoVerifyPeer")...)
	return plugin.Schema{
		Description: "Sends one message to RabbitMQ and waits until the broker has confirmed it.",
		Properties:  append(all, keys.DebugKey()),
	}
}

func brokerKeys() []plugin.Property {
	return []plugin.Property{
		{
			Name: "url", Required: true, Title: "URL",
			Description: "The broker's address with its virtual host; amqps:// uses TLS. A user and a password are better in their own keys, where the form hides the password.",
			Examples:    []string{"amqp://broker.example.com:5672/", "amqps://broker.example.com:5671/orders"},
		},
		{Name: "userName", Title: "User", Description: "Who sends. Without it, the user of the URL, or guest.", Examples: []string{"scheduler"}},
		{Name: "password", Title: "Password", Format: plugin.Password, Description: "The user's password. Only used if a user is set."},
		{
			Name: "exchange", Title: "Exchange", Advanced: true,
			Description: "The exchange that gets the message. Without it, the message goes to the queue.",
			Examples:    []string{"orders"},
		},
	}
}

func queueKeys() []plugin.Property {
	return []plugin.Property{
		{
			Name: "queue.name", Required: true, Title: "Queue",
			Description: "The queue; with an exchange, the routing key.",
			Examples:    []string{"nightly"},
		},
		{
			Name: "queue.create", Title: "Create the queue", Format: plugin.Boolean, Default: "false",
			Description: "Creates the queue if there is none. It is not bound to the exchange.",
		},
		{
			Name: "queue.durable", Title: "Durable queue", Format: plugin.Boolean, Default: "false", Advanced: true,
			Description: "A queue that is created survives a restart of the broker.",
		},
		{
			Name: "queue.auto_delete", Title: "Delete the queue without consumers", Format: plugin.Boolean, Default: "false", Advanced: true,
			Description: "A queue that is created is deleted after its last consumer has left.",
		},
		{
			Name: "queue.exclusive", Title: "Exclusive queue", Format: plugin.Boolean, Default: "false", Advanced: true,
			Description: "A queue that is created belongs to this execution and is deleted with it. For tests only.",
		},
	}
}

func messageKeys() []plugin.Property {
	return []plugin.Property{
		{Name: "message.body", Title: "Message", Format: plugin.Multiline, Role: plugin.Payload, Description: "The body of the message, as text."},
		{
			Name: "message.base64Body", Title: "Message as base64", ContentEncoding: "base64", Advanced: true,
			Description: "The body of the message, if it is not text. message.body must then be empty.",
			Examples:    []string{"AAEC"},
		},
		{
			Name: "message.base64", Title: "Message as base64, other name", ContentEncoding: "base64", Advanced: true,
			Description: "The same as message.base64Body.",
		},
		{
			Name: "message.content_type", Title: "Content type", Default: "text/plain", Advanced: true,
			Description: "What the body is.",
			Examples:    []string{"text/plain", "application/json"},
		},
		{
			Name: "message.delivery_mode", Title: "Delivery mode", Format: plugin.Integer, Default: "0",
			Description: "2 is a message that survives a restart of the broker, in a durable queue. 0 and 1 are one that does not.",
			Examples:    []string{"1", "2"},
		},
		{
			Name: "message.messageId", Title: "Message id", Advanced: true,
			Description: "By which receivers recognise a repetition. Without it, the id of the launch, which attempts and nodes share.",
		},
		keys.HeadersKey("x-origin: scheduler"),
	}
}
