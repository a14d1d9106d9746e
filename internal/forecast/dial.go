package forecast

import (
	"time"

	"dkron"
	"dkron/cron"
	"dkron/internal/index"
)

// dial reads the clock that many jobs share. They ask for the same due times in turn, so it keeps the last answer.
type dial struct {
	job      *dkron.Job
	schedule *cron.Schedule // nil if the text can't be parsed: nothing is due

	asked, found time.Time
}

func newDial(c index.Clock) *dial {
	d := &dial{job: c.Job()}
	d.schedule, _ = d.job.Parse() // stored schedules were parsed once
	return d
}

// after returns the first due time after t, the zero time if there is none or RFC 3339 can't write it.
func (d *dial) after(t time.Time) time.Time {
	if d.schedule == nil {
		return time.Time{}
	}
	if d.asked.IsZero() || !d.asked.Equal(t) {
		d.asked, d.found = t, writable(d.job.After(d.schedule, t))
	}
	return d.found
}

// writable returns t in UTC, the zero time if RFC 3339 can't write it.
func writable(t time.Time) time.Time {
	if t.IsZero() || t.Year() > 9999 {
		return time.Time{}
	}
	return t.UTC()
}
