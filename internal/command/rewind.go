package command

import (
	"errors"
	"time"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/state"
)

// Rewind moves back cursors that lie in the future because a leader's wall clock was ahead when they were set. It is
// proposed by a leader whose clock agrees with most servers'.
type Rewind struct {
	Jobs []dkron.Rewound
	Now  time.Time
	Last bool // the last entry for all jobs: it also corrects timers and the state's latest instant
}

// Fields describes the wire form.
func (c *Rewind) Fields(w *codec.Wire) {
	codec.List(w, 1, &c.Jobs)
	w.Time(2, &c.Now)
	w.Bool(3, &c.Last)
}

// Apply brings back the cursor of each job that is later than Now. A job that was changed since the leader looked has had its
// cursor brought back by that change.
func (c *Rewind) Apply(tx *state.Tx) (any, error) {
	for _, r := range c.Jobs {
		if err := c.rewind(tx, r); err != nil {
			return nil, err
		}
	}
	if !c.Last {
		return nil, nil
	}
	if err := c.hasten(tx); err != nil {
		return nil, err
	}
	tx.SetStamped(c.Now)
	return nil, nil
}

func (c *Rewind) rewind(tx *state.Tx, r dkron.Rewound) error {
	p, err := tx.Progress(r.Job)
	if errors.Is(err, dkron.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if p.Revision != r.Revision || !p.Cursor.After(c.Now) {
		return nil
	}
	p.Restart(r.Cursor)
	p.Next = r.Next
	tx.PutProgress(r.Job, p)
	tx.Wake(r.Job)
	if !r.Anchored {
		return nil
	}
	j, err := tx.Job(p.Name)
	if err != nil {
		return err
	}
	j.CreatedAt = earliest(j.CreatedAt, c.Now)
	return tx.PutJob(j, p)
}

// hasten moves back the due times of retries. How long each still had to wait follows from the latest instant that the
// clock which was ahead put into the state.
func (c *Rewind) hasten(tx *state.Tx) error {
	var late []*dkron.Execution
	err := tx.OpenExecutions(func(e *dkron.Execution) bool {
		if e.Due.After(c.Now) {
			late = append(late, e)
		}
		return true
	})
	if err != nil {
		return err
	}
	ahead := tx.Stamped()
	for _, e := range late {
		e.Due = earliest(e.Due, c.Now.Add(max(e.Due.Sub(ahead), 0)))
		if err := tx.PutExecution(e); err != nil {
			return err
		}
	}
	return nil
}

// earliest returns the earlier of two instants.
func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
