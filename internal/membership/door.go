package membership

import (
	"dkron/internal/compat"
	"dkron/internal/identity"
	"dkron/internal/roster"
)

// Door admits members that gossip reports.
type Door struct {
	gate         *identity.Gate
	self, region string
}

// NewDoor returns the door of the node named self.
func NewDoor(gate *identity.Gate, self, region string) *Door { return &Door{gate, self, region} }

// Admit returns why members that gossip reports must not become known here. Regions have their own clusters, which
// share the gossip.
func (d *Door) Admit(members []roster.Member) error {
	peers := make([]identity.Peer, 0, len(members))
	for _, m := range members {
		if m.Region() == d.region {
			peers = append(peers, peer(m))
		}
	}
	return d.gate.Merge(peers)
}

// Foreign reports whether a member belongs to another cluster: it became known before this node had an id.
func (d *Door) Foreign(m roster.Member) bool {
	return m.Name != d.self && m.Region() == d.region && d.gate.Stranger(peer(m))
}

// peer converts a member for package identity.
func peer(m roster.Member) identity.Peer {
	return identity.Peer{Name: m.Name, Addr: m.Endpoint(), Server: m.IsServer(), Speaks: compat.Parse(m.Speaks())}.Tagged(m.Cluster())
}
