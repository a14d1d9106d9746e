package courier

import (
	"errors"
	"slices"
	"time"

	"dkron"
	"dkron/internal/state"
)

// maxOverdue is how many launches the rules look at in one entry.
const maxOverdue = 1000

// overdue plans at which open launches the rules have to look, because they have not started or not ended in time. It reads
// them from time to time, and when one of those that it has seen becomes overdue.
func (c *Courier) overdue(tx *state.Tx, p *plan, rules []*dkron.Rule, now time.Time) error {
	if now.Before(c.overdueAt) {
		return nil
	}
	c.overdueAt = now.Add(look)
	rules = slices.DeleteFunc(slices.Clone(rules), func(r *dkron.Rule) bool { return !r.Watches() })
	if len(rules) == 0 {
		return nil
	}
	var failed error
	err := tx.OpenLaunches(0, func(l *dkron.Launch) bool {
		var at time.Time
		if at, failed = overdueAt(tx, l, rules); failed != nil {
			return false
		}
		switch {
		case at.IsZero():
		case at.After(now):
			c.overdueAt = earlier(c.overdueAt, at)
		case len(p.overdue) < maxOverdue:
			p.overdue = append(p.overdue, l.Number)
		default:
			c.overdueAt = earlier(c.overdueAt, now.Add(again))
		}
		return true
	})
	return errors.Join(err, failed)
}

// overdueAt returns when the first rule that has not done so notices the launch, the zero time if none does.
func overdueAt(tx *state.Tx, l *dkron.Launch, rules []*dkron.Rule) (first time.Time, err error) {
	progress, err := tx.Progress(l.JobNumber)
	if errors.Is(err, dkron.ErrNotFound) {
		return first, nil // deleted while it ran
	}
	if err != nil {
		return first, err
	}
	usual := progress.LongAfter()
	var job *dkron.Job
	for _, r := range rules {
		event, at := r.Overdue(l, usual)
		if event == "" || !r.Match.Named(l.Job) {
			continue
		}
		if !r.Match.Plain() && job == nil {
			if job, err = tx.Job(l.Job); errors.Is(err, dkron.ErrNotFound) {
				return time.Time{}, nil // deleted while it ran
			} else if err != nil {
				return first, err
			}
		}
		if (job == nil || r.Match.Has(job)) && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	return first, nil
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
