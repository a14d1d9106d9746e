// Package authority gives a cluster its own certificate authority, and nodes their certificates. The authority is in the
// replicated state, with its key sealed by the join secret; every server that knows the secret signs. See
// docs/adr/0048-a-cluster-signs-its-nodes.md.
package authority

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"dkron"
	"dkron/internal/nodetls"
	"dkron/internal/roster"
	"dkron/internal/state"
)

// Members is who is in the cluster.
type Members interface {
	// Nodes returns the members that are alive, or failed and may come back.
	Nodes() []dkron.Node
	// Live returns those that are alive.
	Live() []dkron.Node
}

// Others calls other nodes.
type Others interface {
	// Enrol asks a server for a certificate, on a connection of its own.
	Enrol(ctx context.Context, server dkron.Node, r *EnrolRequest) (*EnrolReply, error)
	// Trust asks a server what it knows of the authority.
	Trust(ctx context.Context, server dkron.Node, have *TrustRequest) (*Trust, error)
	// Probe connects to a node, and returns whom its certificate describes, and until when.
	Probe(ctx context.Context, node dkron.Node) (nodetls.Peer, time.Time, error)
}

// Node is what every node needs to get its certificate.
type Node struct {
	Name     string
	Server   bool
	RPCAddr  string // at which other nodes reach this one
	Material *nodetls.Material
	Members  Members
	Others   Others
	Cluster  func() string // the id of this node's cluster, empty if it does not know it
	Logger   *slog.Logger
}

// Server is what else a server needs.
type Server struct {
	Store      Store
	Proposer   Proposer
	Raft       Raft
	Membership Membership
	Leader     Leader
}

// Store is the replicated state.
type Store interface {
	Trust() (*state.Trust, error)
}

// Proposer writes to the log, on the leader.
type Proposer interface {
	// SetAuthority stores an authority in place of another. ErrConflict: the state has a third one.
	SetAuthority(ctx context.Context, ch state.TrustChange) error
	// Expel makes all nodes refuse a node, or accept it again.
	Expel(ctx context.Context, node string, readmit bool) error
}

// Raft knows Raft's configuration, and who leads.
type Raft interface {
	Servers() ([]roster.Server, error)
	// Leads returns nil if this server leads.
	Leads() error
}

// Membership changes Raft's configuration.
type Membership interface {
	// Expel removes a node from Raft's configuration if it is there, unless the others would have no majority then.
	Expel(ctx context.Context, node string) error
}

// Leader is the server that leads, if it is another one.
type Leader interface {
	Expel(ctx context.Context, r *ExpelRequest) (*ExpelReply, error)
}

// Authority gets this node's certificate and renews it. On a server it also signs those of others.
type Authority struct {
	Node
	Server
	log *slog.Logger

	mu      sync.Mutex // guards what follows
	lacking []string   // nodes without a certificate, while such nodes are accepted; on the leader
	since   time.Time  // since when this node has not got a certificate that it needs; zero: it needs none
	problem string     // why
}

// New returns the authority as an agent has it.
func New(n Node) *Authority { return &Authority{Node: n, log: n.Logger} }

// Serve makes it that of a server. A nil Authority is that of a node that gets no certificate from its cluster.
func (a *Authority) Serve(s Server) {
	if a == nil {
		return
	}
	a.Server = s
	t, err := s.Store.Trust()
	if err != nil {
		a.log.Error("could not read the cluster's authority from the state", "error", err)
		return
	}
	Learn(a.Material, a.log)(t)
}

// errNone says that a node gets no certificate from its cluster.
func errNone() error {
	return dkron.Error(dkron.ErrUnavailable, "this server gets no certificates from its cluster: it has no join secret, or certificates of its own")
}

// Learn returns what makes a node take over what the state says.
func Learn(m *nodetls.Material, log *slog.Logger) func(*state.Trust) {
	if !m.Auto() {
		return nil
	}
	return func(t *state.Trust) {
		if err := m.Learn(trustOf(t)); err != nil {
			log.Error("this server can't take over what the cluster says of its authority", "authority", nodetls.Fingerprint(t.Authority), "error", err)
		}
	}
}

func trustOf(t *state.Trust) nodetls.Trust {
	return nodetls.Trust{Version: t.Version, Authority: t.Authority, Join: t.Join, Strict: t.Strict, Expelled: t.Expelled}
}

// Notices is what people should know about this node's certificate, although the node works.
func (a *Authority) Notices() (list []string) {
	if a == nil {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.lacking) > 0 && !a.Material.Required() {
		list = append(list, "tls: connections without TLS are still accepted, since not all nodes have a certificate; missing: "+names(a.lacking))
	}
	if a.Material.Misfit() {
		list = append(list, "tls: this node's join secret is not that of its cluster; correct it, or the node's certificate will not be renewed")
	}
	if !a.since.IsZero() && time.Since(a.since) > reportAfter {
		list = append(list, "tls: this node can't get a certificate: "+a.problem)
	}
	return list
}
