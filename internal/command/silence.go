package command

import (
	"strconv"
	"time"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/state"
)

// AddSilence stores a silence that was checked.
type AddSilence struct {
	Silence dkron.Silence
	Now     time.Time
}

// Fields describes the wire form.
func (c *AddSilence) Fields(w *codec.Wire) {
	w.Since(2)
	codec.Nested(w, 1, &c.Silence)
	w.Time(2, &c.Now)
}

// Apply stores the silence and returns it. The oldest that are over go if there are too many.
func (c *AddSilence) Apply(tx *state.Tx) (any, error) {
	all, err := tx.Silences()
	if err != nil {
		return nil, err
	}
	surplus := len(all) + 1 - dkron.MaxSilences
	for _, old := range all {
		if surplus <= 0 {
			break
		}
		if old.Until.After(c.Now) {
			continue
		}
		if err := tx.RemoveSilence(old.Number); err != nil {
			return nil, err
		}
		surplus--
	}
	if surplus > 0 {
		return nil, dkron.Conflict("there are %d silences that are not over, and no more can be stored; end some", len(all))
	}
	tx.Tick(c.Now)
	s := c.Silence
	s.CreatedAt = c.Now
	if err := tx.AddSilence(&s); err != nil {
		return nil, err
	}
	noteChange(tx, dkron.AuditSilence, strconv.FormatUint(s.Number, 10), nil, &s, nil)
	return &s, nil
}

// EndSilence ends a silence before its time.
type EndSilence struct {
	Number uint64
	Now    time.Time
	By     string
}

// Fields describes the wire form.
func (c *EndSilence) Fields(w *codec.Wire) {
	w.Since(2)
	w.Uint(1, &c.Number)
	w.Time(2, &c.Now)
	w.String(3, &c.By)
}

// Apply ends the silence and returns it. One that is over stays as it is.
func (c *EndSilence) Apply(tx *state.Tx) (any, error) {
	s, err := tx.Silence(c.Number)
	if err != nil || !s.Until.After(c.Now) {
		return s, err
	}
	tx.Tick(c.Now)
	was := *s
	s.Until, s.EndedBy = c.Now, c.By
	noteChange(tx, dkron.AuditSilence, strconv.FormatUint(s.Number, 10), &was, s, nil)
	return s, tx.PutSilence(s)
}
