package ecs

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"dkron/plugin"
	"dkron/plugin/keys"
)

// reasonPrefix begins what we give ECS as the reason of a stop, by which a later process knows that it was us.
const reasonPrefix = "dkron: "

// stop has the task stopped, and reports whether it has ended. The containers get SIGTERM, and SIGKILL after the stopTimeout of the
// task definition. After a timeout we wait for that; when somebody has asked for the stop, the agent waits less.
func (r *run) stop(ctx context.Context, over <-chan struct{}) bool {
	timedOut := errors.Is(context.Cause(ctx), keys.ErrTimedOut)
	limit := r.executor.limits.stop
	reason := "the node shuts down"
	switch {
	case timedOut:
		limit, reason = r.executor.limits.end, keys.ErrTimedOut.Error()
	case errors.Is(context.Cause(ctx), plugin.ErrStopped):
		reason = plugin.ErrStopped.Error()
	}
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	defer cancel()
	go func() {
		for r.halt(bounded, reason) != nil && sleep(bounded, 500*time.Millisecond) {
		}
	}()
	asked := r.parent.Done() // a stop while a timeout is waited for
	if !timedOut {
		asked = nil
	}
	for {
		select {
		case <-over:
			return true
		case <-asked:
			asked = nil
			time.AfterFunc(r.executor.limits.stop, cancel)
		case <-bounded.Done():
			return closed(over)
		}
	}
}

// halt asks ECS to stop the task.
func (r *run) halt(ctx context.Context, reason string) error {
	bounded, cancel := context.WithTimeout(ctx, r.executor.limits.stop)
	defer cancel()
	_, err := r.api.tasks.StopTask(bounded, &ecs.StopTaskInput{Cluster: aws.String(r.cluster), Task: aws.String(r.Task), Reason: aws.String(reasonPrefix + reason)})
	return err
}

// unstopped is the response if the task has not ended in time.
func (r *run) unstopped(ctx context.Context) *plugin.ExecuteResponse {
	response := keys.Failed(ctx, r.timeout, "running the task", nil)
	response.Error += ", and it has not ended yet"
	response.Reason = "ECS ends the task when its containers exit, after at most their stopTimeout; look for task " + r.id()
	response.LeftRunning = []string{"task " + r.id()}
	return response
}
