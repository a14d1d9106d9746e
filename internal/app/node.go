package app

import (
	"context"
	"log/slog"
	"maps"
	"net"
	"path/filepath"
	"sync"

	"dkron/builtin"
	"dkron/internal/aclapi"
	"dkron/internal/agent"
	"dkron/internal/auditapi"
	"dkron/internal/authority"
	"dkron/internal/compat"
	"dkron/internal/config"
	"dkron/internal/deliver"
	"dkron/internal/executor"
	"dkron/internal/gossip"
	"dkron/internal/httpserver"
	"dkron/internal/identity"
	"dkron/internal/keyring"
	"dkron/internal/limit"
	"dkron/internal/membership"
	"dkron/internal/nodetls"
	"dkron/internal/notify"
	"dkron/internal/pluginhost"
	"dkron/internal/reach"
	"dkron/internal/roster"
	"dkron/internal/rpc"
	"dkron/internal/secret"
	"dkron/internal/spool"
	"dkron/internal/telemetry"
	"dkron/internal/trace"
	"dkron/internal/vault"
	"dkron/internal/vitals"
	"dkron/plugin"
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
	tracer   *trace.Tracer // nil: nothing is traced
	shares   limit.Shares  // of file descriptors
	guard    *httpserver.Guard
	rates    *limit.Rates   // of clients
	openID   *aclapi.OpenID // nil: nobody signs in this way

	living    context.Context // until the node begins to stop
	endLiving context.CancelFunc
	// streams ends HTTP answers that have no end of their own. They continue while the node leaves.
	streams    context.Context
	endStreams context.CancelFunc

	certificate *nodetls.Material    // of the HTTP port; nil: the node has none
	protection  *nodetls.Material    // of connections between nodes; nil: they are not protected
	authority   *authority.Authority // nil: the node gets no certificate from its cluster
	reach       *reach.Policy
	keys        *secret.Keys // of a server
	secrets     *vault.Asker

	identity   *identity.Guard
	executors  *executor.Known
	processors *executor.Known
	find       func(processor string) plugin.Processor // of this node
	notifier   *notify.Notifier                        // nil on an agent
	outbox     *notify.Outbox                          // nil on an agent
	outputs    *spool.Spool
	here       *deliver.Node // the processors, with what ran here
	plugins    *pluginhost.Host
	meter      *vitals.Meter // of the load
	agent      *agent.Agent
	pool       *rpc.Pool
	view       *roster.View
	gossip     *gossip.Pool
	keyring    *keyring.Ring // the keys of gossip
	published  *membership.Published
	departure  *membership.Departure
	rpc        *rpc.Server
	audit      *auditapi.Audit // nil on an agent
	server     *server         // nil on an agent
	http       net.Addr        // nil: no HTTP port
}

