package app

import (
	"context"
	"time"

	"dkron/internal/consensus"
	"dkron/internal/gossip"
	"dkron/internal/rpc"
	"dkron/internal/telemetry"
)

// promoteWithin is how many entries a new server may be behind when it becomes a voter.
const promoteWithin = 256

// keepMembership keeps Raft's configuration like the live servers: a new one is added without a vote at once and
// becomes a voter when it has caught up; one that left is removed. One that failed stays: it may come back.
func (s *server) keepMembership(ctx context.Context, _ uint64) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		began := time.Now()
		err := s.reconcile(ctx)
		s.node.metrics.Took(telemetry.TookReconcile, time.Since(began), 1)
		if err != nil && ctx.Err() == nil {
			s.log.Warn("cluster membership could not be brought up to date; tried again", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-s.changed:
		case <-tick.C:
		}
	}
}

func (s *server) reconcile(ctx context.Context) error {
	servers, _, err := s.consensus.Servers()
	if err != nil {
		return err
	}
	known := make(map[string]consensus.Server, len(servers))
	for _, sv := range servers {
		known[sv.ID] = sv
	}
	for _, m := range s.node.Members() {
		if !m.Server || m.RPCAddr == "" {
			continue
		}
		have, ok := known[m.Name]
		switch {
		case ok && have.Voter && have.Address == m.RPCAddr:
		case ok && have.Address == m.RPCAddr:
			err = s.timed(func() error { return s.promote(ctx, have) })
		default:
			s.log.Info("server joins the cluster", "server", m.Name, "addr", m.RPCAddr)
			err = s.timed(func() error { return s.consensus.AddServer(ctx, m.Name, m.RPCAddr, ok && have.Voter) })
		}
		if err != nil {
			return err
		}
	}
	for _, m := range s.node.gossip.Members() {
		if _, ok := known[m.Name]; ok && m.Status == gossip.StatusLeft && len(known) > 3 {
			s.log.Info("server has left the cluster", "server", m.Name)
			if err := s.timed(func() error { return s.consensus.RemoveServer(ctx, m.Name) }); err != nil {
				return err
			}
		}
	}
	return nil
}

// timed measures the change of one server.
func (s *server) timed(change func() error) error {
	began := time.Now()
	defer func() { s.node.metrics.Took(telemetry.TookReconcileMember, time.Since(began), 1) }()
	return change()
}

// promote makes a server a voter if it has caught up.
func (s *server) promote(ctx context.Context, sv consensus.Server) error {
	client, err := s.node.pool.Client(sv.Address)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	status, err := client.Status(ctx)
	if err != nil || status.Applied+promoteWithin < s.consensus.Applied() {
		return nil // not yet; the next pass looks again
	}
	s.log.Info("server has caught up and becomes a voter", "server", sv.ID)
	return s.consensus.AddServer(ctx, sv.ID, sv.Address, true)
}

// asker carries bootstrap proposals.
type asker struct{ pool *rpc.Pool }

func (a asker) Ask(ctx context.Context, peer consensus.Server, p consensus.Proposal) (consensus.Answer, error) {
	client, err := a.pool.Client(peer.Address)
	if err != nil {
		return consensus.Answer{}, err
	}
	req := &rpc.Proposal{Coordinator: p.Coordinator}
	for _, sv := range p.Servers {
		req.IDs, req.Addresses = append(req.IDs, sv.ID), append(req.Addresses, sv.Address)
	}
	answer, err := client.ProposeFounding(ctx, req)
	return consensus.Answer{Granted: answer.Granted, HasState: answer.HasState, Holder: answer.Reason}, err
}

// ProposeFounding answers another server's bootstrap proposal.
func (s *server) ProposeFounding(p rpc.Proposal) rpc.ProposalAnswer {
	var servers []consensus.Server
	for i := range min(len(p.IDs), len(p.Addresses)) {
		servers = append(servers, consensus.Server{ID: p.IDs[i], Address: p.Addresses[i], Voter: true})
	}
	a := s.bootstrap.Handle(consensus.Proposal{Coordinator: p.Coordinator, Servers: servers})
	return rpc.ProposalAnswer{Granted: a.Granted, HasState: a.HasState, Reason: a.Holder}
}
