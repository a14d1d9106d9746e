package index

import (
	"strings"
	"time"
	"unique"

	"dkron"
)

// Clock is all that decides at which instants a job is due behind the next one. Clocks can be compared: jobs with equal
// ones are due at the same instants, so that a question about all jobs need be asked of each clock only.
type Clock struct {
	schedule string
	timing   unique.Handle[timing]
	anchor   int64  // seconds since 1970, where the schedule counts from an instant
	name     string // where the schedule is made from it
}

// timing is what decides besides the schedule. Few jobs have one of their own, so it is kept once.
type timing struct {
	zone                string
	dst                 dkron.DST
	startsAt, expiresAt time.Time
}

func newTiming(j *dkron.Job) unique.Handle[timing] {
	return unique.Make(timing{zone: j.Timezone, dst: j.DST, startsAt: j.StartsAt.UTC(), expiresAt: j.ExpiresAt.UTC()})
}

// Clock returns what decides when the job is due behind its next instant. A schedule that counts from the job's creation
// may as well count from that instant, and then it is the same for many more jobs.
func (e *Entry) Clock() Clock {
	c := Clock{schedule: e.Schedule, timing: e.timing}
	if strings.Contains(e.Schedule, "@every") {
		c.anchor = e.Next.Unix()
	}
	if strings.Contains(e.Schedule, "~") {
		c.name = e.Name
	}
	return c
}

// Job returns a job that has this clock, and nothing else.
func (c Clock) Job() *dkron.Job {
	t := c.timing.Value()
	return &dkron.Job{
		Name: c.name, Schedule: c.schedule, Timezone: t.zone, DST: t.dst, StartsAt: t.startsAt, ExpiresAt: t.expiresAt,
		CreatedAt: time.Unix(c.anchor, 0).UTC(),
	}
}
