package request

import (
	"dkron"
	"dkron/internal/codec"
)

// RerunLaunches runs many ended launches again, as RerunLaunch does, but one after another at catch-up's rate, and for a
// job whose launches may not overlap each after the end of the one before. A launch that was run again before, or that
// another rerun is about to run, is left out. If none is left, the reply is the rerun with the same filter that was not
// stopped.
//
// The reply is the rerun, which continues after it. Errors: ErrConflict if no launch is left, or too many are in progress;
// ErrInvalid if there are more than dkron.MaxRerun; ErrUnavailable if not all servers know reruns.
type RerunLaunches struct {
	Records []uint64 // of the launch history, oldest first
	Filter  string   // the query that selected them: equal queries are the same intent
	Alone   bool
}

// Fields describes the wire form.
func (r *RerunLaunches) Fields(w *codec.Wire) {
	w.Uints(1, &r.Records)
	w.String(2, &r.Filter)
	w.Bool(3, &r.Alone)
}

// Name is the name on the wire.
func (*RerunLaunches) Name() string { return "RerunLaunches" }

// Touches is Run.
func (*RerunLaunches) Touches() Touch { return Run }

// Reply is the rerun.
func (*RerunLaunches) Reply() *Rerun { return new(Rerun) }

// Rerun is a rerun.
type Rerun struct{ dkron.Rerun }

// Fields describes the wire form.
func (r *Rerun) Fields(w *codec.Wire) { codec.Nested(w, 2, &r.Rerun) }
