// Package emailoutput is the processor that sends reports of executions by mail.
package emailoutput

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"dkron/builtin/internal/named"
	"dkron/internal/mail"
	"dkron/plugin"
	"dkron/plugin/keys"
)

// Processor sends reports by the mail servers of a file.
type Processor struct {
	file   *named.File
	served served
}

// New returns the processor. Its file is in one of the directories.
func New(dirs []string, log *slog.Logger) *Processor {
	return &Processor{file: named.Open(named.Kind{Processor: "email", Keys: entryKeys, Check: checkEntry}, dirs, log)}
}

// Describe returns the description of the keys.
func (p *Processor) Describe() json.RawMessage {
	forward := plugin.ForwardProperty()
	forward.Default, forward.Advanced = "true", true
	forward.Description = "Whether the output of the execution stays as it is. If it is false and a message was sent, a text that says to whom replaces it."
	return plugin.Schema{
		Description: "Sends a report with the output by mail, from the server that leads.",
		Properties: []plugin.Property{
			{
				Name: "provider", Title: "Mail server", Required: true, Examples: []string{"ops"},
				Description: "Name of an entry of the file dkron-processor-email.yml on the servers, which has a mail server and its password.",
			},
			{
				Name: "emails", Title: "Recipients", Required: true, Examples: []string{"ops@example.com, dba@example.com"},
				Description: "Addresses, separated by commas.",
			},
			{
				Name: "onSuccess", Title: "After successes too", Default: "false", Format: plugin.Boolean,
				Description: "Whether a report is sent when the execution succeeded. Otherwise only when it did not.",
			},
			forward, plugin.OnProperty(), plugin.OrderProperty(),
		},
	}.JSON()
}

// config is a job's configuration.
type config struct {
	provider  string
	to        []string
	onSuccess bool
	err       error
}

func read(values map[string]string) (c config, found []plugin.Problem) {
	k := keys.Read(values)
	if c.provider = values["provider"]; c.provider == "" {
		k.Fault("provider", plugin.Odd, nil, "is empty, so nothing is sent; write the name of an entry of dkron-processor-email.yml")
	}
	var wrong []string
	c.to, wrong = mail.Addresses(values["emails"])
	if len(c.to)+len(wrong) == 0 {
		k.Fault("emails", plugin.Odd, nil, "is empty, so nothing is sent; write addresses, separated by commas")
	}
	for _, text := range wrong {
		k.Warn("emails", "has %s in it, which is not an address, so nothing is sent to it; write one such as ops@example.com", plugin.Shown(text))
	}
	c.to = append(c.to, wrong...) // they are refused by name
	c.onSuccess = k.Bool("onSuccess", false)
	c.err = k.Err()
	return c, k.Problems()
}

// Check returns the problems of a configuration.
func (p *Processor) Check(config map[string]string) []plugin.Problem {
	_, found := read(config)
	return append(plugin.CheckForward(config), found...)
}

// Process sends the report. Recipients that a server refuses do not stop the others, and those that have it already do not
// get it again when it is tried again for others, as long as this server leads.
func (p *Processor) Process(ctx context.Context, req *plugin.ProcessRequest) (*plugin.ProcessResponse, error) {
	c, _ := read(req.Config)
	if req.Success && !c.onSuccess {
		return new(plugin.ProcessResponse), nil
	}
	if c.err != nil {
		return nil, c.err
	}
	values, err := p.file.Entry(c.provider)
	if err != nil {
		return nil, err
	}
	server, _ := serverOf(values)
	message := report(req, prefixOf(values))
	message.To = p.served.without(message.ID, c.to)
	if len(message.To) > 0 {
		err = mail.Send(ctx, server, message)
	}
	answer, partial := errors.AsType[*mail.Error](err)
	if err != nil && !partial {
		return nil, err
	}
	if partial {
		p.served.note(message.ID, answer.Accepted, answer.Refused)
		if !answer.Permanent() {
			return nil, err
		}
	}
	refused := p.served.forget(message.ID)
	if answer.Whole() {
		return nil, fmt.Errorf("%w: %w", err, plugin.ErrUndeliverable)
	}
	if len(refused) > 0 {
		return nil, fmt.Errorf("%s: %w", why(refused), plugin.ErrUndeliverable)
	}
	return req.Copied("Output sent to " + strings.Join(c.to, ", ")), nil
}

// why names the recipients who were refused, and the reasons.
func why(refused map[string]string) string {
	var parts []string
	for _, to := range slices.Sorted(maps.Keys(refused)) {
		parts = append(parts, to+" was refused: "+refused[to])
	}
	return strings.Join(parts, "; ")
}
