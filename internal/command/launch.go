package command

import (
	"errors"
	"time"

	"dkron"
	"dkron/internal/state"
)

// What follows is shared by the commands that begin and end launches: one way in, one way out.

// newGroup returns a group for a launch that no schedule named. Such groups end in half a millisecond, so that none
// is ever that of a due instant.
func newGroup(p *dkron.Progress, now time.Time) int64 {
	group := now.UnixMilli()*int64(time.Millisecond) + int64(time.Millisecond)/2
	group = max(group, p.LastGroup+int64(time.Millisecond))
	p.LastGroup = group
	return group
}

// start records a launch that is to run on targets, or to wait for some.
func start(tx *state.Tx, p *dkron.Progress, l *dkron.Launch, targets []string) error {
	l.Number = tx.NewLaunchNumber()
	p.Active++
	tx.PutProgress(l.JobNumber, p)
	return assign(tx, l, targets, l.CreatedAt)
}

// assign gives a launch its targets: an execution each, due at once.
func assign(tx *state.Tx, l *dkron.Launch, targets []string, now time.Time) error {
	l.State, l.Nodes = dkron.LaunchWaiting, uint64(len(targets))
	if len(targets) > 0 {
		l.State = dkron.LaunchRunning
	}
	for slot, node := range targets {
		e := &dkron.Execution{
			JobName: l.Job, NodeName: node, Group: l.Group, Attempt: 1,
			Key: dkron.ExecutionKey{Launch: l.Number, Slot: uint64(slot)}, JobNumber: l.JobNumber,
			Nominal: l.Nominal, StartedAt: now, Due: now,
		}
		if err := tx.PutExecution(e); err != nil {
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
	return tx.CloseLaunch(l, p)
}

// end records that a launch has ended, and what follows from it: children, and the end of a one-shot. p is nil if the
// job is gone.
func end(tx *state.Tx, l *dkron.Launch, p *dkron.Progress, now time.Time) error {
	l.EndedAt = now
	if p == nil {
		return tx.CloseLaunch(l, nil)
	}
	p.Active--
	tx.PutProgress(l.JobNumber, p)
	if err := tx.CloseLaunch(l, p); err != nil {
		return err
	}
	if !p.Family || l.State != dkron.LaunchSuccess {
		return nil
	}
	j, err := tx.Job(l.Job)
	if err != nil {
		return err
	}
	for _, child := range j.DependentJobs {
		if err := launchChild(tx, child, l, now); err != nil {
			return err
		}
	}
	if j.Ephemeral && len(j.DependentJobs) == 0 {
		return deleteJob(tx, j)
	}
	return nil
}

// launchChild records the launch of a child whose parent succeeded. Its targets are chosen when it is handed out.
func launchChild(tx *state.Tx, name string, parent *dkron.Launch, now time.Time) error {
	j, p, err := tx.Record(name)
	if errors.Is(err, dkron.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	l := &dkron.Launch{
		Job: name, JobNumber: j.Number, Nominal: now, Cause: dkron.CauseParent, CreatedAt: now,
		ParentID: parent.ID(), Group: newGroup(p, now),
	}
	switch {
	case j.Disabled:
		return skip(tx, p, l, dkron.LaunchSkipped, "the job is disabled")
	case now.Before(j.StartsAt):
		return skip(tx, p, l, dkron.LaunchSkipped, "before starts_at")
	case !j.ExpiresAt.IsZero() && now.After(j.ExpiresAt):
		return skip(tx, p, l, dkron.LaunchSkipped, "after expires_at")
	case p.Forbid && p.Active > 0:
		return skip(tx, p, l, dkron.LaunchSkipped, reasonOverlap)
	}
	return start(tx, p, l, nil)
}

const reasonOverlap = "overlap: the job still ran and its concurrency is forbid"
