package consensus

import "github.com/hashicorp/raft"

// WatchLeader calls fn whenever this node learns of another leader, or that there is none, until the node ends. Quick
// successive changes may be reported as one.
func (n *Node) WatchLeader(fn func()) {
	heard := make(chan raft.Observation, 1)
	o := raft.NewObserver(heard, false, func(o *raft.Observation) bool {
		_, ok := o.Data.(raft.LeaderObservation)
		return ok
	})
	n.raft.RegisterObserver(o)
	go func() {
		defer n.raft.DeregisterObserver(o)
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
