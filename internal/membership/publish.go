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

	mu      sync.Mutex // guards what follows
	self    roster.Self
	version uint64 // of self
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

// Publish publishes the cluster as it is now, if that is new.
func (p *Published) Publish() {
	p.mu.Lock()
	known := p.self.Cluster == p.cluster.Tag()
	p.mu.Unlock()
	if known {
		return
	}
	if err := p.set(func(s *roster.Self) { s.Cluster = p.cluster.Tag() }); err != nil {
		p.log.Error("could not publish this node's cluster", "error", err)
	}
}

// stop publishes that this node is about to stop.
func (p *Published) stop(how roster.Stopping) error {
	return p.set(func(s *roster.Self) { s.Stopping, s.Cluster = how, p.cluster.Tag() })
}

// set publishes a change. It returns when others can be expected to know, which takes a moment; a later change does not
// wait for that. Whichever call ends last has published the newest.
func (p *Published) set(change func(*roster.Self)) error {
	p.mu.Lock()
	change(&p.self)
	p.version++
	p.mu.Unlock()
	for {
		p.mu.Lock()
		tags, version := p.self.Tags(), p.version
		p.mu.Unlock()
		err := p.gossip.SetTags(tags)
		p.mu.Lock()
		newest := p.version == version
		p.mu.Unlock()
		if newest {
			return err
		}
	}
}
