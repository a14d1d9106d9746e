package control

import (
	"context"

	"dkron/internal/command"
	"dkron/internal/state"
)

// SetAuthority stores the cluster's own authority, or makes the cluster refuse connections without TLS. ErrConflict: there is
// another authority than the one that ch replaces.
func (c *Control) SetAuthority(ctx context.Context, ch state.TrustChange) error {
	_, _, err := c.propose(ctx, &command.SetAuthority{Certificate: ch.Authority, Join: ch.Join, Sealed: ch.Sealed, Replaces: ch.Replaces, Strict: ch.Strict})
	return err
}

// Expel makes nodes refuse the certificates of a node, or accept them again.
func (c *Control) Expel(ctx context.Context, node string, readmit bool) error {
	_, _, err := c.propose(withAction(ctx, "Expel"), &command.Expel{Node: node, Readmit: readmit})
	return err
}
