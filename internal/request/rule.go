package request

import (
	"dkron"
	"dkron/internal/codec"
)

// SetRule creates a rule or replaces it.
//
// The reply is the rule. Errors: ErrInvalid names the field; ErrConflict if there are too many.
type SetRule struct{ Rule dkron.Rule }

// Fields describes the wire form.
func (r *SetRule) Fields(w *codec.Wire) { codec.Nested(w, 1, &r.Rule) }

// Name is the name on the wire.
func (*SetRule) Name() string { return "SetRule" }

// Touches is Admin: a rule applies to the jobs of all.
func (*SetRule) Touches() Touch { return Admin }

// Reply is the rule.
func (*SetRule) Reply() *Rule { return new(Rule) }

// Rule is a rule.
type Rule struct{ dkron.Rule }

// Fields describes the wire form.
func (r *Rule) Fields(w *codec.Wire) { codec.Nested(w, 2, &r.Rule) }

// DeleteRule removes a rule and its open alerts.
//
// Errors: ErrNotFound.
type DeleteRule struct{ Rule string }

// Fields describes the wire form.
func (r *DeleteRule) Fields(w *codec.Wire) { w.String(1, &r.Rule) }

// Name is the name on the wire.
func (*DeleteRule) Name() string { return "DeleteRule" }

// Touches is Admin.
func (*DeleteRule) Touches() Touch { return Admin }

// Reply is empty.
func (*DeleteRule) Reply() *Done { return new(Done) }
