package identity

import (
	"cmp"
	"fmt"
	"log/slog"
	"sync"
	"time"

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

	agreed func() (protocol uint64, by string) // nil on an agent

	mu   sync.Mutex           // guards what follows
	seen map[string]time.Time // the last meeting with each cluster
	last meeting
	odd  misfit
}

type meeting struct {
	cluster, who string
	at           time.Time
}

// NewGuard returns the guard of a node. count is called for each refusal and must be quick. agreed returns the protocol that the
// cluster has agreed on, and the release that proposed it; it is nil on an agent.
func NewGuard(id *Identity, server bool, log *slog.Logger, count func(via string), agreed func() (protocol uint64, by string)) *Guard {
	return &Guard{Identity: id, server: server, log: log, count: count, agreed: agreed, now: time.Now, seen: make(map[string]time.Time)}
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
		return "both clusters keep running on their own. If this server's --join or --retry-join names that node, remove it there. To move this " +
			"server to that cluster, stop it, move its data directory away, which holds the jobs and the history of this cluster, and start it again"
	}
	return "this agent keeps looking for its own cluster. If its servers were founded anew, or it should move to that cluster, " +
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

// Notices is what people should look at, although this node works: Notice, as a list.
func (g *Guard) Notices() []string {
	if text := g.Notice(); text != "" {
		return []string{text}
	}
	return nil
}
