package request

import (
	"dkron"
	"dkron/internal/codec"
)

// SetJob creates a job or replaces its definition. Writing an identical definition changes nothing and keeps the
// revision.
//
// Of the progress, only counters and last times are used, and only if the job is created: clients restore exported jobs
// this way.
//
// The reply is the job as stored. Errors: ErrInvalid for a bad definition, for a job that would be its own ancestor,
// and for an executor configuration that can never succeed; ErrNoParent; ErrPaused while submissions are paused.
type SetJob struct{ Record dkron.Record }

// Fields describes the wire form.
func (r *SetJob) Fields(w *codec.Wire) {
	codec.Nested(w, 1, &r.Record.Job)
	codec.Nested(w, 2, &r.Record.Progress)
}

// Name is the name on the wire.
func (*SetJob) Name() string { return "SetJob" }

// Touches is Write.
func (*SetJob) Touches() Touch { return Write }

// Jobs returns the job.
func (r *SetJob) Jobs() []string { return []string{r.Record.Job.Name} }

// Reply is the job as stored.
func (*SetJob) Reply() *Stored { return new(Stored) }
