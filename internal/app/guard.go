package app

import (
	"dkron/internal/limit"
	"dkron/internal/telemetry"
)

// exposePorts registers how full this node's ports are.
func (n *Node) exposePorts() {
	n.metrics.Read(func() ([]float64, error) {
		_, bodies := n.guard.Usage()
		return []float64{float64(bodies)}, nil
	}, telemetry.Series{Name: "dkron_http_body_bytes", Type: telemetry.Gauge, Help: "Bytes of request bodies in memory."})
	each := func(add func(port string, u limit.Usage)) {
		u, _ := n.guard.Usage()
		add("http", u)
		if n.rpc != nil {
			add("rpc", n.rpc.Connections())
		}
		if g := n.gossip.Load(); g != nil {
			add("gossip", g.Connections())
		}
	}
	for _, s := range []struct {
		telemetry.Series
		of func(limit.Usage) float64
	}{
		{telemetry.Series{Name: "dkron_connections_open", Type: telemetry.Gauge, Help: "Open connections to this node, by port."},
			func(u limit.Usage) float64 { return float64(u.Open) }},
		{telemetry.Series{Name: "dkron_connections_limit", Type: telemetry.Gauge, Help: "Most connections that a port accepts at once."},
			func(u limit.Usage) float64 { return float64(u.Max) }},
		{telemetry.Series{Name: "dkron_connections_evicted_total", Type: telemetry.Counter,
			Help: "Idle connections that were closed to make room for new ones, by port."},
			func(u limit.Usage) float64 { return float64(u.Evicted) }},
		{telemetry.Series{Name: "dkron_connections_refused_total", Type: telemetry.Counter,
			Help: "Connections that were refused because no open one was idle, by port."},
			func(u limit.Usage) float64 { return float64(u.Refused) }},
	} {
		s.Labels = []string{"port"}
		n.metrics.ReadLabelled(s.Series, func(add func(float64, ...string)) {
			each(func(port string, u limit.Usage) { add(s.of(u), port) })
		})
	}
}

// fewDescriptors is the limit below which a node says at its start that it is small.
const fewDescriptors = 4096

// tellShares logs how the file descriptors are shared out among clients, other nodes and runs.
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

// maxRunning is how many executions run at once: what the operator says, and not more than there are descriptors for.
func (n *Node) maxRunning() int {
	if n.cfg.MaxRunning == 0 || n.shares.Runs == 0 {
		return max(n.cfg.MaxRunning, n.shares.Runs)
	}
	return min(n.cfg.MaxRunning, n.shares.Runs)
}
