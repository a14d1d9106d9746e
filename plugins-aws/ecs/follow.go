package ecs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"dkron/plugin"
	"dkron/plugin/keys"
)

// errGone is why a task's outcome is unknown.
var errGone = errors.New("ECS does not know the task any more; it forgets a task about an hour after its end")

// ending is how a task ended. err is why that isn't known.
type ending struct {
	task *types.Task
	err  error
}

// follow passes the task's output on until its end, and stops the task when ctx ends.
func (r *run) follow(ctx context.Context) (*plugin.ExecuteResponse, error) {
	watching, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	over, hurry := make(chan struct{}), make(chan struct{})
	var end ending
	go func() {
		defer close(over)
		end = r.await(watching, hurry)
	}()
	output := &reader{run: r, over: over}
	read := make(chan struct{})
	go func() {
		defer close(read)
		output.read(watching)
	}()
	select {
	case <-over:
	case <-ctx.Done():
		if errors.Is(context.Cause(ctx), plugin.ErrAgentGone) {
			cancel()
			<-over
			<-read
			return nil, plugin.ErrAgentGone
		}
		close(hurry)
		if !r.stop(ctx, over) {
			cancel()
			<-over
			<-read
			return r.unstopped(ctx), nil
		}
	}
	output.drain(ctx, read, cancel)
	return r.result(ctx, end)
}

// await waits for the end of the task. While ECS can't be asked, it waits for ECS. hurry is closed when the task was told to stop: what
// counts then is its container, since a network may take long to be cleared away.
func (r *run) await(ctx context.Context, hurry <-chan struct{}) ending {
	var lost time.Time
	known := false
	for pause := r.poll; ; {
		out, err := r.api.tasks.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: aws.String(r.cluster), Tasks: []string{r.Task}})
		now := time.Now()
		switch {
		case ctx.Err() != nil:
			return ending{err: ctx.Err()}
		case err == nil && len(out.Tasks) > 0:
			lost, known = time.Time{}, true
			task := &out.Tasks[0]
			container := r.containerOf(task)
			r.learn(container)
			if ended(task) || closed(hurry) && container != nil && aws.ToString(container.LastStatus) == "STOPPED" {
				return ending{task: task}
			}
		case err == nil && (known || now.Sub(r.Planned) > r.executor.limits.birth):
			return ending{err: errGone}
		case err == nil: // ECS may not know yet what it has started
		case lost.IsZero():
			lost = now
		case now.Sub(lost) > r.executor.limits.absence:
			return ending{err: fmt.Errorf("ECS could not be asked for %s: %s", plugin.InWords(r.executor.limits.absence), text(err))}
		}
		select {
		case <-time.After(pause):
		case <-hurry:
			pause = min(r.poll, time.Second)
			if !sleep(ctx, pause) {
				return ending{err: ctx.Err()}
			}
		case <-ctx.Done():
		}
	}
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// containerOf returns the job's container in a task, nil if ECS does not say.
func (r *run) containerOf(t *types.Task) *types.Container {
	for i := range t.Containers {
		if aws.ToString(t.Containers[i].Name) == r.Container {
			return &t.Containers[i]
		}
	}
	return nil
}

// id is how people write a task: the end of its ARN.
func (r *run) id() string { return r.Task[strings.LastIndexByte(r.Task, '/')+1:] }

// result says how the execution ended.
func (r *run) result(ctx context.Context, end ending) (*plugin.ExecuteResponse, error) {
	if end.err != nil {
		if ctx.Err() != nil {
			return keys.Failed(ctx, r.timeout, "running the task", nil), nil
		}
		return nil, fmt.Errorf("%w: task %s: %w", plugin.ErrUnknownOutcome, r.id(), end.err)
	}
	response := new(plugin.ExecuteResponse)
	reason, byUs := strings.CutPrefix(aws.ToString(end.task.StoppedReason), reasonPrefix)
	natural := end.task.StopCode == types.TaskStopCodeEssentialContainerExited || end.task.StopCode == types.TaskStopCodeTaskFailedToStart
	switch {
	case ctx.Err() != nil && !natural:
		response = keys.Failed(ctx, r.timeout, "running the task", nil)
	case byUs && reason == keys.ErrTimedOut.Error(): // by a process that has died since
		response.TimedOut, response.Error = true, "timed out after "+plugin.InWords(r.timeout)+" while running the task"
		response.Reason = "timed out after " + plugin.InWords(r.timeout)
	case byUs:
		response.Error = reason + " while running the task"
	}
	container := r.containerOf(end.task)
	if container != nil && container.ExitCode != nil {
		code := int(*container.ExitCode)
		response.ExitCode = &code
	}
	if response.Error == "" {
		r.judge(response, end.task, container)
	}
	return response, nil
}

// judge says why a task that nobody here has stopped was no success.
func (r *run) judge(response *plugin.ExecuteResponse, t *types.Task, c *types.Container) {
	reason, own := keys.Short(aws.ToString(t.StoppedReason)), ""
	if c != nil {
		own = keys.Short(aws.ToString(c.Reason))
	}
	said := reason
	if own != "" && !strings.Contains(reason, own) {
		said = strings.TrimPrefix(reason+"; "+own, "; ")
	}
	code := response.ExitCode
	switch {
	case t.StopCode == types.TaskStopCodeTaskFailedToStart || code == nil && t.StartedAt == nil:
		response.Error = "the task could not start: " + said
	case code == nil:
		response.Error = "the task has ended without an exit code: " + said
	case forced(t.StopCode):
		response.Error = fmt.Sprintf("the task was stopped before its end: %s", said)
	case *code != 0:
		response.Error = fmt.Sprintf("exit status %d", *code)
		if own != "" {
			response.Reason = response.Error + ": " + own
		} else if other := sibling(t, r.Container); other != "" && *code >= 128 {
			response.Reason = response.Error + ": ECS ended the task, since its container " + other
		}
	default:
		return
	}
	if advice := whyEnded(said); advice != "" {
		if response.Reason == "" {
			response.Reason = response.Error
		}
		response.Reason += "; " + advice
	}
}

// forced reports whether a task was ended by somebody else, although its command may have exited with 0 when it was told to.
func forced(code types.TaskStopCode) bool {
	return code == types.TaskStopCodeUserInitiated || code == types.TaskStopCodeSpotInterruption || code == types.TaskStopCodeTerminationNotice ||
		code == types.TaskStopCodeInfrastructureHealth
}

// sibling says which other container failed.
func sibling(t *types.Task, own string) string {
	for _, c := range t.Containers {
		if name := aws.ToString(c.Name); name != own && c.ExitCode != nil && *c.ExitCode != 0 {
			return fmt.Sprintf("%s has exited with %d", name, *c.ExitCode)
		}
	}
	return ""
}
