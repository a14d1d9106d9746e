package command

import (
	"slices"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/state"
)

// DeletePolicy removes a policy that no token names.
type DeletePolicy struct{ Name string }

// Fields describes the wire form.
func (c *DeletePolicy) Fields(w *codec.Wire) {
	w.Since(2)
	w.String(1, &c.Name)
}

// Apply removes the policy.
func (c *DeletePolicy) Apply(tx *state.Tx) (any, error) {
	old, err := tx.Policy(c.Name)
	if err != nil {
		return nil, err
	}
	tokens, err := tx.Tokens()
	if err != nil {
		return nil, err
	}
	for _, t := range tokens {
		if slices.Contains(t.Policies, c.Name) {
			return nil, dkron.Conflict("token %s names policy %s; delete the tokens that name it first", t.Accessor, c.Name)
		}
	}
	noteChange(tx, dkron.AuditPolicy, c.Name, old, nil, nil)
	return nil, tx.RemovePolicy(c.Name)
}
