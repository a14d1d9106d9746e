// Package syslogoutput is the processor that sends outputs to syslog: that of the machine, or one on the network.
package syslogoutput

import (
	"context"
	"encoding/json"
	"slices"

	"dkron/plugin"
	"dkron/plugin/keys"
)

// placeholder is what replaces an output; clients know it.
const placeholder = "Output in syslog"

// Processor sends outputs to syslog.
type Processor struct {
	sockets []string // of the machine's syslog, in the order in which they are tried
}

// New returns the processor.
func New() *Processor {
	return &Processor{[]string{"/dev/log", "/var/run/syslog", "/var/run/log"}}
}

// Describe returns the description of the keys.
func (p *Processor) Describe() json.RawMessage {
	return plugin.Schema{
		Description: "Sends the output to syslog, from the server that leads.",
		Properties: slices.Concat([]plugin.Property{
			{
				Name: "address", Title: "Address", Examples: []string{"udp://logs.example.com", "tls://logs.example.com:6514"},
				Description: "Where syslog listens: udp://host:514, tcp://host:514, tls://host:6514 or unix:///path. Without it, the syslog of the server.",
			},
			{
				Name: "facility", Title: "Facility", Default: "cron", Enum: facilities, Advanced: true,
				Description: "Facility of the messages.",
			},
			{
				Name: "severity", Title: "Severity", Default: "info", Enum: severities,
				Description: "Severity of the messages.",
			},
			{
				Name: "severity_failed", Title: "Severity of failures", Enum: severities,
				Description: "Severity of the messages of executions that did not succeed. Without it, that of severity.",
			},
			{
				Name: "tag", Title: "Tag", Default: defaultTag, Examples: []string{"nightly"},
				Description: "Name of the program in the messages.",
			},
			{
				Name: "format", Title: "Format", Default: "rfc3164", Enum: []string{"rfc3164", "rfc5424"}, Advanced: true,
				Description: "Form of the messages: rfc3164, which every syslog reads, or rfc5424, with exact times and, over TCP and TLS, lengths instead of line ends.",
			},
			{
				Name: "split", Title: "A message for each line", Default: "false", Format: plugin.Boolean,
				Description: "Sends each line of the output as a message. Otherwise the whole output is one message.",
			},
		}, keys.TLSKeys("tlsNoVerifyPeer"), []plugin.Property{plugin.ForwardProperty(), plugin.OnProperty(), plugin.OrderProperty()}),
	}.JSON()
}

// Check returns the problems of a configuration.
func (p *Processor) Check(config map[string]string) []plugin.Problem {
	_, found := read(config)
	return append(plugin.CheckForward(config), found...)
}

// Process sends the output.
func (p *Processor) Process(ctx context.Context, req *plugin.ProcessRequest) (*plugin.ProcessResponse, error) {
	c, _ := read(req.Config)
	if c.err != nil {
		return nil, c.err // fixed by another configuration, with which it is tried again
	}
	if err := p.send(ctx, c, req); err != nil {
		return nil, err
	}
	return req.Replace(placeholder), nil
}
