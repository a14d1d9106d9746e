package dkron

import (
	"slices"
	"time"
)

const (
	// LateAfter is how long after its due time a launch that has not started is late.
	LateAfter = time.Minute
	// longAfter is how long a launch may run in any case.
	longAfter = time.Minute
	// longTimes is how often the usual duration a launch may run.
	longTimes = 2
)

// LongAfter returns the duration after which a launch that still runs takes too long, 0 if nothing is known of earlier ones.
func (p *Progress) LongAfter() time.Duration {
	if len(p.Durations) == 0 {
		return 0
	}
	return max(longTimes*p.Usual(), longAfter)
}

// Watches reports whether the rule notices what happens to launches that have not ended.
func (r *Rule) Watches() bool {
	return !r.Disabled && (slices.Contains(r.On, AlertLate) || slices.Contains(r.On, AlertLongRunning))
}

// Overdue returns what the rule notices of a launch that stays as it is until an instant, and that instant; "" if it
// notices nothing, or has done so already. usual is when the job's launches run long; see Progress.LongAfter.
func (r *Rule) Overdue(l *Launch, usual time.Duration) (AlertEvent, time.Time) {
	switch l.State {
	case LaunchQueued, LaunchWaiting:
		if slices.Contains(r.On, AlertLate) && !slices.Contains(l.Late, r.Name) {
			return AlertLate, l.Nominal.Add(LateAfter)
		}
	case LaunchRunning:
		limit := r.Longer
		if limit == 0 {
			limit = usual
		}
		if limit > 0 && slices.Contains(r.On, AlertLongRunning) && !slices.Contains(l.Long, r.Name) {
			return AlertLongRunning, l.Began().Add(limit + 1)
		}
	}
	return "", time.Time{}
}
