package app

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"dkron/internal/access"
	"dkron/internal/authority"
	"dkron/internal/consensus"
	"dkron/internal/control"
	"dkron/internal/deliver"
	"dkron/internal/dispatch"
	"dkron/internal/example"
	"dkron/internal/executor"
	"dkron/internal/keyring"
	"dkron/internal/leader"
	"dkron/internal/membership"
	"dkron/internal/pluginhost"
	"dkron/internal/plugins"
	"dkron/internal/proxy"
	"dkron/internal/relay"
	"dkron/internal/rerun"
	"dkron/internal/rpc"
	"dkron/internal/scheduler"
	"dkron/internal/standing"
	"dkron/internal/vault"
)

// server is the part of a node that only servers have.
type server struct {
	*ledger
	node       *Node
	log        *slog.Logger
	servers    servers
	bootstrap  *consensus.Bootstrapper
	fleet      *dispatch.Fleet
	live       *dispatch.Live
	control    *control.Control
	proxy      *proxy.Proxy
	vault      *vault.Vault
	membership *membership.Membership
	departure  *membership.Departure
	standing   *standing.Standing
	bells      *standing.Bells
	plugins    *plugins.Surveyor
	catalogue  *executor.Catalogue
	processors *executor.Processors
	judge      control.Judge
	access     *access.Authorizer
	http       http.Handler // the API
}

// newServer builds a server's rooms on top of its log.
func newServer(n *Node, l *ledger, leaving membership.Leaving) *server {
	s := &server{ledger: l, node: n, log: n.log, live: dispatch.NewLive(), bells: new(standing.Bells)}
	s.servers = servers{l.raft, rpc.NewLeader(rpc.NewRegion(n.pool, n.view), n.cfg.NodeName, l.raft.Leader, s.live)}
	s.bootstrap = s.newBootstrapper()
	s.fleet = dispatch.NewFleet(n.cfg.NodeName, reachable{n.view, n.identity}, connector{n}, n.log)
	s.membership = membership.New(membership.Config{
		Name: n.cfg.NodeName, Raft: l.raft, Log: l.raft, View: n.view, Servers: s.servers, Identity: n.identity,
		Observer: n.metrics, Logger: n.log,
	})
	s.plugins = plugins.NewSurveyor(plugins.Config{
		Name: n.cfg.NodeName, Own: n.plugins, Nodes: rpc.NewNodes(n.pool), Members: n.view.Nodes, Logger: n.log,
	})
	s.catalogue = executor.NewCatalogue(n.executors, others(s.plugins, pluginhost.Executor))
	s.processors = executor.NewProcessors(n.processors, others(s.plugins, pluginhost.Processor))
	s.judge = executor.Judge(s.catalogue, s.processors)
	s.control = control.New(control.Config{
		Log: proposals{l.raft, s.membership}, State: l.state, Fleet: s.fleet, Judge: s.judge, Suits: s.catalogue.Suits,
		Observer: n.metrics, Channels: n.notifier.Channels(), CheckChannel: n.outbox.Check,
	})
	s.proxy = proxy.New(s.control, s.servers)
	n.authority.Serve(authority.Server{Store: l.state, Proposer: s.control, Raft: l.raft, Membership: s.membership, Leader: s.servers})
	s.vault = &vault.Vault{Keys: n.keys, Store: l.state, Protected: n.protection.Required, Sync: s.proxy.Sync}
	leaving.Membership = s.membership
	s.departure = membership.NewDeparture(leaving)
	s.standing = standing.New(standing.Config{
		Name: n.cfg.NodeName, Cluster: n.identity.Cluster, Log: l.raft, Waiter: l.raft, Servers: s.servers, View: n.view,
		Loads: s.fleet, State: l.machine.Health, Leaving: s.departure.Err, Progress: l.progress,
		Notices: standing.NewNotices(n.metrics, n.agent.Skew, n.notices), Logger: n.log,
	})
	s.http = n.tracer.Handler(s.api())
	n.view.Watch(s.membersChanged)
	l.raft.WatchLeader(s.bells.Leader.Ring)
	return s
}

// others returns what is known of the plugins of all nodes that are of a kind.
func others(s *plugins.Surveyor, kind pluginhost.Kind) func() []executor.Other {
	return func() (all []executor.Other) {
		for _, o := range s.Others(string(kind)) {
			all = append(all, executor.Other{Name: o.Name, Schema: o.Schema})
		}
		return all
	}
}

func (s *server) newBootstrapper() *consensus.Bootstrapper {
	cfg := s.node.cfg
	self := consensus.Server{ID: cfg.NodeName, Address: s.node.addr.RPCAdvertise, Voter: true}
	expect := cfg.BootstrapExpect
	if cfg.Bootstrap || cfg.Dev {
		expect = 1
	}
	founders := func() []consensus.Server { return s.node.view.Founders(cfg.BootstrapExpect) }
	return consensus.NewBootstrapper(self, expect, s.raft.Node, founders, s.servers, s.log)
}

// membersChanged wakes the rooms that depend on the members.
func (s *server) membersChanged() {
	s.fleet.Changed()
	s.raft.ServersMoved()
	s.bells.Members.Ring()
	s.membership.MembersChanged()
}

