package control

import (
	"errors"
	"time"

	"dkron"
	"dkron/internal/request"
)

// Observer measures what this server does while it leads.
type Observer interface {
	// RequestDone is called after each request that this server executed or refused as the leader.
	RequestDone(name string, took time.Duration, ok bool)
	// Proposed is called after each proposal. err is why it is not in the state, as far as is known; refused says that it
	// is in the log, but declined by its own rules.
	Proposed(refused bool, err error, took time.Duration)
}

// requested reports a request, except one that this server refused because it does not lead.
func (c *Control) requested(r request.Request, began time.Time, err error) {
	if c.observer != nil && !errors.Is(err, dkron.ErrNoLeader) {
		c.observer.RequestDone(r.Name(), time.Since(began), err == nil)
	}
}

func (c *Control) proposed(result any, began time.Time, err error) {
	if c.observer != nil {
		_, refused := result.(error)
		c.observer.Proposed(refused, err, time.Since(began))
	}
}
