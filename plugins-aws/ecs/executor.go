// Package ecs is the executor "ecs": it runs a task on Amazon ECS, and its output is what the container writes to CloudWatch Logs.
//
// A task belongs to one execution. The agent has a handle of it before it is started, with the token by which ECS starts a task
// once however often it is asked. It goes on when the agent or the plugin dies, and is followed again.
package ecs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"dkron/plugin"
	"dkron/plugin/keys"
)

// Executor runs tasks. It is safe for concurrent use.
type Executor struct {
	limits  limits
	clients clients
}

// limits are times that others may take.
type limits struct {
	answer  time.Duration // one try of a call
	call    time.Duration // a call with its retries, before there is a task
	backoff time.Duration // the longest pause between two tries
	absence time.Duration // how long ECS may be away until an outcome is given up
	birth   time.Duration // how long a new task may be unknown to ECS
	settle  time.Duration // between the end of a task and that of its log, if nothing comes
	drain   time.Duration // the longest time for what remains of the log
	stop    time.Duration // from a stop to the end: less than what an agent waits for a plugin
	end     time.Duration // the same after a timeout; containers may have two minutes to exit
}

var (
	_ plugin.Executor  = (*Executor)(nil)
	_ plugin.Adopter   = (*Executor)(nil)
	_ plugin.Describer = (*Executor)(nil)
	_ plugin.Checker   = (*Executor)(nil)
)

// New returns an executor that follows no task yet.
func New() *Executor {
	return &Executor{
		clients: clients{byAccount: make(map[account]*client)},
		limits: limits{
			answer: 20 * time.Second, call: time.Minute, backoff: 5 * time.Second, absence: 5 * time.Minute, birth: time.Minute,
			settle: 3 * time.Second, drain: 30 * time.Second, stop: 8 * time.Second, end: 150 * time.Second,
		},
	}
}

// Check returns what is wrong with a configuration. It depends only on config.
func (*Executor) Check(config map[string]string) []plugin.Problem { return parse(config).Problems() }

// run is one execution.
type run struct {
	*config
	handle

	executor *Executor
	parent   context.Context // ends with a stop, but not with the timeout
	req      *plugin.ExecuteRequest
	out      plugin.Status
	api      *client
	skip     int64       // bytes of the task's output that the agent has already
	stream   chan string // the name of its log's stream, once it is known
}

// handle is what Adopt needs to find the task again.
type handle struct {
	Token    string    // of the start
	Planned  time.Time // when the start was decided
	Task     string    `json:",omitempty"` // ARN; empty: perhaps not started
	Deadline time.Time `json:",omitzero"`
	Said     int64     `json:",omitempty"` // bytes of output that are ours, not the task's
	definition
}

func (e *Executor) run(ctx context.Context, req *plugin.ExecuteRequest, out plugin.Status) *run {
	return &run{config: parse(req.Config), executor: e, parent: ctx, req: req, out: out, stream: make(chan string, 1)}
}

// Execute runs the configured task to its end.
func (e *Executor) Execute(ctx context.Context, req *plugin.ExecuteRequest, out plugin.Status) (*plugin.ExecuteResponse, error) {
	r := e.run(ctx, req, out)
	if failure := r.Failure(); failure != nil {
		r.Warned(out)
		return failure, nil
	}
	ctx, cancel := keys.Limit(ctx, r.timeout)
	defer cancel()
	r.Report(reported(), counted{r})
	bounded, done := context.WithTimeout(ctx, e.limits.call)
	defer done()
	var err error
	if r.api, err = e.clients.get(bounded, r.account, e.limits); err == nil {
		err = r.define(bounded)
	}
	if err != nil {
		if short := keys.Shortage(err); errors.Is(short, plugin.ErrShortage) && r.Said == 0 {
			return nil, short
		}
		return r.refused(ctx, "reading the task definition", err), nil
	}
	if r.Log.Group == "" {
		r.say("Warning: no output can be shown, since the container %s does not write to CloudWatch Logs; set the log driver awslogs in its task definition.\n", plugin.Shown(r.Container))
	}
	r.Token, r.Planned = token(req), time.Now().UTC()
	if deadline, ok := ctx.Deadline(); ok && r.timeout > 0 {
		r.Deadline = deadline.UTC()
	}
	if err := r.note(); err != nil {
		return nil, err
	}
	return r.begin(ctx)
}

