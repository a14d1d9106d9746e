package app

import (
	"context"
	"errors"
	"time"

	"dkron"
	"dkron/internal/compat"
	"dkron/internal/consensus"
	"dkron/internal/gossip"
	"dkron/internal/rpc"
	"dkron/internal/telemetry"
)

// promoteWithin is how many entries a new server may be behind when it becomes a voter.
const promoteWithin = 256

// keepMembership keeps Raft's configuration like the live servers: a new one is added without a vote at once and
// becomes a voter when it has caught up; the address of one that has moved is corrected; one that has left for good is removed, if it could not do so itself. One that
// failed, or only stopped, stays: it may come back, and with it the majority of a cluster that was stopped as a whole.
func (s *server) keepMembership(ctx context.Context, _ uint64) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		began := time.Now()
		err := s.reconcile(ctx)
		s.node.metrics.Took(telemetry.TookReconcile, time.Since(began), 1)
		if err != nil && ctx.Err() == nil {
			s.log.Warn("could not update Raft's configuration; trying again", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-s.changed:
		case <-tick.C:
		}
	}
}

// reconcile is one pass. What fails for one server does not hinder another.
func (s *server) reconcile(ctx context.Context) error {
	servers, _, err := s.consensus.Servers()
	if err != nil {
		return err
	}
	var errs []error
	members := s.node.members()
	for _, m := range members {
		if m.Status != gossip.StatusAlive {
			s.expelled.forget(m.Name) // if it comes back, it was started again
		} else if m.Tags["region"] == s.node.cfg.Region && m.Tags["server"] == "true" {
			errs = append(errs, s.admit(ctx, servers, m))
		}
	}
	for _, name := range leavers(members) {
		if sv, ok := find(servers, name); ok && (!sv.Voter || uncommittable(voters(servers, members, name)) == "") {
			s.log.Info("server has left the cluster", "server", name)
			_, err := s.remove(ctx, name)
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// timed measures the change of one server.
func (s *server) timed(change func() error) error {
	began := time.Now()
	defer func() { s.node.metrics.Took(telemetry.TookReconcileMember, time.Since(began), 1) }()
	return change()
}

// admit adds a live server, or promotes it if it has no vote yet.
func (s *server) admit(ctx context.Context, servers []consensus.Server, m gossip.Member) error {
	addr := m.Tags["rpc_addr"]
	if addr == "" || m.Tags[stoppingTag] != "" || s.expelled.has(m.Name) {
		return nil
	}
	have, known := find(servers, m.Name)
	if known && have.Voter && have.Address == addr {
		return nil
	}
	status, err := s.status(ctx, m.Name, addr) // gossip may not have noticed yet that it is gone
	if err == nil && s.node.identity.SpeakRaft(m.Name, compat.Parse(status.Speaks)) != nil {
		return nil // it is reported, and stays out until it is upgraded
	}
	if err == nil {
		err = s.admissible(status, servers, m.Name)
	}
	switch {
	case errors.Is(err, dkron.ErrForeign):
		return s.refuseServer(ctx, have, m, err)
	case err != nil:
		return nil // not yet; the next pass looks again
	case !known:
		s.log.Info("server joins the cluster", "server", m.Name, "addr", addr)
		return s.timed(func() error { return s.consensus.AddServer(ctx, m.Name, addr, false) })
	case have.Address != addr:
		s.log.Info("server's address differs from Raft's configuration; correcting it", "server", m.Name, "addr", addr, "before", have.Address)
		s.node.metrics.AddressCorrected()
		return s.timed(func() error { return s.consensus.AddServer(ctx, m.Name, addr, have.Voter) })
	case status.Applied+promoteWithin < s.consensus.Applied(), status.Cluster != s.node.identity.Cluster():
		return nil
	}
	s.log.Info("server has caught up and becomes a voter", "server", m.Name)
	return s.timed(func() error { return s.consensus.AddServer(ctx, m.Name, addr, true) })
}

// status asks a server how far it is, and where it belongs. Another node at its address does not answer for it.
func (s *server) status(ctx context.Context, name, addr string) (*rpc.ServerStatus, error) {
	client, err := s.node.pool.Node(name, addr)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	return client.Status(ctx)
}

// asker carries bootstrap proposals.
type asker struct{ pool *rpc.Pool }

func (a asker) Ask(ctx context.Context, peer consensus.Server, p consensus.Proposal) (consensus.Answer, error) {
	client, err := a.pool.Node(peer.ID, peer.Address)
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
