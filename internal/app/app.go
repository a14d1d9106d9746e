package app

import (
	"context"
	"log/slog"

	"dkron/internal/config"
	"dkron/internal/httpserver"
	"dkron/internal/limit"
	"dkron/internal/telemetry"
)

// Run runs a node until ctx ends, then stops it in order. The error says why it could not start or go on.
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

// Start starts a node. When it returns, the node's ports are open, and it goes on to find its cluster. ctx is only for
// the start. A node is stopped by Stop, or by Close.
func Start(ctx context.Context, cfg *config.Config, version string, log *slog.Logger) (*Node, error) {
	own := *cfg
	n := &Node{
		cfg: &own, version: version, log: log.With("node", cfg.NodeName), metrics: telemetry.NewMetrics(version),
		failed: make(chan error, 8),
	}
	n.shares = limit.Divide(limit.Descriptors(), cfg.HTTPMaxConnections)
	n.guard = httpserver.NewGuard(n.shares.HTTP)
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

// Wait returns nil when the node is to be stopped: ctx has ended, or somebody has asked the node to leave. Its error
// says why the node can't go on. The node is then stopped by Stop, after an error by Close.
func (n *Node) Wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
	case <-n.departure.Asked():
	case err := <-n.failed:
		return err
	}
	return nil
}

// Stop takes the node out of its cluster in order, and stops it. Calling it again does nothing.
func (n *Node) Stop() {
	n.stopping.Do(func() {
		n.endLiving()
		n.departure.Run()
		n.stops.run()
	})
}

// Close stops the node without a word to others, which take it for failed.
func (n *Node) Close() {
	n.endLiving()
	n.stops.run()
}

// HTTPAddr returns host:port of the API, empty if this node has none.
func (n *Node) HTTPAddr() string {
	if n.http == nil {
		return ""
	}
	return n.http.String()
}

// RPCAddr returns host:port at which other nodes reach this one.
func (n *Node) RPCAddr() string { return n.addr.RPCAdvertise }

// GossipAddr returns host:port of gossip, for others to join.
func (n *Node) GossipAddr() string { return n.gossip.LocalMember().Endpoint() }
