package request

import "dkron/internal/codec"

// DeleteToken removes a token: whoever uses it is refused from now on, and its open streams end.
//
// Errors: ErrNotFound; ErrConflict for the last management token.
type DeleteToken struct{ Accessor string }

// Fields describes the wire form.
func (r *DeleteToken) Fields(w *codec.Wire) { w.String(1, &r.Accessor) }

// Name is the name on the wire.
func (*DeleteToken) Name() string { return "DeleteToken" }

// Touches is Manage.
func (*DeleteToken) Touches() Touch { return Manage }

// Reply is empty.
func (*DeleteToken) Reply() *Done { return new(Done) }
