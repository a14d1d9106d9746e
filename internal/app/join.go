package app

import (
	"context"
	"fmt"

	"dkron/internal/config"
	"dkron/internal/gossip"
)

// join joins the cluster, however long that takes, while the node already works. Afterwards it looks for nodes whenever
// one is missing: names may resolve to other addresses by then.
func (n *Node) join(ctx context.Context) {
	go n.gossip.Seek(ctx, gossip.Search{Entries: n.entries, Missing: n.missing, Tried: n.metrics.Searched})
	attempts := 0 // no limit
	if len(n.cfg.RetryJoin) > 0 {
		attempts = n.cfg.RetryMax
	} else if len(n.cfg.Join) == 0 {
		return
	}
	go func() {
		err := n.gossip.RetryJoin(ctx, n.entries, n.cfg.RetryInterval, attempts)
		if err != nil && ctx.Err() == nil {
			n.fail(fmt.Errorf("join the cluster: %w", err))
		}
	}()
}

// entries returns addresses of other nodes, with templates resolved but not names.
func (n *Node) entries() (out []string) {
	list, flag := n.cfg.RetryJoin, "--retry-join"
	if len(list) == 0 {
		list, flag = n.cfg.Join, "--join"
	}
	for _, entry := range list {
		addr, err := config.Expand(entry)
		if err != nil {
			n.log.Warn("an entry of "+flag+" can't be resolved", "entry", entry, "error", err)
			continue
		}
		out = append(out, addr)
	}
	return out
}

// missing returns what this node lacks and so looks for, "" if nothing.
func (n *Node) missing() string {
	switch {
	case n.departure.Err() != nil:
		return ""
	case n.server != nil:
		return n.server.membership.Missing(len(n.cfg.RetryJoin)+len(n.cfg.Join) > 0)
	case n.agent.Attached():
		return ""
	}
	return "a leader that has a connection to this node"
}
