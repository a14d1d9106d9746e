// Package scheduler decides when jobs fire: it runs for one term of the leader, waits for the earliest due instant of
// all jobs, and proposes everything that is due as launches. It keeps no truth of its own: a new scheduler starts from
// the state and finds there what fell due since each job's cursor.
package scheduler

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"dkron"
	"dkron/internal/clock"
	"dkron/internal/index"
	"dkron/internal/queue"
	"dkron/internal/state"
)

// Launcher proposes what the scheduler decides.
type Launcher interface {
	// Fire launches what is due at now, the instant at which the scheduler decided.
	Fire(ctx context.Context, due []dkron.Due, now time.Time) error
	// Rewind moves back cursors that are later than now; last says that this is the last call.
	Rewind(ctx context.Context, jobs []dkron.Rewound, now time.Time, last bool) error
}

// Report receives what a scheduler finds.
type Report interface {
	// Fired is called after each proposal of launches.
	Fired(due []dkron.Due)
	ClockJumped(by time.Duration)
	// ClockDoubtful reports whether most servers' clocks differ from this one's while the state is ahead of it.
	ClockDoubtful(bool)
	CursorsBroughtBack(jobs int, ahead time.Duration)
	// Stalled counts jobs whose due instant was proposed and is still due.
	Stalled(jobs int)
}

// Limits of the scheduler.
const (
	// maxBatch is how many launches one log entry holds.
	maxBatch = 1024
	// maxCatchups is how many catch-up launches are made a second; launches on schedule are not limited by it.
	maxCatchups = dkron.CatchupRate
	// longWait bounds the sleep, so that a jump of the wall clock is noticed.
	longWait = time.Second
)

// Scheduler is one term's scheduler.
type Scheduler struct {
	state    *state.Store
	launcher Launcher
	clocks   Clocks
	report   Report
	log      *slog.Logger

	due      queue.Queue[uint64] // job number → its next instant
	catchups int                 // made in the second that began at window
	window   time.Time

	rewinding rewinding
	stalls    stalls
}

// New returns a scheduler for one term.
func New(st *state.Store, launcher Launcher, clocks Clocks, report Report, log *slog.Logger) *Scheduler {
	s := &Scheduler{state: st, launcher: launcher, clocks: clocks, report: report, log: log}
	s.rewinding.answers = make(chan bool, 1)
	return s
}

// Jobs returns how many jobs will be due at some time.
func (s *Scheduler) Jobs() (n int) {
	s.state.Index().Each(func(e *index.Entry) bool {
		if !e.Due().IsZero() {
			n++
		}
		return true
	})
	return n
}

// Run fires what is due until ctx ends.
func (s *Scheduler) Run(ctx context.Context) error {
	watch := s.state.Watch()
	defer watch.Close()
	timer := time.NewTimer(0)
	defer timer.Stop()
	defer s.report.ClockDoubtful(false) // another leader judges
	wall := newWallClock(s.log, s.report.ClockJumped)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-watch.C:
		case <-timer.C:
		case agree := <-s.rewinding.answers:
			s.agreed(ctx, agree)
		}
		s.refresh(watch.Take())
		for s.fire(ctx, wall.now()) && ctx.Err() == nil {
			s.refresh(watch.Take())
		}
		s.refresh(watch.Take())
		if err := s.lookAhead(ctx, wall.now()); err != nil {
			return err
		}
		timer.Reset(s.wait(clock.Now()))
	}
}

// wait returns how long to sleep.
func (s *Scheduler) wait(now time.Time) time.Duration {
	when, ok := s.due.First()
	if !ok {
		return longWait
	}
	wait := when.Sub(now)
	if wait <= 0 { // only catch-ups that must wait for the next second remain
		wait = s.window.Add(time.Second).Sub(now)
	}
	return min(max(wait, time.Millisecond), longWait)
}

// refresh reads the changed jobs from the state.
func (s *Scheduler) refresh(c state.Changes) {
	jobs := s.state.Index()
	if c.All {
		s.due.Fill(jobs.Len(), func(add func(uint64, time.Time)) {
			jobs.Each(func(e *index.Entry) bool {
				if due := e.Due(); !due.IsZero() {
					add(e.Number, due)
				}
				return true
			})
		})
		return
	}
	for _, n := range c.Jobs {
		if e := jobs.Job(n); e != nil && !e.Due().IsZero() {
			s.due.Set(n, s.stalls.until(e))
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
		if ok && now.Sub(first) > dkron.OnTime {
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
		err = s.launcher.Fire(ctx, due, now)
	}
	if err != nil {
		s.retry(ctx, numbers, err)
		return false
	}
	if len(due) > 0 {
		s.report.Fired(due)
	}
	s.checkProgress(due, now)
	return true
}

// retry puts back jobs that could not be proposed.
func (s *Scheduler) retry(ctx context.Context, numbers []uint64, err error) {
	if ctx.Err() == nil {
		s.log.Warn("could not record due launches; trying again", "launches", len(numbers), "error", err)
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
			job, p, err := tx.Record(e.Name)
			if errors.Is(err, dkron.ErrNotFound) {
				continue
			}
			if err != nil {
				return err
			}
			d, err := dkron.Decide(job, p, e.Next, now)
			if err != nil {
				s.log.Error("can't parse the schedule of a stored job; it does not fire", "job", job.Name, "schedule", job.Schedule, "error", err)
				continue
			}
			due = append(due, d)
		}
		return nil
	})
	return due, err
}
