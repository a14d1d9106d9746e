// Package clock is the wall clock: what stamps records and says whether an instant has come. Whoever measures how long
// something took reads package time instead, whose clock never steps.
//
// A program built with the tag clockshift reads a clock that a test can set; see shift.go.
package clock

import "time"

// Now returns what the wall clock shows, in UTC. It carries no monotonic reading: the difference of two results is what
// the wall clock moved, steps included.
func Now() time.Time { return wall(time.Now()) }

// Until returns how long it is, by the wall clock, until t.
func Until(t time.Time) time.Duration { return t.Sub(Now()) }
