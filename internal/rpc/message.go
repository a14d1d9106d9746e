package rpc

import (
	"dkron"
	"dkron/internal/codec"
	"dkron/internal/membership"
	"dkron/internal/relay"
	"dkron/internal/request"
	"dkron/internal/roster"
	"dkron/internal/standing"
)

// Messages between nodes that are neither requests (package request) nor types of package dkron.

// answer is the reply to a request and its index.
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

// Messages between servers that belong to packages membership, standing and roster.
type (
	// ServerStatus is the progress of a server's log, and the leader and cluster that it knows.
	ServerStatus = membership.Status
	// ServerReport is a server's state as it reports it itself.
	ServerReport = standing.Report
	// Peer is a server in Raft's configuration.
	Peer = membership.Peer
	// PeerRequest asks for a server to be removed from it.
	PeerRequest = membership.PeerRequest
	// PeerReply is the leader's answer.
	PeerReply = membership.PeerReply
	// Proposal asks a server to agree to the first configuration of the cluster.
	Proposal = roster.Proposal
	// ProposalAnswer is its answer.
	ProposalAnswer = roster.ProposalAnswer
)

// A request that an agent passes to a server, and its answer; see package relay.
type (
	// HTTPField is a line of a header.
	HTTPField = relay.Field
	// HTTPRequest is the request.
	HTTPRequest = relay.Request
	// HTTPPart is a part of the answer.
	HTTPPart = relay.Part
)

// OutputRequest asks for the live output of executions, from the given offsets; a missing one is 0.
type OutputRequest struct {
	Keys []dkron.ExecutionKey
	From []uint64
}

// Fields describes the wire form.
func (r *OutputRequest) Fields(w *codec.Wire) {
	codec.List(w, 1, &r.Keys)
	w.Uints(2, &r.From)
}

// OutputReply is the output of those executions that are running.
type OutputReply struct{ Chunks []dkron.Chunk }

// Fields describes the wire form.
func (r *OutputReply) Fields(w *codec.Wire) { codec.List(w, 1, &r.Chunks) }

// LoadsReply is the load of the nodes that have reported one.
type LoadsReply struct{ Loads []dkron.NodeLoad }

// Fields describes the wire form.
func (r *LoadsReply) Fields(w *codec.Wire) { codec.List(w, 1, &r.Loads) }

// LeaveReply is the answer of a node that has left.
type LeaveReply struct {
	Node string
	Kept string // why it is still in Raft's configuration; empty if it is not
}

// Fields describes the wire form.
func (r *LeaveReply) Fields(w *codec.Wire) {
	w.String(1, &r.Node)
	w.String(2, &r.Kept)
}

// LogLevel is a wish for the level of a node's log, and the answer.
type LogLevel struct {
	Level  string
	Node   string // of the answer
	Before string // the level until then
}

// Fields describes the wire form.
func (l *LogLevel) Fields(w *codec.Wire) {
	w.Since(2)
	w.String(1, &l.Level)
	w.String(2, &l.Node)
	w.String(3, &l.Before)
}

// PeersReply is Raft's configuration.
type PeersReply struct{ Peers []Peer }

// Fields describes the wire form.
func (r *PeersReply) Fields(w *codec.Wire) { codec.List(w, 1, &r.Peers) }
