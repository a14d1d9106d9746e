package command

import (
	"errors"
	"strings"
	"time"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/state"
)

// DeleteJob removes a job that has no children.
type DeleteJob struct {
	Name string
	Stop *dkron.Stop // stop running launches too; nil lets them continue
	Notifying
}

// Fields describes the wire form.
func (c *DeleteJob) Fields(w *codec.Wire) {
	w.String(1, &c.Name)
	codec.Optional(w, 2, &c.Stop)
	w.Since(2)
	w.Strings(3, &c.Channels)
}

// Apply removes the job and returns it as it was.
func (c *DeleteJob) Apply(tx *state.Tx) (any, error) {
	j, p, err := tx.Record(c.Name)
	if err != nil {
		return nil, err
	}
	if len(j.DependentJobs) > 0 {
		return nil, dkron.Conflict("job %q has dependent jobs: %s; delete those first", c.Name, strings.Join(j.DependentJobs, ", "))
	}
	was := &dkron.Record{Job: *j, Progress: *p}
	noteChange(tx, dkron.AuditJob, j.Name, j, nil, nil)
	tx.SetChannels(c.Channels)
	if err := deleteJob(tx, j); err != nil {
		return nil, err
	}
	by := ""
	if c.Stop != nil {
		by = c.Stop.By
	}
	if err := raiseChanged(tx, j, state.JobDeleted, by); err != nil {
		return nil, err
	}
	return was, c.stop(tx)
}

// stop stops all running launches under the name, including those of earlier jobs that had it.
func (c *DeleteJob) stop(tx *state.Tx) error {
	if c.Stop == nil {
		return nil
	}
	tx.Tick(c.Stop.At)
	stop := Stop{Launches: tx.OpenLaunchesNamed(c.Name), Wish: *c.Stop, Notifying: c.Notifying}
	_, err := stop.Apply(tx)
	return err
}

// deleteJob removes a job. Its running executions continue without it. What waits, in its queue, for a node or for a
// retry, is dropped.
func deleteJob(tx *state.Tx, j *dkron.Job) error {
	for _, parent := range j.AllParents() {
		if err := tx.Detach(parent.Job, j.Name); err != nil {
			return err
		}
	}
	var running []uint64
	for _, n := range tx.OpenLaunchesOf(j.Number) {
		l, err := tx.Launch(n)
		if errors.Is(err, dkron.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if l.State == dkron.LaunchRunning {
			running = append(running, n)
			continue
		}
		l.State, l.Reason = dkron.LaunchSkipped, "the job was deleted"
		if err := tx.CloseLaunch(l, nil); err != nil {
			return err
		}
	}
	if err := endAlerts(tx, j); err != nil {
		return err
	}
	if err := tx.DeleteJob(j); err != nil {
		return err
	}
	for _, n := range running {
		if err := dropRetries(tx, n); err != nil {
			return err
		}
	}
	return nil
}

// dropRetries ends the executions of a deleted job's launch that wait for their next attempt.
func dropRetries(tx *state.Tx, launch uint64) error {
	var wait []*dkron.Execution
	soon := tx.Stamped().Add(dueSoon)
	err := tx.LaunchExecutions(launch, func(e *dkron.Execution) bool {
		if e.Unplaced || e.Attempt > 1 && e.Due.After(soon) {
			wait = append(wait, e)
		}
		return true
	})
	if err != nil {
		return err
	}
	c := Finish{Now: tx.Clock()}
	for _, e := range wait {
		if err := c.finish(tx, neverBegan(e, c.Now, "the job was deleted before this attempt began")); err != nil {
			return err
		}
	}
	return nil
}

// neverBegan is the result of an execution that was dropped while it waited for its next attempt.
func neverBegan(e *dkron.Execution, now time.Time, why string) *dkron.Result {
	return &dkron.Result{
		Key: e.Key, Group: e.Group, Attempt: e.Attempt, NodeName: e.NodeName, JobName: e.JobName,
		StartedAt: now, FinishedAt: now, Outcome: dkron.Stopped, Error: why,
	}
}
