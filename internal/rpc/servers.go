package rpc

import (
	"cmp"
	"context"
	"slices"
	"time"

	"dkron"
	"dkron/internal/audit"
	"dkron/internal/relay"
	"dkron/internal/request"
	"dkron/internal/roster"
)

const (
	askStatus = 2 * time.Second // limit of a server's status report
	askOutput = time.Second
)

// Region calls the servers of a region, each at its current address.
type Region struct {
	pool *Pool
	view *roster.View
}

// NewRegion returns the region of a view.
func NewRegion(pool *Pool, view *roster.View) *Region { return &Region{pool, view} }

// at returns a client of a server. Its entry in gossip is newer than Raft's configuration.
func (r *Region) at(name, configured string) (*Client, error) {
	return r.pool.Node(name, cmp.Or(r.view.Where(name, r.view.Region()), configured))
}

// Names returns the names of the live servers, sorted.
func (r *Region) Names() (names []string) {
	for _, m := range r.view.Live() {
		if m.Server {
			names = append(names, m.Name)
		}
	}
	slices.Sort(names)
	return names
}

// Send sends an HTTP request to a server; see relay.Servers.
func (r *Region) Send(ctx context.Context, server string, req *HTTPRequest) (relay.Answer, error) {
	client, err := r.at(server, "")
	if err != nil {
		return nil, err
	}
	answer, err := client.HTTP(ctx, req)
	if err != nil {
		return nil, err
	}
	return answer, nil
}

// Status asks the server at an address for its log position and its cluster.
func (r *Region) Status(ctx context.Context, name, addr string) (*ServerStatus, error) {
	client, err := r.pool.Node(name, addr)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, askStatus)
	defer cancel()
	return client.Status(ctx)
}

// Secrets asks a server for the secrets of an execution on this node.
func (r *Region) Secrets(ctx context.Context, server string, q *dkron.SecretQuestion) (*dkron.SecretAnswer, error) {
	client, err := r.at(server, "")
	if err != nil {
		return nil, err
	}
	a, err := client.Secrets(ctx, q)
	return a, served(err, "give secrets to nodes")
}

// OwnAudit asks a server for its own records of the audit.
func (r *Region) OwnAudit(ctx context.Context, sv roster.Server, q *audit.Question) (*audit.Answer, error) {
	client, err := r.at(sv.ID, sv.Address)
	if err != nil {
		return nil, err
	}
	return client.Audit(ctx, q)
}

// Report asks a server for its report.
func (r *Region) Report(ctx context.Context, sv roster.Server) (*ServerReport, error) {
	client, err := r.at(sv.ID, sv.Address)
	if err != nil {
		return nil, err
	}
	return client.Report(ctx)
}

// Ask sends a proposal of the first configuration.
func (r *Region) Ask(ctx context.Context, peer roster.Server, p Proposal) (ProposalAnswer, error) {
	client, err := r.pool.Node(peer.ID, peer.Address)
	if err != nil {
		return ProposalAnswer{}, err
	}
	answer, err := client.ProposeFounding(ctx, &p)
	return *answer, err
}

// Leader calls the server that leads, and the others as Region does.
type Leader struct {
	*Region
	self string
	find func() (id, addr string)
	own  Live
}

// NewLeader returns the leader that find names, as seen by the server called self: the calls fail with ErrNoLeader if it
// leads itself. own is the live output that it then has.
func NewLeader(region *Region, self string, find func() (id, addr string), own Live) *Leader {
	return &Leader{region, self, find, own}
}

func (l *Leader) client() (*Client, error) {
	id, addr := l.find()
	if id == "" || id == l.self {
		return nil, dkron.ErrNoLeader
	}
	return l.at(id, addr)
}

// Remote returns the leader, see proxy.Cluster.
func (l *Leader) Remote(context.Context) (request.Doer, error) {
	c, err := l.client()
	if err != nil {
		return nil, err
	}
	return c, nil
}

// RemovePeer asks the leader to remove a server from Raft's configuration.
func (l *Leader) RemovePeer(ctx context.Context, r PeerRequest) (*PeerReply, error) {
	client, err := l.client()
	if err != nil {
		return nil, err
	}
	return client.RemovePeer(ctx, r)
}

// LeaderApplied asks the leader which index its state has.
func (l *Leader) LeaderApplied(ctx context.Context) (uint64, error) {
	client, err := l.client()
	if err != nil {
		return 0, err
	}
	status, err := client.Status(ctx)
	if err != nil {
		return 0, err
	}
	return status.Applied, nil
}

// Output returns the live output of running executions, from the leader. Without an answer there is none.
func (l *Leader) Output(ctx context.Context, keys []dkron.ExecutionKey, from []uint64) []dkron.Chunk {
	client, err := l.client()
	if err != nil {
		return l.own.Output(keys, from)
	}
	ctx, cancel := context.WithTimeout(ctx, askOutput)
	defer cancel()
	chunks, _ := client.Output(ctx, keys, from)
	return chunks
}

// NodeLoads asks the leader how busy the nodes are. A leader of a version before 0.2.0 does not know the call.
func (l *Leader) NodeLoads(ctx context.Context) ([]dkron.NodeLoad, error) {
	client, err := l.client()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, askOutput)
	defer cancel()
	return client.Loads(ctx)
}
