package consensus

import (
	"context"

	"github.com/hashicorp/raft"
)

// WatchLeader calls fn whenever this node learns of another leader, or that there is none, until the node ends. Quick
// successive changes may be reported as one.
func (n *Node) WatchLeader(fn func()) {
	heard, stop := n.observeLeader()
	go func() {
		defer stop()
		for {
			select {
			case <-heard:
				fn()
			case <-n.done:
				return
			}
		}
	}()
}

// AwaitLeader returns nil when this node knows of a leader.
func (n *Node) AwaitLeader(ctx context.Context) error {
	heard, stop := n.observeLeader()
	defer stop()
	for {
		if id, _ := n.Leader(); id != "" {
			return nil
		}
		select {
		case <-heard:
		case <-ctx.Done():
			return ctx.Err()
		case <-n.done:
			return n.closedError()
		}
	}
}

// observeLeader returns a channel that holds a token after each change of the leader.
func (n *Node) observeLeader() (heard <-chan raft.Observation, stop func()) {
	tokens := make(chan raft.Observation, 1)
	o := raft.NewObserver(tokens, false, func(o *raft.Observation) bool {
		_, ok := o.Data.(raft.LeaderObservation)
		return ok
	})
	n.raft.RegisterObserver(o)
	return tokens, func() { n.raft.DeregisterObserver(o) }
}
