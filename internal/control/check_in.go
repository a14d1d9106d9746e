package control

import (
	"context"

	"dkron"
	"dkron/internal/clock"
	"dkron/internal/command"
	"dkron/internal/request"
	"dkron/internal/state"
)

func (c *Control) checkIn(ctx context.Context, r *request.CheckIn) (*request.Launched, uint64, error) {
	now := clock.Now()
	if err := r.Report.Validate(now); err != nil {
		return nil, 0, err
	}
	if err := c.log.Leads(); err != nil {
		return nil, 0, err
	}
	var job *dkron.Job
	err := c.state.View(func(tx *state.Tx) (err error) {
		job, err = tx.Job(r.Job)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	if !job.ChecksIn() {
		return nil, 0, dkron.Conflict("job %s is run by dkron, with executor %s; only jobs with executor %s check in",
			job.Name, job.Executor, dkron.ExecutorCheckIn)
	}
	cmd := &command.CheckIn{Name: r.Job, Report: r.Report, Now: now, By: dkron.Actor(ctx)}
	if r.Report.State == dkron.CheckInFail {
		end := dkron.Result{NodeName: r.Report.From, Outcome: dkron.Failed, Error: r.Report.Error, ExitCode: r.Report.ExitCode, Output: r.Report.Output}
		cmd.Reason = end.Explain()
	}
	done, index, err := value[dkron.Launched](ctx, c, cmd)
	if err != nil {
		return nil, index, err
	}
	return &request.Launched{Launched: *done}, index, nil
}
