package state

import "dkron"

// Ended is what one commit appended to the history, in the order of the log, without records of deleted jobs. It is a
// by-product of the records that Apply writes: metrics are counted from it after the commit, so that Apply stays a
// function of the state and the command.
type Ended struct {
	Executions []*dkron.Execution // each attempt
	Launches   []*dkron.Launch
}
