package access

import (
	"time"

	"dkron/internal/clock"
)

// Limits of failed attempts. The first few cost nothing, so that a typing error does no harm.
const (
	freeFailures   = 5
	longestWait    = 30 * time.Second
	forgetFailures = 10 * time.Minute
	maxFailing     = 10_000 // addresses
)

// failures slows down who tries secrets: after a few failures, an address has to wait before the next attempt, twice as long
// each time.
type failures struct{ of map[string]*failure }

type failure struct {
	count int
	last  time.Time
}

func newFailures() failures { return failures{make(map[string]*failure)} }

// Wait returns how long an address has to wait before its next attempt; 0 if it needs not.
func (a *Authorizer) Wait(address string) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	f := a.failed.of[address]
	if f == nil || f.count < freeFailures {
		return 0
	}
	wait := time.Second << min(f.count-freeFailures, 5)
	return max(0, f.last.Add(min(wait, longestWait)).Sub(clock.Now()))
}

// Failed notes a failed attempt of an address.
func (a *Authorizer) Failed(address string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := clock.Now()
	if len(a.failed.of) >= maxFailing {
		for who, f := range a.failed.of {
			if now.Sub(f.last) > forgetFailures {
				delete(a.failed.of, who)
			}
		}
		if len(a.failed.of) >= maxFailing {
			clear(a.failed.of) // so many addresses at once are not slowed down by counting them
		}
	}
	f := a.failed.of[address]
	if f == nil || now.Sub(f.last) > forgetFailures {
		f = new(failure)
		a.failed.of[address] = f
	}
	f.count, f.last = f.count+1, now
}

// Succeeded forgets the failures of an address.
func (a *Authorizer) Succeeded(address string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.failed.of, address)
}
