package cron

import "time"

// Kind says what a schedule is made of.
type Kind int

const (
	KindCron   Kind = iota // fields, or a descriptor equivalent to fields
	KindEvery              // @every
	KindAt                 // @at
	KindAfter              // @after
	KindManual             // @manually
)

// Gap says what a fixed-time schedule does at a local time that a clock change
// skips.
type Gap int

const (
	GapAfter Gap = iota // fires right after the gap
	GapSkip             // does not fire
)

// Overlap says what a fixed-time schedule does at a local time that a clock
// change repeats.
type Overlap int

const (
	OverlapFirst Overlap = iota // fires the first time only
	OverlapBoth                 // fires each time
)

// Options is what a schedule depends on besides its text.
type Options struct {
	Zone    string    // job's zone as for ParseZone; a prefix in the text wins
	Name    string    // job's name, for ~
	Anchor  time.Time // job's creation: @every counts from its whole second
	Gap     Gap
	Overlap Overlap
}

// Schedule is a parsed schedule. It does not change; any number of goroutines
// may use it.
type Schedule struct {
	kind Kind
	loc  *time.Location

	// KindCron
	cal     calendar
	gap     Gap
	overlap Overlap

	// KindEvery, in Unix seconds and seconds
	anchor, interval int64

	// KindAt, KindAfter
	instant time.Time
	grace   time.Duration
}

// Kind returns what the schedule is made of.
func (s *Schedule) Kind() Kind { return s.kind }

// Location is the zone in which the schedule is evaluated and in which its
// instants are returned.
func (s *Schedule) Location() *time.Location { return s.loc }

// Grace is how long after its instant an @after schedule may still be stored
// and fire; 0 for all others.
func (s *Schedule) Grace() time.Duration { return s.grace }

// First returns the first due instant of a job that is stored at the instant stored, or the zero Time. It differs from
// Next in one case: an @after that is stored at or after its instant, but within its grace period, is due at stored
// itself.
func (s *Schedule) First(stored time.Time) time.Time {
	if s.kind == KindAfter && !stored.Before(s.instant) {
		if stored.After(s.instant.Add(s.grace)) {
			return time.Time{}
		}
		return stored.In(s.loc)
	}
	return s.Next(stored)
}
