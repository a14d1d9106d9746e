package request

import (
	"dkron"
	"dkron/internal/codec"
)

// Restore stores many jobs at once, or none. Jobs that are stored already are replaced; others stay.
//
// Of the progress, only counters, last times and status are used. Where a job already has some, the larger counter and
// the later time win. An executor configuration that can never succeed is stored, so that a backup can be restored as a
// whole. Restore works while submissions are paused.
//
// The reply is the names of the jobs. Errors: ErrInvalid names the first invalid job and the reason; ErrConflict if
// another large restore began meanwhile.
type Restore struct{ Jobs []dkron.Record }

// Fields describes the wire form.
func (r *Restore) Fields(w *codec.Wire) { codec.List(w, 1, &r.Jobs) }

// Name is the name on the wire.
func (*Restore) Name() string { return "Restore" }

// Touches is Write: it only changes jobs, as SetJob could.
func (*Restore) Touches() Touch { return Write }

// Reply is the names of the jobs.
func (*Restore) Reply() *Restored { return new(Restored) }

// Restored is the names of the restored jobs, parents before their children.
type Restored struct{ Names []string }

// Fields describes the wire form.
func (r *Restored) Fields(w *codec.Wire) { w.Strings(2, &r.Names) }
