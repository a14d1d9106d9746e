package consensus

import (
	"context"
	"errors"
)

// ReadIndex returns an index with which a read is consistent: a machine that has everything up to it holds every entry
// that was acknowledged before the call. Only on the leader; it asks a majority, but writes nothing to the log.
//
// Until this term has committed something, the commit index may lie behind what an earlier leader has acknowledged. Then
// a barrier, which commits, takes the place of the question.
//
// The question rests on a lease: a heartbeat that was answered before the call may count. That is wrong only if the
// answer was on its way for longer than an election takes, and the new leader has not been heard of.
func (n *Node) ReadIndex(ctx context.Context) (uint64, error) {
	term := n.terms.now()
	confirm := n.VerifyLeader
	if term == nil {
		confirm = n.Barrier
	}
	err := confirm(ctx)
	switch {
	case errors.Is(err, ErrLeadershipLost):
		return 0, n.notLeader()
	case err != nil && ctx.Err() != nil:
		return 0, ctx.Err() // nothing was asked to be done, so no outcome is unknown
	case err != nil:
		return 0, err
	case term != nil && n.terms.now() != term:
		return 0, n.notLeader() // lost, and perhaps won again, meanwhile
	}
	return n.CommitIndex(), nil
}

// now returns the current term, nil if there is none that has settled.
func (t *terms) now() *Term {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.current
}
