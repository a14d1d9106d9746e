// Package clock is the wall clock, which stamps records and decides whether an instant has come. Durations are measured
// with package time instead, whose clock never steps.
//
// A program built with the tag clockshift reads a clock that a test can set; see shift.go.
package clock

import "time"

// Now returns the wall clock's time in UTC, without a monotonic reading: the difference of two results is how far the
// wall clock moved, steps included.
func Now() time.Time { return wall(time.Now()) }

// Until returns how long it is until t by the wall clock.
func Until(t time.Time) time.Duration { return t.Sub(Now()) }
