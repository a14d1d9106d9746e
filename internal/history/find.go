package history

import (
	"errors"
	"slices"

	"dkron"
	"dkron/internal/state"
)

// openNamed returns the open launches of the named job and of deleted jobs of that name, oldest first, so that a
// running launch can be found until it ends.
func openNamed(tx *state.Tx, name string) ([]*dkron.Launch, error) {
	return launches(tx, tx.OpenLaunchesNamed(name))
}

// launches returns those of the launches that have not ended meanwhile.
func launches(tx *state.Tx, numbers []uint64) ([]*dkron.Launch, error) {
	var found []*dkron.Launch
	for _, n := range numbers {
		l, err := tx.Launch(n)
		if errors.Is(err, dkron.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		found = append(found, l)
	}
	return found, nil
}

// Executions calls fn for the executions of a job, open ones first.
func Executions(tx *state.Tx, r *dkron.Record, fn func(*dkron.Execution)) error {
	open, err := launches(tx, tx.OpenLaunchesOf(r.Job.Number))
	if err != nil {
		return err
	}
	each := func(e *dkron.Execution) bool { fn(e); return true }
	for _, l := range open {
		if err := tx.LaunchExecutions(l.Number, each); err != nil {
			return err
		}
	}
	return tx.History(&r.Progress, each)
}

// Launches calls fn for the launches of a job until it returns false: open ones, then the others, newest first.
func Launches(tx *state.Tx, r *dkron.Record, fn func(*dkron.Launch) bool) error {
	open, err := launches(tx, tx.OpenLaunchesOf(r.Job.Number))
	if err != nil {
		return err
	}
	for _, l := range slices.Backward(open) {
		if !fn(l) {
			return nil
		}
	}
	return tx.LaunchHistory(&r.Progress, fn)
}

// Recent returns the newest launches of a job, at most n: open ones, then the others by their end.
func Recent(tx *state.Tx, r *dkron.Record, n int) (found []*dkron.Launch, err error) {
	err = Launches(tx, r, func(l *dkron.Launch) bool {
		found = append(found, l)
		return len(found) < n
	})
	return found, err
}

// Record returns a job with its progress, or ErrNotFound. The launch that ended last is read from the history if the progress
// is of a version that did not keep it.
func Record(tx *state.Tx, name string) (*dkron.Record, error) {
	j, p, err := tx.Record(name)
	if err != nil {
		return nil, err
	}
	r := &dkron.Record{Job: *j, Progress: *p}
	if p.Last != nil || p.LastLaunch == 0 {
		return r, nil
	}
	err = tx.LaunchHistory(p, func(l *dkron.Launch) bool {
		r.Progress.Streak, r.Progress.FailingSince = p.Failing()
		r.Progress.Last = l.End()
		return false
	})
	return r, err
}

// Launch returns a launch of a job by its group, or ErrNotFound. A running one is found even if its job was deleted.
func Launch(tx *state.Tx, job string, group int64) (found *dkron.Launch, err error) {
	match := func(l *dkron.Launch) bool {
		if l.Group == group {
			found = l
		}
		return found == nil
	}
	open, err := openNamed(tx, job)
	if err != nil {
		return nil, err
	}
	for _, l := range slices.Backward(open) {
		if !match(l) {
			return found, nil
		}
	}
	_, p, err := tx.Record(job)
	if err != nil {
		return nil, err
	}
	if err = tx.LaunchHistory(p, match); err == nil && found == nil {
		err = dkron.ErrNotFound
	}
	return found, err
}

// LaunchExecutions returns the executions of a launch, open ones first. Of a deleted job only open ones are kept.
func LaunchExecutions(tx *state.Tx, l *dkron.Launch) (found []*dkron.Execution, err error) {
	add := func(e *dkron.Execution) bool {
		if e.Group == l.Group {
			found = append(found, e)
		}
		return true
	}
	if l.State.Open() {
		if err := tx.LaunchExecutions(l.Number, add); err != nil {
			return nil, err
		}
	}
	j, p, err := tx.Record(l.Job)
	if errors.Is(err, dkron.ErrNotFound) || err == nil && j.Number != l.JobNumber {
		return found, nil
	}
	if err != nil {
		return nil, err
	}
	return found, tx.History(p, add)
}

// Execution returns an execution of a job by its id, or ErrNotFound. A running one is found even if its job was
// deleted.
func Execution(tx *state.Tx, job, id string) (found *dkron.Execution, err error) {
	open, err := openNamed(tx, job)
	if err != nil {
		return nil, err
	}
	match := func(e *dkron.Execution) bool {
		if e.ID() == id {
			found = e
		}
		return found == nil
	}
	for _, l := range open {
		if err := tx.LaunchExecutions(l.Number, match); err != nil || found != nil {
			return found, err
		}
	}
	_, p, err := tx.Record(job)
	if err != nil {
		return nil, err
	}
	if err = tx.History(p, match); err == nil && found == nil {
		err = dkron.ErrNotFound
	}
	return found, err
}

// Again reads an execution again, from the running ones or from the history; or ErrNotFound.
func Again(tx *state.Tx, e *dkron.Execution) (*dkron.Execution, error) {
	now, err := tx.Execution(e.Key)
	if err == nil && now.Group == e.Group && now.Attempt == e.Attempt {
		return now, nil
	}
	if err != nil && !errors.Is(err, dkron.ErrNotFound) {
		return nil, err
	}
	return Execution(tx, e.JobName, e.ID())
}
