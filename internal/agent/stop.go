package agent

import (
	"dkron"
	"dkron/internal/clock"
	"dkron/plugin"
)

// stop ends executions on request. One that this node has not seen will not start any more.
func (a *Agent) stop(term uint64, orders []dkron.Order) error {
	if err := a.refuse(term, orders); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, o := range orders {
		t := a.tasks[o.Ref()]
		switch {
		case t == nil: // its result is accepted already
		case t.result != nil:
			a.link.result(t)
		default:
			a.cfg.Logger.Info("stopping an execution on request", "job", o.JobName, "group", o.Group, "attempt", o.Attempt)
			t.cancel(plugin.ErrStopped)
		}
	}
	return nil
}

// refuse journals new orders with the result that they never began.
func (a *Agent) refuse(term uint64, orders []dkron.Order) error {
	a.accepting.Lock()
	defer a.accepting.Unlock()
	if err := a.repair(); err != nil {
		return err
	}
	for _, o := range orders {
		a.mu.Lock()
		_, ended := a.ended[o.Ref()]
		known := ended || a.tasks[o.Ref()] != nil
		a.mu.Unlock()
		if known {
			continue
		}
		t := a.task(o)
		now := clock.Now()
		r := a.result(t, nil, errNeverBegan)
		r.StartedAt, r.FinishedAt, r.Outcome = now, now, dkron.Stopped
		if err := a.journal.append(&record{Term: term, Cluster: a.belongs(), Accepted: []dkron.Order{o}, Result: r}, true); err != nil {
			return err
		}
		a.mu.Lock()
		a.keepResult(t, r, true)
		a.tasks[o.Ref()] = t
		a.mu.Unlock()
	}
	return nil
}
