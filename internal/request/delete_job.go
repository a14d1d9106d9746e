package request

import (
	"dkron"
	"dkron/internal/codec"
)

// DeleteJob removes a job. Launches of it that wait are dropped. What runs of it goes on, unless Stop is set.
//
// The reply is the job as it was. Errors: ErrNotFound; ErrConflict if other jobs depend on it.
type DeleteJob struct {
	Job  string
	Stop *dkron.Stop // nil: what runs goes on. Else it is to end too; of Stop only the reason counts
}

// Fields describes the wire form. Earlier versions share it with RunJob, which has number 2.
func (r *DeleteJob) Fields(w *codec.Wire) {
	w.String(1, &r.Job)
	codec.Optional(w, 3, &r.Stop)
}

// Name is the name on the wire.
func (*DeleteJob) Name() string { return "DeleteJob" }

// Touches is Write.
func (*DeleteJob) Touches() Touch { return Write }

// Reply is the job as it was.
func (*DeleteJob) Reply() *Stored { return new(Stored) }
