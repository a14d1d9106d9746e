package command

import (
	"errors"
	"slices"
	"strings"
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
	for rest := c.Breaches; len(rest) > 0; {
		n := slices.IndexFunc(rest, func(b dkron.Breach) bool { return b.Job != rest[0].Job })
		if n < 0 {
			n = len(rest)
		}
		if err := raiseBreaches(tx, rest[:n], c.Now); err != nil {
			return nil, err
		}
		rest = rest[n:]
	}
	return nil, nil
}

// raiseBreaches has the rules look at what one job does not meet. It is one occurrence, whose reason has all of it.
func raiseBreaches(tx *state.Tx, all []dkron.Breach, now time.Time) error {
	p, err := tx.Progress(all[0].Job)
	if errors.Is(err, dkron.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(slices.Clone(all), p.Noticed)
	if len(all) == 0 {
		return nil
	}
	var reasons []string
	for _, b := range all {
		reasons = append(reasons, b.Reason)
	}
	o := dkron.Occurrence{Job: p.Name, JobNumber: all[0].Job, Count: 1, First: now, Last: now, Reason: strings.Join(reasons, "; ")}
	noticed, err := raiseNoting(tx, &o, nil, func(w *state.ReadyRule) dkron.AlertEvent {
		if slices.Contains(w.On, dkron.AlertObjective) {
			return dkron.AlertObjective
		}
		return ""
	})
	if err != nil || len(noticed) == 0 {
		return err
	}
	for _, b := range all {
		p.Notice(b)
	}
	tx.PutProgress(all[0].Job, p)
	return nil
}