// answers is what this server serves to other nodes.
func (s *server) answers() *rpc.Cluster {
	return &rpc.Cluster{
		Membership: s.membership, Standing: s.standing, Founder: s.bootstrap, HTTP: relay.Origin{Handler: s.http},
		Live: s.live, Loads: s.fleet, Authority: s.node.authority, Secrets: s.vault,
		Keys:  keyring.NewKeeper(keyring.Config{Name: s.node.cfg.NodeName, Own: s.node.keyring, Nodes: rpc.NewNodes(s.node.pool), Members: s.node.view.Nodes, Logger: s.log}),
		Audit: s.node.audit, Noted: s.node.audit.Called,
	}
}

// run starts background work that lasts until the node has stopped. It continues while the node stops, since draining
// needs it.
func (s *server) run() {
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		if err := s.bootstrap.Run(ctx); err != nil && ctx.Err() == nil {
			s.node.fail(fmt.Errorf("bootstrap: %w", err))
		}
	}()
	go func() {
		select {
		case <-s.raft.Done():
			s.node.fail(fmt.Errorf("consensus stopped: %w", s.raft.Err()))
		case <-ctx.Done():
		}
	}()
	go s.standing.CatchUp(ctx)
	go s.access.Run(ctx)
	go s.alarm().Watch(ctx)
	if s.node.cfg.Dev {
		go example.Create(ctx, s.raft.AwaitLeader, s.proxy, s.log)
	}
	compacted := make(chan struct{})
	go func() {
		defer close(compacted)
		_ = s.state.KeepCompact(ctx, standing.Compacted(s.log))
	}()
	served := make(chan struct{})
	go func() {
		defer close(served)
		leader.Serve(s.terms(ctx), s.duties(), s.node.metrics.TermEnded, s.log)
	}()
	s.node.stops.add("leader duties", func() {
		cancel()
		<-served
		<-compacted
	})
}

// terms are this server's terms as leader. They also end with ctx.
func (s *server) terms(ctx context.Context) <-chan leader.Term {
	out := make(chan leader.Term)
	go func() {
		defer close(out)
		for t := range s.raft.Terms(ctx) {
			s.node.metrics.TermBegan(t.Settled)
			tctx, cancel := context.WithCancel(t.Ctx)
			stop := context.AfterFunc(ctx, cancel)
			select {
			case out <- leader.Term{Number: t.Number, Ctx: tctx}:
			case <-ctx.Done():
			}
			context.AfterFunc(t.Ctx, func() { stop(); cancel() })
		}
	}()
	return out
}

// duties is the work of the leader.
func (s *server) duties() []leader.Duty {
	return []leader.Duty{
		{Name: "dispatch", Run: func(ctx context.Context, term uint64) error {
			cfg := dispatch.Config{Configure: s.catalogue.Configure, OnGathered: s.node.metrics.Gathered}
			return dispatch.New(cfg, term, s.state, s.control, s.fleet, s.live, s.log).Run(ctx)
		}},
		{Name: "scheduler", Run: func(ctx context.Context, _ uint64) error {
			began := time.Now()
			s.fleet.Settle(ctx)
			sched := scheduler.New(s.state, s.control, s.standing, s.standing.Notices, s.log)
			s.node.metrics.SchedulerStarted(sched.Jobs(), time.Since(began))
			return sched.Run(ctx)
		}},
		{Name: "rerun", Run: func(ctx context.Context, _ uint64) error {
			return rerun.New(s.state, s.control, s.node.metrics.RerunFailed, s.log).Run(ctx)
		}},
		{Name: "deliver", Run: func(ctx context.Context, term uint64) error {
			return deliver.New(deliver.Config{
				Node: s.node.cfg.NodeName, Term: term, Nodes: deliver.Everywhere{Own: s.node.here, Members: s.node.view.Nodes, Remote: rpc.NewNodes(s.node.pool)}, State: s.state, Recorder: s.control,
				Find: s.node.find, Count: s.node.metrics.Delivered,
				Notifier: s.node.notifier, Notified: s.node.metrics.Notified, Logger: s.log,
			}).Run(ctx)
		}},
		{Name: "courier", Run: func(ctx context.Context, _ uint64) error { return s.courier().Run(ctx) }},
		{Name: "heartbeat", Run: func(ctx context.Context, _ uint64) error { return s.alarm().Beat(ctx) }},
		{Name: "membership", Run: func(ctx context.Context, _ uint64) error { return s.membership.Keep(ctx) }},
		{Name: "authority", Run: func(ctx context.Context, _ uint64) error { return s.node.authority.Keep(ctx) }},
		{Name: "history", Run: func(ctx context.Context, _ uint64) error { return s.control.KeepClean(ctx) }},
		{Name: "protocol", Run: func(ctx context.Context, _ uint64) error { return s.control.KeepAgreed(ctx) }},
		{Name: "identity", Run: func(ctx context.Context, _ uint64) error {
			return s.membership.Identify(ctx, clusterID{s.state, s.control})
		}},
	}
}
