package app

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync/atomic"

	"dkron/builtin"
	"dkron/internal/agent"
	"dkron/internal/compat"
	"dkron/internal/config"
	"dkron/internal/executor"
	"dkron/internal/gossip"
	"dkron/internal/httpserver"
	"dkron/internal/identity"
	"dkron/internal/limit"
	"dkron/internal/request"
	"dkron/internal/rpc"
	"dkron/internal/telemetry"
)

// Node is a running member of the cluster.
type Node struct {
	cfg     *config.Config
	addr    config.Addresses
	version string
	log     *slog.Logger
	stops   stops
	failed  chan error // the first failure of a part that the node can't live without
	leave   departure
	metrics *telemetry.Metrics
	shares  limit.Shares // of the file descriptors
	guard   *httpserver.Guard

	streams    context.Context // of HTTP answers that have no end of their own
	endStreams context.CancelFunc

	identity  *identity.Guard
	named     bool                            // the data directory named its node when it was opened
	names     atomic.Pointer[map[string]bool] // of the members that gossip has; for the guard
	catalogue *executor.Catalogue
	agent     *agent.Agent
	pool      *rpc.Pool
	gossip    atomic.Pointer[gossip.Pool] // nil until it is open: RPC and gossip itself come before
	listener  net.Listener
	rpc       *rpc.Server
	server    *server // nil on an agent
}

// Run runs a node until ctx ends, then stops it in order. The error says why it could not start or go on.
func Run(ctx context.Context, cfg *config.Config, version string, log *slog.Logger) error {
	n := newNode(cfg, version, log)
	defer n.stops.run()
	if err := n.start(ctx); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		n.depart()
		return nil
	case <-n.leave.asked:
		n.depart()
		return nil
	case err := <-n.failed:
		return err
	}
}

func newNode(cfg *config.Config, version string, log *slog.Logger) *Node {
	n := &Node{
		cfg: cfg, version: version, log: log.With("node", cfg.NodeName), metrics: telemetry.NewMetrics(version),
		failed: make(chan error, 8),
	}
	n.shares = limit.Divide(limit.Descriptors(), cfg.HTTPMaxConnections)
	n.guard = httpserver.NewGuard(n.shares.HTTP)
	n.leave.asked, n.leave.gone = make(chan struct{}), make(chan struct{})
	n.stops.log = n.log
	n.streams, n.endStreams = context.WithCancel(context.Background())
	n.stops.add("streams", n.endStreams)
	return n
}

// start builds and starts the rooms, from the bottom up.
func (n *Node) start(ctx context.Context) (err error) {
	if n.addr, err = n.cfg.Addresses(); err != nil {
		return err
	}
	for _, notice := range n.addr.Notices {
		n.log.Warn(notice)
	}
	n.tellShares()
	n.dumpOnSignal()
	if err := n.metrics.TakeLibraries(); err != nil {
		return err
	}
	if err := n.prepareDataDir(); err != nil {
		return err
	}
	lock, err := identity.Lock(n.cfg.DataDir) // before anything in it is read: a second process would end what the first one runs
	if err != nil {
		return err
	}
	n.stops.add("lock of the data directory", func() { lock.Close() })
	if err := compat.CheckFormat(n.cfg.DataDir); err != nil {
		return err
	}
	if n.listener, err = net.Listen("tcp", n.addr.RPCBind); err != nil {
		return fmt.Errorf("listen for RPC: %w; is another node running here? choose another --rpc-port or --bind-addr", err)
	}
	n.stops.add("rpc listener", func() { n.listener.Close() })
	if err := n.openIdentity(); err != nil { // after the port: --accept-cluster counts once, and not at a start that fails
		return err
	}
	executors := builtin.New(n.log)
	n.stops.add("executors", executors.Close)
	n.reapOrphans(executors.ByName())
	if n.catalogue, err = executor.NewCatalogue(executors.Names(), executors.ByName()); err != nil {
		return err
	}
	n.agent, err = agent.Open(agent.Config{
		NodeName: n.cfg.NodeName, DataDir: n.cfg.DataDir, MaxRunning: n.maxRunning(), Logger: n.log, OnResult: n.metrics.RanHere,
		OnShortage: n.metrics.ShortageHere, Cluster: n.identity,
		Executors: executors.ByName(),
	})
	if err != nil {
		return err
	}
	n.stops.add("agent", func() { n.agent.Close() })
	n.pool = rpc.NewPool(n.identity)
	n.stops.add("rpc connections", n.pool.Close)
	if n.cfg.Server {
		if n.server, err = newServer(n); err != nil {
			return err
		}
	}
	if err := n.serveRPC(); err != nil {
		return err
	}
	if err := compat.WriteFormat(n.cfg.DataDir); err != nil { // all that is in it could be opened
		return err
	}
	if err := n.startGossip(); err != nil {
		return err
	}
	n.exposeMetrics()
	if err := n.serveHTTP(ctx); err != nil {
		return err
	}
	if n.server != nil {
		n.server.run()
	}
	go n.keepTags(n.streams)
	n.awaitIdentity(ctx)
	n.join(ctx)
	return nil
}

// prepareDataDir creates the data directory and checks that it can be written.
func (n *Node) prepareDataDir() error {
	if n.cfg.DataDir == "" {
		dir, err := os.MkdirTemp("", "dkron-dev-")
		if err != nil {
			return fmt.Errorf("create a data directory: %w", err)
		}
		n.cfg.DataDir = dir
		n.log.Info("temporary data directory; deleted at exit", "dir", dir)
		n.stops.add("data directory", func() { os.RemoveAll(dir) })
	}
	probe := filepath.Join(n.cfg.DataDir, ".probe")
	err := os.MkdirAll(n.cfg.DataDir, 0o700)
	if err == nil {
		err = os.WriteFile(probe, nil, 0o600)
	}
	if err != nil {
		return fmt.Errorf("data directory %s can't be written: %w; fix its permissions or choose another --data-dir", n.cfg.DataDir, err)
	}
	return os.Remove(probe)
}

func (n *Node) serveRPC() error {
	var leader request.Doer
	var cluster rpc.Cluster
	if n.server != nil {
		leader, cluster = n.server.requests(), n.server
	}
	n.rpc = rpc.NewServer(n.listener, n.shares.RPC, answers{n}, leader, cluster, door{n}, n.log)
	n.stops.add("rpc", n.rpc.Close) // behind consensus, whose connections it brings
	if n.server != nil {
		if err := n.server.open(n.rpc.Raft()); err != nil {
			return err
		}
	}
	go func() {
		if err := n.rpc.Serve(); err != nil {
			n.fail(fmt.Errorf("serve RPC: %w", err))
		}
	}()
	return nil
}

// answers is what every node answers to others.
type answers struct{ *Node }

// Name is this node's name.
func (a answers) Name() string { return a.cfg.NodeName }

// Attach lets a leader's stream reach the agent.
func (a answers) Attach(ctx context.Context, l rpc.NodeLink) error { return a.agent.Attach(ctx, l) }

// Leave makes this node leave the cluster and end; it returns when it has left.
func (a answers) Leave(ctx context.Context) (rpc.LeaveReply, error) {
	kept, err := a.askToLeave(ctx)
	return rpc.LeaveReply{Node: a.cfg.NodeName, Kept: kept}, err
}

// fail reports that a part has failed that the node can't live without.
func (n *Node) fail(err error) {
	select {
	case n.failed <- err:
	default:
	}
}
