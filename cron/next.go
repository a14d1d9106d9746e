package cron

import "time"

const (
	// firstSecond and lastSecond limit instants to the years 1 to 9999, which
	// RFC 3339 can write.
	firstSecond = -62135596800
	lastSecond  = 253402300799

	// horizon is how far Next looks. Dates occur again within longestWait years; beyond that are only local times that
	// clock changes always skip.
	horizon = 100 * 36525 * secondsPerDay / 100
)

// Next returns the first instant strictly after t, in the schedule's location, or the zero Time if there is none.
// Fields are searched for 100 Julian years after t and never beyond the year 9999; a t before the year 1 counts as the
// start of that year.
//
// @every fires at the anchor's whole second plus one interval, plus two, and so on, never earlier.
func (s *Schedule) Next(t time.Time) time.Time {
	after := min(max(t.Unix(), firstSecond-1), lastSecond)
	switch s.kind {
	case KindCron:
		return s.in(s.nextCron(after + 1))
	case KindEvery:
		return s.in(s.nextEvery(after))
	case KindAt, KindAfter:
		if s.instant.After(t) {
			return s.instant.In(s.loc)
		}
	}
	return time.Time{}
}

// in makes a Time of Unix seconds; beyond the last one it is zero.
func (s *Schedule) in(second int64) time.Time {
	if second > lastSecond {
		return time.Time{}
	}
	return time.Unix(second, 0).In(s.loc)
}

// never is a second after all others.
const never = lastSecond + 1

func (s *Schedule) nextEvery(after int64) int64 {
	passed := max(0, after-s.anchor) / s.interval
	return s.anchor + (passed+1)*s.interval
}

// nextCron returns the first Unix second at or after from, or never.
func (s *Schedule) nextCron(from int64) int64 {
	limit := min(from+horizon, lastSecond)
	for from <= limit {
		span := s.spanAt(from)
		if from == span.start && s.runsAfterGap(span) {
			return from
		}
		local, ok := s.nextShown(from+span.offset, span)
		if !ok {
			return never
		}
		at := local - span.offset
		if at < span.end {
			if at > limit {
				return never
			}
			return at
		}
		// No local time before local matches. No change of the clock shows it earlier than reach before local, and none
		// within reach of the span's end takes the clock back to before from.
		if from < span.end-reach {
			from = max(span.end, at-reach)
		} else {
			from = span.end
		}
	}
	return never
}
