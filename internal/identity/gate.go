package identity

import (
	"cmp"
	"fmt"
	"sync"

	"dkron"
	"dkron/internal/compat"
)

// Gate decides who may become known to a node, or speak Raft with it.
type Gate struct {
	*Guard
	known, member func(name string) bool

	mu   sync.Mutex // guards like
	like string     // the cluster that known servers say they belong to; see presume
}

// NewGate returns the gate of a node. known reports whether a server is in this server's Raft configuration, and member
// whether gossip knows a member of a name; both must be quick.
func NewGate(g *Guard, known, member func(name string) bool) *Gate {
	return &Gate{Guard: g, known: known, member: member}
}

// Stranger reports whether a member speaks no protocol that this node speaks, or belongs to another cluster than this
// node, which knows its own: it says so, or it is a server of a cluster without an id that was never a member here. A
// former member may have left to be upgraded.
func (g *Gate) Stranger(p Peer) bool {
	own := g.Cluster()
	switch {
	case !compat.Own().Meets(p.Speaks):
		return true
	case own == "" || p.Cluster == own:
		return false
	case p.Cluster == "" && p.Server && (p.Founded || p.Old):
		return !g.known(p.Name) && !g.member(p.Name)
	}
	return p.Cluster != ""
}

// Merge decides whether the members that another node knows, one or all, may become known here. A node without a
// cluster commits to the cluster of the servers among them.
//
// Of many members some may be left over from another cluster: those are refused one by one.
func (g *Gate) Merge(peers []Peer) error {
	peers, err := g.speaking(peers)
	if err != nil {
		return err
	}
	own := g.Cluster()
	if own == "" && g.Founded() {
		return g.presume(peers)
	}
	var stranger *Peer
	for i := range peers {
		p := &peers[i]
		switch {
		case own == "" && p.Cluster != "" && p.Server:
			g.Lean(p.Cluster)
			return nil
		case own != "" && p.Cluster == own:
			return nil
		case stranger == nil && g.Stranger(*p):
			stranger = p
		}
	}
	if stranger == nil {
		return nil
	}
	err = foreign(own, cmp.Or(stranger.Cluster, "without an id"))
	g.Refused(ViaGossip, fmt.Sprintf("%s at %s", stranger.Name, stranger.Addr), stranger.Cluster, err)
	return err
}

// presume is Merge for a server whose cluster got its id while the server was away, or gets it right now: members with
// an id are accepted if it is the id of a server in this server's Raft configuration.
func (g *Gate) presume(peers []Peer) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	some := false
	for _, p := range peers {
		if p.Cluster != "" && p.Server && g.known(p.Name) {
			g.like = p.Cluster
		}
		if p.Cluster != "" && p.Cluster == g.like {
			return nil
		}
		some = some || p.Cluster != ""
	}
	if some {
		return dkron.Error(dkron.ErrForeign, "members may belong to another cluster: this server does not know its own yet")
	}
	return nil
}

// ServerCheck is what is known of another server that wants to speak Raft with this one.
type ServerCheck struct {
	Name    string
	Cluster string
	Old     bool // says nothing about itself: its version does not know cluster ids
	Speaks  compat.Window
}

// Raft decides whether a server that asks may speak Raft with this one.
func (g *Gate) Raft(peer ServerCheck) error { return g.raft(peer, g.known) }

// Dialled decides whether this server may speak Raft with one that it has dialled, as Raft only dials servers of its
// configuration.
func (g *Guard) Dialled(peer ServerCheck) error {
	return g.raft(peer, func(string) bool { return true })
}

// raft decides whether a server may speak Raft with this one. As long as this cluster has no id, servers of an older
// version may; it gets its id when there are none left. A server of this cluster that was away then does not know the
// id: it is accepted by its name in the configuration, and takes the id of the first server that knows it.
func (g *Guard) raft(peer ServerCheck, known func(server string) bool) error {
	if err := g.SpeakRaft(peer.Name, peer.Speaks); err != nil {
		return err
	}
	own, founded := g.Cluster(), g.Founded()
	switch {
	case peer.Old && own == "":
		return nil
	case peer.Old:
		return dkron.Error(dkron.ErrForeign, "a server of an older version can't be told from one of another cluster; upgrade it")
	case own != "" && peer.Cluster != "":
		return g.Meet(ViaRaft, "server "+peer.Name, peer.Cluster)
	case own == "" && !founded:
		return g.Adopt(peer.Cluster)
	case !known(peer.Name):
		err := dkron.Error(dkron.ErrForeign, "server %s is not in this cluster's configuration", peer.Name)
		g.Refused(ViaRaft, "server "+peer.Name, peer.Cluster, err)
		return err
	case own == "" && peer.Cluster != "":
		return g.Settle(peer.Cluster)
	}
	return nil
}
