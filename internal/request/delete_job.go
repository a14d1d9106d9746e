package request

import (
	"dkron"
	"dkron/internal/codec"
)

// DeleteJob removes a job. Its waiting launches are dropped. Its running executions continue, unless Stop is set.
//
// The reply is the deleted job. Errors: ErrNotFound; ErrConflict if other jobs depend on it.
type DeleteJob struct {
	Job  string
	Stop *dkron.Stop // nil: running executions continue. Else they are stopped; only its reason is used
}

// Fields describes the wire form. In earlier versions RunJob shared it; number 2 is RunJob's.
func (r *DeleteJob) Fields(w *codec.Wire) {
	w.String(1, &r.Job)
	codec.Optional(w, 3, &r.Stop)
}

// Name is the name on the wire.
func (*DeleteJob) Name() string { return "DeleteJob" }

// Touches is Write.
func (*DeleteJob) Touches() Touch { return Write }

// Jobs returns the job.
func (r *DeleteJob) Jobs() []string { return []string{r.Job} }

// Reply is the deleted job.
func (*DeleteJob) Reply() *Stored { return new(Stored) }
