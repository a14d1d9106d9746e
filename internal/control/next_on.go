//go:build nextprotocol

package control

import (
	"context"
	"errors"
	"time"

	"dkron/internal/command"
)

var errAsking = errors.New("the servers are being asked")

// fillNext shows how the leader fills a field by itself that an older server does not know: not before all servers do.
func (c *Control) fillNext(ctx context.Context, cmd *command.Fire) {
	if c.known(ctx, 2) {
		cmd.Extra = "written by the next protocol"
	}
}

// known reports whether the cluster has agreed on a protocol. If not, it lets the servers be asked, at most once in
// askAgain, and waits for none of them: what is due can't wait. It moves to protocol.go with the first such field of a
// release.
func (c *Control) known(ctx context.Context, need uint64) bool {
	agreed, err := c.state.Agreed()
	if err != nil || agreed.Protocol >= need {
		return err == nil
	}
	if c.refused.recent(need) == nil {
		_ = c.refused.note(need, errAsking)
		go func() {
			ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
			defer cancel()
			_ = c.ask(ctx, need)
		}()
	}
	return false
}
