package command

import (
	"errors"
	"time"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/state"
)

// ErrChanged means that the definition has changed since the proposer decided: read it again.
var ErrChanged = errors.New("the job was changed meanwhile")

// SetJob creates a job or replaces its definition.
type SetJob struct {
	Job  dkron.Job
	Base uint64    // revision that the proposer saw, 0 if there was no job
	Next time.Time // first due instant of the new definition
	Now  time.Time
	Past dkron.Progress // a new job's earlier progress; only counters and last times are set
	Due  []dkron.Due    // what happens to due but undecided instants of the old definition
	Notifying
}

// Fields describes the wire form.
func (c *SetJob) Fields(w *codec.Wire) {
	codec.Nested(w, 1, &c.Job)
	w.Uint(2, &c.Base)
	w.Time(3, &c.Next)
	w.Time(4, &c.Now)
	codec.Nested(w, 5, &c.Past)
	codec.List(w, 20, &c.Due)
	w.Since(2)
	w.Strings(21, &c.Channels)
}

// Apply stores the definition. Writing an equal one changes nothing.
func (c *SetJob) Apply(tx *state.Tx) (any, error) {
	old, err := tx.Job(c.Job.Name)
	if err != nil && !errors.Is(err, dkron.ErrNotFound) {
		return nil, err
	}
	if old == nil && c.Base != 0 || old != nil && old.Revision != c.Base {
		return nil, ErrChanged
	}
	if err := c.checkParents(tx); err != nil {
		return nil, err
	}
	tx.Tick(c.Now)
	tx.SetChannels(c.Channels)
	record, err := put(tx, c.Job, c.Next, c.Due, c.Now)
	if err != nil || old != nil {
		return record, err
	}
	_, err = bringBack(tx, record, &c.Past)
	return record, err
}

// put stores a checked definition and replaces the one of that name, if any. due says what happens to undecided
// instants of the replaced one.
func put(tx *state.Tx, j dkron.Job, next time.Time, due []dkron.Due, now time.Time) (*dkron.Record, error) {
	p, change := &dkron.Progress{Cursor: now, Since: now, Next: next}, state.JobCreated
	old, err := tx.Job(j.Name)
	switch {
	case errors.Is(err, dkron.ErrNotFound):
		j.Number, j.Revision, j.CreatedAt, j.DependentJobs = tx.NewJobNumber(), 1, now, nil
		p.Before = tx.OpenLaunchesNamed(j.Name)
	case err != nil:
		return nil, err
	default:
		if p, err = tx.Progress(old.Number); err != nil {
			return nil, err
		}
		if old.SameDefinition(&j) {
			return &dkron.Record{Job: *old, Progress: *p}, nil
		}
		j.Number, j.Revision, j.CreatedAt, j.DependentJobs = old.Number, old.Revision+1, old.CreatedAt, old.DependentJobs
		change = state.JobUpdated
		p.Arrived = stillArrived(p.Arrived, old, &j)
		if err := tx.KeepVersion(old); err != nil {
			return nil, err
		}
	}
	j.UpdatedAt = now
	noteChange(tx, dkron.AuditJob, j.Name, old, &j, nil)
	if err := tx.PutJob(&j, p); err != nil {
		return nil, err
	}
	tx.NoteJob(change, &j)
	if err := raiseChanged(tx, &j, change, j.UpdatedBy); err != nil {
		return nil, err
	}
	if old != nil && old.Disabled != j.Disabled {
		if err := switchAlerts(tx, &j, now); err != nil {
			return nil, err
		}
	}
	if old != nil {
		if err := succeed(tx, p, old, &j, next, due, now); err != nil {
			return nil, err
		}
	}
	if err := moveChild(tx, &j, old); err != nil {
		return nil, err
	}
	if err := release(tx, p, now); err != nil {
		return nil, err
	}
	return &dkron.Record{Job: j, Progress: *p}, nil
}

// succeed sets the cursor of a definition that replaces old. If both are due at the same instants, the cursor stays,
// unless it lies in the future because a clock was ahead. Otherwise it is now, after all earlier instants have been
// decided, so that none is lost.
func succeed(tx *state.Tx, p *dkron.Progress, old, j *dkron.Job, next time.Time, due []dkron.Due, now time.Time) error {
	goesOn := old.Disabled == j.Disabled && old.SameTiming(j) && !p.Cursor.After(now)
	if goesOn && (p.Next.IsZero() || p.Next.After(p.Cursor)) {
		return nil
	}
	cursor := p.Cursor
	for _, d := range due {
		launch := d.Missed == 0
		if launch {
			d.Until = d.Nominal
		}
		if d.Nominal.After(now) || launch && p.Decided(d.Nominal) {
			continue // passed over, see below, or already launched
		}
		if !d.Until.After(cursor) {
			continue // the scheduler was faster
		}
		if !d.Nominal.After(cursor) { // with the first of them: that number is taken
			d.Nominal = d.Until
		}
		if err := decide(tx, p, &d, now); err != nil {
			return err
		}
		if launch {
			if p.Cursor.Equal(cursor) {
				p.Miss(d.Nominal.Add(-1))
			}
			p.Cursor = d.Nominal
		}
	}
	p.Restart(now)
	p.Next = next
	for _, d := range due {
		if d.Nominal.After(now) { // passed over
			p.TakeNumbers(d.Until)
			if err := decide(tx, p, &d, now); err != nil {
				return err
			}
		}
	}
	tx.PutProgress(j.Number, p)
	return nil
}

// stillArrived returns which of the arrived parents still count after the change of definition.
func stillArrived(names []string, old, j *dkron.Job) (still []string) {
	if !old.WaitsForAll() || !j.WaitsForAll() {
		return nil
	}
	for _, name := range names {
		was, _ := old.HasParent(name)
		if on, ok := j.HasParent(name); ok && on == was {
			still = append(still, name)
		}
	}
	return still
}

// checkParents refuses a parent that does not exist or that descends from the job.
func (c *SetJob) checkParents(tx *state.Tx) error {
	seen := make(map[string]bool)
	var visit func(j *dkron.Job) error
	visit = func(j *dkron.Job) error {
		for _, p := range j.AllParents() {
			if p.Job == c.Job.Name {
				return dkron.Invalid("parent job %q descends from %q: a job can't be its own ancestor", j.Name, c.Job.Name)
			}
			if seen[p.Job] {
				continue
			}
			seen[p.Job] = true
			parent, err := tx.Job(p.Job)
			if errors.Is(err, dkron.ErrNotFound) {
				return dkron.ErrNoParent
			}
			if err != nil {
				return err
			}
			if err := visit(parent); err != nil {
				return err
			}
		}
		return nil
	}
	return visit(&c.Job)
}

// moveChild updates the parents' lists of children.
func moveChild(tx *state.Tx, j, old *dkron.Job) error {
	if old != nil {
		for _, p := range old.AllParents() {
			if _, still := j.HasParent(p.Job); still {
				continue
			}
			if err := tx.Detach(p.Job, j.Name); err != nil {
				return err
			}
		}
	}
	for _, p := range j.AllParents() {
		if err := tx.Attach(p.Job, j.Name); err != nil {
			return err
		}
	}
	return nil
}

// latest returns the later of two instants.
func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
