package control

import (
	"context"
	"errors"
	"math"

	"dkron"
	"dkron/internal/clock"
	"dkron/internal/command"
	"dkron/internal/request"
	"dkron/internal/state"
)

// rerunLaunch runs an ended launch again.
func (c *Control) rerunLaunch(ctx context.Context, r *request.RerunLaunch) (*request.Launched, uint64, error) {
	return c.launch(ctx, r.Job, &command.Run{Cause: dkron.CauseManual, Alone: r.Alone}, func(tx *state.Tx, job *dkron.Job, cmd *command.Run) error {
		old, record, err := endedLaunch(tx, job, r.Group)
		if err != nil {
			return err
		}
		cmd.Of = record
		return c.suits(job.Executor, old.Change)
	})
}

// endedLaunch returns the launch of a job with the given group, and its record in the history.
func endedLaunch(tx *state.Tx, job *dkron.Job, group int64) (found *dkron.Launch, record uint64, err error) {
	p, err := tx.Progress(job.Number)
	if err != nil {
		return nil, 0, err
	}
	err = tx.LaunchHistoryFrom(p, job.Number, math.MaxUint64, func(n uint64, l *dkron.Launch) bool {
		if l.Group == group {
			found, record = l, n
		}
		return found == nil
	})
	if err != nil || found != nil {
		return found, record, err
	}
	for _, n := range tx.OpenLaunchesOf(job.Number) {
		if l, err := tx.Launch(n); err == nil && l.Group == group {
			return nil, 0, dkron.Conflict("the launch has not ended: it is %s; stop it first, or wait until it ends", l.State)
		}
	}
	return nil, 0, dkron.ErrNotFound
}

func (c *Control) rerunLaunches(ctx context.Context, r *request.RerunLaunches) (*request.Rerun, uint64, error) {
	if n := len(r.Records); n > dkron.MaxRerun {
		return nil, 0, dkron.Invalid("%d launches match, at most %d can be run again at once; narrow the filter", n, dkron.MaxRerun)
	}
	cmd := &command.Rerun{Launches: r.Records, Filter: r.Filter, Alone: r.Alone, By: dkron.Actor(ctx), Now: clock.Now()}
	done, index, err := value[dkron.Rerun](ctx, c, cmd)
	if err != nil {
		return nil, index, err
	}
	return &request.Rerun{Rerun: *done}, index, nil
}

func (c *Control) stopRerun(ctx context.Context, r *request.StopRerun) (*request.Rerun, uint64, error) {
	cmd := &command.StopRerun{Rerun: r.Number, Wish: dkron.Stop{At: clock.Now(), By: dkron.Actor(ctx), Reason: r.Reason}}
	done, index, err := value[dkron.Rerun](ctx, c, cmd)
	if err != nil {
		return nil, index, err
	}
	return &request.Rerun{Rerun: *done}, index, nil
}

// Relaunch makes the launches of a rerun for the given records of the launch history, on the nodes that match now.
func (c *Control) Relaunch(ctx context.Context, rerun uint64, records []uint64) error {
	reach, rnd := c.fleet.Reach(), newRand()
	var launches []command.Relaunched
	err := c.state.View(func(tx *state.Tx) error {
		for _, n := range records {
			item := command.Relaunched{Record: n}
			job, err := jobOf(tx, n)
			if err != nil && !errors.Is(err, dkron.ErrNotFound) { // Apply takes what is gone off the list
				return err
			}
			if err == nil {
				if chosen := reach.Choose(job.Tags, rnd); !chosen.Wait {
					item.Targets, item.Unreached, item.Missing = chosen.Nodes, chosen.Unreached, chosen.Missing
				}
			}
			launches = append(launches, item)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, part := range split(launches) {
		if _, _, err := c.propose(ctx, &command.Relaunch{Rerun: rerun, Launches: part, Now: clock.Now()}); err != nil {
			return err
		}
	}
	return nil
}

// jobOf returns the job of a record of the launch history.
func jobOf(tx *state.Tx, record uint64) (*dkron.Job, error) {
	l, err := tx.LaunchedRecord(record)
	if err != nil {
		return nil, err
	}
	return tx.Job(l.Job)
}

func (c *Control) stopLaunches(ctx context.Context, r *request.StopLaunches) (*request.Stopped, uint64, error) {
	if err := c.log.Leads(); err != nil {
		return nil, 0, err
	}
	if len(r.Launches) == 0 {
		return new(request.Stopped), 0, nil
	}
	wish := dkron.Stop{At: clock.Now(), By: dkron.Actor(ctx), Reason: r.Reason}
	done, index, err := value[command.Stopped](ctx, c, &command.Stop{Launches: r.Launches, Wish: wish})
	if err != nil {
		return nil, index, err
	}
	return &request.Stopped{Count: done.Count}, index, nil
}
