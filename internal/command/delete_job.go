package command

import (
	"errors"
	"strings"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/state"
)

// DeleteJob removes a job that has no children.
type DeleteJob struct{ Name string }

// Fields describes the wire form.
func (c *DeleteJob) Fields(w *codec.Wire) { w.String(1, &c.Name) }

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
	return was, deleteJob(tx, j)
}

// deleteJob removes a job. What runs of it goes on without it; what waits, in its queue or for a node, is dropped.
func deleteJob(tx *state.Tx, j *dkron.Job) error {
	for _, parent := range j.AllParents() {
		if err := tx.Detach(parent.Job, j.Name); err != nil {
			return err
		}
	}
	for _, n := range tx.OpenLaunchesOf(j.Number) {
		l, err := tx.Launch(n)
		if errors.Is(err, dkron.ErrNotFound) || err == nil && l.State == dkron.LaunchRunning {
			continue
		}
		if err != nil {
			return err
		}
		l.State, l.Reason = dkron.LaunchSkipped, "the job was deleted"
		if err := tx.CloseLaunch(l, nil); err != nil {
			return err
		}
	}
	return tx.DeleteJob(j)
}
