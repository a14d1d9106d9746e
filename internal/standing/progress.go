package standing

import "sync/atomic"

// Progress is how far a server has come since it started.
type Progress struct {
	goal     atomic.Uint64 // where the first leader's log stood; 0 while that is not known
	caughtUp atomic.Bool
}

// CaughtUp reports whether the state has once been where the leader's log stood when this server started. What it
// learned before is not news.
func (p *Progress) CaughtUp() bool { return p.caughtUp.Load() }

// aim sets the goal if there is none.
func (p *Progress) aim(last uint64) { p.goal.CompareAndSwap(0, last) }

// reached notes that the state has got so far, and reports whether that is the goal.
func (p *Progress) reached(applied uint64) bool {
	if goal := p.goal.Load(); goal > 0 && applied >= goal {
		p.caughtUp.Store(true)
	}
	return p.caughtUp.Load()
}
