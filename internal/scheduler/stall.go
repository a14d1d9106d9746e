package scheduler

import (
	"errors"
	"time"

	"dkron"
	"dkron/internal/index"
	"dkron/internal/state"
)

// A proposal that was applied without any effect would be repeated at once, for ever. A job that is due as before after
// such a proposal is held back, longer each time, and reported: it is a bug, and must not take the other jobs' time.

const (
	stallFirst = time.Second
	stallLast  = time.Minute
)

// stalls is the jobs that are held back.
type stalls map[uint64]stall

type stall struct {
	instant    time.Time // the instant that stays due
	definition *index.Definition
	until      time.Time
	pause      time.Duration
}

// until returns when the scheduler must act on a job: at its due instant, or later if it is held back.
func (s stalls) until(e *index.Entry) time.Time {
	if held, ok := s[e.Number]; ok && held.is(e) {
		return held.until
	}
	delete(s, e.Number)
	return e.Due()
}

func (h *stall) is(e *index.Entry) bool {
	return h.definition == e.Definition && h.instant.Equal(e.Due())
}

// checkProgress holds back jobs that are still due at the same instant after an applied proposal.
func (s *Scheduler) checkProgress(due []dkron.Due, now time.Time) {
	jobs, stuck := s.state.Index(), 0
	for i := range due {
		d := &due[i]
		e := jobs.Job(d.Job)
		if e == nil || !e.Due().Equal(d.Nominal) || s.changed(e.Name, d.Revision) {
			continue
		}
		if s.stalls == nil {
			s.stalls = make(stalls)
		}
		held := s.stalls[d.Job]
		if !held.is(e) {
			held = stall{instant: e.Due(), definition: e.Definition}
			s.log.Error("a due instant was proposed and is still due; holding the job back; please report this", "job", e.Name, "instant", d.Nominal)
		}
		held.pause = min(max(2*held.pause, stallFirst), stallLast)
		held.until = now.Add(held.pause)
		s.stalls[d.Job] = held
		s.due.Set(d.Job, held.until)
		stuck++
	}
	if stuck > 0 {
		s.report.Stalled(stuck)
	}
}

// changed reports whether a job has another revision or no longer exists.
func (s *Scheduler) changed(name string, revision uint64) bool {
	changed := true
	err := s.state.View(func(tx *state.Tx) error {
		j, err := tx.Job(name)
		changed = err != nil || j.Revision != revision
		return nil
	})
	return changed || err != nil
}

// notGone returns err unless it says that something has been deleted in the meantime.
func notGone(err error) error {
	if errors.Is(err, dkron.ErrNotFound) {
		return nil
	}
	return err
}