// build builds the rooms from the bottom up, and starts them. Each needs only those built before it.
func (n *Node) build(ctx context.Context) (err error) {
	if err := n.readAddresses(); err != nil {
		return err
	}
	if err := n.openNotifier(); err != nil {
		return err
	}
	if err := n.openTelemetry(); err != nil {
		return err
	}
	if err := n.openDataDir(); err != nil {
		return err
	}
	if err := n.openCertificates(); err != nil {
		return err
	}
	n.openProvider()
	port, err := n.listenRPC()
	if err != nil {
		return err
	}
	log, named, err := n.openRecords() // after the port: --accept-cluster applies once, and not at a failed start
	if err != nil {
		return err
	}
	if err := n.openAgent(); err != nil {
		return err
	}
	n.pool = rpc.NewPool(n.identity, n.protection)
	n.stops.add("rpc connections", n.pool.Close)
	members := new(roster.Roster)
	known := func(string) bool { return false } // an agent knows no servers
	if log != nil {
		if err := n.openLog(log, port.Raft(), members, named); err != nil {
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
	n.openAuthority()
	n.joinRooms(log)
	n.serveRPC(port, gate)
	n.exposeMetrics()
	if err := n.serveHTTP(); err != nil {
		return err
	}
	n.run(ctx)
	return nil
}

// readAddresses reads at which addresses this node is, and which it calls.
func (n *Node) readAddresses() (err error) {
	if n.addr, err = n.cfg.Addresses(); err != nil {
		return err
	}
	for _, notice := range n.addr.Notices {
		n.log.Warn(notice)
	}
	n.reach, err = n.cfg.Reach()
	return err
}

// joinRooms builds the rooms that need to know other nodes. log is nil on an agent.
func (n *Node) joinRooms(log *ledger) {
	leaving := membership.Leaving{
		Worker: n.agent, DrainTimeout: n.cfg.DrainTimeout, Gossip: n.gossip, Published: n.published, View: n.view, Logger: n.log,
	}
	if log != nil {
		n.server = newServer(n, log, leaving)
		n.departure = n.server.departure
		n.secrets.Begin(n.server.vault, rpc.NewRegion(n.pool, n.view))
		return
	}
	n.secrets.Begin(nil, rpc.NewRegion(n.pool, n.view))
	n.departure = membership.NewDeparture(leaving)
}

// run starts the background work.
func (n *Node) run(ctx context.Context) {
	if n.server != nil {
		n.server.run()
	}
	go n.authority.Run(n.living)
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
	shell := builtin.ShellPolicy{SU: n.cfg.ShellAllowSU, Commands: n.cfg.ShellAllowCommands, Dirs: n.cfg.ShellAllowDirs, Env: n.cfg.ShellAllowEnv}
	executors := builtin.New(builtin.Options{Shell: shell, PassEnv: n.cfg.PassEnv, Reach: n.reach, Logger: n.log})
	n.stops.add("executors", executors.Close)
	n.stops.add("orphans", executors.ReapOrphans(n.log))
	processors := builtin.NewProcessors(builtin.ProcessorOptions{FilesDir: n.cfg.ProcessorFilesDir, ConfigDirs: n.cfg.ConfigDirs, Reach: n.reach, Logger: n.log})
	n.stops.add("processors", processors.Close)
	if n.executors, err = executor.KnownExecutors(executors.Names(), executors.ByName()); err != nil {
		return err
	}
	if n.processors, err = executor.KnownProcessors(processors.Names(), processors.ByName()); err != nil {
		return err
	}
	n.plugins = pluginhost.New(pluginhost.Config{
		Dirs: n.cfg.PluginDirs, Builtin: executors.Names(), Processors: processors.Names(), Guard: n.cfg.PluginGuard, PassEnv: n.cfg.PassEnv, Logger: n.log,
		MemoryLimit: uint64(n.cfg.PluginMemoryLimit) << 20, // the configuration refuses negative numbers
		Found:       func(kind pluginhost.Kind, name string) { n.known(kind).Add(name) }, Learn: n.learn,
	})
	n.stops.add("plugins", n.plugins.Close)
	all, own := executors.ByName(), processors.ByName()
	maps.Copy(all, n.plugins.Executors())
	maps.Copy(own, n.plugins.Processors())
	n.find = func(name string) plugin.Processor {
		if p, ok := own[name]; ok {
			return p
		}
		return n.plugins.FindProcessor(name)
	}
	if n.outputs, err = spool.Open(filepath.Join(n.cfg.DataDir, "agent", "outputs"), int64(n.cfg.ProcessorSpoolSize)<<20, n.log); err != nil {
		return err
	}
	n.meter = vitals.NewMeter()
	go n.meter.Run(n.living)
	n.secrets = vault.NewAsker(n.cfg.NodeName)
	n.agent, err = agent.Open(agent.Config{
		NodeName: n.cfg.NodeName, DataDir: n.cfg.DataDir, MaxRunning: n.shares.Runs, Logger: n.log, OnResult: n.metrics.RanHere,
		OnShortage: n.metrics.ShortageHere, OnJournal: n.metrics.JournalSynced, Trace: n.tracer.Order, Cluster: n.identity, Load: n.meter.Load,
		Executors: all, More: n.plugins.FindExecutor, AllowExecutors: n.cfg.AllowExecutors, Outputs: n.outputs, Secrets: n.secrets.Values,
	})
	if err != nil {
		return err
	}
	go n.outputs.Keep(n.living)
	n.here = deliver.NewNode(deliver.NodeConfig{Name: n.cfg.NodeName, Find: n.find, Outputs: n.outputs, Serves: n.agent.Serves})
	n.stops.add("agent", func() { n.agent.Close() })
	return nil
}

// known returns what is known of executors, or of processors.
func (n *Node) known(kind pluginhost.Kind) *executor.Known {
	if kind == pluginhost.Processor {
		return n.processors
	}
	return n.executors
}

// learn notes what a plugin says of itself. Only servers use that; they ask an agent's host for it.
func (n *Node) learn(kind pluginhost.Kind, name string, d pluginhost.Description) {
	if !n.cfg.Server {
		return
	}
	if err := n.known(kind).Learn(name, d.Schema, d.Check); err != nil {
		n.log.Warn("a plugin's description is not used: the page offers plain keys and values for it", "kind", kind, "plugin", name, "error", err)
	}
}

// fail reports the failure of a part that the node can't do without.
func (n *Node) fail(err error) {
	select {
	case n.failed <- err:
	default:
	}
}
