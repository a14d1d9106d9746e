package membership

import (
	"dkron/internal/compat"
	"dkron/internal/identity"
	"dkron/internal/roster"
)

// Door decides on members that gossip brings.
type Door struct {
	gate         *identity.Gate
	self, region string
}

// NewDoor returns the door of the node named self.
func NewDoor(gate *identity.Gate, self, region string) *Door { return &Door{gate, self, region} }

// Admit returns why members that gossip brings must not become known here. Regions have clusters of their own, which
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

// peer is a member as package identity judges it.
func peer(m roster.Member) identity.Peer {
	return identity.Peer{Name: m.Name, Addr: m.Endpoint(), Server: m.IsServer(), Speaks: compat.Parse(m.Speaks())}.Tagged(m.Cluster())
}
