package command

import (
	"errors"
	"fmt"
	"time"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/state"
)

// Fire launches everything that is due, in one entry.
type Fire struct {
	Due []dkron.Due
	Now time.Time
	Notifying

	next // of a build for tests
}

// Fields describes the wire form.
func (c *Fire) Fields(w *codec.Wire) {
	codec.List(w, 1, &c.Due)
	w.Time(2, &c.Now)
	w.Since(2)
	w.Strings(3, &c.Channels)
	c.next.fields(w)
}

// Apply records a launch for each instant that is still undecided, and moves the jobs' cursors.
func (c *Fire) Apply(tx *state.Tx) (any, error) {
	tx.Tick(c.Now)
	tx.SetChannels(c.Channels)
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
	if p.Revision != d.Revision || p.Disabled || !d.Nominal.Equal(p.Next) {
		return nil // the job was changed, or its cursor moved back, since this was planned
	}
	p.Next = d.Next
	if p.Decided(d.Nominal) {
		tx.PutProgress(d.Job, p) // drop the instant but store the next one: otherwise it would stay due for ever
		return nil
	}
	if d.Missed > 0 {
		p.Miss(d.Until)
	} else {
		p.Cursor = d.Nominal
	}
	return decide(tx, p, d, c.Now)
}

// decide records what happens to an instant: a launch, or why there is none.
func decide(tx *state.Tx, p *dkron.Progress, d *dkron.Due, now time.Time) error {
	l := &dkron.Launch{
		Job: p.Name, JobNumber: d.Job, Group: p.GroupOf(d.Nominal),
		Nominal: d.Nominal, Cause: d.Cause, CreatedAt: now, Unreached: d.Unreached, Missing: d.Missing,
	}
	if d.Missed == 0 {
		return admit(tx, p, l, d.Targets)
	}
	l.Count, l.Until = d.Missed, d.Until
	if d.Skipped {
		return skip(tx, p, l, dkron.LaunchSkipped, d.Reason)
	}
	return skip(tx, p, l, dkron.LaunchMissed, fmt.Sprintf("%d due instants were not fired: %s", d.Missed, d.Reason))
}
