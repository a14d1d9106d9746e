package identity

import (
	"cmp"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"dkron"
	"dkron/internal/compat"
)

// Ways by which this node meets others; label values of a metric.
const (
	ViaGossip = "gossip"
	ViaRaft   = "raft"
	ViaRPC    = "rpc"
)

const (
	// remindAfter is how long a node of another cluster must be quiet before it is logged again.
	remindAfter = time.Hour
	// recent is how long /health shows a meeting.
	recent = 5 * time.Minute
	// maxStrangers bounds what is remembered of them.
	maxStrangers = 64
)

// Guard keeps nodes of other clusters out and reports them.
type Guard struct {
	*Identity
	server bool
	log    *slog.Logger
	count  func(via string)
	now    func() time.Time

	// Known reports whether a server is in this server's Raft configuration. It is set before the guard is used; nil on
	// an agent.
	Known func(server string) bool
	// Agreed returns the protocol that the cluster has agreed on, and the release that proposed it. It is set before the
	// guard is used; nil on an agent.
	Agreed func() (protocol uint64, by string)
	// Member reports whether gossip knows or knew a member of this name. It is set before the guard is used, must be
	// quick, and may be nil.
	Member func(name string) bool

	mu   sync.Mutex           // guards what follows
	like string               // the cluster that known servers say they belong to; see presume
	seen map[string]time.Time // the last meeting with each cluster
	last meeting
	odd  misfit
}

type meeting struct {
	cluster, who string
	at           time.Time
}

// NewGuard returns the guard of a node. count is called for each refusal and must be quick.
func NewGuard(id *Identity, server bool, log *slog.Logger, count func(via string)) *Guard {
	return &Guard{Identity: id, server: server, log: log, count: count, now: time.Now, seen: make(map[string]time.Time)}
}

// Meet returns an ErrForeign, and reports it, if who belongs to another cluster than this node.
func (g *Guard) Meet(via, who, cluster string) error {
	err := g.Check(cluster)
	if err != nil {
		g.Refused(via, who, cluster, err)
	}
	return err
}

// Peer is a member as gossip describes it.
type Peer struct {
	Name, Addr string
	Server     bool
	Cluster    string // empty if it has none, or does not know it
	Founded    bool   // a server of a cluster whose id it does not know
	Old        bool   // its version does not know cluster ids
	Speaks     compat.Window
}

// unknownTag is published by a server that belongs to a cluster whose id it does not know.
const unknownTag = "?"

// Tag returns what this node publishes about its cluster.
func (i *Identity) Tag() string {
	if i.Founded() {
		return unknownTag
	}
	return i.Cluster()
}

// Tagged fills in what a peer publishes about its cluster; ok is false if it publishes nothing.
func (p Peer) Tagged(tag string, ok bool) Peer {
	p.Old, p.Founded, p.Cluster = !ok, tag == unknownTag, tag
	if p.Founded {
		p.Cluster = ""
	}
	return p
}

// Stranger reports whether a member speaks no protocol that this node speaks, or belongs to another cluster than this
// node, which knows its own: it says so, or it is a server of a cluster without an id that was never a member here. A
// former member may have left to be upgraded.
func (g *Guard) Stranger(p Peer) bool {
	own := g.Cluster()
	switch {
	case !compat.Own().Meets(p.Speaks):
		return true
	case own == "" || p.Cluster == own:
		return false
	case p.Cluster == "" && p.Server && (p.Founded || p.Old):
		return !(g.Known != nil && g.Known(p.Name) || g.Member != nil && g.Member(p.Name))
	}
	return p.Cluster != ""
}

// Merge decides whether the members that another node knows, one or all, may become known here. A node without a
// cluster commits to the cluster of the servers among them.
//
// Of many members some may be left over from another cluster: those are refused one by one.
func (g *Guard) Merge(peers []Peer) error {
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
func (g *Guard) presume(peers []Peer) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	some := false
	for _, p := range peers {
		if p.Cluster != "" && p.Server && g.Known(p.Name) {
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

// Refused reports a refused node: to the log once, until none of its cluster was met for an hour; to the metric each
// time. cluster is empty if unknown.
func (g *Guard) Refused(via, who, cluster string, why error) {
	g.count(via)
	key := cmp.Or(cluster, who)
	g.mu.Lock()
	now := g.now()
	last, known := g.seen[key]
	if len(g.seen) >= maxStrangers && !known {
		clear(g.seen)
	}
	g.seen[key] = now
	g.last = meeting{cluster, who, now}
	g.mu.Unlock()
	if known && now.Sub(last) < remindAfter {
		g.log.Debug("a node of another cluster was refused", "other", who, "via", via, "why", why)
		return
	}
	g.log.Warn("a node of another cluster was refused; "+g.advice(), "other", who, "cluster", cmp.Or(cluster, "unknown"), "via", via, "why", why)
}

// advice says what an operator can do about it.
func (g *Guard) advice() string {
	if g.server {
		return "both clusters go on by themselves. If this server's --join or --retry-join names that node, remove it there. To move this " +
			"server to that cluster, stop it, move its data directory away, which holds the jobs and the history of this cluster, and start it again"
	}
	return "this agent goes on looking for its own cluster. If its servers were founded anew, or it should move to that cluster, " +
		"restart it once with --accept-cluster; what it ran for its old cluster is not reported to the new one"
}

// Notice returns what /health shows about recent meetings, "" if there were none.
func (g *Guard) Notice() string {
	g.mu.Lock()
	last, odd := g.last, g.odd
	g.mu.Unlock()
	if odd.text != "" && g.now().Sub(odd.at) <= recent {
		return odd.text
	}
	if last.who == "" || g.now().Sub(last.at) > recent || last.cluster != "" && g.Check(last.cluster) == nil {
		return ""
	}
	return fmt.Sprintf("%s, of cluster %s, was refused, since this node belongs to cluster %s: %s",
		last.who, cmp.Or(last.cluster, "unknown"), cmp.Or(g.Cluster(), "unknown"), g.advice())
}

// ServerCheck is what is known of another server that wants to speak Raft with this one.
type ServerCheck struct {
	Name    string
	Cluster string
	Old     bool // says nothing about itself: its version does not know cluster ids
	Speaks  compat.Window
}

// Raft decides whether a server may speak Raft with this one. As long as this cluster has no id, servers of an older
// version may; it gets its id when there are none left. A server of this cluster that was away then does not know the
// id: it is accepted by its name in the configuration, and takes the id of the first server that knows it.
func (g *Guard) Raft(peer ServerCheck) error {
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
	case !g.Known(peer.Name):
		err := dkron.Error(dkron.ErrForeign, "server %s is not in this cluster's configuration", peer.Name)
		g.Refused(ViaRaft, "server "+peer.Name, peer.Cluster, err)
		return err
	case own == "" && peer.Cluster != "":
		return g.Settle(peer.Cluster)
	}
	return nil
}
