//go:build nextprotocol

package control

import (
	"context"

	"dkron/internal/command"
)

// fillNext shows how the leader fills a field by itself that an older server does not know: not before all servers do.
func (c *Control) fillNext(ctx context.Context, cmd *command.Fire) {
	if c.known(ctx, 3) {
		cmd.Extra = "written by the next protocol"
	}
}
