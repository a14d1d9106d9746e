// Package logoutput is the processor that writes outputs to the agent's own output.
package logoutput

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

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
		Description: "Writes the output to the log of the server that leads, or of the node that ran the execution.",
		Properties: []plugin.Property{
			{
				Name: "format", Title: "Format", Default: "text", Enum: []string{"text", "json"},
				Description: "How it is written. text: between a BEGIN and an END line. json: as one line of JSON for each execution, in which no output can look like the end of another.",
			},
			plugin.ForwardProperty(), plugin.OnProperty(), plugin.OrderProperty(),
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

// line is an output in JSON. The output itself follows as its last key.
type line struct {
	Job         string    `json:"job"`
	LaunchID    string    `json:"launch_id"`
	ExecutionID string    `json:"execution_id"`
	Node        string    `json:"node"`
	Attempt     int       `json:"attempt"`
	Outcome     string    `json:"outcome"`
	StartedAt   time.Time `json:"started_at"`
	FinishedAt  time.Time `json:"finished_at"`
}

// Process writes the output.
func (p *Processor) Process(ctx context.Context, req *plugin.ProcessRequest) (*plugin.ProcessResponse, error) {
	in, err := req.Whole(ctx)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	to := p.out
	if !req.Success {
		to = p.failed
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	buf := bufio.NewWriterSize(to, 64<<10) // a short one is written at once
	if req.Config["format"] == "json" {
		err = writeJSON(buf, req, in)
	} else {
		err = writeText(buf, req, in)
	}
	if err == nil {
		err = buf.Flush()
	}
	if err != nil {
		return nil, fmt.Errorf("write to the agent's output: %w", err)
	}
	return req.Replace(placeholder), nil
}

func writeText(to io.Writer, req *plugin.ProcessRequest, in io.Reader) error {
	id := fmt.Sprintf("job=%s execution=%d-%s", req.JobName, req.StartedAt.UnixNano(), req.NodeName)
	_, err := io.Copy(to, io.MultiReader(
		strings.NewReader("----- BEGIN OUTPUT "+id+" -----\n"), in, strings.NewReader("\n----- END OUTPUT -----\n")))
	return err
}

func writeJSON(to io.Writer, req *plugin.ProcessRequest, in io.Reader) error {
	head, err := json.Marshal(line{
		req.JobName, req.LaunchID, req.ExecutionID, req.NodeName, req.Attempt, req.Outcome, req.StartedAt, req.FinishedAt,
	})
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(to, `%s,"output":"`, bytes.TrimSuffix(head, []byte("}"))); err != nil {
		return err
	}
	if err := escape(to, in); err != nil {
		return err
	}
	_, err = io.WriteString(to, "\"}\n")
	return err
}

// escape writes a text as the inside of a string of JSON, in parts of bounded size.
func escape(to io.Writer, in io.Reader) error {
	buf := make([]byte, 32<<10)
	kept := 0 // bytes of a character that is not complete yet
	for {
		n, err := in.Read(buf[kept:])
		n += kept
		end := n
		if err == nil {
			end = whole(buf[:n])
		}
		part, merr := json.Marshal(string(buf[:end]))
		if merr != nil {
			return merr
		}
		if _, werr := to.Write(part[1 : len(part)-1]); werr != nil {
			return werr
		}
		kept = copy(buf, buf[end:n])
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}

// whole returns how many bytes of a text are complete characters, or none at all.
func whole(text []byte) int {
	for i := len(text) - 1; i >= max(0, len(text)-utf8.UTFMax); i-- {
		if utf8.RuneStart(text[i]) {
			if utf8.FullRune(text[i:]) {
				break
			}
			return i
		}
	}
	return len(text)
}
