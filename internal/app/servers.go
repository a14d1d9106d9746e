package app

import (
	"cmp"
	"context"
	"time"

	"dkron"
	"dkron/internal/consensus"
	"dkron/internal/dispatch"
	"dkron/internal/membership"
	"dkron/internal/request"
	"dkron/internal/roster"
	"dkron/internal/rpc"
	"dkron/internal/standing"
)

const (
	askStatus = 2 * time.Second // limit of a server's status report
	askOutput = time.Second
	applyTime = 5 * time.Second // limit for this server to apply what the leader did for it
)

// servers calls other servers by RPC.
type servers struct {
	consensus.Log
	self string
	view *roster.View
	pool *rpc.Pool
}

// at returns a client of a server at its current address: its entry in gossip is newer than Raft's configuration.
func (s servers) at(name, configured string) (*rpc.Client, error) {
	return s.pool.Node(name, cmp.Or(s.view.Where(name, s.view.Region()), configured))
}

func (s servers) leader() (*rpc.Client, error) {
	id, addr := s.Leader()
	if id == "" || id == s.self {
		return nil, dkron.ErrNoLeader
	}
	return s.at(id, addr)
}

// Status asks the server at an address for its log position and its cluster.
func (s servers) Status(ctx context.Context, name, addr string) (*membership.Status, error) {
	client, err := s.pool.Node(name, addr)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, askStatus)
	defer cancel()
	return client.Status(ctx)
}

// RemovePeer asks the leader to remove a server from Raft's configuration.
func (s servers) RemovePeer(ctx context.Context, r membership.PeerRequest) (*membership.PeerReply, error) {
	client, err := s.leader()
	if err != nil {
		return nil, err
	}
	return client.RemovePeer(ctx, r)
}

// LeaderApplied asks the leader which index its state has.
func (s servers) LeaderApplied(ctx context.Context) (uint64, error) {
	client, err := s.leader()
	if err != nil {
		return 0, err
	}
	status, err := client.Status(ctx)
	if err != nil {
		return 0, err
	}
	return status.Applied, nil
}

// Report asks a server for its report.
func (s servers) Report(ctx context.Context, sv roster.Server) (*standing.Report, error) {
	client, err := s.at(sv.ID, sv.Address)
	if err != nil {
		return nil, err
	}
	return client.Report(ctx)
}

// Remote returns the leader, see proxy.Cluster.
func (s servers) Remote(context.Context) (request.Doer, error) {
	c, err := s.leader()
	if err != nil {
		return nil, err
	}
	return c, nil
}

// WaitApplied returns once the state contains the entry with the given index.
func (s servers) WaitApplied(ctx context.Context, index uint64) error {
	ctx, cancel := context.WithTimeout(ctx, applyTime)
	defer cancel()
	return s.Log.WaitApplied(ctx, index)
}

// Ask sends a proposal of the first configuration.
func (s servers) Ask(ctx context.Context, peer consensus.Server, p consensus.Proposal) (consensus.Answer, error) {
	client, err := s.pool.Node(peer.ID, peer.Address)
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

// live is the output of running executions, which only the leader has.
type live struct {
	own     *dispatch.Live
	servers servers
}

// Output returns live output, from the leader.
func (l live) Output(ctx context.Context, keys []dkron.ExecutionKey, from []uint64) []dkron.Chunk {
	chunks := l.own.Output(keys, from)
	if client, err := l.servers.leader(); err == nil {
		ctx, cancel := context.WithTimeout(ctx, askOutput)
		defer cancel()
		chunks, _ = client.Output(ctx, keys, from)
	}
	return chunks
}

// loads is how busy the nodes are, which only the leader knows.
type loads struct {
	own     *dispatch.Fleet
	servers servers
}

// Loads returns the load of the nodes, from the leader.
func (l loads) Loads(ctx context.Context) []dkron.NodeLoad {
	client, err := l.servers.leader()
	if err != nil {
		return l.own.Loads()
	}
	ctx, cancel := context.WithTimeout(ctx, askOutput)
	defer cancel()
	list, _ := client.Loads(ctx) // a leader of an older version does not know the call
	return list
}

// founder answers other servers' proposals of the first configuration.
type founder struct{ *consensus.Bootstrapper }

// ProposeFounding answers one proposal.
func (f founder) ProposeFounding(p rpc.Proposal) rpc.ProposalAnswer {
	var servers []consensus.Server
	for i := range min(len(p.IDs), len(p.Addresses)) {
		servers = append(servers, consensus.Server{ID: p.IDs[i], Address: p.Addresses[i], Voter: true})
	}
	a := f.Handle(consensus.Proposal{Coordinator: p.Coordinator, Servers: servers})
	return rpc.ProposalAnswer{Granted: a.Granted, HasState: a.HasState, Reason: a.Holder}
}
