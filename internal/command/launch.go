package command

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"dkron"
	"dkron/internal/state"
)

// Shared by the commands that start and end launches: one way in, one way out.

// newGroup returns a group for a launch without a schedule. Such groups end in half a millisecond, so that they never
// equal that of a due instant.
func newGroup(p *dkron.Progress, now time.Time) int64 {
	group := now.UnixMilli()*int64(time.Millisecond) + int64(time.Millisecond)/2
	group = max(group, p.LastGroup+int64(time.Millisecond))
	p.LastGroup = group
	return group
}

// admit starts, queues or skips a launch according to the job's concurrency. Requested launches ignore forbid.
func admit(tx *state.Tx, p *dkron.Progress, l *dkron.Launch, targets []string) error {
	asked := l.Cause == dkron.CauseManual || l.Cause == dkron.CauseCreate
	switch {
	case !busy(p) && len(p.Queued) == 0:
	case p.Concurrency == dkron.Forbid && !asked:
		return skip(tx, p, l, dkron.LaunchSkipped, overlap(p))
	case p.Concurrency == dkron.Queue:
		limit := p.QueueLimit
		if limit == 0 {
			limit = dkron.DefaultQueueLimit
		}
		if uint64(len(p.Queued)) >= limit {
			return skip(tx, p, l, dkron.LaunchSkipped, fmt.Sprintf("the queue is full: %d launches wait", len(p.Queued)))
		}
		return enqueue(tx, p, l)
	case p.Concurrency == dkron.Replace:
		return replace(tx, p, l)
	}
	return start(tx, p, l, targets)
}

// start records a launch that runs on targets, or waits for some.
func start(tx *state.Tx, p *dkron.Progress, l *dkron.Launch, targets []string) error {
	l.Number = tx.NewLaunchNumber()
	l.ReadyAt = l.CreatedAt
	p.Active++
	tx.PutProgress(l.JobNumber, p)
	l.State = dkron.LaunchWaiting
	tx.NoteLaunch(state.LaunchCreated, l)
	return assign(tx, l, targets, l.CreatedAt)
}

// enqueue records a launch that waits for those before it.
func enqueue(tx *state.Tx, p *dkron.Progress, l *dkron.Launch) error {
	l.Number, l.State = tx.NewLaunchNumber(), dkron.LaunchQueued
	p.Queued = append(p.Queued, l.Number)
	tx.PutProgress(l.JobNumber, p)
	tx.NoteLaunch(state.LaunchCreated, l)
	tx.PutLaunch(l)
	return nil
}

