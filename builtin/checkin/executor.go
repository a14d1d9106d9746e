// Package checkin is the executor of jobs that dkron does not run: it says so.
package checkin

import (
	"context"
	"encoding/json"
	"errors"

	"dkron/plugin"
)

// Executor runs nothing.
type Executor struct{}

// Execute fails: servers ask for no run of such a job. One that was queued when its job was changed may arrive.
func (Executor) Execute(context.Context, *plugin.ExecuteRequest, plugin.Status) (*plugin.ExecuteResponse, error) {
	return nil, errors.New("dkron does not run this job: whoever runs it checks in")
}

// Describe returns the JSON Schema of the configuration, which is empty.
func (Executor) Describe() json.RawMessage {
	return plugin.Schema{Description: "Runs nothing: somebody else runs the job, such as a crontab, and checks in at /v1/checkins."}.JSON()
}

// Check finds nothing.
func (Executor) Check(map[string]string) []plugin.Problem { return nil }
