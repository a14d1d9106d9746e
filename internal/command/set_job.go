package command

import (
	"errors"
	"time"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/state"
)

// ErrChanged is told to a proposer whose decision was made on a definition that has changed since: look again.
var ErrChanged = errors.New("the job was changed meanwhile")

// SetJob creates a job or replaces its definition.
type SetJob struct {
	Job  dkron.Job
	Base uint64    // revision that the proposer saw, 0 if there was no job
	Next time.Time // first due instant of the new definition
	Now  time.Time
}

// Fields describes the wire form.
func (c *SetJob) Fields(w *codec.Wire) {
	codec.Nested(w, 1, &c.Job)
	w.Uint(2, &c.Base)
	w.Time(3, &c.Next)
	w.Time(4, &c.Now)
}

// Apply stores the definition. Writing what is there already changes nothing.
func (c *SetJob) Apply(tx *state.Tx) (any, error) {
	old, err := tx.Job(c.Job.Name)
	if err != nil && !errors.Is(err, dkron.ErrNotFound) {
		return nil, err
	}
	if old == nil && c.Base != 0 || old != nil && old.Revision != c.Base {
		return nil, ErrChanged
	}
	if err := c.checkParent(tx); err != nil {
		return nil, err
	}
	j, p := c.Job, &dkron.Progress{Cursor: c.Now}
	if old == nil {
		j.Number, j.Revision, j.CreatedAt, j.DependentJobs = tx.NewJobNumber(), 1, c.Now, nil
	} else {
		if p, err = tx.Progress(old.Number); err != nil {
			return nil, err
		}
		if old.SameDefinition(&j) {
			return &dkron.Record{Job: *old, Progress: *p}, nil
		}
		j.Number, j.Revision, j.CreatedAt, j.DependentJobs = old.Number, old.Revision+1, old.CreatedAt, old.DependentJobs
		if c.Now.After(p.Cursor) {
			p.Cursor = c.Now
		}
	}
	j.UpdatedAt, p.Next = c.Now, c.Next
	if err := tx.PutJob(&j, p); err != nil {
		return nil, err
	}
	if err := c.moveChild(tx, old); err != nil {
		return nil, err
	}
	return &dkron.Record{Job: j, Progress: *p}, nil
}

// checkParent refuses a parent that is not there, or that descends from the job.
func (c *SetJob) checkParent(tx *state.Tx) error {
	for name := c.Job.ParentJob; name != ""; {
		if name == c.Job.Name {
			return dkron.Invalid("parent_job %q descends from %q: a job can't be its own ancestor", c.Job.ParentJob, c.Job.Name)
		}
		parent, err := tx.Job(name)
		if errors.Is(err, dkron.ErrNotFound) {
			return dkron.ErrNoParent
		}
		if err != nil {
			return err
		}
		name = parent.ParentJob
	}
	return nil
}

// moveChild keeps the parents' lists of children.
func (c *SetJob) moveChild(tx *state.Tx, old *dkron.Job) error {
	if old != nil && old.ParentJob != "" && old.ParentJob != c.Job.ParentJob {
		if err := tx.Detach(old.ParentJob, c.Job.Name); err != nil {
			return err
		}
	}
	if c.Job.ParentJob != "" {
		return tx.Attach(c.Job.ParentJob, c.Job.Name)
	}
	return nil
}
