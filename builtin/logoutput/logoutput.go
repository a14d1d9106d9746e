// Package logoutput is the processor that writes outputs to the agent's own output.
package logoutput

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"

	"dkron/plugin"
)

// placeholder is what replaces an output; clients know it.
const placeholder = "Output in dkron log"

// Processor writes outputs: those of successes to one writer, the others to another.
type Processor struct {
	mu          sync.Mutex // held while an output is written, so that none is torn
	out, failed io.Writer
}

// New returns the processor. failed gets the outputs of executions that did not succeed.
func New(out, failed io.Writer) *Processor { return &Processor{out: out, failed: failed} }

// Describe returns the description of the keys.
func (p *Processor) Describe() json.RawMessage {
	return plugin.Schema{
		Description: "Writes the output to the log of the server that leads.",
		Properties: []plugin.Property{
			{
				Name: "format", Title: "Format", Default: "text", Enum: []string{"text", "json"},
				Description: "text writes the output between a BEGIN and an END line. json writes one line of JSON for each execution, in which no output can look like the end of another.",
			},
			plugin.ForwardProperty(), plugin.OrderProperty(),
		},
	}.JSON()
}

// Check returns the problems of a configuration.
func (p *Processor) Check(config map[string]string) []plugin.Problem {
	found := plugin.CheckForward(config)
	if f := config["format"]; f != "" && f != "text" && f != "json" {
		found = append(found, plugin.Problem{Key: "format", Text: "is " + plugin.Shown(f) + ", which is unknown, so text is written; write text or json"})
	}
	return found
}

// line is an output in JSON.
type line struct {
	Job         string    `json:"job"`
	LaunchID    string    `json:"launch_id"`
	ExecutionID string    `json:"execution_id"`
	Node        string    `json:"node"`
	Attempt     int       `json:"attempt"`
	Outcome     string    `json:"outcome"`
	StartedAt   time.Time `json:"started_at"`
	FinishedAt  time.Time `json:"finished_at"`
	Output      string    `json:"output"`
}

// Process writes the output.
func (p *Processor) Process(_ context.Context, req *plugin.ProcessRequest) (*plugin.ProcessResponse, error) {
	var text []byte
	if req.Config["format"] == "json" {
		data, err := json.Marshal(line{
			req.JobName, req.LaunchID, req.ExecutionID, req.NodeName, req.Attempt, req.Outcome, req.StartedAt, req.FinishedAt, string(req.Output),
		})
		if err != nil {
			return nil, err
		}
		text = append(data, '\n')
	} else {
		id := fmt.Sprintf("job=%s execution=%d-%s", req.JobName, req.StartedAt.UnixNano(), req.NodeName)
		text = bytes.Join([][]byte{[]byte("----- BEGIN OUTPUT " + id + " -----"), req.Output, []byte("----- END OUTPUT -----\n")}, []byte("\n"))
	}
	to := p.out
	if !req.Success {
		to = p.failed
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, err := to.Write(text); err != nil {
		return nil, fmt.Errorf("write to the agent's output: %w", err)
	}
	return req.Replace(placeholder), nil
}
