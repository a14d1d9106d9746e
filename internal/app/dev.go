package app

import (
	"context"
	"errors"
	"time"

	"dkron"
	"dkron/internal/request"
)

// exampleJob is the first job of a throwaway server.
var exampleJob = dkron.Job{
	Name: "example", DisplayName: "An example", Schedule: "@every 10s", Owner: "dkron agent --dev",
	Concurrency: dkron.Allow, Executor: "shell",
	ExecutorConfig: map[string]string{"shell": "true", "command": "echo hello from $DKRON_NODE_NAME, due at $DKRON_SCHEDULED_AT"},
}

// createExample stores the example job as soon as there is a leader.
func (s *server) createExample(ctx context.Context) {
	for ctx.Err() == nil && s.raft.AwaitLeader(ctx) == nil {
		_, err := request.Do(ctx, s.proxy, &request.SetJob{Record: dkron.Record{Job: exampleJob}})
		if err == nil {
			s.log.Info("the job example runs every 10 s; watch it on the page, or read /v1/jobs/example/executions")
			return
		}
		if !errors.Is(err, dkron.ErrNoLeader) {
			s.log.Warn("the example job could not be created", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(100 * time.Millisecond):
		}
	}
}
