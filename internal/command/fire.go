package command

import (
	"errors"
	"fmt"
	"time"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/state"
)

// Fire launches all that is due, in one entry.
type Fire struct {
	Due []dkron.Due
	Now time.Time
}

// Fields describes the wire form.
func (c *Fire) Fields(w *codec.Wire) {
	codec.List(w, 1, &c.Due)
	w.Time(2, &c.Now)
}

// Apply records a launch for each instant that still stands, and moves the jobs' cursors.
func (c *Fire) Apply(tx *state.Tx) (any, error) {
	tx.Tick(c.Now)
	for i := range c.Due {
		if err := c.fire(tx, &c.Due[i]); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func (c *Fire) fire(tx *state.Tx, d *dkron.Due) error {
	p, err := tx.Progress(d.Job)
	if errors.Is(err, dkron.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	tx.Wake(d.Job)
	if p.Revision != d.Revision || p.Disabled || !d.Nominal.After(p.Cursor) {
		return nil
	}
	p.Cursor, p.Next = d.Nominal, d.Next
	l := &dkron.Launch{
		Job: p.Name, JobNumber: d.Job, Group: d.Nominal.UnixNano(),
		Nominal: d.Nominal, Cause: d.Cause, CreatedAt: c.Now, Unreached: d.Unreached, Missing: d.Missing,
	}
	if d.Missed > 0 {
		p.Cursor, l.Count, l.Until = d.Until, d.Missed, d.Until
		return skip(tx, p, l, dkron.LaunchMissed, fmt.Sprintf("%d due instants were not fired: %s", d.Missed, d.Reason))
	}
	return admit(tx, p, l, d.Targets)
}
