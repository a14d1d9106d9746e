package app

import (
	"dkron/internal/gossip"
	"dkron/internal/identity"
)

// openIdentity finds out to which node and cluster the data directory belongs. named is whether the directory says so.
func (n *Node) openIdentity() (named bool, err error) {
	id, err := identity.Open(n.cfg.DataDir, n.cfg.NodeName)
	if err != nil {
		return false, err
	}
	named = id.Recorded()
	n.identity = identity.NewGuard(id, n.cfg.Server, n.log, n.metrics.Refused)
	if n.cfg.Server {
		return named, nil // what is in the log and the state comes first; see openLedger
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
