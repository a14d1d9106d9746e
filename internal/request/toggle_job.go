package request

import "dkron/internal/codec"

// ToggleJob disables a job that is enabled, and enables one that is disabled. It works while submissions are paused.
//
// The reply is the job as stored. Errors: ErrNotFound.
type ToggleJob struct{ Job string }

// Fields describes the wire form.
func (r *ToggleJob) Fields(w *codec.Wire) { w.String(1, &r.Job) }

// Name is the name on the wire.
func (*ToggleJob) Name() string { return "ToggleJob" }

// Touches is Write: whether a job is disabled is part of its definition.
func (*ToggleJob) Touches() Touch { return Write }

// Jobs returns the job.
func (r *ToggleJob) Jobs() []string { return []string{r.Job} }

// Reply is the job as stored.
func (*ToggleJob) Reply() *Stored { return new(Stored) }
