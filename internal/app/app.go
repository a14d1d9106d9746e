package app

import (
	"context"
	"log/slog"

	"dkron/internal/config"
	"dkron/internal/httpserver"
	"dkron/internal/limit"
	"dkron/internal/telemetry"
)

// Run runs a node until ctx ends, then stops it in order. The error says why it could not start or continue.
func Run(ctx context.Context, cfg *config.Config, version string, log *slog.Logger) error {
	n, err := Start(ctx, cfg, version, log)
	if err != nil {
		return err
	}
	if err := n.Wait(ctx); err != nil {
		n.Close()
		return err
	}
	n.Stop()
	return nil
}

// Start starts a node. When it returns, the node's ports are open; it finds its cluster in the background. ctx applies
// only to the start. Stop or Close stops the node.
func Start(ctx context.Context, cfg *config.Config, version string, log *slog.Logger) (*Node, error) {
	own := *cfg
	n := &Node{
		cfg: &own, version: version, log: log.With("node", cfg.NodeName), metrics: telemetry.NewMetrics(version),
		failed: make(chan error, 8), rates: limit.NewRates(cfg.HTTPRate),
	}
	descriptors := limit.Descriptors()
	n.shares = limit.Divide(descriptors, cfg.HTTPMaxConnections, cfg.MaxRunning)
	n.shares.Log(n.log, descriptors)
	n.guard = httpserver.NewGuard(n.shares.HTTP, cfg.TrustedProxies()...).Naming(cfg.HTTPUserHeader, cfg.HTTPGroupsHeader)
	n.stops.log = n.log
	n.living, n.endLiving = context.WithCancel(context.Background())
	n.streams, n.endStreams = context.WithCancel(context.Background())
	n.stops.add("streams", n.endStreams)
	if err := n.build(ctx); err != nil {
		n.Close()
		return nil, err
	}
	return n, nil
}

// Wait returns nil when the node should stop: ctx has ended, or the node was asked to leave. An error says why the node
// can't continue. The caller then calls Stop, or Close after an error.
func (n *Node) Wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
	case <-n.departure.Asked():
	case err := <-n.failed:
		return err
	}
	return nil
}

// Stop leaves the cluster in order, and stops the node. Calling it again does nothing.
func (n *Node) Stop() {
	n.stopping.Do(func() {
		n.endLiving()
		n.departure.Run()
		n.stops.run()
	})
}

// Close stops the node without notice to other nodes, which take it for failed.
func (n *Node) Close() {
	n.endLiving()
	n.stops.run()
}

// HTTPAddr returns host:port of the API, empty if this node serves none.
func (n *Node) HTTPAddr() string {
	if n.http == nil {
		return ""
	}
	return n.http.String()
}

// RPCAddr returns the host:port for other nodes.
func (n *Node) RPCAddr() string { return n.addr.RPCAdvertise }

// GossipAddr returns the host:port of gossip, for others to join.
func (n *Node) GossipAddr() string { return n.gossip.LocalMember().Endpoint() }
