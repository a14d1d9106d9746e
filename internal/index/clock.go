package index

import (
	"time"
	"unique"

	"dkron"
)

// Clock is everything that decides when a job is due after its next instant. Jobs with equal clocks are due at the same
// instants, so a question about all jobs needs to be answered only once per clock.
type Clock struct {
	schedule string
	timing   unique.Handle[timing]
	anchor   int64  // seconds since 1970, for schedules that count from an instant
	name     string // for schedules that depend on the job's name
}

// timing is the part of a clock besides the schedule. Few jobs have one of their own, so equal ones are shared.
type timing struct {
	zone                string
	dst                 dkron.DST
	startsAt, expiresAt time.Time
}

func newTiming(j *dkron.Job) unique.Handle[timing] {
	return unique.Make(timing{zone: j.Timezone, dst: j.DST, startsAt: j.StartsAt.UTC(), expiresAt: j.ExpiresAt.UTC()})
}

// Clock returns what decides when the job is due after its next instant. A schedule that counts from the job's creation
// can as well count from that instant, and is then equal for many more jobs.
func (e *Entry) Clock() Clock {
	c := Clock{schedule: e.Schedule, timing: e.timing}
	if e.counted {
		c.anchor = e.Next.Unix()
	}
	if e.named {
		c.name = e.Name
	}
	return c
}

// Job returns a job that has this clock, and nothing else. It is a value, so that it needs no memory of its own: some ask
// for those of all jobs.
func (c Clock) Job() dkron.Job {
	t := c.timing.Value()
	return dkron.Job{
		Name: c.name, Schedule: c.schedule, Timezone: t.zone, DST: t.dst, StartsAt: t.startsAt, ExpiresAt: t.expiresAt,
		CreatedAt: time.Unix(c.anchor, 0).UTC(),
	}
}

// ExpiresAt returns the last instant at which jobs with this clock can be due, the zero time if there is none.
func (c Clock) ExpiresAt() time.Time { return c.timing.Value().expiresAt }
