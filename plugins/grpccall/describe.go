package grpccall

import (
	"encoding/json"

	"dkron/plugin"
	"dkron/plugin/keys"
)

// Describe returns the JSON Schema of the configuration.
func (*Executor) Describe() json.RawMessage { return schema().JSON() }

func schema() plugin.Schema {
	return plugin.Schema{
		Description: "Calls one method of a gRPC server that offers reflection, and judges the status.",
		Properties: append([]plugin.Property{
			{
				Name: "url", Required: true, Title: "Address and method",
				Description: "The server's host and port, the service with its package, and the method. With grpcs:// before it, or with a key of TLS, the connection uses TLS.",
				Examples:    []string{"greeter.example.com:50051/helloworld.Greeter/SayHello", "grpcs://greeter.example.com:443/helloworld.Greeter/SayHello"},
			},
			{
				Name: "body", Title: "Message", Format: plugin.Multiline, Role: plugin.Payload, Default: "{}",
				Description: "The message as JSON. A method that takes a stream gets several, one after the other.",
				Examples:    []string{`{"name": "world"}`},
			},
			{
				Name: "headers", Title: "Headers", ContentMediaType: plugin.MediaJSON, ContentSchema: plugin.Lines(),
				Description: "Metadata of the call, each as name: value; also sent with the question for the method's description. The value of a name that ends in -bin is base64.",
				Examples:    []string{`["authorization: Bearer 0123"]`},
			},
			keys.TimeoutKey("For connection, reflection and call together"),
			{
				Name: "expectCode", Title: "Expected status", Default: "0",
				Description: "The statuses that count as a success, as numbers or names.",
				Examples:    []string{"0", "OK, NOT_FOUND"},
			},
		}, append(keys.TLSKeys("tlsNoVerifyPeer"), keys.DebugKey())...),
	}
}