// begin starts the task and follows it.
func (r *run) begin(ctx context.Context) (*plugin.ExecuteResponse, error) {
	task, response, err := r.start(ctx)
	if task == "" {
		return response, err
	}
	r.Task = task
	if err := r.note(); err != nil {
		// The agent has the first handle, by which the task is found as well.
		if !errors.Is(context.Cause(ctx), plugin.ErrAgentGone) {
			err = errors.Join(err, r.halt(context.WithoutCancel(ctx), err.Error()))
		}
		return nil, err
	}
	return r.follow(ctx)
}

// Adopt follows a task that an earlier process started, or was about to start.
func (e *Executor) Adopt(ctx context.Context, req *plugin.ExecuteRequest, text []byte, out plugin.Status) (*plugin.ExecuteResponse, error) {
	r := e.run(ctx, req, out)
	if err := json.Unmarshal(text, &r.handle); err != nil || r.Token == "" {
		return nil, fmt.Errorf("%w: the task can't be found: handle: %w", plugin.ErrUnknownOutcome, err)
	}
	r.skip = max(0, req.Reported-r.Said)
	bounded, done := context.WithTimeout(context.WithoutCancel(ctx), e.limits.call)
	defer done()
	var err error
	if r.api, err = e.clients.get(bounded, r.account, e.limits); err != nil {
		return nil, fmt.Errorf("%w: %w", plugin.ErrUnknownOutcome, err)
	}
	if !r.Deadline.IsZero() && !r.hasEnded(bounded) { // one that has ended is assumed to have ended in time
		limited, cancel := context.WithDeadlineCause(ctx, r.Deadline, keys.ErrTimedOut)
		defer cancel()
		ctx = limited
	}
	if r.Task != "" {
		return r.follow(ctx)
	}
	if ctx.Err() == nil && time.Since(r.Planned) < tokenLife {
		return r.begin(ctx) // with the token of the first start
	}
	task, err := r.find(bounded)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", plugin.ErrUnknownOutcome, err)
	case task != "":
		r.Task = task
		return r.follow(ctx)
	case ctx.Err() != nil && time.Since(r.Planned) > e.limits.birth:
		return keys.Failed(ctx, r.timeout, "starting the task", nil), nil
	}
	return nil, fmt.Errorf("%w: it is not known whether ECS has started the task", plugin.ErrUnknownOutcome)
}

// hasEnded reports whether ECS knows that the task has ended.
func (r *run) hasEnded(ctx context.Context) bool {
	if r.Task == "" || time.Now().Before(r.Deadline) {
		return false
	}
	out, err := r.api.tasks.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: aws.String(r.cluster), Tasks: []string{r.Task}})
	return err == nil && len(out.Tasks) > 0 && ended(&out.Tasks[0])
}

// note gives the agent the handle as it is now.
func (r *run) note() error {
	text, err := json.Marshal(r.handle)
	if err != nil {
		return err
	}
	return r.out.Started(text)
}

// say writes a line of our own.
func (r *run) say(format string, args ...any) {
	counted{r}.Write(fmt.Appendf(nil, format, args...), false)
}

// counted counts what we write ourselves.
type counted struct{ run *run }

func (c counted) Write(chunk []byte, isError bool) {
	c.run.Said += int64(len(chunk))
	c.run.out.Write(chunk, isError)
}

func (c counted) Started(handle []byte) error { return c.run.out.Started(handle) }

// sleep waits, and reports whether ctx goes on.
func sleep(ctx context.Context, pause time.Duration) bool {
	select {
	case <-time.After(pause):
		return true
	case <-ctx.Done():
		return false
	}
}

// ended reports whether a task has ended for good.
func ended(t *types.Task) bool { return aws.ToString(t.LastStatus) == "STOPPED" }
