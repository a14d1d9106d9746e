package pluginhost

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"dkron/plugin"
)

// checkExecutor tries what executors do.
func (t *Trial) checkExecutor(ctx context.Context) {
	t.checkNonsense(ctx)
	t.checkExecution(ctx)
	t.checkParallel(ctx)
	t.checkStop(ctx)
}

// outcome is how an execution of a trial ended.
type outcome struct {
	resp   *plugin.ExecuteResponse
	err    error
	output collected
	took   time.Duration
}

// crashed reports whether it ended without an answer of the plugin.
func (o *outcome) crashed() bool {
	return o.err != nil && strings.Contains(o.err.Error(), "its process ended")
}

func (o *outcome) failure() string {
	if o.err != nil {
		return o.err.Error()
	}
	return o.resp.Error
}

// collected is the output that an execution reports while it runs.
type collected struct {
	mu    sync.Mutex
	bytes int
}

// Write counts.
func (c *collected) Write(chunk []byte, _ bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bytes += len(chunk)
}

// Started keeps nothing: a trial is not restarted.
func (*collected) Started([]byte) error { return nil }

// execute runs an execution, and stops it when it has taken too long.
func (t *Trial) execute(ctx context.Context, config map[string]string, limit time.Duration, n int) *outcome {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, plugin.ErrStopped)
	defer cancel()
	o := &outcome{}
	began := time.Now()
	o.resp, o.err = t.plugin.Execute(ctx, &plugin.ExecuteRequest{
		JobName: t.Job, Config: config, LaunchID: fmt.Sprintf("%s.%d", t.Job, n), ExecutionID: fmt.Sprintf("%d-check", n),
		Group: int64(n), Attempt: 1, NodeName: "check", ScheduledAt: began.UTC().Truncate(time.Second),
	}, &o.output)
	o.took = time.Since(began)
	return o
}

// checkNonsense executes with configurations that make no sense: the execution must fail, and the process stay.
func (t *Trial) checkNonsense(ctx context.Context) {
	odd := ""
	for _, n := range t.nonsense() {
		o := t.execute(ctx, n.config, quickly, 1)
		switch {
		case o.crashed():
			t.find("nonsense", Failed, "%s ended the process, and with it all other executions: %v", n.what, o.err)
			return
		case o.took >= quickly:
			odd = fmt.Sprintf("an execution with %s continued for %s: fail at once if the configuration is wrong", n.what, plugin.InWords(quickly))
		case o.failure() == "" && odd == "":
			odd = fmt.Sprintf("an execution with %s succeeded: is that right?", n.what)
		}
	}
	if odd != "" {
		t.find("nonsense", Warned, "%s", odd)
		return
	}
	t.find("nonsense", Passed, "executions with configurations that make no sense fail, and the process survives")
}

// given reports whether there is a configuration to execute with.
func (t *Trial) given(check string) bool {
	if t.Config == nil {
		t.find(check, Skipped, "give the configuration of an execution that succeeds: --config KEY=VALUE, or --job FILE")
	}
	return t.Config != nil
}

func (t *Trial) checkExecution(ctx context.Context) {
	if !t.given("execution") {
		return
	}
	o := t.execute(ctx, t.Config, t.Limit, 2)
	switch {
	case o.took >= t.Limit:
		t.find("execution", Failed, "it was stopped after %s: give a quicker one, or a larger --timeout", plugin.InWords(t.Limit))
	case o.failure() != "":
		t.find("execution", Failed, "%s", o.failure())
	default:
		t.find("execution", Passed, "it succeeded in %s", plugin.InWords(o.took))
	}
	switch {
	case o.output.bytes > 0:
		t.find("output", Passed, "%d bytes came while it ran", o.output.bytes)
	case o.resp != nil && len(o.resp.Output) > 0:
		t.find("output", Warned, "%d bytes came at the end: with the status callback people see output while it comes", len(o.resp.Output))
	default:
		t.find("output", Skipped, "there was none")
	}
}

func (t *Trial) checkParallel(ctx context.Context) {
	if !t.given("parallel") {
		return
	}
	all := make([]*outcome, t.Parallel)
	var running sync.WaitGroup
	for n := range all {
		running.Go(func() { all[n] = t.execute(ctx, t.Config, t.Limit, 3+n) })
	}
	running.Wait()
	var longest time.Duration
	for _, o := range all {
		if text := o.failure(); text != "" {
			t.find("parallel", Failed, "one of %d executions at once failed: %s", t.Parallel, text)
			return
		}
		longest = max(longest, o.took)
	}
	t.find("parallel", Passed, "%d executions at once succeeded, the last after %s", t.Parallel, plugin.InWords(longest))
}

// checkStop stops an execution that runs.
func (t *Trial) checkStop(ctx context.Context) {
	switch {
	case t.about == nil:
		t.find("stop", Skipped, "v4 has none: after %s a stopped execution is given up, and later the process is killed. A plugin of our kit can hear it", plugin.InWords(t.Grace))
		return
	case !t.given("stop"):
		return
	}
	i, err := t.plugin.acquire(ctx) // a fresh process may need longer than stopAfter
	if err != nil {
		t.find("stop", Skipped, "it had no process to execute in: %v", err)
		return
	}
	defer t.plugin.release(i)
	o := t.execute(ctx, t.Config, stopAfter, 3+t.Parallel)
	after := o.took - stopAfter
	switch {
	case o.took < stopAfter:
		t.find("stop", Skipped, "the execution had ended after %s: give one that takes a few seconds", plugin.InWords(o.took))
	case after >= t.Grace:
		t.find("stop", Failed, "it continued for %s after the stop: end the work when the context of Execute ends", plugin.InWords(t.Grace))
	case o.crashed():
		t.find("stop", Failed, "the stop ended the process: %v", o.err)
	case o.failure() != "":
		t.find("stop", Passed, "it ended %s after the stop: %s", plugin.InWords(after), o.failure())
	default:
		t.find("stop", Warned, "it ended %s after the stop, as a success: say in the error that it was not done", plugin.InWords(after))
	}
}
