package command

import (
	"dkron"
	"dkron/internal/codec"
	"dkron/internal/state"
)

// Pause says whether submissions of jobs are refused.
type Pause struct{ Paused bool }

// Fields describes the wire form.
func (c *Pause) Fields(w *codec.Wire) { w.Bool(1, &c.Paused) }

// Apply stores it.
func (c *Pause) Apply(tx *state.Tx) (any, error) {
	if c.Paused != tx.Paused() {
		note(tx, dkron.AuditPause, "", map[bool]string{true: "job changes are refused", false: "job changes are taken"}[c.Paused])
	}
	tx.SetPaused(c.Paused)
	return nil, nil
}
