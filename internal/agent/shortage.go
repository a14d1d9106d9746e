package agent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"dkron/internal/clock"
	"dkron/plugin"
)

const (
	// shortageLimit is how long an accepted execution waits for resources to start.
	shortageLimit = 2 * time.Minute
	// shortagePause and maxShortagePause are the first and the longest pause between attempts.
	shortagePause    = 100 * time.Millisecond
	maxShortagePause = 5 * time.Second
)

// execute runs an executor. If the node lacks file descriptors, processes or memory to start the work, nothing has
// happened yet: the execution stays open, its launch waits, and the start is tried again.
func (a *Agent) execute(e plugin.Executor, t *task) (*plugin.ExecuteResponse, error) {
	first := time.Now()
	for pause, tries := shortagePause, 1; ; pause, tries = min(2*pause, maxShortagePause), tries+1 {
		a.begin(t)
		resp, err := a.call(func(s *status) (*plugin.ExecuteResponse, error) {
			return e.Execute(t.ctx, a.request(t), s)
		}, t)
		if !errors.Is(err, plugin.ErrShortage) {
			if waited := time.Since(first); tries > 1 && err == nil {
				a.cfg.Logger.Info("an execution that had to wait for resources has run", "job", t.order.JobName, "group", t.order.Group,
					"tries", tries, "since", waited)
			}
			return resp, err
		}
		if a.cfg.OnShortage != nil {
			a.cfg.OnShortage()
		}
		if tries == 1 {
			a.cfg.Logger.Warn("an execution can't start: this node is short of resources; trying again for a while. Raise its limits, or give it less to run (--max-running)",
				"job", t.order.JobName, "group", t.order.Group, "for", shortageLimit, "error", err)
		}
		if time.Since(first)+pause > shortageLimit {
			return nil, fmt.Errorf("not started within %s: %w", plugin.InWords(shortageLimit), err)
		}
		select {
		case <-time.After(pause):
		case <-t.ctx.Done():
			if err := context.Cause(t.ctx); !errors.Is(err, plugin.ErrStopped) {
				return nil, err
			}
			return nil, errNeverBegan
		}
	}
}

// begin records when a task's work starts.
func (a *Agent) begin(t *task) {
	a.mu.Lock()
	t.startedAt = clock.Now()
	a.mu.Unlock()
}
