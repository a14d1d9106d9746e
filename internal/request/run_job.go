package request

import (
	"dkron"
	"dkron/internal/codec"
)

// RunJob launches a job now, also a disabled one. Concurrency policy forbid does not stop it; a queue holds it back.
//
// If the leader has no connection yet to any of the nodes that the job can run on, but some are alive, the launch waits
// for one. If no live node matches, nothing is recorded.
//
// The reply is the launch, as it began. Errors: ErrNotFound; ErrNoTarget if no live node matches.
type RunJob struct {
	Job   string
	Cause dkron.Cause // CauseManual, or CauseCreate for a run that the job's creation asked for
}

// Fields describes the wire form.
func (r *RunJob) Fields(w *codec.Wire) {
	w.String(1, &r.Job)
	codec.Text(w, 2, &r.Cause)
}

// Name is the name on the wire.
func (*RunJob) Name() string { return "RunJob" }

// Touches is Run.
func (*RunJob) Touches() Touch { return Run }

// Reply is the launch.
func (*RunJob) Reply() *Launched { return new(Launched) }

// Launched is a new launch, and its job as it was before.
type Launched struct{ dkron.Launched }

// Fields describes the wire form.
func (r *Launched) Fields(w *codec.Wire) { codec.Nested(w, 2, &r.Launched) }
