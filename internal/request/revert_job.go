package request

import "dkron/internal/codec"

// RevertJob stores an earlier definition of a job as a new revision. A definition that was accepted once is accepted
// again, even if no execution can succeed with it. Reverting to the newest revision changes nothing.
//
// The reply is the job as stored. Errors: ErrNotFound if the job does not exist, or that revision is no longer kept;
// ErrInvalid if a restore would refuse the executor configuration, or if the job would now be its own ancestor;
// ErrNoParent if a parent no longer exists; ErrPaused while submissions are paused.
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

// Jobs returns the job.
func (r *RevertJob) Jobs() []string { return []string{r.Job} }

// Reply is the job as stored.
func (*RevertJob) Reply() *Stored { return new(Stored) }
