package membership

import "dkron/internal/codec"

// Status is a server's log position and cluster.
type Status struct {
	Applied uint64
	Leader  string
	Cluster string // id of its cluster; empty if it has none, or the server does not know it
	Founded bool   // it has been part of a cluster
	Knows   bool   // the server knows cluster ids; false for older versions
	// Peers is Raft's configuration, of a server that does not know its cluster's id: name and address of each.
	Peers []string
	// Speaks is the protocols that the server speaks; see compat.Window.
	Speaks string
	// Stopping is whether and how the server is about to stop: a roster.Stopping. Older versions do not say it.
	Stopping string
}

// Fields describes the wire form.
func (s *Status) Fields(w *codec.Wire) {
	w.Uint(1, &s.Applied)
	w.String(2, &s.Leader)
	w.String(3, &s.Cluster)
	w.Bool(4, &s.Founded)
	w.Bool(5, &s.Knows)
	w.Strings(6, &s.Peers)
	w.String(7, &s.Speaks)
	w.String(8, &s.Stopping)
}

// Peer is a server of Raft's configuration.
type Peer struct {
	Node    string // the member with that id; empty if none is known
	ID      string
	Address string
	Leader  bool
	Voter   bool
}

// Fields describes the wire form.
func (p *Peer) Fields(w *codec.Wire) {
	w.String(1, &p.Node)
	w.String(2, &p.ID)
	w.String(3, &p.Address)
	w.Bool(4, &p.Leader)
	w.Bool(5, &p.Voter)
}

// PeerRequest asks for a server to be removed from Raft's configuration.
type PeerRequest struct {
	ID     string
	Direct bool // sent to the leader: not to be forwarded
}

// Fields describes the wire form.
func (r *PeerRequest) Fields(w *codec.Wire) {
	w.String(1, &r.ID)
	w.Bool(2, &r.Direct)
}

// PeerReply is the leader's reply after it has removed a server.
type PeerReply struct {
	Note string // what the operator should know; empty if nothing
}

// Fields describes the wire form.
func (r *PeerReply) Fields(w *codec.Wire) { w.String(1, &r.Note) }
