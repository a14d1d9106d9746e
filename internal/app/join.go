package app

import (
	"context"
	"fmt"

	"dkron/internal/gossip"
)

// join joins the cluster, however long that takes, while the node already works. Afterwards it looks for nodes whenever
// one is missing: names may resolve to other addresses by then.
func (n *Node) join(ctx context.Context) {
	entries := func() []string { return n.cfg.JoinAddrs(n.log) }
	go n.gossip.Seek(ctx, gossip.Search{Entries: entries, Missing: n.missing, Tried: n.metrics.Searched})
	attempts := 0 // no limit
	if len(n.cfg.RetryJoin) > 0 {
		attempts = n.cfg.RetryMax
	} else if !n.cfg.Joins() {
		return
	}
	go func() {
		err := n.gossip.RetryJoin(ctx, entries, n.cfg.RetryInterval, attempts)
		if err != nil && ctx.Err() == nil {
			n.fail(fmt.Errorf("join the cluster: %w", err))
		}
	}()
}

// missing returns what this node lacks and so looks for, "" if nothing.
func (n *Node) missing() string {
	switch {
	case n.departure.Err() != nil:
		return ""
	case n.server != nil:
		return n.server.membership.Missing(n.cfg.Joins())
	case n.agent.Attached():
		return ""
	}
	return "a leader that has a connection to this node"
}
