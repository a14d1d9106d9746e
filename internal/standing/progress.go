package standing

import "sync/atomic"

// Progress is how far a server has caught up since it started.
type Progress struct {
	goal     atomic.Uint64 // the end of the first leader's log; 0 until that is known
	caughtUp atomic.Bool
}

// CaughtUp reports whether the state has reached the leader's log as it was when this server started. What it learned
// before is not news.
func (p *Progress) CaughtUp() bool { return p.caughtUp.Load() }

// aim sets the goal if there is none.
func (p *Progress) aim(last uint64) { p.goal.CompareAndSwap(0, last) }

// reached notes the state's index, and reports whether it has reached the goal.
func (p *Progress) reached(applied uint64) bool {
	if goal := p.goal.Load(); goal > 0 && applied >= goal {
		p.caughtUp.Store(true)
	}
	return p.caughtUp.Load()
}
