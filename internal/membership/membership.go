package membership

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"dkron"
	"dkron/internal/compat"
	"dkron/internal/roster"
)

// promoteWithin is how many entries a new server may lack when it becomes a voter.
const promoteWithin = 256

// Raft reads and changes Raft's configuration. Only the leader can change it.
type Raft interface {
	// Servers returns the newest configuration that this server has.
	Servers() ([]roster.Server, error)
	AddServer(ctx context.Context, id, addr string, voter bool) error
	RemoveServer(ctx context.Context, id string) error
	// TransferLeadership makes the most up-to-date other voter the leader.
	TransferLeadership(ctx context.Context) error
	TransferLeadershipTo(ctx context.Context, to roster.Server) error
}

// Log is this server's view of the log and its leader.
type Log interface {
	// Leads returns nil if this server believes that it leads, otherwise why it can't do the leader's work.
	Leads() error
	Leader() (id, addr string)
	AwaitLeader(ctx context.Context) error
	Applied() uint64
	HasState() bool
}

// Servers asks other servers.
type Servers interface {
	// Status asks the server of the given name. Another node at its address does not answer for it.
	Status(ctx context.Context, name, addr string) (*Status, error)
	// RemovePeer asks the leader.
	RemovePeer(ctx context.Context, r PeerRequest) (*PeerReply, error)
}

// Identity is this server's cluster.
type Identity interface {
	Cluster() string
	// Kept returns the id that this server has on disk.
	Kept() string
	// Refused reports a refused server.
	Refused(via, who, cluster string, why error)
	// SpeakRaft returns an ErrForeign, and reports it, if a server's version does not let it be part of the cluster.
	SpeakRaft(server string, w compat.Window) error
}

// Observer counts and measures.
type Observer interface {
	// Reconciled is called after each pass, and ServerChanged after each change of one server.
	Reconciled(took time.Duration)
	ServerChanged(took time.Duration)
	AddressCorrected()
}

// Config is what a Membership needs.
type Config struct {
	Name     string // of this server
	Raft     Raft
	Log      Log
	View     *roster.View
	Servers  Servers
	Identity Identity
	Observer Observer
	Logger   *slog.Logger
}

// Membership maintains Raft's configuration. It is safe for concurrent use.
type Membership struct {
	Config
	log      *slog.Logger
	changed  chan struct{} // capacity 1: members may have changed; for Keep
	seen     chan struct{} // the same for Identify
	expelled expelled
	changing sync.Mutex // held while a server is removed, so that each removal sees the result of the one before
	stopping atomic.Pointer[roster.Stopping]
}

// New returns this server's view of the membership.
func New(cfg Config) *Membership {
	return &Membership{Config: cfg, log: cfg.Logger, changed: make(chan struct{}, 1), seen: make(chan struct{}, 1),
		expelled: expelled{until: make(map[string]time.Time)}}
}

// MembersChanged tells Keep and Identify to look at once: members may have come, gone or changed.
func (m *Membership) MembersChanged() {
	for _, c := range []chan struct{}{m.changed, m.seen} {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// Keep makes Raft's configuration match the live servers, while this server leads. It adds a new server at once,
// without a vote, and promotes it when it has caught up. It corrects the address of a server that has moved, and
// removes one that has left for good if the server could not do so itself. A server that failed, or only stopped,
// stays: it may come back, and with it the majority of a cluster that was stopped as a whole.
func (m *Membership) Keep(ctx context.Context) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		began := time.Now()
		err := m.reconcile(ctx)
		m.Observer.Reconciled(time.Since(began))
		if err != nil && ctx.Err() == nil {
			m.log.Warn("could not update Raft's configuration; trying again", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-m.changed:
		case <-tick.C:
		}
	}
}

// reconcile is one pass. A failure with one server does not affect the others.
func (m *Membership) reconcile(ctx context.Context) error {
	servers, err := m.Raft.Servers()
	if err != nil {
		return err
	}
	var errs []error
	members := m.View.Members()
	for _, other := range members {
		if other.Status != roster.Alive {
			m.expelled.forget(other.Name) // if it comes back, it was started again
		} else if m.View.In(other) && other.IsServer() {
			errs = append(errs, m.admit(ctx, servers, other))
		}
	}
	for _, name := range leavers(members) {
		if sv, ok := roster.Find(servers, name); ok && (!sv.Voter || uncommittable(voters(servers, members, name)) == "") {
			m.log.Info("server has left the cluster", "server", name)
			_, err := m.remove(ctx, name)
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// admit adds a live server, or promotes it if it has no vote yet.
func (m *Membership) admit(ctx context.Context, servers []roster.Server, other roster.Member) error {
	addr := other.RPCAddr()
	if addr == "" || other.Stopping() != "" || m.expelled.has(other.Name) {
		return nil
	}
	have, known := roster.Find(servers, other.Name)
	if known && have.Voter && have.Address == addr {
		return nil
	}
	status, err := m.Servers.Status(ctx, other.Name, addr) // gossip may not have noticed yet that it is gone
	if err == nil && m.Identity.SpeakRaft(other.Name, compat.Parse(status.Speaks)) != nil {
		return nil // it stays out until it is upgraded
	}
	if err == nil {
		err = admissible(m.Identity.Cluster(), status, servers, other.Name)
	}
	switch {
	case errors.Is(err, dkron.ErrForeign):
		return m.refuse(ctx, have, other, err)
	case err != nil, status.Stopping != "":
		return nil // not yet; the next pass looks again
	case !known:
		m.log.Info("server joins the cluster", "server", other.Name, "addr", addr)
		return m.put(ctx, other.Name, addr, false)
	case have.Address != addr:
		m.log.Info("server's address differs from Raft's configuration; correcting it", "server", other.Name, "addr", addr, "before", have.Address)
		m.Observer.AddressCorrected()
		return m.put(ctx, other.Name, addr, have.Voter)
	case status.Applied+promoteWithin < m.Log.Applied(), status.Cluster != m.Identity.Cluster():
		return nil
	}
	m.log.Info("server has caught up and becomes a voter", "server", other.Name)
	return m.put(ctx, other.Name, addr, true)
}

// put adds or changes one server.
func (m *Membership) put(ctx context.Context, id, addr string, voter bool) error {
	began := time.Now()
	defer func() { m.Observer.ServerChanged(time.Since(began)) }()
	return m.Raft.AddServer(ctx, id, addr, voter)
}

// Missing returns what this server lacks, so that it looks for other nodes; "" if nothing. joins says whether its
// settings name other nodes. Raft's configuration says who should be there.
func (m *Membership) Missing(joins bool) string {
	servers, err := m.Raft.Servers()
	if err != nil || len(servers) == 0 && !joins {
		return "" // waits to be found
	}
	if leader, _ := m.Log.Leader(); leader == "" {
		return "a leader"
	}
	for _, sv := range servers {
		if other, _ := m.View.Member(sv.ID); other.Status != roster.Alive {
			return "server " + sv.ID
		}
	}
	return ""
}
