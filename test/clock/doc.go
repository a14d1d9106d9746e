// Package clock proves the scheduler's promises when wall clocks step, servers' clocks differ, leaders change and jobs
// are edited, in any order: nothing is launched twice, nothing stays due for ever, every due time has a record, and
// after a clock was corrected jobs fire again. It is built with the tag clockshift, whose clock a test sets.
package clock
