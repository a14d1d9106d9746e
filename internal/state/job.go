package state

import (
	"errors"
	"fmt"
	"slices"

	"dkron"
	"dkron/internal/index"
)

// Job returns the definition of a job, or ErrNotFound.
func (tx *Tx) Job(name string) (*dkron.Job, error) {
	j := new(dkron.Job)
	err := tx.get(tableJob, []byte(name), j)
	if errors.Is(err, errAbsent) {
		return nil, fmt.Errorf("job %q: %w", name, dkron.ErrNotFound)
	}
	return j, err
}

// Record returns a definition and the job's progress, or ErrNotFound.
func (tx *Tx) Record(name string) (*dkron.Job, *dkron.Progress, error) {
	j, err := tx.Job(name)
	if err != nil {
		return nil, nil, err
	}
	p, err := tx.Progress(j.Number)
	return j, p, err
}

// NewJobNumber returns a number that no job ever had.
func (tx *Tx) NewJobNumber() uint64 {
	tx.meta.Jobs++
	return tx.meta.Jobs
}

// PutJob stores a definition and the job's progress.
func (tx *Tx) PutJob(j *dkron.Job, p *dkron.Progress) error {
	if p.History != j.History && (p.FirstRun != 0 || p.FirstLaunch != 0) {
		if err := tx.markWaste(j.Number, waste{}); err != nil {
			return err
		}
	}
	p.Follow(j)
	tx.PutProgress(j.Number, p)
	tx.entries[j.Name] = index.NewEntry(j, p)
	tx.Wake(j.Number)
	return tx.put(tableJob, []byte(j.Name), j)
}

// DeleteJob removes a definition. Its open launches continue without it; the sweep removes its history, and is given where
// that begins.
func (tx *Tx) DeleteJob(j *dkron.Job) error {
	p, err := tx.Progress(j.Number)
	if err != nil {
		return err
	}
	if p.FirstRun != 0 || p.FirstLaunch != 0 {
		if err := tx.markWaste(j.Number, waste{Run: p.FirstRun, Launch: p.FirstLaunch}); err != nil {
			return err
		}
	} else if err := tx.remove(tableWaste, key(j.Number)); err != nil {
		return err
	}
	tx.NoteJob(JobDeleted, j)
	tx.entries[j.Name] = nil
	tx.progress[j.Number] = nil
	tx.Wake(j.Number)
	if err := tx.remove(tableProgress, key(j.Number)); err != nil {
		return err
	}
	if err := tx.remove(tableDelivered, key(j.Number)); err != nil {
		return err
	}
	if err := tx.dropVersions(j.Number); err != nil {
		return err
	}
	return tx.remove(tableJob, []byte(j.Name))
}

// Attach adds child to the children of parent.
func (tx *Tx) Attach(parent, child string) error {
	return tx.changeChildren(parent, func(names []string) []string {
		if slices.Contains(names, child) {
			return names
		}
		return append(names, child)
	})
}

// Detach removes child from the children of parent.
func (tx *Tx) Detach(parent, child string) error {
	return tx.changeChildren(parent, func(names []string) []string {
		return slices.DeleteFunc(names, func(n string) bool { return n == child })
	})
}

func (tx *Tx) changeChildren(parent string, change func([]string) []string) error {
	j, p, err := tx.Record(parent)
	if errors.Is(err, dkron.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	before := slices.Clone(j.DependentJobs)
	if j.DependentJobs = change(j.DependentJobs); slices.Equal(before, j.DependentJobs) {
		return nil
	}
	tx.NoteJob(JobUpdated, j)
	return tx.PutJob(j, p)
}

// Progress returns a job's progress, or ErrNotFound. In a transaction that writes, all callers share the result, which
// becomes part of the state by PutProgress.
func (tx *Tx) Progress(number uint64) (*dkron.Progress, error) {
	if p, ok := tx.progress[number]; ok {
		if p == nil {
			return nil, fmt.Errorf("job number %d: %w", number, dkron.ErrNotFound)
		}
		return p, nil
	}
	p := new(dkron.Progress)
	err := tx.get(tableProgress, key(number), p)
	if errors.Is(err, errAbsent) {
		return nil, fmt.Errorf("job number %d: %w", number, dkron.ErrNotFound)
	}
	return p, err
}

// PutProgress stores a job's progress.
func (tx *Tx) PutProgress(number uint64, p *dkron.Progress) { tx.progress[number] = p }

// Wake tells the watchers that the job's next instant may have changed.
func (tx *Tx) Wake(number uint64) { tx.changes.Jobs = append(tx.changes.Jobs, number) }

// noteProgress gives the index an entry with the progress at the end of the batch.
func (tx *Tx) noteProgress(number uint64, p *dkron.Progress) {
	old, changed := tx.entries[p.Name]
	if !changed {
		old = tx.index.Job(number)
	}
	if old != nil { // else it was deleted
		tx.entries[p.Name] = old.With(p)
	}
}
