package cron

import (
	"math"
	"time"
)

// reach is longer than all clock changes: the largest ever, at the date line,
// are 24 hours. Two instants further apart never show the same local time.
const reach = 2 * secondsPerDay

// span is a stretch of time with one offset from UTC: the Unix seconds [start, end), which show the civil seconds
// [start+offset, end+offset). Neighbours may have the same offset.
type span struct {
	start, end, offset int64
}

// Ends of the first and the last span; an offset may be added to them.
const (
	beginning = math.MinInt64 / 2
	ending    = math.MaxInt64 / 2
)

func (s *Schedule) spanAt(second int64) span {
	t := time.Unix(second, 0).In(s.loc)
	_, offset := t.Zone()
	sp := span{start: beginning, end: ending, offset: int64(offset)}
	start, end := t.ZoneBounds()
	if !start.IsZero() {
		sp.start = start.Unix()
	}
	if !end.IsZero() {
		sp.end = end.Unix()
	}
	if sp.end <= second {
		// Go 1.26 computes zones beyond its table as if every year, in UTC, had
		// 365 days: 31 December of a leap year has an end in its past. Its
		// offset is right, and constant until that year ends.
		day, _ := divide(second, secondsPerDay)
		sp.end = (day + 1) * secondsPerDay
	}
	return sp
}

// nextShown returns the first local time at or after from for which the schedule fires in the span. If there is none
// before the span's end, it returns a local time before which the schedule does not fire; false if it never fires
// again.
func (s *Schedule) nextShown(from int64, in span) (int64, bool) {
	once := s.cal.fixed && s.overlap == OverlapFirst
	for {
		local, ok := s.cal.next(from)
		at := local - in.offset
		if !ok || !once || at >= in.end || at-in.start >= reach {
			return local, ok
		}
		owner, until := s.owner(local, at)
		if owner == at {
			return local, true
		}
		from = until
	}
}

// runsAfterGap reports whether the schedule fires at the start of a span for a
// local time that the clock skipped there.
func (s *Schedule) runsAfterGap(after span) bool {
	if !s.cal.fixed || s.gap == GapSkip {
		return false
	}
	before := s.spanAt(after.start - 1)
	from, to := after.start+before.offset, after.start+after.offset
	for from < to {
		local, ok := s.cal.next(from)
		if !ok || local >= to {
			return false
		}
		owner, until := s.owner(local, after.start)
		if owner == after.start {
			return true
		}
		from = until
	}
	return false
}

// owner returns the instant that a local time belongs to: the first that shows it or, if none does, the one after the
// first jump over it. near is an instant within reach of it. The local times [local, until) are shown by the same span
// or skipped by the same jump: if the first is not due, the caller need not ask for the others.
func (s *Schedule) owner(local, near int64) (at, until int64) {
	sp := s.spanAt(near - reach)
	at, until = never, local+1
	for {
		if start := sp.start + sp.offset; start <= local && local < sp.end+sp.offset {
			return local - sp.offset, sp.end + sp.offset
		}
		if sp.end > near+reach {
			return at, until
		}
		following := s.spanAt(sp.end)
		if at == never && sp.end+sp.offset <= local && local < sp.end+following.offset {
			at, until = sp.end, sp.end+following.offset
		}
		sp = following
	}
}
