// Command dkron-executor-hello is an example of a plugin: an executor that greets. Build it into the folder plugins next to
// the configuration file, start the agent, and write a job with the executor "hello":
//
//	go build -o /etc/dkron/plugins/ ./plugin/example/dkron-executor-hello
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"dkron/plugin"
	"dkron/plugin/serve"
)

func main() { serve.Executor(greeter{}, serve.Options{Version: "1.0.0"}) }

// greeter greets somebody, after the pause that the job sets.
type greeter struct{}

// Describe names the keys that a job's executor_config may have. The page draws its form from this.
func (greeter) Describe() json.RawMessage {
	return plugin.Schema{
		Description: "Greets somebody.",
		Properties: []plugin.Property{
			{Name: "name", Title: "Name", Description: "Who is greeted.", Required: true, Examples: []string{"world"}},
			{Name: "pause", Title: "Pause", Description: "How long it waits before it greets.", Default: "0s", Format: plugin.Duration},
		},
	}.JSON()
}

// Check finds mistakes before the job is stored.
func (greeter) Check(config map[string]string) []plugin.Problem {
	if config["name"] == "" {
		return []plugin.Problem{{Key: "name", Text: "is missing, so every execution fails: say who is greeted", Severity: plugin.Hopeless}}
	}
	if _, err := pause(config); err != nil {
		return []plugin.Problem{{Key: "pause", Text: err.Error(), Severity: plugin.Hopeless}}
	}
	return nil
}

// Execute greets. It ends early if the execution is stopped.
func (greeter) Execute(ctx context.Context, req *plugin.ExecuteRequest, status plugin.Status) (*plugin.ExecuteResponse, error) {
	if req.Config["name"] == "" {
		return &plugin.ExecuteResponse{Error: "name is missing: say who is greeted"}, nil
	}
	wait, err := pause(req.Config)
	if err != nil {
		return &plugin.ExecuteResponse{Error: "pause: " + err.Error()}, nil
	}
	if wait > 0 {
		status.Write(fmt.Appendf(nil, "waiting for %v\n", wait), false)
	}
	select {
	case <-time.After(wait):
	case <-ctx.Done():
		return &plugin.ExecuteResponse{Error: "nobody was greeted"}, nil
	}
	status.Write(fmt.Appendf(nil, "Hello, %s!\n", req.Config["name"]), false)
	return &plugin.ExecuteResponse{}, nil
}

func pause(config map[string]string) (time.Duration, error) {
	text := config["pause"]
	if text == "" {
		return 0, nil
	}
	wait, err := time.ParseDuration(text)
	if err != nil {
		return 0, fmt.Errorf("%s is not a duration, such as 1m30s", plugin.Shown(text))
	}
	return wait, nil
}
