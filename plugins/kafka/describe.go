package kafka

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
		Description: "Produces one message on a Kafka broker.",
		Properties:  slices.Concat(messageKeys(), whoKeys(), tlsKeys(), sendKeys(), []plugin.Property{keys.DebugKey()}),
	}
}

func messageKeys() []plugin.Property {
	return []plugin.Property{
		{
			Name: "brokerAddress", Required: true, Title: "Brokers",
			Description: "Brokers that are asked for the others, each as host:port, separated by commas.",
			Examples:    []string{"localhost:9092", "kafka-1.example.com:9093,kafka-2.example.com:9093"},
		},
		{Name: "topic", Required: true, Title: "Topic", Description: "What the message is produced to.", Examples: []string{"orders"}},
		{
			Name: "key", Title: "Key", Examples: []string{"nightly"},
			Description: "Messages with the same key go to the same partition. Without it: any partition.",
		},
		{Name: "message", Title: "Message", Format: plugin.Multiline, Role: plugin.Payload, Description: "The value of the message, as text."},
		keys.HeadersKey("Source: dkron"),
		keys.TimeoutKey("For connecting, sending and the confirmation together"),
	}
}

func whoKeys() []plugin.Property {
	return []plugin.Property{
		{Name: "saslUsername", Title: "User", Description: "Who connects. It needs the password and the mechanism too.", Examples: []string{"dkron"}},
		{Name: "saslPassword", Title: "Password", Format: plugin.Password, Description: "The password of the user."},
		{
			Name: "saslMechanism", Title: "Mechanism", Enum: []string{"sha256", "sha512", "plain", mechanismBearer},
			Description: "How the user proves itself: SCRAM with one of the two hashes, by sending the password, or by a token of OAuth.",
		},
		{
			Name: "saslToken", Title: "Token", Format: plugin.Password, Advanced: true,
			Description: "The token for oauthbearer.",
		},
		{
			Name: "saslTokenUrl", Title: "Address of tokens", Advanced: true, Examples: []string{"https://login.example.com/oauth2/token"},
			Description: "Where oauthbearer gets tokens, instead of saslToken: for saslUsername and saslPassword, a client's id and secret.",
		},
		{
			Name: "saslScope", Title: "Scope of tokens", Advanced: true, Examples: []string{"kafka"},
			Description: "The scope of the tokens, if they need one.",
		},
	}
}

func tlsKeys() []plugin.Property {
	return append([]plugin.Property{{
		Name: "tlsEnable", Title: "TLS", Format: plugin.Boolean, Default: "false", Description: "Encrypts the connection, and checks who the broker is.",
	}}, keys.TLSKeys("tlsInsecureSkipVerify")...)
}

func sendKeys() []plugin.Property {
	return []plugin.Property{
		{
			Name: "acks", Title: "Confirmed by", Default: acksAll, Enum: []string{acksAll, acksLeader, acksNone}, Advanced: true,
			Description: "Which brokers must have the message: all that are in sync, the partition's leader, or none that is waited for.",
		},
		{
			Name: "compression", Title: "Compression", Default: "none", Enum: []string{"none", "gzip", "snappy", "lz4", "zstd"}, Advanced: true,
			Description: "How the message is compressed.",
		},
		{
			Name: "partition", Title: "Partition", Format: plugin.Integer, Advanced: true, Examples: []string{"0"},
			Description: "The number of the partition. Without it the key decides.",
		},
	}
}
