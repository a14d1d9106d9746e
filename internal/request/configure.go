package request

import (
	"dkron"
	"dkron/internal/codec"
)

// Configure replaces all settings that the servers share.
//
// Errors: ErrInvalid names the invalid setting.
type Configure struct{ Settings dkron.Settings }

// Fields writes the settings' own wire form.
func (r *Configure) Fields(w *codec.Wire) { r.Settings.Fields(w) }

// Name is the name on the wire.
func (*Configure) Name() string { return "Configure" }

// Touches is Admin: settings apply to all jobs.
func (*Configure) Touches() Touch { return Admin }

// Reply is empty.
func (*Configure) Reply() *Done { return new(Done) }
