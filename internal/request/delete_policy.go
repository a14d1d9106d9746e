package request

import "dkron/internal/codec"

// DeletePolicy removes a policy.
//
// Errors: ErrNotFound; ErrConflict if tokens name it.
type DeletePolicy struct{ Policy string }

// Fields describes the wire form.
func (r *DeletePolicy) Fields(w *codec.Wire) { w.String(1, &r.Policy) }

// Name is the name on the wire.
func (*DeletePolicy) Name() string { return "DeletePolicy" }

// Touches is Manage.
func (*DeletePolicy) Touches() Touch { return Manage }

// Reply is empty.
func (*DeletePolicy) Reply() *Done { return new(Done) }
