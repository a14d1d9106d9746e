package scheduler

import (
	"context"
	"time"

	"dkron"
	"dkron/internal/clock"
	"dkron/internal/index"
	"dkron/internal/state"
)

// A leader whose wall clock was ahead has launched, or recorded as missed, future instants, and jobs' cursors lie in
// the future. When the clock is corrected, or another server leads, the cursors are moved back. The state knows the
// latest instant that any command brought, so jobs are only examined when there is a reason.

const (
	// maxAhead is how far the state may be ahead of this server's clock: two good clocks differ by less.
	maxAhead = time.Second
	// lookEvery is how often that is checked.
	lookEvery = time.Second
)

// Clocks compares the clocks of the servers.
type Clocks interface {
	// Agree reports whether most servers' clocks, this one included, differ from this server's by at most limit. It
	// returns as soon as that is known.
	Agree(ctx context.Context, limit time.Duration) bool
}

// rewinding is the state of a scheduler's search for cursors in the future.
type rewinding struct {
	looked  time.Time // when the state was last compared with the clock, monotonic
	asking  bool      // whether clocks are being compared
	answers chan bool // capacity 1
	refused bool      // most clocks differed when they were compared last
}

// lookAhead compares the servers' clocks if the state is ahead of this server's clock, at most once a second.
func (s *Scheduler) lookAhead(ctx context.Context, now time.Time) error {
	r := &s.rewinding
	if r.asking || time.Since(r.looked) < lookEvery {
		return nil
	}
	r.looked = time.Now()
	ahead, err := s.ahead(now)
	if err != nil || ahead <= maxAhead {
		if r.refused {
			r.refused = false
			s.report.ClockDoubtful(false)
		}
		return err
	}
	r.asking = true
	go func() { r.answers <- s.clocks.Agree(ctx, maxAhead) }()
	return nil
}

// ahead returns how far the state is ahead of now.
func (s *Scheduler) ahead(now time.Time) (d time.Duration, err error) {
	err = s.state.View(func(tx *state.Tx) error {
		d = tx.Stamped().Sub(now)
		return nil
	})
	return d, err
}

// agreed handles the result of the comparison that lookAhead started.
func (s *Scheduler) agreed(ctx context.Context, agree bool) {
	r := &s.rewinding
	r.asking = false
	if !agree {
		if !r.refused {
			s.log.Warn("recorded due times lie in this server's future, and most servers' clocks differ from its own: " +
				"cursors stay as they are; synchronize the servers' clocks by NTP")
		}
		r.refused = true
		s.report.ClockDoubtful(true)
		return
	}
	r.refused = false
	s.report.ClockDoubtful(false)
	if err := s.rewind(ctx, clock.Now()); err != nil && ctx.Err() == nil {
		s.log.Warn("could not move back cursors that lie in the future; trying again", "error", err)
	}
}

// rewind moves back the cursors that are later than now.
func (s *Scheduler) rewind(ctx context.Context, now time.Time) error {
	ahead, err := s.ahead(now)
	if err != nil || ahead <= 0 {
		return err
	}
	jobs, err := s.cursorsAfter(now)
	if err != nil {
		return err
	}
	for from := 0; from == 0 || from < len(jobs); from += maxBatch {
		to := min(from+maxBatch, len(jobs))
		if err := s.launcher.Rewind(ctx, jobs[from:to], now, to == len(jobs)); err != nil {
			return err
		}
	}
	s.log.Warn("the clock was ahead and has been corrected; jobs continue from now: what was launched too early is not launched again, "+
		"what was recorded as missed runs on time", "ahead", ahead, "jobs", len(jobs))
	s.report.CursorsBroughtBack(len(jobs), ahead)
	return nil
}

// cursorsAfter returns how each job continues whose cursor is later than now.
func (s *Scheduler) cursorsAfter(now time.Time) (jobs []dkron.Rewound, err error) {
	err = s.state.View(func(tx *state.Tx) error {
		var failed error
		s.state.Index().Each(func(e *index.Entry) bool {
			j, p, err := tx.Record(e.Name)
			if err != nil {
				failed = notGone(err)
				return failed == nil
			}
			if r, ok := dkron.BringBack(j, p, now); ok {
				jobs = append(jobs, r)
			}
			return true
		})
		return failed
	})
	return jobs, err
}
