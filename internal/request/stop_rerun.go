package request

import "dkron/internal/codec"

// StopRerun ends a rerun: what it has not launched stays as it is, and what it has launched continues.
//
// The reply is the rerun. Errors: ErrNotFound; ErrConflict if it has ended.
type StopRerun struct {
	Number uint64
	Reason string
}

// Fields describes the wire form.
func (r *StopRerun) Fields(w *codec.Wire) {
	w.Uint(1, &r.Number)
	w.String(2, &r.Reason)
}

// Name is the name on the wire.
func (*StopRerun) Name() string { return "StopRerun" }

// Touches is Halt.
func (*StopRerun) Touches() Touch { return Halt }

// Reply is the rerun.
func (*StopRerun) Reply() *Rerun { return new(Rerun) }
