package control

import (
	"context"

	"dkron"
	"dkron/internal/clock"
	"dkron/internal/command"
	"dkron/internal/request"
	"dkron/internal/state"
)

func (c *Control) stop(ctx context.Context, r *request.Stop) (*request.Stopped, uint64, error) {
	if err := c.log.Leads(); err != nil {
		return nil, 0, err
	}
	cmd := &command.Stop{Wish: dkron.Stop{At: clock.Now(), By: dkron.Actor(ctx), Reason: r.Reason}}
	err := c.state.View(func(tx *state.Tx) error { return find(tx, r.What, cmd) })
	if err != nil {
		return nil, 0, err
	}
	if len(cmd.Launches)+len(cmd.Executions) == 0 {
		return new(request.Stopped), 0, nil
	}
	done, index, err := value[command.Stopped](ctx, c, cmd)
	if err != nil {
		return nil, index, err
	}
	return &request.Stopped{Count: done.Count}, index, nil
}

// find resolves the target into cmd. It finds launches of a deleted job by the job's old name.
func find(tx *state.Tx, what dkron.StopTarget, cmd *command.Stop) error {
	all := what.Group == 0 && what.Execution == ""
	for _, n := range tx.OpenLaunchesNamed(what.Job) {
		l, err := tx.Launch(n)
		if err != nil {
			continue // ended meanwhile
		}
		switch {
		case what.Execution != "":
			err = tx.LaunchExecutions(n, func(e *dkron.Execution) bool {
				if e.ID() == what.Execution {
					cmd.Executions = append(cmd.Executions, e.Key)
				}
				return true
			})
		case all || l.Group == what.Group:
			cmd.Launches = append(cmd.Launches, n)
		}
		if err != nil {
			return err
		}
	}
	if len(cmd.Launches)+len(cmd.Executions) > 0 {
		return nil
	}
	_, p, err := tx.Record(what.Job)
	if err != nil || all {
		return err
	}
	return ended(tx, p, what)
}

// ended returns an ErrConflict if the history contains the target, else an ErrNotFound.
func ended(tx *state.Tx, p *dkron.Progress, what dkron.StopTarget) error {
	found := dkron.ErrNotFound
	if what.Execution != "" {
		err := tx.History(p, func(e *dkron.Execution) bool {
			if e.ID() == what.Execution {
				found = dkron.Conflict("the execution has ended already: %s", e.Outcome)
			}
			return found == dkron.ErrNotFound //nolint:errorlint // the value itself is the mark
		})
		if err != nil {
			return err
		}
		return found
	}
	err := tx.LaunchHistory(p, func(l *dkron.Launch) bool {
		if l.Group == what.Group {
			found = dkron.Conflict("the launch has ended already: %s", l.State)
		}
		return found == dkron.ErrNotFound //nolint:errorlint // the value itself is the mark
	})
	if err != nil {
		return err
	}
	return found
}
