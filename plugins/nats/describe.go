package nats

import (
	"encoding/json"
	"slices"

	"dkron/plugin"
	"dkron/plugin/keys"
)

// Describe returns the JSON Schema of the configuration.
func (*Executor) Describe() json.RawMessage { return schema().JSON() }

// schema lists every key of the configuration.
func schema() plugin.Schema {
	return plugin.Schema{
		Description: "Publishes one message on NATS.",
		Properties:  slices.Concat(messageKeys(), whoKeys(), tlsKeys(), []plugin.Property{keys.DebugKey()}),
	}
}

func messageKeys() []plugin.Property {
	return []plugin.Property{
		{
			Name: "url", Required: true, Title: "Servers",
			Description: "Addresses of servers of one cluster, separated by commas. With tls:// the connection must be encrypted.",
			Examples:    []string{"nats://localhost:4222", "tls://nats-1.example.com,tls://nats-2.example.com"},
		},
		{
			Name: "subject", Required: true, Title: "Subject", Description: "What the message is published on.",
			Examples: []string{"orders.nightly"},
		},
		{Name: "message", Title: "Message", Format: plugin.Multiline, Role: plugin.Payload, Description: "The content of the message, as text."},
		keys.HeadersKey("Source: dkron"),
		keys.TimeoutKey("For connecting, sending and the answer together"),
		{
			Name: "jetstream", Title: "Wait for a stream", Format: plugin.Boolean, Default: "false",
			Description: "The execution succeeds only after a JetStream stream has stored the message. The output has the stream and the sequence.",
		},
		{
			Name: "reply", Title: "Wait for an answer", Format: plugin.Boolean, Default: "false",
			Description: "Sends a request. The answer is the output; without one in time the execution fails.",
		},
	}
}

func whoKeys() []plugin.Property {
	return []plugin.Property{
		{Name: "userName", Title: "User", Description: "Who connects.", Examples: []string{"dkron"}},
		{Name: "password", Title: "Password", Format: plugin.Password, Description: "The password of the user."},
		{Name: "token", Title: "Token", Format: plugin.Password, Advanced: true, Description: "Identifies this client instead of a user."},
		{
			Name: "credentialsFile", Title: "Credentials file", Advanced: true,
			Description: "A file on the node with the JWT and the seed of a user, as nsc writes it.",
			Examples:    []string{"/etc/dkron/nats.creds"},
		},
		{
			Name: "nkeySeedFile", Title: "NKey seed file", Advanced: true,
			Description: "A file on the node with the seed of a user's NKey.",
			Examples:    []string{"/etc/dkron/nats.nk"},
		},
	}
}

func tlsKeys() []plugin.Property {
	return append(keys.TLSKeys("tlsNoVerifyPeer"), plugin.Property{
		Name: "tlsHandshakeFirst", Title: "TLS before NATS", Format: plugin.Boolean, Default: "false", Advanced: true,
		Description: "For servers with handshake_first, or with a TLS proxy before them.",
	})
}
