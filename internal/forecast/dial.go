package forecast

import (
	"time"

	"dkron/cron"
	"dkron/internal/index"
)

// dial reads the clock that many jobs share. They ask for the same due times in turn, so it keeps the last answer.
type dial struct {
	clock    index.Clock
	schedule *cron.Schedule // nil if the text can't be parsed: nothing is due

	asked, found time.Time
}

func newDial(c index.Clock) *dial {
	job := c.Job()
	schedule, _ := job.Parse() // stored schedules were parsed once
	return &dial{clock: c, schedule: schedule}
}

// after returns the first due time after t, the zero time if there is none or RFC 3339 can't write it.
func (d *dial) after(t time.Time) time.Time {
	if d.schedule == nil {
		return time.Time{}
	}
	if d.asked.IsZero() || !d.asked.Equal(t) {
		job := d.clock.Job()
		d.asked, d.found = t, writable(job.After(d.schedule, t))
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
