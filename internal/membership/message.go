package membership

import "dkron/internal/codec"

// Status is how far a server's state is, and to which cluster the server belongs.
type Status struct {
	Applied uint64
	Leader  string
	Cluster string // to which the server belongs; empty if it has none, or does not know its id
	Founded bool   // it has been part of a cluster
	Knows   bool   // that there are ids of clusters; false for older versions
	// Peers is Raft's configuration as a server has it that does not know its cluster's id: name and address of each.
	Peers []string
	// Speaks is the protocols that the server speaks; see compat.Window.
	Speaks string
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

// PeerRequest asks for a server to be taken out of Raft's configuration.
type PeerRequest struct {
	ID     string
	Direct bool // it was asked for at the leader: not to be passed on
}

// Fields describes the wire form.
func (r *PeerRequest) Fields(w *codec.Wire) {
	w.String(1, &r.ID)
	w.Bool(2, &r.Direct)
}

// PeerReply is what the leader says when it has taken a server out.
type PeerReply struct {
	Note string // what the operator should know; empty if nothing
}

// Fields describes the wire form.
func (r *PeerReply) Fields(w *codec.Wire) { w.String(1, &r.Note) }
