package command

import (
	"errors"
	"time"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/state"
)

// Assign gives targets to launches that wait for some, or gives them up.
type Assign struct {
	Targets []dkron.Assignment
	Now     time.Time
}

// Fields describes the wire form.
func (c *Assign) Fields(w *codec.Wire) {
	codec.List(w, 1, &c.Targets)
	w.Time(2, &c.Now)
}

// Apply assigns what still waits.
func (c *Assign) Apply(tx *state.Tx) (any, error) {
	for _, a := range c.Targets {
		l, err := tx.Launch(a.Launch)
		if errors.Is(err, dkron.ErrNotFound) || err == nil && l.State != dkron.LaunchWaiting {
			continue
		}
		if err != nil {
			return nil, err
		}
		if len(a.Nodes) > 0 {
			err = assign(tx, l, a.Nodes, c.Now)
		} else {
			l.State, l.Reason = dkron.LaunchNoTarget, dkron.ErrNoTarget.Error()
			err = c.giveUp(tx, l)
		}
		if err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func (c *Assign) giveUp(tx *state.Tx, l *dkron.Launch) error {
	p, err := tx.Progress(l.JobNumber)
	if errors.Is(err, dkron.ErrNotFound) {
		p, err = nil, nil
	}
	if err != nil {
		return err
	}
	return end(tx, l, p, c.Now)
}
