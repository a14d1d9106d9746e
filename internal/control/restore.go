package control

import (
	"context"
	"math/rand/v2"
	"slices"

	"dkron"
	"dkron/internal/clock"
	"dkron/internal/command"
	"dkron/internal/request"
	"dkron/internal/state"
)

func (c *Control) restore(ctx context.Context, r *request.Restore) (*request.Restored, uint64, error) {
	if err := c.log.Leads(); err != nil {
		return nil, 0, err
	}
	cmd, err := c.planRestore(ctx, r.Jobs, func(tx *state.Tx, cmd *command.Restore) error {
		_, err := cmd.Order(tx)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	if err := c.stage(ctx, cmd); err != nil {
		return nil, 0, err
	}
	done, index, err := value[command.Restored](ctx, c, cmd)
	if err != nil {
		return nil, index, err
	}
	return &request.Restored{Names: done.Names}, index, nil
}

// stage writes the jobs of a large restore to the log in parts, so that one small entry can then store them all at
// once.
func (c *Control) stage(ctx context.Context, cmd *command.Restore) error {
	parts := split(cmd.Jobs)
	if len(parts) < 2 {
		return nil
	}
	id := rand.Uint64() | 1
	for i, part := range parts {
		if _, _, err := c.propose(ctx, &command.Stage{ID: id, Part: uint64(i), Jobs: part}); err != nil {
			return err
		}
	}
	cmd.Jobs, cmd.Stage, cmd.Parts = nil, id, uint64(len(parts))
	return nil
}

// CheckRestore returns the plan of a request.Restore, as far as this server's state knows, or why it would be refused.
func (c *Control) CheckRestore(ctx context.Context, jobs []dkron.Record) (plan *dkron.RestorePlan, err error) {
	_, err = c.planRestore(ctx, jobs, func(tx *state.Tx, cmd *command.Restore) (err error) {
		plan, err = cmd.Plan(tx)
		return err
	})
	return plan, err
}

// planRestore checks every job, then all of them together.
func (c *Control) planRestore(
	ctx context.Context, jobs []dkron.Record, look func(*state.Tx, *command.Restore) error,
) (*command.Restore, error) {
	cmd := &command.Restore{Jobs: slices.Clone(jobs), Now: clock.Now()}
	err := c.state.View(func(tx *state.Tx) error {
		for i := range cmd.Jobs {
			if err := c.prepare(tx, cmd, &cmd.Jobs[i], dkron.Actor(ctx)); err != nil {
				return err
			}
		}
		return look(tx, cmd)
	})
	return cmd, err
}

// prepare checks a job of cmd, finds its first due time, and decides what happens to undecided due times of the job
// that it replaces.
func (c *Control) prepare(tx *state.Tx, cmd *command.Restore, r *dkron.Record, by string) error {
	j := &r.Job
	if err := j.Validate(); err != nil {
		return dkron.Invalid("job %q: %w", j.Name, err)
	}
	// A backup can be restored as a whole, even with jobs that can never succeed.
	if err := dkron.Refusal(c.judge(j), dkron.Refused); err != nil {
		return dkron.Invalid("job %q: %w", j.Name, err)
	}
	old, p, err := tx.Record(j.Name)
	if err != nil {
		old, p = nil, nil // Apply fails again for an unreadable definition, with the reason
	}
	j.UpdatedBy = by
	if r.Progress.Next, err = firstDue(j, old, p, cmd.Now); err != nil {
		return dkron.Invalid("job %q: %w", j.Name, err)
	}
	if old == nil {
		return nil
	}
	due, err := c.undecided(old, j, p, cmd.Now, max(1, 10*maxUndecided/len(cmd.Jobs)))
	if err != nil {
		return dkron.Invalid("job %q: %w", j.Name, err)
	}
	cmd.Due = append(cmd.Due, due...)
	return nil
}
