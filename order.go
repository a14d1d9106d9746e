package dkron

import (
	"time"

	"dkron/internal/codec"
)

// What the leader and a node send each other over their stream. Every message from the leader carries how long the
// leader has held the stream, by a clock that never steps. So a node can tell a late order from a timely one, whatever
// the two wall clocks show.

// ToNode is one message of a leader: everything that it has to send at the moment.
type ToNode struct {
	Term     uint64
	Leader   string    // node name
	SentAt   time.Time // by the leader's wall clock
	Orders   []Order
	Accepted []ExecutionRef // results that a quorum has committed; the node may forget them
	Stops    []Order        // executions that must end; only the identity of these orders is set
	Cluster  string         // the leader's; empty while it has no id

	// Elapsed is how long the leader has held the stream; 0 from a leader that does not say.
	Elapsed time.Duration
}

// Fields describes the wire form.
func (m *ToNode) Fields(w *codec.Wire) {
	w.Uint(1, &m.Term)
	w.String(2, &m.Leader)
	w.Time(3, &m.SentAt)
	codec.List(w, 4, &m.Orders)
	codec.List(w, 5, &m.Accepted)
	codec.List(w, 6, &m.Stops)
	w.String(7, &m.Cluster)
	w.Duration(8, &m.Elapsed)
}

// Order asks a node to run an execution. Sending it twice is safe.
type Order struct {
	Key      ExecutionKey
	JobName  string
	Group    int64
	Attempt  uint64
	Nominal  time.Time
	Executor string
	Config   map[string]string
	// Void says that the execution must not start any more but continues if it has: its job was deleted. Such an order
	// names no executor, so that a node of an older version can't start it either.
	Void bool
	// KeepOutput asks the node to keep the whole output until processors that run there have had it.
	KeepOutput bool
}

// Fields describes the wire form.
func (o *Order) Fields(w *codec.Wire) {
	codec.Nested(w, 1, &o.Key)
	w.String(2, &o.JobName)
	w.Int(3, &o.Group)
	w.Uint(4, &o.Attempt)
	w.Time(5, &o.Nominal)
	w.String(6, &o.Executor)
	w.Map(7, &o.Config)
	w.Bool(8, &o.Void)
	w.Since(2)
	w.Bool(9, &o.KeepOutput)
}

// Ref returns the identity of the ordered execution.
func (o *Order) Ref() ExecutionRef { return ExecutionRef{o.JobName, o.Group, o.Attempt, o.Key.Slot} }

// ExecutionRef is the identity of an execution for the node that runs it. Unlike a key it is never reused, not even by
// another cluster.
type ExecutionRef struct {
	JobName string
	Group   int64
	Attempt uint64
	Slot    uint64
}

// Fields describes the wire form.
func (r *ExecutionRef) Fields(w *codec.Wire) {
	w.String(1, &r.JobName)
	w.Int(2, &r.Group)
	w.Uint(3, &r.Attempt)
	w.Uint(4, &r.Slot)
}

// FromNode is one message of a node: everything that it has to send at the moment. An empty one says that it is alive.
type FromNode struct {
	Term    uint64 // the highest that the node has seen; a leader of a lower term must step down
	Results []Result
	Chunks  []Chunk
	// Draining says that the node is about to stop: it still runs what it was ordered to, but nothing new should be
	// launched on it.
	Draining bool
	Cluster  string // to which the node belongs, and for which it got the results; empty while it has none
	// Load is how busy the node is; nil in most messages.
	Load *NodeLoad
}

// Fields describes the wire form.
func (m *FromNode) Fields(w *codec.Wire) {
	w.Uint(1, &m.Term)
	codec.List(w, 2, &m.Results)
	codec.List(w, 3, &m.Chunks)
	w.Bool(4, &m.Draining)
	w.String(5, &m.Cluster)
	w.Since(2)
	codec.Optional(w, 6, &m.Load)
}

// Chunk is output of a running execution.
type Chunk struct {
	Key     ExecutionKey
	Offset  uint64 // how many bytes came before
	Data    []byte
	Attempt uint64
}

// Fields describes the wire form.
func (c *Chunk) Fields(w *codec.Wire) {
	codec.Nested(w, 1, &c.Key)
	w.Uint(2, &c.Offset)
	w.Bytes(3, &c.Data)
	w.Uint(4, &c.Attempt)
}

// StopTarget names what to stop: an execution of a job by its id, a launch by its group, or, with neither, all launches
// of the job that have not ended.
type StopTarget struct {
	Job       string
	Group     int64
	Execution string
}

// Fields describes the wire form.
func (t *StopTarget) Fields(w *codec.Wire) {
	w.String(1, &t.Job)
	w.Int(2, &t.Group)
	w.String(3, &t.Execution)
}
