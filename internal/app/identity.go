package app

import (
	"dkron/internal/gossip"
	"dkron/internal/identity"
)

// openRecords finds out whose data directory this is and, on a server, opens the state; on an agent the ledger is nil. named
// reports whether the directory names the node.
func (n *Node) openRecords() (log *ledger, named bool, err error) {
	id, named, err := n.openIdentity()
	if err != nil {
		return nil, false, err
	}
	if n.cfg.Server {
		log, err = n.openState(id)
		return log, named, err
	}
	n.identity = identity.NewGuard(id, false, n.log, n.metrics.Refused, nil)
	return nil, named, nil
}

// openIdentity finds the data directory's node and cluster. named reports whether the directory names the node.
func (n *Node) openIdentity() (id *identity.Identity, named bool, err error) {
	if id, err = identity.Open(n.cfg.DataDir, n.cfg.NodeName); err != nil {
		return nil, false, err
	}
	named = id.Recorded()
	if n.cfg.Server {
		return id, named, nil // the log and the state take precedence; see openLog
	}
	left, err := id.Keep(n.cfg.AcceptCluster)
	if err != nil {
		return nil, false, err
	}
	if left != "" {
		n.log.Warn("this agent has left its cluster because of --accept-cluster; it joins the first that it finds, and does not report there what "+
			"it ran before. From now on, start it without --accept-cluster", "left", left)
		return id, named, gossip.Forget(n.snapshotPath())
	}
	if n.cfg.AcceptCluster {
		n.log.Warn("--accept-cluster was used at an earlier start and has no effect now; start this agent without it")
	}
	return id, named, nil
}
