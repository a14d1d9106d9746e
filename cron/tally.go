package cron

import (
	"math/bits"
	"time"
)

// Tally counts the due times in [from, until) in order. Each call of add reports n due times within one minute of UTC,
// the first of them at. Tally ends when add returns false. Where possible it costs one Next per minute in which the
// schedule fires, however often it fires in it.
func (s *Schedule) Tally(from, until time.Time, add func(at time.Time, n int) bool) {
	switch {
	case s.kind == KindEvery && s.interval < 60:
		s.tallyEvery(from, until, add)
	case s.kind == KindCron && !s.cal.fixed && s.cal.second&(s.cal.second-1) != 0:
		s.tallySeconds(from, until, add)
	default:
		s.tallyEach(from, until, add)
	}
}

// tallyEach takes one instant after the other. It reports whether to continue.
func (s *Schedule) tallyEach(from, until time.Time, add func(at time.Time, n int) bool) bool {
	for at := s.Next(from.Add(-1)); !at.IsZero() && at.Before(until); at = s.Next(at) {
		if !add(at, 1) {
			return false
		}
	}
	return true
}

// tallyEvery counts the due times per minute of an interval of less than a minute.
func (s *Schedule) tallyEvery(from, until time.Time, add func(at time.Time, n int) bool) {
	for first := s.Next(from.Add(-1)); !first.IsZero() && first.Before(until); {
		second := first.Unix()
		minute, _ := divide(second, 60)
		last := min((minute+1)*60, ceilUnix(until)) - 1
		n := (last-second)/s.interval + 1
		if !add(first, int(n)) {
			return
		}
		first = s.in(second + n*s.interval)
	}
}

// tallySeconds finds the minutes in which an interval schedule fires by their first due second; since it follows real
// time, it fires at all its seconds in each such minute. This requires that the clock's offset changes only by and at
// whole minutes.
func (s *Schedule) tallySeconds(from, until time.Time, add func(at time.Time, n int) bool) {
	begin, end := ceilMinute(from), until.Truncate(time.Minute)
	if !begin.Before(end) || !s.wholeMinutes(begin.Unix(), end.Unix()) {
		s.tallyEach(from, until, add)
		return
	}
	if !s.tallyEach(from, begin, add) {
		return
	}
	thin, n := *s, bits.OnesCount64(s.cal.second)
	thin.cal.second &= -thin.cal.second
	if thin.tallyEach(begin, end, func(at time.Time, _ int) bool { return add(at, n) }) {
		s.tallyEach(end, until, add)
	}
}

// wholeMinutes reports whether all offsets from UTC between two Unix seconds,
// and the changes between them, are whole minutes.
func (s *Schedule) wholeMinutes(from, to int64) bool {
	for {
		sp := s.spanAt(from)
		if sp.offset%60 != 0 {
			return false
		}
		if sp.end >= to {
			return true
		}
		if sp.end%60 != 0 {
			return false
		}
		from = sp.end
	}
}

// ceilUnix is the first whole second at or after t.
func ceilUnix(t time.Time) int64 {
	if t.Nanosecond() > 0 {
		return t.Unix() + 1
	}
	return t.Unix()
}

// ceilMinute is the first whole minute of UTC at or after t.
func ceilMinute(t time.Time) time.Time {
	if whole := t.Truncate(time.Minute); whole.Before(t) {
		return whole.Add(time.Minute)
	}
	return t
}
