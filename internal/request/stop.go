package request

import (
	"dkron"
	"dkron/internal/codec"
)

// Stop asks to end an execution, a launch or all launches of a job, including those of a deleted job of that name. When
// the reply comes, work that had not begun has ended. The leader keeps asking nodes to stop the rest; each has ended
// once its record says so.
//
// The reply is the number of launches or executions concerned; if it is 0, so is index. Errors: ErrNotFound;
// ErrConflict if the execution or launch has already ended.
type Stop struct {
	What   dkron.StopTarget
	Reason string
}

// Fields describes the wire form.
func (r *Stop) Fields(w *codec.Wire) {
	codec.Nested(w, 1, &r.What)
	w.String(2, &r.Reason)
}

// Name is the name on the wire.
func (*Stop) Name() string { return "Stop" }

// Touches is Halt: whoever may start work may end it, and it can be allowed alone.
func (*Stop) Touches() Touch { return Halt }

// Jobs returns the job.
func (r *Stop) Jobs() []string { return []string{r.What.Job} }

// Reply is the number of launches or executions concerned.
func (*Stop) Reply() *Stopped { return new(Stopped) }

// Stopped is the number of launches or executions that were asked to end.
type Stopped struct{ Count uint64 }

// Fields describes the wire form.
func (r *Stopped) Fields(w *codec.Wire) { w.Uint(2, &r.Count) }
