package request

import "dkron/internal/codec"

// SetPaused sets whether SetJob and RevertJob are refused. Stored jobs continue to run.
//
// It has no errors beyond those of every request.
type SetPaused struct{ Paused bool }

// Fields describes the wire form.
func (r *SetPaused) Fields(w *codec.Wire) { w.Bool(1, &r.Paused) }

// Name is the name on the wire.
func (*SetPaused) Name() string { return "SetPaused" }

// Touches is Admin: it applies to all clients.
func (*SetPaused) Touches() Touch { return Admin }

// Reply is empty.
func (*SetPaused) Reply() *Done { return new(Done) }
