package command

import (
	"dkron"
	"dkron/internal/codec"
	"dkron/internal/state"
)

// DeleteToken removes a token, unless it is the last that can make others.
type DeleteToken struct{ Accessor string }

// Fields describes the wire form.
func (c *DeleteToken) Fields(w *codec.Wire) {
	w.Since(2)
	w.String(1, &c.Accessor)
}

// Apply removes the token.
func (c *DeleteToken) Apply(tx *state.Tx) (any, error) {
	gone, err := tx.Token(c.Accessor)
	if err != nil {
		return nil, err
	}
	all, err := tx.Tokens()
	if err != nil {
		return nil, err
	}
	managers := 0
	for _, t := range all {
		if t.Type == dkron.ManagementToken && t.ExpiresAt.IsZero() {
			managers++
		}
	}
	if managers == 1 && gone.Type == dkron.ManagementToken && gone.ExpiresAt.IsZero() {
		return nil, dkron.Conflict("it is the last management token that does not expire; create another first")
	}
	noteChange(tx, dkron.AuditToken, c.Accessor, gone, nil, withoutHashes)
	return nil, tx.RemoveToken(c.Accessor)
}