// release takes launches out of the queue: the first if nothing runs any more, all if the job no longer queues.
func release(tx *state.Tx, p *dkron.Progress, now time.Time) error {
	queues := p.Concurrency == dkron.Queue || p.Concurrency == dkron.Replace
	for len(p.Queued) > 0 && (!busy(p) || !queues) {
		l, err := tx.Launch(p.Queued[0])
		p.Queued = p.Queued[1:]
		if errors.Is(err, dkron.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		p.Active++
		l.State, l.ReadyAt = dkron.LaunchWaiting, now
		tx.PutProgress(l.JobNumber, p)
		tx.PutLaunch(l)
	}
	return nil
}

// replace stops the job's running launches and makes l wait for their end, in place of what waited before.
func replace(tx *state.Tx, p *dkron.Progress, l *dkron.Launch) error {
	why := "replaced by the launch of " + l.Nominal.Format(time.RFC3339)
	if err := dropQueue(tx, p, why, l.CreatedAt); err != nil {
		return err
	}
	if err := enqueue(tx, p, l); err != nil {
		return err
	}
	for _, n := range slices.Concat(p.Before, tx.OpenLaunchesOf(l.JobNumber)) {
		if n == l.Number {
			continue // the end of another may already have taken it out of the queue
		}
		open, err := tx.Launch(n)
		if errors.Is(err, dkron.ErrNotFound) || err == nil && open.State == dkron.LaunchQueued {
			continue
		}
		if err != nil {
			return err
		}
		if err := stopLaunch(tx, open, dkron.Stop{At: l.CreatedAt, By: l.By, Reason: why}); err != nil {
			return err
		}
	}
	return nil
}

// dropQueue ends all launches that wait in the job's queue.
func dropQueue(tx *state.Tx, p *dkron.Progress, why string, now time.Time) error {
	for _, n := range p.Queued {
		l, err := tx.Launch(n)
		if errors.Is(err, dkron.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		l.State, l.Reason, l.EndedAt = dkron.LaunchSkipped, why, now
		if err := closeLaunch(tx, l, p); err != nil {
			return err
		}
	}
	p.Queued = nil
	return nil
}

// assign gives a launch its targets: an execution each, due at once.
func assign(tx *state.Tx, l *dkron.Launch, targets []string, now time.Time) error {
	l.State, l.Nodes = dkron.LaunchWaiting, uint64(len(targets))
	if len(targets) > 0 {
		if err := raiseLate(tx, l, now); err != nil {
			return err
		}
		l.State = dkron.LaunchRunning
		tx.NoteLaunch(state.LaunchStarted, l)
	}
	for slot, node := range targets {
		e := &dkron.Execution{
			JobName: l.Job, NodeName: node, Group: l.Group, Attempt: 1,
			Key: dkron.ExecutionKey{Launch: l.Number, Slot: uint64(slot)}, JobNumber: l.JobNumber,
			Nominal: l.Nominal, StartedAt: now, Due: now, Varied: l.Varied(),
		}
		tx.NoteExecution(state.ExecutionStarted, e)
		if err := tx.PutExecution(e); err != nil {
			return err
		}
		if err := notifyStart(tx, e); err != nil {
			return err
		}
	}
	tx.PutLaunch(l)
	return nil
}

// skip records a launch that does not run.
func skip(tx *state.Tx, p *dkron.Progress, l *dkron.Launch, state dkron.LaunchState, reason string) error {
	l.Number = tx.NewLaunchNumber()
	l.State, l.Reason, l.EndedAt = state, reason, l.CreatedAt
	tx.PutProgress(l.JobNumber, p)
	return closeLaunch(tx, l, p)
}

// end records that a launch that ran, or waited for a node, has ended, and what follows: the next launch of the queue,
// children, and the deletion of an ephemeral job. p is nil if the job was deleted.
func end(tx *state.Tx, l *dkron.Launch, p *dkron.Progress, now time.Time) error {
	l.EndedAt = now
	if p == nil {
		return endOrphan(tx, l, now)
	}
	p.Active--
	tx.PutProgress(l.JobNumber, p)
	if err := closeLaunch(tx, l, p); err != nil {
		return err
	}
	if err := release(tx, p, now); err != nil {
		return err
	}
	return follow(tx, l, p, now)
}

// follow handles what follows from an ended launch: it informs children, and deletes an ephemeral job that succeeded.
func follow(tx *state.Tx, l *dkron.Launch, p *dkron.Progress, now time.Time) error {
	if !p.Family {
		return nil
	}
	j, err := tx.Job(l.Job)
	if err != nil {
		return err
	}
	for _, child := range j.DependentJobs {
		if l.Alone {
			break
		}
		if err := arrive(tx, child, l, now); err != nil {
			return err
		}
	}
	if j.Ephemeral && len(j.DependentJobs) == 0 && l.State == dkron.LaunchSuccess {
		return deleteJob(tx, j)
	}
	return nil
}

// arrive informs a child of the end of a launch of one of its parents.
func arrive(tx *state.Tx, name string, parent *dkron.Launch, now time.Time) error {
	j, p, err := tx.Record(name)
	if errors.Is(err, dkron.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	on, ok := j.HasParent(parent.Job)
	if !ok {
		return nil
	}
	holds := on.Holds(parent.State)
	if j.WaitsForAll() {
		p.Arrived = slices.DeleteFunc(slices.Clone(p.Arrived), func(have string) bool { return have == parent.Job })
		if holds {
			p.Arrived = append(p.Arrived, parent.Job)
		}
		tx.PutProgress(j.Number, p)
		if len(p.Arrived) < len(j.AllParents()) {
			return nil
		}
		p.Arrived = nil
	}
	if !holds {
		return nil
	}
	return launchChild(tx, j, p, parent, now)
}

// launchChild records the launch of a child. Its targets are chosen by dispatch.
func launchChild(tx *state.Tx, j *dkron.Job, p *dkron.Progress, parent *dkron.Launch, now time.Time) error {
	l := &dkron.Launch{
		Job: j.Name, JobNumber: j.Number, Nominal: now, Cause: dkron.CauseParent, CreatedAt: now,
		ParentID: parent.ID(), Group: newGroup(p, now),
	}
	switch {
	case j.Disabled:
		return skip(tx, p, l, dkron.LaunchSkipped, "the job is disabled")
	case now.Before(j.StartsAt):
		return skip(tx, p, l, dkron.LaunchSkipped, "before starts_at")
	case !j.ExpiresAt.IsZero() && now.After(j.ExpiresAt):
		return skip(tx, p, l, dkron.LaunchSkipped, "after expires_at")
	}
	return admit(tx, p, l, nil)
}
