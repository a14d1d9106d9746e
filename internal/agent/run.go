package agent

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"

	"dkron"
	"dkron/internal/clock"
	"dkron/plugin"
)

// run executes a journalled task.
func (a *Agent) run(t *task) {
	defer a.running.Done()
	defer t.cancel(nil)
	if t.order.Void {
		r := a.result(t, nil, errDeleted)
		r.Outcome = dkron.Stopped
		a.finish(t, r)
		return
	}
	if a.slots != nil {
		select {
		case a.slots <- struct{}{}:
			defer func() { <-a.slots }()
		case <-t.ctx.Done():
			err := context.Cause(t.ctx)
			if errors.Is(err, plugin.ErrStopped) {
				err = errNeverBegan
			}
			a.finish(t, a.result(t, nil, err))
			return
		}
	}
	executor, err := a.choose(t.order.Executor)
	if err == nil {
		err = a.prepare(t)
	}
	if err != nil {
		a.begin(t)
		a.finish(t, a.result(t, nil, err))
		return
	}
	a.keep(t)
	resp, err := a.execute(executor, t)
	a.finish(t, a.result(t, resp, err))
}

// choose returns the executor that an order asks for, or why it does not run here. What an earlier process of the agent has begun is
// still adopted when the node no longer allows its executor: it runs already.
func (a *Agent) choose(name string) (plugin.Executor, error) {
	if allowed := a.cfg.AllowExecutors; name != "" && len(allowed) > 0 && !slices.Contains(allowed, name) {
		return nil, fmt.Errorf("this node does not run executor %s: allow-executors is %s", name, strings.Join(allowed, ","))
	}
	if e := a.executor(name); e != nil {
		return e, nil
	}
	return nil, missing(name)
}

// executor returns the executor of that name, nil if the node has none.
func (a *Agent) executor(name string) plugin.Executor {
	if e, ok := a.cfg.Executors[name]; ok || a.cfg.More == nil {
		return e
	}
	return a.cfg.More(name)
}

// missing is the name of an executor that the node doesn't have.
type missing string

// Error returns the text of v4.
func (name missing) Error() string {
	if name == "" {
		return "grpc_agent: No executor defined, nothing to do"
	}
	return "grpc_agent: Specified executor is not present"
}

// reason says how to mend it. The name of the node follows.
func (name missing) reason() string {
	if name == "" {
		return "write an executor such as shell into the job: it names none to run"
	}
	return fmt.Sprintf("correct the job's executor, or install the plugin dkron-executor-%s: there is no such executor", string(name))
}

// adopt continues a task of an earlier process by its handle, if the executor can; otherwise the task is lost.
func (a *Agent) adopt(t *task) {
	a.running.Add(1)
	a.keep(t)
	var slot chan struct{}
	select {
	case a.slots <- struct{}{}:
		slot = a.slots
	default: // there is no limit, or it was higher before
	}
	go func() {
		defer a.running.Done()
		if slot != nil {
			defer func() { <-slot }()
		}
		defer t.cancel(nil)
		adopter, ok := a.executor(t.order.Executor).(plugin.Adopter)
		if !ok || t.handle == nil {
			a.finish(t, a.result(t, nil, fmt.Errorf("%w: the agent was restarted during the run", plugin.ErrUnknownOutcome)))
			return
		}
		a.prepareAgain(t, adopter)
		a.cfg.Logger.Info("adopting an execution that an earlier process of this agent started", "job", t.order.JobName, "group", t.order.Group)
		resp, err := a.call(func(s *status) (*plugin.ExecuteResponse, error) {
			return adopter.Adopt(t.ctx, a.request(t), t.handle, s)
		}, t)
		a.finish(t, a.result(t, resp, err))
	}()
}

// keep has the whole output of a task kept, if its order asks for that.
func (a *Agent) keep(t *task) {
	if t.order.KeepOutput && a.cfg.Outputs != nil {
		t.whole = a.cfg.Outputs.Begin(t.order.Ref())
	}
}

