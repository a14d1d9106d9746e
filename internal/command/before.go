package command

import (
	"errors"
	"slices"
	"time"

	"dkron"
	"dkron/internal/state"
)

// Running executions of a deleted job continue. A new job of the same name counts them as running too, so that forbid,
// queue and replace apply to a name and not only to one job of that name.

// busy reports whether the job, or a deleted one of its name, is running.
func busy(p *dkron.Progress) bool { return p.Active > 0 || len(p.Before) > 0 }

// overlap returns why forbid skips a launch.
func overlap(p *dkron.Progress) string {
	if p.Active == 0 {
		return "overlap: a launch of the deleted job of this name still ran and the concurrency is forbid"
	}
	return "overlap: the job still ran and its concurrency is forbid"
}

// endOrphan records the end of a launch of a deleted job. Nothing of it is kept, but a job that has the name now no
// longer waits for it.
func endOrphan(tx *state.Tx, l *dkron.Launch, now time.Time) error {
	if err := tx.CloseLaunch(l, nil); err != nil {
		return err
	}
	j, p, err := tx.Record(l.Job)
	if errors.Is(err, dkron.ErrNotFound) || err == nil && !slices.Contains(p.Before, l.Number) {
		return nil
	}
	if err != nil {
		return err
	}
	p.Before = slices.DeleteFunc(slices.Clone(p.Before), func(n uint64) bool { return n == l.Number })
	tx.PutProgress(j.Number, p)
	return release(tx, p, now)
}
