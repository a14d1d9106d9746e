package request

import "dkron/internal/codec"

// RevertJob writes an earlier definition of a job again, as a new revision. What was good enough when it was written
// still is, even if no execution with it can succeed. Reverting to the newest revision changes nothing.
//
// The reply is the job as stored. Errors: ErrNotFound if there is no such job, or that revision is no longer kept;
// ErrInvalid if the executor configuration would be refused in a restore, or if the job would now be its own ancestor;
// ErrNoParent if a parent is gone by now; ErrPaused while submissions are paused.
type RevertJob struct {
	Job      string
	Revision uint64
}

// Fields describes the wire form.
func (r *RevertJob) Fields(w *codec.Wire) {
	w.String(1, &r.Job)
	w.Uint(2, &r.Revision)
}

// Name is the name on the wire.
func (*RevertJob) Name() string { return "RevertJob" }

// Touches is Write.
func (*RevertJob) Touches() Touch { return Write }

// Reply is the job as stored.
func (*RevertJob) Reply() *Stored { return new(Stored) }
