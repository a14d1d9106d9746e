package membership

import (
	"context"
	"log/slog"
	"sync"

	"dkron/internal/roster"
)

// Published is what a node says of itself in gossip, kept up to date.
type Published struct {
	gossip  Gossip
	cluster Cluster
	log     *slog.Logger

	mu   sync.Mutex // held while tags are set, so that the last word wins
	self roster.Self
}

// Gossip speaks to all nodes.
type Gossip interface {
	// SetTags replaces what this node says of itself.
	SetTags(tags map[string]string) error
	// Leave tells the others that this node goes, and returns when they can be expected to know.
	Leave(ctx context.Context) error
}

// Cluster is the cluster that a node publishes.
type Cluster interface {
	Tag() string
	// Changed holds a token when Tag may return something else.
	Changed() <-chan struct{}
}

// NewPublished returns what gossip was opened with, which is self.
func NewPublished(self roster.Self, gossip Gossip, cluster Cluster, log *slog.Logger) *Published {
	return &Published{gossip: gossip, cluster: cluster, log: log, self: self}
}

// Keep publishes the cluster whenever it changes, until ctx ends.
func (p *Published) Keep(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.cluster.Changed():
		}
		if err := p.set(func(s *roster.Self) { s.Cluster = p.cluster.Tag() }); err != nil {
			p.log.Error("could not publish this node's cluster", "error", err)
		}
	}
}

// stop publishes that this node is about to stop.
func (p *Published) stop(how roster.Stopping) error {
	return p.set(func(s *roster.Self) { s.Stopping, s.Cluster = how, p.cluster.Tag() })
}

func (p *Published) set(change func(*roster.Self)) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(&p.self)
	return p.gossip.SetTags(p.self.Tags())
}
