package request

import (
	"dkron"
	"dkron/internal/codec"
)

// Restore stores many jobs at once, or none. Jobs that are stored already are replaced; others stay.
//
// Of the records' progress, counters, last times and status count. Where a job has some already, the larger counter and
// the later time win. An executor configuration with which no execution can succeed is stored, so that a backup can be
// restored as a whole. It works while submissions are paused.
//
// The reply is the names of the jobs. Errors: ErrInvalid names the first job that is wrong, and what is wrong with it;
// ErrConflict if another large restore began meanwhile.
type Restore struct{ Jobs []dkron.Record }

// Fields describes the wire form.
func (r *Restore) Fields(w *codec.Wire) { codec.List(w, 1, &r.Jobs) }

// Name is the name on the wire.
func (*Restore) Name() string { return "Restore" }

// Touches is Write: it changes nothing but jobs, each of which SetJob could write.
func (*Restore) Touches() Touch { return Write }

// Reply is the names of the jobs.
func (*Restore) Reply() *Restored { return new(Restored) }

// Restored is the names of the restored jobs, parents before their children.
type Restored struct{ Names []string }

// Fields describes the wire form.
func (r *Restored) Fields(w *codec.Wire) { w.Strings(2, &r.Names) }
