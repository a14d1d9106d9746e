package app

import (
	"dkron/internal/gossip"
	"dkron/internal/identity"
)

// openIdentity finds the data directory's node and cluster. named reports whether the directory names the node.
func (n *Node) openIdentity() (named bool, err error) {
	id, err := identity.Open(n.cfg.DataDir, n.cfg.NodeName)
	if err != nil {
		return false, err
	}
	named = id.Recorded()
	n.identity = identity.NewGuard(id, n.cfg.Server, n.log, n.metrics.Refused)
	if n.cfg.Server {
		return named, nil // the log and the state take precedence; see openLedger
	}
	left, err := id.Keep(n.cfg.AcceptCluster)
	if err != nil {
		return false, err
	}
	if left != "" {
		n.log.Warn("this agent has left its cluster because of --accept-cluster; it joins the first that it finds, and does not report there what "+
			"it ran before. From now on, start it without --accept-cluster", "left", left)
		return named, gossip.Forget(n.snapshotPath())
	}
	if n.cfg.AcceptCluster {
		n.log.Warn("--accept-cluster was used at an earlier start and has no effect now; start this agent without it")
	}
	return named, nil
}
