//go:build nextprotocol

package control

import (
	"context"

	"dkron/internal/command"
)

// fillNext shows how a field is set that an older server does not know: not before all servers do.
func (c *Control) fillNext(ctx context.Context, cmd *command.Fire) {
	if c.reach(ctx, 2) == nil {
		cmd.Extra = "written by the next protocol"
	}
}
