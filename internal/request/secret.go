package request

import (
	"dkron"
	"dkron/internal/codec"
)

// SetSecret creates a secret or replaces it. The value is sealed already, by the server that was asked.
//
// Without a sealed value the secret keeps the one that it has, and with KeepJobs its jobs.
//
// With Reseal it only replaces the sealed form of the secret that has this revision: the value is the same, and nothing else changes.
//
// The reply is the secret. Errors: ErrInvalid names the field; ErrConflict if there are too many, or if the revision is another.
type SetSecret struct {
	Secret   dkron.Secret
	Reseal   uint64
	KeepJobs bool
}

// Fields describes the wire form.
func (r *SetSecret) Fields(w *codec.Wire) {
	codec.Nested(w, 1, &r.Secret)
	w.Uint(2, &r.Reseal)
	w.Bool(3, &r.KeepJobs)
}

// Name is the name on the wire.
func (*SetSecret) Name() string { return "SetSecret" }

// Touches is Admin.
func (*SetSecret) Touches() Touch { return Admin }

// Reply is the secret.
func (*SetSecret) Reply() *Secret { return new(Secret) }

// Secret is a secret, sealed.
type Secret struct{ dkron.Secret }

// Fields describes the wire form.
func (r *Secret) Fields(w *codec.Wire) { codec.Nested(w, 2, &r.Secret) }

// DeleteSecret removes a secret.
//
// Errors: ErrNotFound; ErrConflict names the jobs and channels that refer to it, unless Force is set.
type DeleteSecret struct {
	Secret string
	Force  bool
}

// Fields describes the wire form.
func (r *DeleteSecret) Fields(w *codec.Wire) {
	w.String(1, &r.Secret)
	w.Bool(2, &r.Force)
}

// Name is the name on the wire.
func (*DeleteSecret) Name() string { return "DeleteSecret" }

// Touches is Admin.
func (*DeleteSecret) Touches() Touch { return Admin }

// Reply is empty.
func (*DeleteSecret) Reply() *Done { return new(Done) }
