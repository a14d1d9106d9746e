package limit

import (
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

const (
	// maxRated is how many clients have a rate of their own. Of more, those that ask least recently begin anew.
	maxRated = 10_000
	// leastBurst is what a client may ask at once even with a small rate: a page that loads asks for a dozen things.
	leastBurst = 50
)

// Rates lets each client do a number of things a second. A client that was quiet may do twice as many at once. It is safe for
// concurrent use; a nil one allows everything.
type Rates struct {
	each    int // a second
	refused atomic.Uint64

	mu sync.Mutex // guards of
	of *Recent[*rate.Limiter]
}

// NewRates allows each client n things a second; nil, and so no limit, for 0.
func NewRates(n int) *Rates {
	if n <= 0 {
		return nil
	}
	return &Rates{each: n, of: NewRecent[*rate.Limiter](maxRated)}
}

// Each returns how many things a second a client may do.
func (r *Rates) Each() int { return r.each }

// Burst returns how many things a client may do at once.
func (r *Rates) Burst() int { return max(2*r.each, leastBurst) }

// Take counts one thing of a client. If that is one too many, it is not counted, and wait is how long until the client may do it.
func (r *Rates) Take(client string, now time.Time) (wait time.Duration) {
	if r == nil {
		return 0
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	l, fresh := r.of.Use(client)
	if fresh {
		*l = rate.NewLimiter(rate.Limit(r.each), r.Burst())
	}
	reserved := (*l).ReserveN(now, 1)
	if wait = reserved.DelayFrom(now); wait > 0 {
		reserved.CancelAt(now)
		r.refused.Add(1)
	}
	return wait
}

// Refused returns how many things were refused.
func (r *Rates) Refused() uint64 {
	if r == nil {
		return 0
	}
	return r.refused.Load()
}
