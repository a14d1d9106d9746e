package command

import (
	"dkron/internal/codec"
	"dkron/internal/state"
)

// Clean removes a bounded amount of history that is no longer kept. Every command that adds to the history removes some
// too; the leader proposes this one while more than that remains.
type Clean struct{}

// Fields describes the wire form.
func (c *Clean) Fields(*codec.Wire) {}

// Apply returns how many records it looked at, as a uint64; 0 means that nothing was left to remove.
func (c *Clean) Apply(tx *state.Tx) (any, error) { return tx.Clean() }
