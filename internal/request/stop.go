package request

import (
	"dkron"
	"dkron/internal/codec"
)

// Stop asks for an execution, a launch or all launches of a job to be ended, also of a deleted job that had the name.
// What has not begun has ended when the reply comes. Nodes are told of the rest for as long as it takes: it has ended
// when its record says so.
//
// The reply is how many launches or executions that concerns; with none, index is 0. Errors: ErrNotFound; ErrConflict
// if the execution or launch has ended already.
type Stop struct {
	What   dkron.StopTarget
	Reason string
}

// Fields describes the wire form.
func (r *Stop) Fields(w *codec.Wire) {
	codec.Nested(w, 1, &r.What)
	w.String(2, &r.Reason)
}

// Name is the name on the wire.
func (*Stop) Name() string { return "Stop" }

// Touches is Run: who may start work may end it.
func (*Stop) Touches() Touch { return Run }

// Reply is how many launches or executions it concerns.
func (*Stop) Reply() *Stopped { return new(Stopped) }

// Stopped is how many launches or executions have been asked to end.
type Stopped struct{ Count uint64 }

// Fields describes the wire form.
func (r *Stopped) Fields(w *codec.Wire) { w.Uint(2, &r.Count) }
