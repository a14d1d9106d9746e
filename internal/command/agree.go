package command

import (
	"dkron/internal/codec"
	"dkron/internal/compat"
	"dkron/internal/state"
)

// Agree raises the protocol of the cluster, ahead of the first entry that needs it. A server that does not know that
// protocol stops here, and its state is refused by older versions from then on.
type Agree struct {
	Protocol uint64
	Release  string // that proposes it, for messages
}

// protocolOfAgree is the protocol that introduced this command.
const protocolOfAgree = 1

// Fields describes the wire form.
func (c *Agree) Fields(w *codec.Wire) {
	w.Since(protocolOfAgree)
	w.Uint(1, &c.Protocol)
	w.String(2, &c.Release)
}

// readable returns why this version can't go on after the entry.
func (c *Agree) readable() error {
	return compat.Own().CheckAgreed("this server", c.Protocol, c.Release)
}

// Apply stores the number. It never goes down.
func (c *Agree) Apply(tx *state.Tx) (any, error) {
	tx.Agree(state.Agreement{Protocol: c.Protocol, By: c.Release})
	return nil, nil
}
