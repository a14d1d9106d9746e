package membership

import (
	"context"
	"log/slog"
	"sync"

	"dkron/internal/roster"
)

// Published is what a node publishes about itself in gossip, kept up to date.
type Published struct {
	gossip  Gossip
	cluster Cluster
	log     *slog.Logger

	mu   sync.Mutex // held while tags are set, so that the newest are set last
	self roster.Self
}

// Gossip speaks to all nodes.
type Gossip interface {
	// SetTags replaces the node's own tags.
	SetTags(tags map[string]string) error
	// Leave announces that this node leaves, and returns when the others can be expected to know.
	Leave(ctx context.Context) error
}

// Cluster is the cluster that a node publishes.
type Cluster interface {
	Tag() string
	// Changed holds a token when Tag may return something else.
	Changed() <-chan struct{}
}

// NewPublished takes over self, with which gossip was opened.
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
		p.Publish()
	}
}

// Publish publishes the cluster as it is now.
func (p *Published) Publish() {
	if err := p.set(func(s *roster.Self) { s.Cluster = p.cluster.Tag() }); err != nil {
		p.log.Error("could not publish this node's cluster", "error", err)
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
