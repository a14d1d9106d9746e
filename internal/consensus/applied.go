package consensus

import (
	"context"
	"time"

	"github.com/hashicorp/raft"
)

// appliedPoll is how often WaitApplied checks by itself: entries of raft's own (no-ops, barriers) move the applied
// index without a call to the machine.
const appliedPoll = 10 * time.Millisecond

// Applied is the index up to which the machine has everything.
func (n *Node) Applied() uint64 {
	handed := n.raft.AppliedIndex() // read first: the machine may lag behind it, but must not seem to
	applied := n.fsm.applied.Load()
	if handed <= applied {
		return applied
	}
	// Entries in between count as applied if the machine does not get to see them. An entry that is no longer in the
	// log is in a snapshot, so it has been applied.
	for i := applied + 1; i <= handed; i++ {
		var l raft.Log
		if err := n.logs.GetLog(i, &l); err == nil && (l.Type == raft.LogCommand || l.Type == raft.LogConfiguration) {
			return i - 1
		}
	}
	return handed
}

// WaitApplied returns nil when Applied has reached index.
func (n *Node) WaitApplied(ctx context.Context, index uint64) error {
	for {
		changed := n.fsm.wait()
		if n.Applied() >= index {
			return nil
		}
		poll := time.NewTimer(appliedPoll)
		select {
		case <-changed:
		case <-poll.C:
		case <-ctx.Done():
			poll.Stop()
			return ctx.Err()
		case <-n.done:
			poll.Stop()
			return n.closedError()
		}
		poll.Stop()
	}
}
