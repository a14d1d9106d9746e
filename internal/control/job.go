package control

import (
	"context"
	"errors"
	"time"

	"dkron"
	"dkron/internal/clock"
	"dkron/internal/command"
	"dkron/internal/request"
	"dkron/internal/state"
)

func (c *Control) setJob(ctx context.Context, r *request.SetJob) (*request.Stored, uint64, error) {
	job := r.Record.Job
	if err := job.Validate(); err != nil {
		return nil, 0, err
	}
	if err := dkron.Refusal(c.judge(&job), dkron.Hopeless); err != nil {
		return nil, 0, err
	}
	return c.change(ctx, job.Name, r.Record.Progress.Counted(), func(_ *dkron.Job, paused bool) (dkron.Job, error) {
		if paused {
			return job, dkron.ErrPaused
		}
		return job, nil
	})
}

func (c *Control) revertJob(ctx context.Context, r *request.RevertJob) (*request.Stored, uint64, error) {
	return c.change(ctx, r.Job, dkron.Progress{}, func(old *dkron.Job, paused bool) (job dkron.Job, err error) {
		switch {
		case old == nil:
			return job, dkron.ErrNotFound
		case paused:
			return job, dkron.ErrPaused
		case old.Revision == r.Revision:
			return *old, nil
		}
		err = c.state.View(func(tx *state.Tx) error {
			was, err := tx.Version(old.Number, r.Revision)
			if err == nil {
				job = *was
			}
			return err
		})
		if err == nil {
			err = dkron.Refusal(c.judge(&job), dkron.Refused)
		}
		return job, err
	})
}

func (c *Control) toggleJob(ctx context.Context, r *request.ToggleJob) (*request.Stored, uint64, error) {
	return c.change(ctx, r.Job, dkron.Progress{}, func(old *dkron.Job, _ bool) (dkron.Job, error) {
		if old == nil {
			return dkron.Job{}, dkron.ErrNotFound
		}
		job := *old
		job.Disabled = !old.Disabled
		return job, nil
	})
}

// change proposes edit's result for the stored definition, and retries if another writer was faster. past is the
// previous counters of a job that is created.
func (c *Control) change(
	ctx context.Context, name string, past dkron.Progress, edit func(old *dkron.Job, paused bool) (dkron.Job, error),
) (*request.Stored, uint64, error) {
	if err := c.log.Leads(); err != nil { // its own state may be old
		return nil, 0, err
	}
	for {
		var old *dkron.Job
		var progress *dkron.Progress
		var paused bool
		err := c.state.View(func(tx *state.Tx) (err error) {
			paused = tx.Paused()
			old, progress, err = tx.Record(name)
			if errors.Is(err, dkron.ErrNotFound) {
				old, progress, err = nil, nil, nil
			}
			return err
		})
		if err != nil {
			return nil, 0, err
		}
		job, err := edit(old, paused)
		if err != nil {
			return nil, 0, err
		}
		job.UpdatedBy = dkron.Actor(ctx)
		cmd := &command.SetJob{Job: job, Now: clock.Now()}
		if old != nil {
			cmd.Base = old.Revision
			if cmd.Due, err = c.undecided(old, &job, progress, cmd.Now, maxUndecided); err != nil {
				return nil, 0, err
			}
		} else {
			cmd.Past = past
		}
		if cmd.Next, err = firstDue(&job, old, progress, cmd.Now); err != nil {
			return nil, 0, err
		}
		reply, index, err := stored(ctx, c, cmd)
		if !errors.Is(err, command.ErrChanged) {
			return reply, index, err
		}
	}
}

// maxUndecided is how many due times without a launch are still launched when their job is changed.
const maxUndecided = 1000

// undecided returns what happens to due times from before a job's change that are neither launched nor recorded as
// missed.
func (c *Control) undecided(old, job *dkron.Job, p *dkron.Progress, now time.Time, limit int) ([]dkron.Due, error) {
	due, err := dkron.Undecided(old, job, p, now, limit)
	if err != nil {
		return nil, dkron.Invalid("can't parse job schedule: %w", err)
	}
	if len(due) > 0 {
		c.aim(due)
	}
	return due, nil
}

// firstDue returns the first due time of a definition that is written now. old and p are nil for a new job.
func firstDue(job, old *dkron.Job, p *dkron.Progress, now time.Time) (time.Time, error) {
	if job.Child() {
		return time.Time{}, nil
	}
	anchored := *job
	anchored.CreatedAt = now
	if old != nil {
		anchored.CreatedAt = old.CreatedAt
	}
	s, err := anchored.Parse()
	if err != nil {
		return time.Time{}, dkron.Invalid("can't parse job schedule: %w", err)
	}
	if old == nil || old.Schedule != job.Schedule {
		if first := s.First(now); first.Equal(now) { // @after within its grace: now
			return now.Add(1), nil
		}
	}
	after := new(dkron.Progress)
	if p != nil {
		*after = *p
		after.Restart(now)
	}
	return after.NextDue(&anchored, s, now), nil
}

func (c *Control) deleteJob(ctx context.Context, r *request.DeleteJob) (*request.Stored, uint64, error) {
	cmd := &command.DeleteJob{Name: r.Job}
	if r.Stop != nil {
		cmd.Stop = &dkron.Stop{At: clock.Now(), By: dkron.Actor(ctx), Reason: r.Stop.Reason}
	}
	return stored(ctx, c, cmd)
}
