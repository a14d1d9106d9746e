// Package agent runs executions on this node: it takes orders from the leader, refuses what is late, of an older term
// or seen before, journals what it accepts before it starts it, streams output, and keeps each result until a leader
// says that a quorum has it.
package agent
