package request

import (
	"dkron"
	"dkron/internal/codec"
)

// SetPolicy creates a policy or replaces its rules, which have been checked. Only its name and rules are used.
//
// Errors: ErrInvalid for a bad name or too many bytes; ErrConflict if there are too many policies.
type SetPolicy struct{ Policy dkron.Policy }

// Fields describes the wire form.
func (r *SetPolicy) Fields(w *codec.Wire) { codec.Nested(w, 1, &r.Policy) }

// Name is the name on the wire.
func (*SetPolicy) Name() string { return "SetPolicy" }

// Touches is Manage.
func (*SetPolicy) Touches() Touch { return Manage }

// Reply is empty.
func (*SetPolicy) Reply() *Done { return new(Done) }
