package request

import (
	"dkron"
	"dkron/internal/codec"
)

// LaunchJob is RunJob for a launch that may differ from its job. It is a request of its own, so that a server of a
// version that does not know changes refuses it instead of running the job without them.
//
// The reply is the new launch. Errors: as of RunJob; ErrInvalid if the change is too large or the job's executor can't
// use it; ErrUnavailable if not all servers know changes.
type LaunchJob struct {
	Job    string
	Change *dkron.Change
	Alone  bool // its end launches no children
}

// Fields describes the wire form.
func (r *LaunchJob) Fields(w *codec.Wire) {
	w.String(1, &r.Job)
	codec.Optional(w, 2, &r.Change)
	w.Bool(3, &r.Alone)
}

// Name is the name on the wire.
func (*LaunchJob) Name() string { return "LaunchJob" }

// Touches is Write: with an environment of one's choice, a command can do what its author did not mean.
func (*LaunchJob) Touches() Touch { return Write }

// Jobs returns the job.
func (r *LaunchJob) Jobs() []string { return []string{r.Job} }

// Reply is the launch.
func (*LaunchJob) Reply() *Launched { return new(Launched) }
