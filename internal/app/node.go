package app

import (
	"context"
	"log/slog"
	"maps"
	"net"
	"os"
	"sync"

	"dkron/builtin"
	"dkron/internal/agent"
	"dkron/internal/compat"
	"dkron/internal/config"
	"dkron/internal/executor"
	"dkron/internal/gossip"
	"dkron/internal/httpserver"
	"dkron/internal/identity"
	"dkron/internal/limit"
	"dkron/internal/membership"
	"dkron/internal/pluginhost"
	"dkron/internal/roster"
	"dkron/internal/rpc"
	"dkron/internal/telemetry"
	"dkron/internal/vitals"
)

// Node is a running member of the cluster, made by Start.
type Node struct {
	cfg      *config.Config
	addr     config.Addresses
	version  string
	log      *slog.Logger
	stops    stops
	stopping sync.Once
	failed   chan error // the first failure of a part that the node can't do without
	metrics  *telemetry.Metrics
	shares   limit.Shares // of file descriptors
	guard    *httpserver.Guard

	living    context.Context // until the node begins to stop
	endLiving context.CancelFunc
	// streams ends HTTP answers that have no end of their own. They continue while the node leaves.
	streams    context.Context
	endStreams context.CancelFunc

	identity  *identity.Guard
	catalogue *executor.Catalogue
	processed *executor.Processors
	plugins   *pluginhost.Host
	meter     *vitals.Meter // of the load
	agent     *agent.Agent
	pool      *rpc.Pool
	view      *roster.View
	gossip    *gossip.Pool
	published *membership.Published
	departure *membership.Departure
	rpc       *rpc.Server
	server    *server  // nil on an agent
	http      net.Addr // nil: no HTTP port
}

// build builds the rooms from the bottom up, and starts them. Each needs only those built before it.
func (n *Node) build(ctx context.Context) (err error) {
	if n.addr, err = n.cfg.Addresses(); err != nil {
		return err
	}
	for _, notice := range n.addr.Notices {
		n.log.Warn(notice)
	}
	n.stops.add("metrics dump", n.metrics.DumpOnSignal(os.Stderr, n.log))
	if err := n.metrics.TakeLibraries(); err != nil {
		return err
	}
	if err := n.openDataDir(); err != nil {
		return err
	}
	port, err := n.listenRPC()
	if err != nil {
		return err
	}
	named, err := n.openIdentity() // after the port: --accept-cluster applies once, and not at a failed start
	if err != nil {
		return err
	}
	if err := n.openAgent(); err != nil {
		return err
	}
	n.pool = rpc.NewPool(n.identity)
	n.stops.add("rpc connections", n.pool.Close)
	members := new(roster.Roster)
	var log *ledger
	known := func(string) bool { return false } // an agent knows no servers
	if n.cfg.Server {
		if log, err = n.openLedger(port.Raft(), members, named); err != nil {
			return err
		}
		known = log.raft.Has
	}
	if err := compat.WriteFormat(n.cfg.DataDir); err != nil { // all that is in it could be opened
		return err
	}
	gate := identity.NewGate(n.identity, known, members.Has)
	entrance := membership.NewDoor(gate, n.cfg.NodeName, n.cfg.Region)
	n.view = roster.NewView(members, n.cfg.Region, entrance.Foreign)
	if err := n.openGossip(entrance, members); err != nil {
		return err
	}
	n.joinRooms(log)
	n.serveRPC(port, gate)
	n.exposeMetrics()
	if err := n.serveHTTP(); err != nil {
		return err
	}
	n.run(ctx)
	return nil
}

// joinRooms builds the rooms that need to know other nodes. log is nil on an agent.
func (n *Node) joinRooms(log *ledger) {
	leaving := membership.Leaving{
		Worker: n.agent, DrainTimeout: n.cfg.DrainTimeout, Gossip: n.gossip, Published: n.published, View: n.view, Logger: n.log,
	}
	if log != nil {
		n.server = newServer(n, log, leaving)
		n.departure = n.server.departure
		return
	}
	n.departure = membership.NewDeparture(leaving)
}

// run starts the background work.
func (n *Node) run(ctx context.Context) {
	if n.server != nil {
		n.server.run()
	}
	go n.published.Keep(n.living)
	n.identity.Await(ctx) // before other nodes are met by their addresses
	n.published.Publish() // they must see to which cluster this node belongs
	n.join(n.living)
}

// openDataDir makes the data directory ready.
func (n *Node) openDataDir() error {
	dir, err := identity.OpenDir(n.cfg.DataDir, n.log)
	if err != nil {
		return err
	}
	n.cfg.DataDir = dir.Path
	n.stops.add("data directory", dir.Close)
	return nil
}

// openAgent builds the room that runs executions.
func (n *Node) openAgent() (err error) {
	executors := builtin.New(n.log)
	n.stops.add("executors", executors.Close)
	n.stops.add("orphans", executors.ReapOrphans(n.log))
	n.plugins = pluginhost.New(pluginhost.Config{Dirs: n.cfg.PluginDirs, Builtin: executors.Names(), Guard: n.cfg.PluginGuard, Logger: n.log})
	n.stops.add("plugins", n.plugins.Close)
	all := executors.ByName()
	maps.Copy(all, n.plugins.Executors())
	if n.catalogue, err = executor.NewCatalogue(append(executors.Names(), n.plugins.Names()...), all); err != nil {
		return err
	}
	processors := builtin.NewProcessors(builtin.ProcessorOptions{FilesDir: n.cfg.ProcessorFilesDir})
	if n.processed, err = executor.NewProcessors(processors.Names(), processors.ByName()); err != nil {
		return err
	}
	n.meter = vitals.NewMeter()
	go n.meter.Run(n.living)
	n.agent, err = agent.Open(agent.Config{
		NodeName: n.cfg.NodeName, DataDir: n.cfg.DataDir, MaxRunning: n.shares.Runs, Logger: n.log, OnResult: n.metrics.RanHere,
		OnShortage: n.metrics.ShortageHere, Cluster: n.identity, Load: n.meter.Load,
		Executors: all,
	})
	if err != nil {
		return err
	}
	n.stops.add("agent", func() { n.agent.Close() })
	return nil
}

// fail reports the failure of a part that the node can't do without.
func (n *Node) fail(err error) {
	select {
	case n.failed <- err:
	default:
	}
}
