package control

import (
	"context"
	"time"

	"dkron"
	"dkron/internal/command"
	"dkron/internal/state"
)

// Restore stores many jobs at once, or none, and returns their names, parents before children. Of the records' progress
// counters, last times and status count.
func (c *Control) Restore(ctx context.Context, jobs []dkron.Record) ([]string, uint64, error) {
	if err := c.log.Leads(); err != nil {
		return nil, 0, err
	}
	cmd := &command.Restore{Jobs: make([]dkron.Record, len(jobs)), Now: time.Now().UTC()}
	copy(cmd.Jobs, jobs)
	err := c.state.View(func(tx *state.Tx) error {
		for i := range cmd.Jobs {
			if err := c.prepare(tx, &cmd.Jobs[i], dkron.Actor(ctx), cmd.Now); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, 0, err
	}
	done, index, err := value[command.Restored](ctx, c, cmd)
	if err != nil {
		return nil, index, err
	}
	return done.Names, index, nil
}

// prepare checks a job and finds when it is due first.
func (c *Control) prepare(tx *state.Tx, r *dkron.Record, by string, now time.Time) error {
	j := &r.Job
	if err := j.Validate(); err != nil {
		return dkron.Invalid("job %q: %w", j.Name, err)
	}
	if err := c.check(j); err != nil {
		return dkron.Invalid("job %q: %w", j.Name, err)
	}
	old, err := tx.Job(j.Name)
	if err != nil {
		old = nil // a definition that can't be read will fail again in Apply, with the reason
	}
	j.UpdatedBy = by
	if r.Progress.Next, err = firstDue(j, old, now); err != nil {
		return dkron.Invalid("job %q: %w", j.Name, err)
	}
	return nil
}
