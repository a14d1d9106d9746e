// Package scheduler decides when: it runs for one term of the leader, waits for the earliest due instant of all jobs,
// and proposes everything that is due as launches. It keeps no truth: a new one begins with the state and finds there
// what fell due since each job's cursor.
package scheduler

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"dkron"
	"dkron/internal/queue"
	"dkron/internal/state"
)

// Launcher proposes launches for what is due.
type Launcher interface {
	Fire(ctx context.Context, due []dkron.Due) error
}

// Limits of the scheduler.
const (
	// maxBatch is how many launches one log entry holds.
	maxBatch = 1024
	// late is how far behind its time an instant is no longer on schedule but caught up with.
	late = 5 * time.Second
	// maxCatchups is how many launches a second are caught up with; what is on schedule comes beside them.
	maxCatchups = 5000
	// maxMissed bounds the count of instants that one record of missed ones stands for.
	maxMissed = 1_000_000
	// longWait bounds the sleep, so that a wall clock that jumps is noticed.
	longWait = time.Second
)

// Scheduler is one term's scheduler.
type Scheduler struct {
	OnJump func(time.Duration) // is told when the wall clock steps; may be nil. Set before Run

	state    *state.Store
	launcher Launcher
	log      *slog.Logger

	due      queue.Queue[uint64] // job number → its next instant
	catchups int                 // launched in the second that began at window
	window   time.Time
}

// New returns a scheduler for one term.
func New(st *state.Store, launcher Launcher, log *slog.Logger) *Scheduler {
	return &Scheduler{state: st, launcher: launcher, log: log}
}

// Run fires what is due until ctx ends.
func (s *Scheduler) Run(ctx context.Context) error {
	watch := s.state.Watch()
	defer watch.Close()
	timer := time.NewTimer(0)
	defer timer.Stop()
	clock := newClock(s.log, s.OnJump)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-watch.C:
		case <-timer.C:
		}
		s.refresh(watch.Take())
		now := clock.now()
		for s.fire(ctx, now) && ctx.Err() == nil {
			s.refresh(watch.Take())
		}
		s.refresh(watch.Take())
		timer.Reset(s.wait(time.Now()))
	}
}

// wait returns how long to sleep.
func (s *Scheduler) wait(now time.Time) time.Duration {
	when, ok := s.due.First()
	if !ok {
		return longWait
	}
	wait := when.Sub(now)
	if wait <= 0 { // only catch-ups that must wait for the next second are left
		wait = s.window.Add(time.Second).Sub(now)
	}
	return min(max(wait, time.Millisecond), longWait)
}

// refresh takes over what the state says of the jobs that changed.
func (s *Scheduler) refresh(c state.Changes) {
	index := s.state.Index()
	if c.All {
		s.due.Fill(index.Len(), func(add func(uint64, time.Time)) {
			index.Each(func(e *state.Entry) bool {
				if due := e.Due(); !due.IsZero() {
					add(e.Number, due)
				}
				return true
			})
		})
		return
	}
	for _, n := range c.Jobs {
		if e := index.Job(n); e != nil && !e.Due().IsZero() {
			s.due.Set(n, e.Due())
		} else {
			s.due.Remove(n)
		}
	}
}

// fire proposes up to maxBatch launches of what is due at now and reports whether there may be more.
func (s *Scheduler) fire(ctx context.Context, now time.Time) bool {
	if now.Sub(s.window) >= time.Second || now.Before(s.window) {
		s.window, s.catchups = now, 0
	}
	var numbers []uint64
	for len(numbers) < maxBatch {
		first, ok := s.due.First()
		if ok && now.Sub(first) > late {
			if s.catchups >= maxCatchups {
				break
			}
			s.catchups++
		}
		n, ok := s.due.Pop(now)
		if !ok {
			break
		}
		numbers = append(numbers, n)
	}
	if len(numbers) == 0 {
		return false
	}
	due, err := s.plan(numbers, now)
	if err == nil && len(due) > 0 {
		err = s.launcher.Fire(ctx, due)
	}
	if err != nil {
		s.retry(ctx, numbers, now, err)
		return false
	}
	return true
}

// retry puts back what could not be proposed.
func (s *Scheduler) retry(ctx context.Context, numbers []uint64, now time.Time, err error) {
	if ctx.Err() == nil {
		s.log.Warn("due launches could not be recorded; they are tried again", "launches", len(numbers), "error", err)
	}
	s.refresh(state.Changes{Jobs: numbers})
	select {
	case <-ctx.Done():
	case <-time.After(50 * time.Millisecond):
	}
}

// plan turns jobs that are due into instants to fire.
func (s *Scheduler) plan(numbers []uint64, now time.Time) ([]dkron.Due, error) {
	due := make([]dkron.Due, 0, len(numbers))
	err := s.state.View(func(tx *state.Tx) error {
		for _, n := range numbers {
			e := s.state.Index().Job(n)
			if e == nil || e.Due().IsZero() {
				continue
			}
			job, err := tx.Job(e.Name)
			if errors.Is(err, dkron.ErrNotFound) {
				continue
			}
			if err != nil {
				return err
			}
			d, err := next(job, e.Next, now)
			if err != nil {
				s.log.Error("schedule of a stored job can't be read; the job is not fired", "job", job.Name, "schedule", job.Schedule, "error", err)
				continue
			}
			due = append(due, d)
		}
		return nil
	})
	return due, err
}

// next decides what becomes of the job's instant nominal, which has come: a launch, or a record of it and those behind
// it as missed because they are older than the job lets them be.
func next(job *dkron.Job, nominal, now time.Time) (dkron.Due, error) {
	d := dkron.Due{Job: job.Number, Revision: job.Revision, Nominal: nominal, Cause: dkron.CauseSchedule, Tags: job.Tags}
	schedule, err := job.Parse()
	if err != nil {
		return d, err
	}
	d.Next = job.After(schedule, nominal)
	if now.Sub(nominal) <= late {
		return d, nil
	}
	d.Cause = dkron.CauseCatchup
	window := job.Window(schedule)
	horizon, reason := now.Add(-window), "older than the catch-up window of "+window.String()
	switch job.Catchup.Policy {
	case dkron.CatchupSkip:
		horizon, reason = now.Add(-late), "the catch-up policy is skip"
	case dkron.CatchupLast:
		if !d.Next.IsZero() && !d.Next.After(now) {
			horizon, reason = lastBefore(job, nominal, now), "the catch-up policy is last"
		}
	}
	if !nominal.Before(horizon) {
		return d, nil
	}
	d.Missed, d.Until, d.Reason = 1, nominal, reason
	for d.Next.Before(horizon) && !d.Next.IsZero() && d.Missed < maxMissed {
		d.Until = d.Next
		d.Missed++
		d.Next = job.After(schedule, d.Next)
	}
	return d, nil
}

// lastBefore returns the job's last instant that is not after now, at or behind from.
func lastBefore(job *dkron.Job, from, now time.Time) time.Time {
	schedule, err := job.Parse()
	last := from
	for i := 0; err == nil && i < maxMissed; i++ {
		next := job.After(schedule, last)
		if next.IsZero() || next.After(now) {
			break
		}
		last = next
	}
	return last
}
