package deliver

import (
	"dkron"
	"dkron/internal/codec"
)

// Call asks a node to call one of its processors with the whole output of an execution that ran there.
type Call struct {
	Term      uint64 // of the leader
	Processor string
	Config    map[string]string
	Execution dkron.Execution // as the history has it, with head and tail of the output
}

// Fields describes the wire form.
func (c *Call) Fields(w *codec.Wire) {
	w.Uint(1, &c.Term)
	w.String(2, &c.Processor)
	w.Map(3, &c.Config)
	codec.Nested(w, 4, &c.Execution)
}

// Answer is what came of a Call.
type Answer struct {
	Error    string // why the processor has failed; empty if it has not
	Hopeless bool   // no later attempt can succeed
	Replaces bool   // Output is to replace that of the execution
	Output   []byte
}

// Fields describes the wire form.
func (a *Answer) Fields(w *codec.Wire) {
	w.String(1, &a.Error)
	w.Bool(2, &a.Hopeless)
	w.Bool(3, &a.Replaces)
	w.Bytes(4, &a.Output)
}

// Drop tells a node that no processor there needs the output of an execution any more.
type Drop struct {
	Term      uint64
	Execution dkron.ExecutionRef
}

// Fields describes the wire form.
func (d *Drop) Fields(w *codec.Wire) {
	w.Uint(1, &d.Term)
	codec.Nested(w, 2, &d.Execution)
}