// call runs an executor; its panic is the execution's failure, not the agent's.
func (a *Agent) call(do func(*status) (*plugin.ExecuteResponse, error), t *task) (resp *plugin.ExecuteResponse, err error) {
	defer func() {
		if r := recover(); r != nil {
			what := t.sealed.text(fmt.Sprint(r))
			a.cfg.Logger.Error("executor panicked", "executor", t.order.Executor, "panic", what, "stack", string(debug.Stack()))
			resp, err = nil, fmt.Errorf("executor %s panicked: %s", t.order.Executor, what)
		}
	}()
	return do(&status{a, t})
}

func (a *Agent) request(t *task) *plugin.ExecuteRequest {
	o := &t.order
	e := dkron.Execution{NodeName: a.cfg.NodeName, Group: o.Group, Attempt: o.Attempt}
	req := &plugin.ExecuteRequest{
		JobName: o.JobName, Config: t.configuration(), LaunchID: dkron.LaunchID(o.JobName, o.Group), ExecutionID: e.ID(),
		Group: o.Group, Attempt: int(o.Attempt), NodeName: a.cfg.NodeName, ScheduledAt: o.Nominal, Cluster: a.belongs(),
	}
	if a.cfg.Trace != nil {
		req.TraceParent = a.cfg.Trace(o, req.ExecutionID)
	}
	return req
}

// result turns an executor's response into the result for the leader.
func (a *Agent) result(t *task, resp *plugin.ExecuteResponse, err error) *dkron.Result {
	o := &t.order
	r := &dkron.Result{
		JobName: o.JobName, Key: o.Key, Group: o.Group, Attempt: o.Attempt, NodeName: a.cfg.NodeName,
		StartedAt: t.startedAt, FinishedAt: clock.Now(), Outcome: dkron.Success,
	}
	if r.StartedAt.IsZero() { // of an earlier process that left no handle
		r.StartedAt = r.FinishedAt
	}
	t.last()
	out := t.output
	if resp != nil {
		r.Error, r.LeftRunning, r.Reason = resp.Error, resp.LeftRunning, resp.Reason
		if resp.ExitCode != nil {
			r.ExitCode = &dkron.ExitCode{Code: int64(*resp.ExitCode)}
		}
		if u := resp.Usage; u != nil {
			r.Usage = &dkron.Usage{CPU: u.CPU, MaxRSS: uint64(max(u.MaxRSS, 0)), MemoryLimit: uint64(max(u.MemoryLimit, 0))}
		}
		if resp.Output != nil {
			shown := t.sealed.bytes(resp.Output)
			out = new(output) // not the task's own, which is being streamed
			out.write(shown)
			t.whole.Replace(shown)
		}
	}
	if err != nil && (r.Error == "" || !errors.Is(err, plugin.ErrUnknownOutcome)) {
		r.Error = err.Error()
	}
	if none, ok := errors.AsType[missing](err); ok {
		r.Reason = none.reason()
	}
	switch {
	case errors.Is(err, plugin.ErrUnknownOutcome):
		r.Outcome = dkron.Lost
	case resp != nil && resp.TimedOut:
		r.Outcome = dkron.TimedOut
	case r.Error != "" && errors.Is(context.Cause(t.ctx), plugin.ErrStopped):
		r.Outcome = dkron.Stopped
	case r.Error != "":
		r.Outcome = dkron.Failed
	}
	t.hide(r)
	r.Output, r.OutputSize = out.end()
	if out != t.output {
		t.output.end()
	}
	return r
}

// status is what an executor reports to.
type status struct {
	agent *Agent
	task  *task
}

// Write collects output.
func (s *status) Write(chunk []byte, _ bool) {
	t := s.task
	if t.whole == nil && t.sealed == nil {
		t.output.write(chunk)
		return
	}
	t.writing.Lock()
	defer t.writing.Unlock()
	if t.sealed != nil {
		chunk = t.sealed.masked(chunk)
	}
	t.write(chunk)
}

// Started journals the handle. One with a secret in it is not: the execution then can't be adopted.
func (s *status) Started(handle []byte) error {
	if s.task.sealed.shows(handle) {
		return errHandle
	}
	s.agent.mu.Lock()
	s.task.handle = handle
	begun := s.task.begun()
	s.agent.mu.Unlock()
	return s.agent.journal.append(&record{Started: begun}, false)
}
