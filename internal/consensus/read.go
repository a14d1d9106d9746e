package consensus

import (
	"context"
	"errors"
)

// ReadIndex returns an index with which a read is consistent: a machine that has everything up to it holds every entry
// that was acknowledged before the call. Only on the leader.
//
// It commits a barrier. To ask a majority whether this node still leads would cost no entry, but the library lets an
// answer count that was on its way already; a leader that was paused, and replaced meanwhile, could believe it.
func (n *Node) ReadIndex(ctx context.Context) (uint64, error) {
	err := n.Barrier(ctx)
	switch {
	case errors.Is(err, ErrLeadershipLost):
		return 0, n.notLeader()
	case err != nil && ctx.Err() != nil:
		return 0, ctx.Err() // nothing was asked to be done, so no outcome is unknown
	case err != nil:
		return 0, err
	}
	return n.CommitIndex(), nil
}
