package pluginhost

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"dkron/internal/pluginwire"
	"dkron/plugin"
)

// manyBytes is the size of the largest output that processors get.
const manyBytes = 256_000

// processed is how the processor handled a result that it was given.
type processed struct {
	resp *plugin.ProcessResponse
	err  error
	took time.Duration
}

// crashed reports whether it ended without an answer of the plugin.
func (p *processed) crashed() bool {
	return p.err != nil && strings.Contains(p.err.Error(), "its process ended")
}

// result is a result as servers give it to processors.
func (t *Trial) result(n int, config map[string]string, output []byte, success bool) *plugin.ProcessRequest {
	due := time.Now().UTC().Truncate(time.Second)
	r := &plugin.ProcessRequest{
		JobName: t.Job, Config: config, ReportingNode: "check", LaunchID: fmt.Sprintf("%s.%d", t.Job, n), ExecutionID: fmt.Sprintf("%d-check", n),
		Group: int64(n), Attempt: 1, NodeName: "check", ScheduledAt: due, StartedAt: due, FinishedAt: due.Add(time.Second),
		Success: success, Outcome: "success", Output: output,
	}
	if !success {
		r.Outcome, r.Error = "failed", "exit status 1"
	}
	return r
}

// give gives a result to the processor.
func (t *Trial) give(ctx context.Context, limit time.Duration, r *plugin.ProcessRequest) *processed {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	began := time.Now()
	p := new(processed)
	p.resp, p.err = processor{t.plugin}.Process(ctx, r)
	p.took = time.Since(began)
	return p
}

// checkProcessor tries what processors do.
func (t *Trial) checkProcessor(ctx context.Context) {
	t.checkGarbage(ctx)
	if t.Config == nil {
		t.find("result", Skipped, "give a configuration with which it succeeds: --config KEY=VALUE, or --job FILE")
		return
	}
	if !t.checkResults(ctx) {
		return
	}
	t.checkResultsAtOnce(ctx)
	t.checkDeath(ctx)
}

// checkGarbage gives results with configurations and outputs that make no sense: it may fail, but not end.
func (t *Trial) checkGarbage(ctx context.Context) {
	slow := ""
	all := append(t.nonsense(), nonsense{"an output that is not text", nil})
	for _, n := range all {
		r := t.result(1, n.config, []byte("output\x00\xff\xfe\x1b[31m\r\n"), false)
		if n.config == nil {
			r.Config, r.JobName, r.StartedAt, r.FinishedAt = map[string]string{}, "", time.Time{}, time.Time{}
		}
		switch p := t.give(ctx, quickly, r); {
		case p.crashed():
			t.find("nonsense", Failed, "%s ended the process: %v", n.what, p.err)
			return
		case p.took >= quickly:
			slow = n.what
		}
	}
	if slow != "" {
		t.find("nonsense", Warned, "with %s it did not answer within %s: fail at once if the configuration is wrong", slow, plugin.InWords(quickly))
		return
	}
	t.find("nonsense", Passed, "the process survives configurations and outputs that make no sense")
}

// checkResults gives results that it should do something with, one after another, and reports whether it did.
func (t *Trial) checkResults(ctx context.Context) bool {
	text := []byte("some output\n")
	for _, r := range []struct {
		what, check string
		*plugin.ProcessRequest
	}{
		{"a result", "result", t.result(2, t.Config, text, true)},
		{"the same result again", "again", t.result(2, t.Config, text, true)}, // a new leader may
		{"a failed execution", "failure", t.result(3, t.Config, []byte("exit status 1\n"), false)},
		{"no output", "empty", t.result(4, t.Config, nil, true)},
		{fmt.Sprintf("%d bytes of output", manyBytes), "large", t.result(5, t.Config, bytes.Repeat([]byte("0123456789abcde\n"), manyBytes/16), true)},
	} {
		p := t.give(ctx, min(t.Limit, processLimit), r.ProcessRequest)
		switch {
		case p.err != nil:
			t.find(r.check, Failed, "%s: %v", r.what, p.err)
			return false
		case p.resp != nil && p.resp.Output != nil:
			t.find(r.check, Passed, "%s took %s, and %s replaces the output", r.what, plugin.InWords(p.took), plugin.Shown(string(p.resp.Output)))
		default:
			t.find(r.check, Passed, "%s took %s, and the output stays", r.what, plugin.InWords(p.took))
		}
	}
	return true
}

func (t *Trial) checkResultsAtOnce(ctx context.Context) {
	all := make([]*processed, t.Parallel)
	var running sync.WaitGroup
	for n := range all {
		running.Go(func() {
			all[n] = t.give(ctx, min(t.Limit, processLimit), t.result(6+n, t.Config, fmt.Appendf(nil, "output %d\n", n), true))
		})
	}
	running.Wait()
	var longest time.Duration
	for _, p := range all {
		if p.err != nil {
			t.find("parallel", Failed, "one of %d results at once: %v", t.Parallel, p.err)
			return
		}
		longest = max(longest, p.took)
	}
	t.find("parallel", Passed, "%d results at once, the last after %s", t.Parallel, plugin.InWords(longest))
}

// checkDeath kills the process while it has a result, and gives another one.
func (t *Trial) checkDeath(ctx context.Context) {
	i, err := t.plugin.acquire(ctx)
	if err != nil {
		t.find("death", Skipped, "it had no process to kill: %v", err)
		return
	}
	ended := i.link.begin(pluginwire.Process, argsOf(t.result(100, t.Config, []byte("output\n"), true)), new(pluginwire.Execution))
	_ = i.process.Kill(ctx)
	<-ended //nolint:errcheck // it was killed
	<-i.process.done
	t.plugin.release(i)
	t.killed++
	if fresh, err := t.plugin.acquire(ctx); err == nil { // its start, and the pause before that, are not the result's time
		t.plugin.release(fresh)
	}
	if p := t.give(ctx, min(t.Limit, processLimit), t.result(100, t.Config, []byte("output\n"), true)); p.err != nil {
		t.find("death", Failed, "after its process was killed in the middle, a fresh one failed: %v", p.err)
		return
	}
	t.find("death", Passed, "killed in the middle, a fresh process does the same result")
}
