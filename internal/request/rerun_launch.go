package request

import "dkron/internal/codec"

// RerunLaunch runs an ended launch again: a new launch of the job as it is now, with the environment and payload that the
// ended one had. It ignores forbid and disabled, as RunJob does.
//
// The reply is the new launch. Errors: ErrNotFound; ErrConflict if the launch has not ended; ErrNoTarget if no live node
// matches; ErrInvalid if the job's executor can no longer use the environment or payload; ErrUnavailable if not all
// servers know reruns.
type RerunLaunch struct {
	Job   string
	Group int64
	Alone bool // its end launches no children
}

// Fields describes the wire form.
func (r *RerunLaunch) Fields(w *codec.Wire) {
	w.String(1, &r.Job)
	w.Int(2, &r.Group)
	w.Bool(3, &r.Alone)
}

// Name is the name on the wire.
func (*RerunLaunch) Name() string { return "RerunLaunch" }

// Touches is Run.
func (*RerunLaunch) Touches() Touch { return Run }

// Jobs returns the job.
func (r *RerunLaunch) Jobs() []string { return []string{r.Job} }

// Reply is the launch.
func (*RerunLaunch) Reply() *Launched { return new(Launched) }
