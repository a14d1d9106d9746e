package rpc

import (
	"time"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/relay"
	"dkron/internal/request"
)

// What nodes say to each other besides requests, which are in package request, and the words of the vocabulary.

// answer is the reply to a request, and the index that goes with it.
type answer struct {
	Index uint64
	Reply request.Reply
}

// Fields describes the wire form. The index comes first, and the reply continues with number 2.
func (a *answer) Fields(w *codec.Wire) {
	w.Uint(1, &a.Index)
	a.Reply.Fields(w)
}

// Empty is a message without fields.
type Empty struct{}

// Fields describes the wire form.
func (*Empty) Fields(*codec.Wire) {}

// ServerStatus is where a server's log stands.
type ServerStatus struct {
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
func (s *ServerStatus) Fields(w *codec.Wire) {
	w.Uint(1, &s.Applied)
	w.String(2, &s.Leader)
	w.String(3, &s.Cluster)
	w.Bool(4, &s.Founded)
	w.Bool(5, &s.Knows)
	w.Strings(6, &s.Peers)
	w.String(7, &s.Speaks)
}

// ServerReport is where a server stands, as it says itself.
type ServerReport struct {
	Term    uint64
	Applied uint64    // how far its state is
	Last    uint64    // the end of its log
	Reason  string    // why it is not ready; empty if it is
	Now     time.Time // by its wall clock; zero from a server that does not say
	Notices []string  // what an operator should know of it although it does its part
}

// Fields describes the wire form.
func (r *ServerReport) Fields(w *codec.Wire) {
	w.Uint(1, &r.Term)
	w.Uint(2, &r.Applied)
	w.Uint(3, &r.Last)
	w.String(4, &r.Reason)
	w.Time(5, &r.Now)
	w.Strings(6, &r.Notices)
}

// Proposal asks a server to agree to the first configuration of the cluster.
type Proposal struct {
	Coordinator string
	IDs         []string
	Addresses   []string
}

// Fields describes the wire form.
func (p *Proposal) Fields(w *codec.Wire) {
	w.String(1, &p.Coordinator)
	w.Strings(2, &p.IDs)
	w.Strings(3, &p.Addresses)
}

// ProposalAnswer is what a server says to a Proposal.
type ProposalAnswer struct {
	Granted  bool
	HasState bool
	Reason   string
}

// Fields describes the wire form.
func (a *ProposalAnswer) Fields(w *codec.Wire) {
	w.Bool(1, &a.Granted)
	w.Bool(2, &a.HasState)
	w.String(3, &a.Reason)
}

// A request that an agent hands to a server, and its answer; see package relay.
type (
	HTTPField   = relay.Field
	HTTPRequest = relay.Request
	HTTPPart    = relay.Part
)

// OutputRequest asks for the live output of executions, from the given offsets on; a missing one is 0.
type OutputRequest struct {
	Keys []dkron.ExecutionKey
	From []uint64
}

// Fields describes the wire form.
func (r *OutputRequest) Fields(w *codec.Wire) {
	codec.List(w, 1, &r.Keys)
	w.Uints(2, &r.From)
}

// OutputReply is the output of those that run.
type OutputReply struct{ Chunks []dkron.Chunk }

// Fields describes the wire form.
func (r *OutputReply) Fields(w *codec.Wire) { codec.List(w, 1, &r.Chunks) }

// LeaveReply is what a node says when it has left.
type LeaveReply struct {
	Node string
	Kept string // why it is still in Raft's configuration; empty if it is not, or never was
}

// Fields describes the wire form.
func (r *LeaveReply) Fields(w *codec.Wire) {
	w.String(1, &r.Node)
	w.String(2, &r.Kept)
}

// Peer is a server of Raft's configuration.
type Peer struct {
	Node    string // the member with that address; empty if none is known
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

// PeersReply is Raft's configuration.
type PeersReply struct{ Peers []Peer }

// Fields describes the wire form.
func (r *PeersReply) Fields(w *codec.Wire) { codec.List(w, 1, &r.Peers) }

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
