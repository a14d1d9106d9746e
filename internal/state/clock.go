package state

import (
	"strings"
	"time"
	"unique"

	"dkron"
)

// Clock is all that decides at which instants a job is due. Clocks can be compared: jobs with equal ones are due at the
// same instants, so that a question about all jobs need be asked of each clock only.
type Clock struct {
	schedule string
	timing   unique.Handle[timing]
	anchor   int64  // seconds since 1970, where the schedule counts from the job's creation
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

// Clock returns what decides when the job is due, if it waits for no parents.
func (d *Definition) Clock() Clock {
	c := Clock{schedule: d.Schedule, timing: d.timing}
	if strings.Contains(d.Schedule, "@every") {
		c.anchor = d.created
	}
	if strings.Contains(d.Schedule, "~") {
		c.name = d.Name
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
