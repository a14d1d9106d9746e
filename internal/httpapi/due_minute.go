package httpapi

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"dkron/internal/index"
	"dkron/internal/respond"
)

// Limits of the count by minute.
const (
	defaultDueHours = 24
	maxDueHours     = 48
	minutesTime     = time.Second // to count; what was counted in time is answered
)

// dueMinutesJSON is how many instants there are in each minute from one on. It is kept, and not changed.
type dueMinutesJSON struct {
	From      time.Time `json:"from"`
	Counts    []int     `json:"counts"`
	Total     int       `json:"total"`
	Truncated bool      `json:"truncated"` // counting took too long: there may be more anywhere
}

// minutesQuery is the minutes that a client asks for: those of so many hours from a whole one on.
type minutesQuery struct {
	from  int64 // Unix seconds
	hours int
}

func parseMinutesQuery(v url.Values, now time.Time) (q minutesQuery, err error) {
	q.hours = defaultDueHours
	from, err := parseInstant(v, "from", now)
	if err != nil {
		return q, err
	}
	q.from = from.Truncate(time.Minute).Unix()
	if s := v.Get("hours"); s != "" {
		if q.hours, err = strconv.Atoi(s); err != nil || q.hours < 1 || q.hours > maxDueHours {
			return q, respond.Refuse(http.StatusBadRequest, "hours must be a number from 1 to %d, not %q", maxDueHours, respond.Shorten(s))
		}
	}
	return q, nil
}

// getDueMinutes answers how much will fire in each minute.
func (a *api) getDueMinutes(w http.ResponseWriter, r *http.Request) error {
	q, err := parseMinutesQuery(r.URL.Query(), a.now())
	if err != nil {
		return err
	}
	out, err := a.counter.count(r.Context(), a.Store.Index(), q)
	if err != nil {
		return err
	}
	return respond.JSON(w, r, http.StatusOK, out)
}

// counter counts for one request at a time, since it can take a whole processor for a second, and keeps what it has
// counted last: who waited for another's count mostly wants the same.
type counter struct {
	busy chan struct{} // holds a token while somebody counts; guards the fields below

	query minutesQuery
	edits uint64 // of the index when it was counted
	last  *dueMinutesJSON
}

func newCounter() *counter { return &counter{busy: make(chan struct{}, 1)} }

func (c *counter) count(ctx context.Context, x *index.Index, q minutesQuery) (*dueMinutesJSON, error) {
	select {
	case c.busy <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-c.busy }()
	edits := x.Edits()
	if c.last == nil || c.query != q || c.edits != edits {
		c.query, c.edits, c.last = q, edits, countMinutes(x, q, time.Now().Add(minutesTime))
	}
	return c.last, nil
}

// flock is jobs that will fire together: those that have the same clock and the same next instant.
type flock struct {
	clock  index.Clock
	second int64 // of the next instant, Unix
	nano   int32 // of the same; past if it comes before the query's beginning
}

const past = -1

// countMinutes asks each clock but once, however many jobs have it.
func countMinutes(x *index.Index, q minutesQuery, deadline time.Time) *dueMinutesJSON {
	from := time.Unix(q.from, 0).UTC()
	out := &dueMinutesJSON{From: from, Counts: make([]int, 60*q.hours)}
	until := from.Add(time.Duration(q.hours) * time.Hour)
	flocks := make(map[flock]int)
	x.Each(func(e *index.Entry) bool {
		switch due := e.Due(); {
		case due.IsZero() || !due.Before(until):
		case due.Before(from):
			flocks[flock{clock: e.Clock(), nano: past}]++
		default:
			flocks[flock{e.Clock(), due.Unix(), int32(due.Nanosecond())}]++
		}
		return true
	})
	steps := 0
	for f, jobs := range flocks {
		more := f.fire(from, until, func(at time.Time, n int) bool {
			out.Counts[(at.Unix()-q.from)/60] += n * jobs
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

// fire calls add for the instants of the flock as a schedule's Tally does, and reports whether it went through to the end.
// All are behind a next instant, and that is not before StartsAt.
func (f flock) fire(from, until time.Time, add func(at time.Time, n int) bool) bool {
	job := f.clock.Job()
	schedule, err := job.Parse()
	if err != nil {
		return true // the scheduler does not fire it either
	}
	if f.nano != past {
		next := time.Unix(f.second, int64(f.nano)).UTC()
		if !add(next, 1) {
			return false
		}
		from = next.Add(1)
	}
	if end := job.ExpiresAt.Add(1); !job.ExpiresAt.IsZero() && end.Before(until) {
		until = end
	}
	went := true
	schedule.Tally(from, until, func(at time.Time, n int) bool {
		went = add(at, n)
		return went
	})
	return went
}
