package request

import "dkron/internal/codec"

// ClearExecutions deletes a job's history and sets its counters to zero. Executions that are running become the first
// entries of the new history.
//
// The reply is the job with its new progress. Errors: ErrNotFound.
type ClearExecutions struct{ Job string }

// Fields describes the wire form.
func (r *ClearExecutions) Fields(w *codec.Wire) { w.String(1, &r.Job) }

// Name is the name on the wire.
func (*ClearExecutions) Name() string { return "ClearExecutions" }

// Touches is Write: history is deleted.
func (*ClearExecutions) Touches() Touch { return Write }

// Jobs returns the job.
func (r *ClearExecutions) Jobs() []string { return []string{r.Job} }

// Reply is the job with its new progress.
func (*ClearExecutions) Reply() *Stored { return new(Stored) }
