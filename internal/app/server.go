package app

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"time"

	"dkron"
	"dkron/internal/command"
	"dkron/internal/compat"
	"dkron/internal/consensus"
	"dkron/internal/control"
	"dkron/internal/dispatch"
	"dkron/internal/leader"
	"dkron/internal/proxy"
	"dkron/internal/relay"
	"dkron/internal/request"
	"dkron/internal/rpc"
	"dkron/internal/scheduler"
	"dkron/internal/state"
	"dkron/internal/telemetry"
)

// server is what a server has beyond an agent.
type server struct {
	node         *Node
	log          *slog.Logger
	state        *state.Store
	machine      *command.Machine
	consensus    *consensus.Node
	bootstrap    *consensus.Bootstrapper
	control      *control.Control
	proxy        *proxy.Proxy
	fleet        *dispatch.Fleet
	live         *dispatch.Live
	relay.Origin               // the API
	changed      chan struct{} // capacity 1: members may have changed
	progress     progress
	expelled     expelled
	bells        bells
	notices      *notices

	identified chan struct{} // closed when the identity knows what this server's data says
}

func newServer(n *Node) (*server, error) {
	st, err := state.Open(filepath.Join(n.cfg.DataDir, "state", "state.db"))
	if err != nil {
		return nil, err
	}
	n.stops.add("state", func() { st.Close() })
	s := &server{node: n, log: n.log, state: st, live: dispatch.NewLive(), changed: make(chan struct{}, 1),
		identified: make(chan struct{})}
	s.notices = &notices{metrics: n.metrics, skew: n.agent.Skew, standing: n.notices}
	s.fleet = dispatch.NewFleet(n.cfg.NodeName, reachable{n}, connector{n}, n.log)
	st.OnEnded(s.count)
	st.OnCluster(s.settled)
	s.control = control.New(s, st, s.fleet, n.catalogue.Judge)
	s.proxy = proxy.New(s.requests(), s)
	s.Origin = relay.Origin{Handler: s.api()}
	return s, nil
}

// open joins the log. Raft's connections come from l.
func (s *server) open(l net.Listener) (err error) {
	n := s.node
	s.machine = command.NewMachine(s.state, n.log, func(err error) { panic(err) })
	s.consensus, err = consensus.Open(consensus.Config{
		ID: n.cfg.NodeName, AdvertiseAddr: n.addr.RPCAdvertise, DataDir: n.cfg.DataDir,
		LogStore: n.cfg.RaftLog, Multiplier: n.cfg.RaftMultiplier, Listener: l, Logger: n.log,
		Named: n.named, Dial: s.dialRaft, Where: n.where, OnMoved: n.metrics.ServerMoved,
	}, machine{s.machine, n.metrics})
	if err != nil {
		return err
	}
	n.stops.add("consensus", func() { s.consensus.Close() })
	if err := s.begin(); err != nil {
		return err
	}
	s.consensus.WatchLeader(s.bells.leader.ring)
	self := consensus.Server{ID: n.cfg.NodeName, Address: n.addr.RPCAdvertise, Voter: true}
	expect := n.cfg.BootstrapExpect
	if n.cfg.Bootstrap || n.cfg.Dev {
		expect = 1
	}
	s.bootstrap = consensus.NewBootstrapper(self, expect, s.consensus, n, asker{n.pool}, n.log)
	return nil
}

// run starts what goes on in the background until the node stops. It outlives the order to stop: what drains needs it.
func (s *server) run() {
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		if err := s.bootstrap.Run(ctx); err != nil && ctx.Err() == nil {
			s.node.fail(fmt.Errorf("bootstrap: %w", err))
		}
	}()
	go func() {
		select {
		case <-s.consensus.Done():
			s.node.fail(fmt.Errorf("consensus stopped: %w", s.consensus.Err()))
		case <-ctx.Done():
		}
	}()
	go s.catchUp(ctx)
	if s.node.cfg.Dev {
		go s.createExample(ctx)
	}
	compacted := make(chan struct{})
	go func() {
		defer close(compacted)
		_ = s.state.KeepCompact(ctx, s.compacted)
	}()
	served := make(chan struct{})
	go func() {
		defer close(served)
		leader.Serve(s.terms(ctx), s.duties(), s.log)
	}()
	s.node.stops.add("leader duties", func() {
		cancel()
		<-served
		<-compacted
	})
}

