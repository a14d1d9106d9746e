package forecast

import (
	"context"
	"time"

	"dkron/cron"
	"dkron/internal/index"
)

// minutesTime limits a count; what was counted by then is returned.
const minutesTime = time.Second

// Minutes is the number of due times in each minute from a start.
type Minutes struct {
	From      time.Time
	Counts    []int
	Total     int
	Truncated bool // counting took too long: there may be more in any minute
}

// MinutesQuery selects the minutes of a number of hours from a whole minute on, and the jobs.
type MinutesQuery struct {
	From  int64 // Unix seconds
	Hours int
	Selection
}

// span is a MinutesQuery of all jobs.
type span struct {
	from  int64
	hours int
}

// Counter counts for one request at a time, since a count can use a processor for a second. It keeps the last count of
// all jobs: requests that waited usually want the same.
type Counter struct {
	busy chan struct{} // holds a token while somebody counts; guards the fields below

	query span
	edits uint64 // the index's edits when it was counted
	last  *Minutes
}

// NewCounter returns a counter without a count.
func NewCounter() *Counter { return &Counter{busy: make(chan struct{}, 1)} }

// Count returns the number of due times in each selected minute. The caller must not change it. The only error is that
// of ctx.
func (c *Counter) Count(ctx context.Context, x *index.Index, q MinutesQuery) (*Minutes, error) {
	select {
	case c.busy <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-c.busy }()
	deadline := time.Now().Add(minutesTime)
	if !q.All() {
		return countMinutes(x, &q, deadline), nil
	}
	query, edits := span{q.From, q.Hours}, x.Edits()
	if c.last == nil || c.query != query || c.edits != edits {
		c.query, c.edits, c.last = query, edits, countMinutes(x, &q, deadline)
	}
	return c.last, nil
}

// flock is jobs that fire together: they have the same clock and the same next due time.
type flock struct {
	clock  index.Clock
	second int64 // of the next due time, Unix
	nano   int32 // of the same; past if it is before the query
}

const past = -1

// flockOf returns the flock that a job belongs to in a period; false if the clock won't fire it before the end.
func flockOf(e *index.Entry, from, until time.Time) (flock, bool) {
	switch due := e.Due(); {
	case due.IsZero() || !due.Before(until):
		return flock{}, false
	case due.Before(from):
		return flock{clock: e.Clock(), nano: past}, true
	default:
		return flock{e.Clock(), due.Unix(), int32(due.Nanosecond())}, true
	}
}

// countMinutes reads each clock once, however many jobs share it.
func countMinutes(x *index.Index, q *MinutesQuery, deadline time.Time) *Minutes {
	from := time.Unix(q.From, 0).UTC()
	out := &Minutes{From: from, Counts: make([]int, 60*q.Hours)}
	until := from.Add(time.Duration(q.Hours) * time.Hour)
	flocks := make(map[flock]int)
	add := func(e *index.Entry) bool {
		if f, ok := flockOf(e, from, until); ok {
			flocks[f]++
		}
		return true
	}
	if q.All() {
		x.EachDue(until.Unix, add)
	} else {
		q.each(x, add)
	}
	steps := 0
	for f, jobs := range flocks {
		more := f.fire(f.read(), from, until, func(at time.Time, n int) bool {
			out.Counts[(at.Unix()-q.From)/60] += n * jobs
			out.Total += n * jobs
			steps++
			return steps%256 != 0 || time.Now().Before(deadline)
		})
		if steps++; !more || steps%256 == 0 && time.Now().After(deadline) {
			out.Truncated = true
			break
		}
	}
	return out
}

// read returns the flock's schedule, nil if the text can't be parsed: the scheduler does not fire it either.
func (f flock) read() *cron.Schedule {
	job := f.clock.Job()
	schedule, err := job.Parse()
	if err != nil {
		return nil
	}
	return schedule
}

// fire calls add for the flock's due times as a schedule's Tally does, and reports whether it reached the end. All are
// after a next due time, which is not before StartsAt.
func (f flock) fire(schedule *cron.Schedule, from, until time.Time, add func(at time.Time, n int) bool) bool {
	if schedule == nil {
		return true
	}
	if f.nano != past {
		next := time.Unix(f.second, int64(f.nano)).UTC()
		if !add(next, 1) {
			return false
		}
		from = next.Add(1)
	}
	if last := f.clock.ExpiresAt(); !last.IsZero() && last.Before(until) {
		until = last.Add(1)
	}
	went := true
	schedule.Tally(from, until, func(at time.Time, n int) bool {
		went = add(at, n)
		return went
	})
	return went
}
