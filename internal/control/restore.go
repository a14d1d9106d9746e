package control

import (
	"context"
	"fmt"
	"slices"
	"time"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/command"
	"dkron/internal/state"
)

// One log entry holds so many jobs, so that it is neither larger than an entry may be nor long to apply.
const (
	restoreJobs  = 1000
	restoreBytes = 2 << 20
)

// Restore stores many jobs, and returns their names, parents before children. All are checked before any is stored. Of
// the records' progress counters, last times and status count. Up to a thousand jobs are stored at once or not at all;
// what is larger may break off, and can be restored again.
func (c *Control) Restore(ctx context.Context, jobs []dkron.Record) (names []string, index uint64, err error) {
	if err := c.log.Leads(); err != nil {
		return nil, 0, err
	}
	var order []*dkron.Record
	cmd, err := c.planRestore(ctx, jobs, func(tx *state.Tx, cmd *command.Restore) (err error) {
		order, err = cmd.Order(tx)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	for len(order) > 0 {
		part := &command.Restore{Now: cmd.Now}
		for size := 0; len(order) > 0 && len(part.Jobs) < restoreJobs; order = order[1:] {
			if size += len(codec.Encode(order[0])); size > restoreBytes && len(part.Jobs) > 0 {
				break
			}
			part.Jobs = append(part.Jobs, *order[0])
		}
		var done *command.Restored
		if done, index, err = value[command.Restored](ctx, c, part); err != nil {
			if len(names) > 0 {
				err = fmt.Errorf("only %d of %d jobs are restored: %w", len(names), len(jobs), err)
			}
			return names, index, err
		}
		names = append(names, done.Names...)
	}
	return names, index, nil
}

// CheckRestore returns what Restore would do, as far as this server knows, or why it would refuse.
func (c *Control) CheckRestore(ctx context.Context, jobs []dkron.Record) (plan *dkron.RestorePlan, err error) {
	_, err = c.planRestore(ctx, jobs, func(tx *state.Tx, cmd *command.Restore) (err error) {
		plan, err = cmd.Plan(tx)
		return err
	})
	return plan, err
}

// planRestore checks every job, then looks at all of them together.
func (c *Control) planRestore(
	ctx context.Context, jobs []dkron.Record, look func(*state.Tx, *command.Restore) error,
) (*command.Restore, error) {
	cmd := &command.Restore{Jobs: slices.Clone(jobs), Now: time.Now().UTC()}
	err := c.state.View(func(tx *state.Tx) error {
		for i := range cmd.Jobs {
			if err := c.prepare(tx, &cmd.Jobs[i], dkron.Actor(ctx), cmd.Now); err != nil {
				return err
			}
		}
		return look(tx, cmd)
	})
	return cmd, err
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
