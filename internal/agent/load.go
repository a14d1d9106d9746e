package agent

import (
	"time"

	"dkron"
	"dkron/internal/clock"
)

// loadPeriod is how often a leader is sent the load of this node.
const loadPeriod = 10 * time.Second

// load returns how busy this node is; nil if nobody measures it. Before the first measurement only the executions are known.
func (a *Agent) load() *dkron.NodeLoad {
	if a.cfg.Load == nil {
		return nil
	}
	l, ok := a.cfg.Load()
	if !ok {
		l.At = clock.Now() // what runs is known at once
	}
	l.Node = a.cfg.NodeName
	all := uint64(a.Running())
	l.Running, l.MaxRunning = all, uint64(max(a.cfg.MaxRunning, 0))
	if a.slots != nil {
		l.Running = min(all, uint64(len(a.slots)))
		l.Waiting = all - l.Running
	}
	if since := a.full.Load(); since != 0 {
		l.High = append(l.High[:len(l.High):len(l.High)], dkron.High{What: dkron.HighRuns, Since: time.Unix(0, since).UTC()})
	}
	return &l
}

// noteFull remembers since when as many executions run as may.
func (a *Agent) noteFull() {
	switch {
	case a.slots == nil || len(a.slots) < cap(a.slots):
		a.full.Store(0)
	case a.full.Load() == 0:
		a.full.Store(clock.Now().UnixNano())
	}
}
