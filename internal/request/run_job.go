package request

import (
	"dkron"
	"dkron/internal/codec"
)

// RunJob launches a job now, even a disabled one. Concurrency policy forbid does not prevent it; a queue delays it.
//
// If matching nodes are alive but the leader has no connection to any of them yet, the launch waits for one. If no live
// node matches, nothing is recorded.
//
// The reply is the new launch. Errors: ErrNotFound; ErrNoTarget if no live node matches.
type RunJob struct {
	Job   string
	Cause dkron.Cause // CauseManual, or CauseCreate for a run requested when the job was created
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

// Jobs returns the job.
func (r *RunJob) Jobs() []string { return []string{r.Job} }

// Reply is the launch.
func (*RunJob) Reply() *Launched { return new(Launched) }

// Launched is a new launch, and its job before it.
type Launched struct{ dkron.Launched }

// Fields describes the wire form.
func (r *Launched) Fields(w *codec.Wire) { codec.Nested(w, 2, &r.Launched) }
