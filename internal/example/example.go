// Package example is the job of a server that is only for trying out.
package example

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"dkron"
	"dkron/internal/request"
)

// Job is the first job of a throwaway server.
func Job() dkron.Job {
	return dkron.Job{
		Name: "example", DisplayName: "An example", Schedule: "@every 10s", Owner: "dkron agent --dev",
		Concurrency: dkron.Allow, Executor: "shell",
		ExecutorConfig: map[string]string{"shell": "true", "command": "echo hello from $DKRON_NODE_NAME, due at $DKRON_SCHEDULED_AT"},
	}
}

// Create stores the example job as soon as there is a leader.
func Create(ctx context.Context, awaitLeader func(context.Context) error, do request.Doer, log *slog.Logger) {
	for ctx.Err() == nil && awaitLeader(ctx) == nil {
		_, err := request.Do(ctx, do, &request.SetJob{Record: dkron.Record{Job: Job()}})
		if err == nil {
			log.Info("the job example runs every 10 s; watch it on the page, or read /v1/jobs/example/executions")
			return
		}
		if !errors.Is(err, dkron.ErrNoLeader) {
			log.Warn("the example job could not be created", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(100 * time.Millisecond):
		}
	}
}
