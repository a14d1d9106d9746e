package forecast

import (
	"time"

	"dkron"
	"dkron/cron"
	"dkron/internal/index"
)

// dial reads one clock for all jobs that have it. They ask for the same instants at about the same time, so the last
// answer is kept.
type dial struct {
	job      *dkron.Job
	schedule *cron.Schedule // nil if the text can't be read: then nothing is due

	asked, found time.Time
}

func newDial(c index.Clock) *dial {
	d := &dial{job: c.Job()}
	d.schedule, _ = d.job.Parse() // what is stored could be read once
	return d
}

// after returns the first due instant after t, the zero time if there is none or it is beyond what can be written.
func (d *dial) after(t time.Time) time.Time {
	if d.schedule == nil {
		return time.Time{}
	}
	if d.asked.IsZero() || !d.asked.Equal(t) {
		d.asked, d.found = t, writable(d.job.After(d.schedule, t))
	}
	return d.found
}

// writable returns t in UTC, the zero time if it is later than what RFC 3339 can write.
func writable(t time.Time) time.Time {
	if t.IsZero() || t.Year() > 9999 {
		return time.Time{}
	}
	return t.UTC()
}
