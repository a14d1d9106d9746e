// Package clock proves what the scheduler promises when wall clocks step, servers' clocks differ, leaders change and jobs
// are edited, in any order: nothing is launched twice, nothing is due for ever, nothing that came due is without a record,
// and a clock that has been put right leaves nothing silent. It is built with the tag clockshift, whose clock a test sets.
package clock
