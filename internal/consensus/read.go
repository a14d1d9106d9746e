package consensus

import (
	"context"
	"errors"
)

// ReadIndex returns an index for consistent reads: a machine that has applied everything up to it has every entry that
// was acknowledged before the call. Only on the leader.
//
// It commits a barrier. Asking a majority whether this node still leads would cost no entry, but the library accepts an
// answer that was sent before the question; a leader that was paused, and replaced in the meantime, could believe it.
func (n *Node) ReadIndex(ctx context.Context) (uint64, error) {
	err := n.Barrier(ctx)
	switch {
	case errors.Is(err, ErrLeadershipLost):
		return 0, n.notLeader()
	case err != nil && ctx.Err() != nil:
		return 0, ctx.Err() // a read has no outcome that could be unknown
	case err != nil:
		return 0, err
	}
	return n.CommitIndex(), nil
}
