package command

import (
	"errors"
	"slices"
	"time"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/state"
)

// Breached has the rules look at objectives that are not met. They notice each breach once, which the job's progress keeps: so it
// does not matter how many leaders propose it.
type Breached struct {
	Breaches []dkron.Breach
	Now      time.Time
}

// Fields describes the wire form.
func (c *Breached) Fields(w *codec.Wire) {
	w.Since(2)
	codec.List(w, 1, &c.Breaches)
	w.Time(2, &c.Now)
}

// Apply looks at those of jobs that still exist.
func (c *Breached) Apply(tx *state.Tx) (any, error) {
	if !tx.HasRules() {
		return nil, nil
	}
	tx.Tick(c.Now)
	for _, b := range c.Breaches {
		p, err := tx.Progress(b.Job)
		if errors.Is(err, dkron.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if p.Noticed(b) {
			continue
		}
		o := dkron.Occurrence{Job: p.Name, JobNumber: b.Job, Count: 1, First: c.Now, Last: c.Now, Reason: b.Reason}
		noticed, err := raiseNoting(tx, &o, nil, func(w *state.ReadyRule) dkron.AlertEvent {
			if slices.Contains(w.On, dkron.AlertObjective) {
				return dkron.AlertObjective
			}
			return ""
		})
		if err != nil {
			return nil, err
		}
		if len(noticed) > 0 {
			p.Notice(b)
			tx.PutProgress(b.Job, p)
		}
	}
	return nil, nil
}
