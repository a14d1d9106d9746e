package command

import (
	"dkron"
	"dkron/internal/codec"
	"dkron/internal/state"
)

// Configure replaces the cluster's settings.
type Configure struct{ Settings dkron.Settings }

// Fields describes the wire form.
func (c *Configure) Fields(w *codec.Wire) { codec.Nested(w, 1, &c.Settings) }

// Apply stores the settings.
func (c *Configure) Apply(tx *state.Tx) (any, error) {
	if old := tx.Settings(); old != c.Settings {
		noteChange(tx, dkron.AuditSettings, "", &old, &c.Settings, nil)
	}
	tx.PutSettings(c.Settings)
	return nil, nil
}