// compacted reports what became of an attempt to make the state's file smaller.
func (s *server) compacted(c state.Compaction, err error) {
	if err != nil {
		s.log.Warn("could not compact the state's file; trying again in ten minutes; nothing else is affected",
			"size", c.Before, "error", err)
		return
	}
	s.log.Info("compacted the state's file: much of it was free", "before", c.Before, "after", c.After)
}

func (s *server) terms(ctx context.Context) <-chan leader.Term {
	out := make(chan leader.Term)
	go func() {
		defer close(out)
		for t := range s.consensus.Terms(ctx) {
			s.node.metrics.TermBegan()
			s.node.metrics.Took(telemetry.TookBarrier, t.Settled, 1)
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

// duties is what this server does while it leads.
func (s *server) duties() []leader.Duty {
	return []leader.Duty{
		{Name: "dispatch", Run: func(ctx context.Context, term uint64) error {
			return dispatch.New(dispatch.Config{}, term, s.state, gathering{s.control, s.node.metrics}, s.fleet, s.live, s.log).Run(ctx)
		}},
		{Name: "scheduler", Run: func(ctx context.Context, _ uint64) error {
			began := time.Now()
			s.fleet.Settle(ctx)
			sched := scheduler.New(s.state, firing{s.control, s.node.metrics}, clocks{s}, s.notices, s.log)
			s.schedulerStarts(time.Since(began))
			return sched.Run(ctx)
		}},
		{Name: "membership", Run: s.keepMembership},
		{Name: "history", Run: func(ctx context.Context, _ uint64) error { return s.control.KeepClean(ctx) }},
		{Name: "identity", Run: s.identify},
	}
}

// Propose and Leads are control's log. The node is opened after control is built, but before anything calls it.
func (s *server) Propose(ctx context.Context, data []byte) (any, uint64, error) {
	began := time.Now()
	result, index, err := s.ordered().Propose(ctx, data)
	s.node.metrics.Proposed(fate(result, err), time.Since(began))
	return result, index, err
}

// ReadIndex is control's too.
func (s *server) ReadIndex(ctx context.Context) (uint64, error) { return s.ordered().ReadIndex(ctx) }

func (s *server) ordered() orderedLog { return orderedLog{s.consensus, s.node.cfg.NodeName} }

// Leads returns nil if this server believes that it leads.
func (s *server) Leads() error { return s.ordered().Leads() }

// Remote returns the leader, as proxy.Cluster says.
func (s *server) Remote(context.Context) (request.Doer, error) {
	c, err := s.leaderClient()
	if err != nil {
		return nil, err
	}
	return c, nil
}

func (s *server) leaderClient() (*rpc.Client, error) {
	id, addr := s.consensus.Leader()
	if id == "" || id == s.node.cfg.NodeName {
		return nil, dkron.ErrNoLeader
	}
	return s.node.clientOf(id, addr)
}

// WaitApplied returns when the state holds the entry with the given index.
func (s *server) WaitApplied(ctx context.Context, index uint64) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	return s.consensus.WaitApplied(ctx, index)
}

func (s *server) membersChanged() {
	s.fleet.Changed()
	s.consensus.ServersMoved()
	s.bells.members.ring()
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// ServerStatus, Propose and Output are answered to other nodes; see package rpc.
func (s *server) ServerStatus() rpc.ServerStatus {
	id, _ := s.consensus.Leader()
	status := rpc.ServerStatus{
		Applied: s.consensus.Applied(), Leader: id, Cluster: s.node.identity.Cluster(), Founded: s.consensus.HasState(), Knows: true,
		Speaks: compat.Own().String(),
	}
	if status.Cluster == "" {
		servers, _, _ := s.consensus.Servers() // without them it is known to nobody
		for _, sv := range servers {
			status.Peers = append(status.Peers, peerText(sv))
		}
	}
	return status
}

// Output returns live output; only the leader has any.
func (s *server) Output(keys []dkron.ExecutionKey, from []uint64) []dkron.Chunk {
	return s.live.Output(keys, from)
}
