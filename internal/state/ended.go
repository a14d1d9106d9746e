package state

import "dkron"

// Ended is what one commit appended to the history, in the order of the log; what ends of a deleted job is not in it. It is a by-product of the records that Apply writes:
// whoever counts does so from here, behind the commit, and Apply stays a function of the state and the command.
type Ended struct {
	Executions []*dkron.Execution // each attempt
	Launches   []*dkron.Launch
}

// OnEnded sets who is told, behind each commit, what ended in it. A transaction that fails tells nothing. It must be
// set before the first Update; fn must be quick, change nothing that it is given, and keep nothing: the log waits.
func (s *Store) OnEnded(fn func(Ended)) { s.ended = fn }
