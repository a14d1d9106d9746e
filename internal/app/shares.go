package app

import "dkron/internal/limit"

// fewDescriptors is the limit below which a node warns at its start.
const fewDescriptors = 4096

// tellShares logs how the file descriptors are shared among clients, other nodes and runs.
func (n *Node) tellShares() {
	all := limit.Descriptors()
	about := []any{"descriptors", all, "http_connections", n.shares.HTTP, "rpc_connections", n.shares.RPC, "runs", n.maxRunning()}
	if all > 0 && all < fewDescriptors {
		n.log.Warn("this node may open few files, so it accepts few connections and runs few executions at once; raise the hard limit "+
			"of open files (LimitNOFILE=, ulimit -Hn) to 4096 or more", about...)
		return
	}
	n.log.Debug("file descriptors are shared out", about...)
}

// maxRunning is the limit of concurrent executions: the operator's, lowered to the descriptors that there are.
func (n *Node) maxRunning() int {
	if n.cfg.MaxRunning == 0 || n.shares.Runs == 0 {
		return max(n.cfg.MaxRunning, n.shares.Runs)
	}
	return min(n.cfg.MaxRunning, n.shares.Runs)
}
