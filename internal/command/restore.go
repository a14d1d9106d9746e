package command

import (
	"errors"
	"time"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/state"
)

// Restore stores many jobs at once, optionally with their earlier counters. The jobs are in it or, if they are too many
// for one entry, were stored by Stage.
type Restore struct {
	Jobs  []dkron.Record // each with its first due instant; of the progress only counters, status and last times are used
	Now   time.Time
	Stage uint64 // id of the staged parts, 0 if there are none
	Parts uint64
	Due   []dkron.Due // what happens to undecided instants of replaced definitions, by job number
	Notifying
}

// Fields describes the wire form.
func (c *Restore) Fields(w *codec.Wire) {
	codec.List(w, 1, &c.Jobs)
	w.Time(2, &c.Now)
	w.Uint(3, &c.Stage)
	w.Uint(4, &c.Parts)
	codec.List(w, 20, &c.Due)
	w.Since(2)
	w.Strings(21, &c.Channels)
}

// Apply stores the jobs, parents before their children, and returns their names in that order.
func (c *Restore) Apply(tx *state.Tx) (any, error) {
	if c.Stage != 0 {
		jobs, err := staged(tx, c.Stage, c.Parts)
		if err != nil {
			return nil, err
		}
		c.Jobs = jobs
	}
	order, err := c.Order(tx)
	if err != nil {
		return nil, err
	}
	tx.Tick(c.Now)
	tx.SetChannels(c.Channels)
	due := make(map[uint64][]dkron.Due)
	for _, d := range c.Due {
		due[d.Job] = append(due[d.Job], d)
	}
	done := new(Restored)
	for _, r := range order {
		if err := c.restore(tx, r, due); err != nil {
			return nil, err
		}
		done.Names = append(done.Names, r.Job.Name)
	}
	if c.Stage != 0 {
		err = tx.DropStaged()
	}
	return done, err
}

// Restored is the names of the restored jobs.
type Restored struct{ Names []string }

// Plan returns what Apply would do, or why it would refuse.
func (c *Restore) Plan(tx *state.Tx) (*dkron.RestorePlan, error) {
	order, err := c.Order(tx)
	if err != nil {
		return nil, err
	}
	plan := new(dkron.RestorePlan)
	for _, r := range order {
		old, p, err := tx.Record(r.Job.Name)
		switch {
		case errors.Is(err, dkron.ErrNotFound):
			plan.Create = append(plan.Create, r.Job.Name)
		case err != nil:
			return nil, err
		case old.SameDefinition(&r.Job) && !merge(p, &r.Progress):
			plan.Unchanged = append(plan.Unchanged, r.Job.Name)
		default:
			plan.Update = append(plan.Update, r.Job.Name)
		}
	}
	return plan, nil
}

// Order returns the jobs with parents before their children. It refuses a duplicate job, a parent that is neither in
// the restore nor stored, and a job that would be its own ancestor.
func (c *Restore) Order(tx *state.Tx) ([]*dkron.Record, error) {
	byName := make(map[string]*dkron.Record, len(c.Jobs))
	for i := range c.Jobs {
		r := &c.Jobs[i]
		if byName[r.Job.Name] != nil {
			return nil, dkron.Invalid("job %q appears twice", r.Job.Name)
		}
		byName[r.Job.Name] = r
	}
	const visiting, visited = 1, 2
	mark := make(map[string]int, len(c.Jobs))
	var order []*dkron.Record
	var visit func(name string) error
	visit = func(name string) error {
		switch mark[name] {
		case visiting:
			return dkron.Invalid("job %q would be its own ancestor", name)
		case visited:
			return nil
		}
		mark[name] = visiting
		r := byName[name]
		var job *dkron.Job
		if r != nil {
			job = &r.Job
		} else {
			stored, err := tx.Job(name)
			if err != nil {
				return err
			}
			job = stored
		}
		for _, p := range job.AllParents() {
			err := visit(p.Job)
			if errors.Is(err, dkron.ErrNotFound) {
				return dkron.Invalid("job %q: parent %q is neither in the file nor stored", name, p.Job)
			}
			if err != nil {
				return err
			}
		}
		mark[name] = visited
		if r != nil {
			order = append(order, r)
		}
		return nil
	}
	for i := range c.Jobs {
		if err := visit(c.Jobs[i].Job.Name); err != nil {
			return nil, err
		}
	}
	return order, nil
}

// restore stores one job.
func (c *Restore) restore(tx *state.Tx, r *dkron.Record, due map[uint64][]dkron.Due) error {
	var number, revision uint64
	if old, err := tx.Job(r.Job.Name); err == nil {
		number, revision = old.Number, old.Revision
	}
	stored, err := put(tx, r.Job, r.Progress.Next, due[number], c.Now)
	if err != nil {
		return err
	}
	changed, err := bringBack(tx, stored, &r.Progress)
	if changed && stored.Job.Revision == revision {
		note(tx, dkron.AuditHistory, r.Job.Name, "counters restored")
	}
	return err
}

// bringBack merges a job's earlier counters into the stored ones, and reports whether that changed any.
func bringBack(tx *state.Tx, stored *dkron.Record, was *dkron.Progress) (changed bool, err error) {
	p, err := tx.Progress(stored.Job.Number)
	if err != nil {
		return false, err
	}
	changed = merge(p, was)
	tx.PutProgress(stored.Job.Number, p)
	stored.Progress = *p
	return changed, nil
}

// merge restores counters: the larger figure and the later time win. It reports whether that changed anything.
func merge(p, was *dkron.Progress) bool {
	old := *p
	p.SuccessCount, p.ErrorCount = max(p.SuccessCount, was.SuccessCount), max(p.ErrorCount, was.ErrorCount)
	p.LastSuccess, p.LastError = latest(p.LastSuccess, was.LastSuccess), latest(p.LastError, was.LastError)
	if p.Status == "" {
		p.Status = was.Status
	}
	return p.SuccessCount != old.SuccessCount || p.ErrorCount != old.ErrorCount || p.Status != old.Status ||
		!p.LastSuccess.Equal(old.LastSuccess) || !p.LastError.Equal(old.LastError)
}
