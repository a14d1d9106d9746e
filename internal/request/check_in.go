package request

import (
	"dkron"
	"dkron/internal/codec"
)

// CheckIn reports a run of a job that dkron does not run. A start is noted in the job's progress, and replaces an earlier one. An
// end makes a launch that has ended, with all that follows from one.
//
// The reply is the launch, empty for a start; its job is as before an end, and as after a start. Errors: ErrNotFound; ErrInvalid
// if the report is; ErrConflict if the job is run by dkron; ErrUnavailable if not all servers know check-ins.
type CheckIn struct {
	Job    string
	Report dkron.CheckIn
}

// Fields describes the wire form.
func (r *CheckIn) Fields(w *codec.Wire) {
	w.String(1, &r.Job)
	codec.Nested(w, 2, &r.Report)
}

// Name is the name on the wire.
func (*CheckIn) Name() string { return "CheckIn" }

// Touches is Run: it does what a run of the job would.
func (*CheckIn) Touches() Touch { return Run }

// Jobs returns the job.
func (r *CheckIn) Jobs() []string { return []string{r.Job} }

// Reply is the launch.
func (*CheckIn) Reply() *Launched { return new(Launched) }
