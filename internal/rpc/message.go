package rpc

import (
	"time"

	"dkron"
	"dkron/internal/codec"
)

// Requests and responses that are no words of the vocabulary.

type jobRequest struct{ Record dkron.Record }

func (r *jobRequest) Fields(w *codec.Wire) {
	codec.Nested(w, 1, &r.Record.Job)
	codec.Nested(w, 2, &r.Record.Progress)
}

type nameRequest struct {
	Name  string
	Cause dkron.Cause // of a run
	Stop  *dkron.Stop // of a deletion that ends what runs
}

func (r *nameRequest) Fields(w *codec.Wire) {
	w.String(1, &r.Name)
	codec.Text(w, 2, &r.Cause)
	codec.Optional(w, 3, &r.Stop)
}

type revisionRequest struct {
	Name     string
	Revision uint64
}

func (r *revisionRequest) Fields(w *codec.Wire) {
	w.String(1, &r.Name)
	w.Uint(2, &r.Revision)
}

type restoreRequest struct{ Jobs []dkron.Record }

func (r *restoreRequest) Fields(w *codec.Wire) { codec.List(w, 1, &r.Jobs) }

type restoreReply struct {
	Index uint64
	Names []string
}

func (r *restoreReply) Fields(w *codec.Wire) {
	w.Uint(1, &r.Index)
	w.Strings(2, &r.Names)
}

type stopRequest struct {
	What   dkron.StopTarget
	Reason string
}

func (r *stopRequest) Fields(w *codec.Wire) {
	codec.Nested(w, 1, &r.What)
	w.String(2, &r.Reason)
}

type stopReply struct {
	Index uint64
	Count uint64
}

func (r *stopReply) Fields(w *codec.Wire) {
	w.Uint(1, &r.Index)
	w.Uint(2, &r.Count)
}

type pauseRequest struct{ Paused bool }

func (r *pauseRequest) Fields(w *codec.Wire) { w.Bool(1, &r.Paused) }

type recordReply struct {
	Index  uint64
	Record dkron.Record
}

func (r *recordReply) Fields(w *codec.Wire) {
	w.Uint(1, &r.Index)
	codec.Nested(w, 2, &r.Record)
}

type launchedReply struct {
	Index    uint64
	Launched dkron.Launched
}

func (r *launchedReply) Fields(w *codec.Wire) {
	w.Uint(1, &r.Index)
	codec.Nested(w, 2, &r.Launched)
}

type indexReply struct{ Index uint64 }

func (r *indexReply) Fields(w *codec.Wire) { w.Uint(1, &r.Index) }

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

// HTTPField is a line of an HTTP header. There may be several of a name.
type HTTPField struct {
	Name  string
	Value string
}

// Fields describes the wire form.
func (f *HTTPField) Fields(w *codec.Wire) {
	w.String(1, &f.Name)
	w.String(2, &f.Value)
}

// HTTPRequest is a request that an agent hands to a server.
type HTTPRequest struct {
	Method string
	URI    string
	Header []HTTPField
	Body   []byte
	Host   string
	Remote string // address of the client
}

// Fields describes the wire form.
func (r *HTTPRequest) Fields(w *codec.Wire) {
	w.String(1, &r.Method)
	w.String(2, &r.URI)
	codec.List(w, 3, &r.Header)
	w.Bytes(4, &r.Body)
	w.String(5, &r.Host)
	w.String(6, &r.Remote)
}

// HTTPPart is a part of a server's answer to it. The first has the head.
type HTTPPart struct {
	Status uint64
	Header []HTTPField
	Body   []byte
	Flush  bool // the client must have it at once
}

// Fields describes the wire form.
func (p *HTTPPart) Fields(w *codec.Wire) {
	w.Uint(1, &p.Status)
	codec.List(w, 2, &p.Header)
	w.Bytes(3, &p.Body)
	w.Bool(4, &p.Flush)
}

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
