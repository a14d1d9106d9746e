package command

import (
	"dkron/internal/codec"
	"dkron/internal/state"
)

// Clean removes history that is no longer kept, a bounded amount of it. Every command that adds to the history does so
// too; the leader proposes this one while there is more to remove than comes with those.
type Clean struct{}

// Fields describes the wire form.
func (c *Clean) Fields(*codec.Wire) {}

// Apply removes some and returns at how many records it has looked, as a uint64: none means that all is clean.
func (c *Clean) Apply(tx *state.Tx) (any, error) { return tx.Clean() }
