package fluent

import (
	"encoding/json"
	"slices"

	"dkron/plugin"
	"dkron/plugin/keys"
)

// Describe returns the JSON Schema of the configuration.
func (*Processor) Describe() json.RawMessage { return schema().JSON() }

// Check returns the problems of a configuration.
func (p *Processor) Check(config map[string]string) []plugin.Problem {
	_, problems := p.read(config)
	return problems
}

// schema lists every key of the configuration.
func schema() plugin.Schema {
	return plugin.Schema{
		Description: "Sends each output as a record to Fluentd or Fluent Bit.",
		Properties: slices.Concat([]plugin.Property{
			{
				Name: "host", Title: "Host", Examples: []string{"logs.example.com"},
				Description: "Where the input forward listens. Without it, the variable FLUENTBIT_HOST of the agent applies, and without that 127.0.0.1.",
			},
			{
				Name: "port", Title: "Port", Format: plugin.Integer, Examples: []string{"24224"},
				Description: "Without it, the variable FLUENTBIT_PORT of the agent applies, and without that 24224.",
			},
			{
				Name: "tag", Title: "Tag", Examples: []string{"dkron.reports"},
				Description: "By which the receiver routes the record. Without it, the variable FLUENTBIT_TAG of the agent applies, and without that dkron.",
			},
			{
				Name: "require_ack", Title: "Wait for acknowledgement", Format: plugin.Boolean, Default: "true",
				Description: "The output counts as delivered only after the receiver has confirmed the record. Otherwise after it was sent.",
			},
			{
				Name: "timeout", Title: "Timeout in seconds", Format: plugin.Integer, Default: "10",
				Description: "For connecting, sending and the acknowledgement together, in whole seconds from 1 to 25.",
			},
			plugin.ForwardProperty(), plugin.OnProperty(), plugin.OrderProperty(),
			{
				Name: "tls", Title: "TLS", Format: plugin.Boolean, Default: "false", Advanced: true,
				Description: "Encrypts the connection. Any other key of TLS does that too.",
			},
		}, keys.TLSKeys("tlsNoVerifyPeer")),
	}
}
