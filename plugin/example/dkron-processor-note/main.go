// Command dkron-processor-note is an example of a plugin: a processor that notes each result in a file. Build it into the
// folder plugins next to the configuration file of each server, and name it in a job:
//
//	go build -o /etc/dkron/plugins/ ./plugin/example/dkron-processor-note
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"dkron/plugin"
	"dkron/plugin/serve"
)

func main() { serve.Processor(notebook{}, serve.Options{Version: "1.0.0"}) }

// notebook notes results.
type notebook struct{}

// Describe names the keys that a job may have below the processor's name. The page draws its form from this.
func (notebook) Describe() json.RawMessage {
	return plugin.Schema{
		Description: "Notes each result as a line of a file.",
		Properties: []plugin.Property{
			{Name: "file", Title: "File", Description: "Path of the file on the server that leads.", Required: true, Examples: []string{"/var/log/dkron-results"}},
			plugin.ForwardProperty(), plugin.OnProperty(), plugin.OrderProperty(),
		},
	}.JSON()
}

// Check finds mistakes before the job is stored.
func (notebook) Check(config map[string]string) []plugin.Problem {
	problems := plugin.CheckForward(config)
	if !filepath.IsAbs(config["file"]) {
		problems = append(problems, plugin.Problem{Key: "file", Text: "is not an absolute path, so nothing can be noted: write one such as /var/log/dkron-results", Severity: plugin.Hopeless})
	}
	return problems
}

// Process appends a line. A result may come twice, after a change of leader: its line has the execution's id, so that it can
// be recognised.
func (notebook) Process(_ context.Context, req *plugin.ProcessRequest) (*plugin.ProcessResponse, error) {
	path := req.Config["file"]
	if !filepath.IsAbs(path) { // no later attempt can fix that
		return nil, fmt.Errorf("file is %s, not an absolute path: %w", plugin.Shown(path), plugin.ErrUndeliverable)
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644) //nolint:gosec // other users read notes
	if err != nil {
		return nil, err // the output stays, and the same result comes again
	}
	_, err = fmt.Fprintf(f, "%s %s %s on %s: %s, %d bytes\n", req.FinishedAt.Format(time.RFC3339), req.JobName, req.ExecutionID, req.NodeName, req.Outcome, len(req.Output))
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	return req.Replace("Noted in " + path), nil
}
