package command

import (
	"errors"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/state"
)

// SetPolicy creates or replaces a policy.
type SetPolicy struct{ Policy dkron.Policy }

// Fields describes the wire form.
func (c *SetPolicy) Fields(w *codec.Wire) {
	w.Since(2)
	codec.Nested(w, 1, &c.Policy)
}

// Apply stores the policy.
func (c *SetPolicy) Apply(tx *state.Tx) (any, error) {
	old, err := tx.Policy(c.Policy.Name)
	if errors.Is(err, dkron.ErrNotFound) {
		all, err := tx.Policies()
		if err != nil {
			return nil, err
		}
		if len(all) >= dkron.MaxPolicies {
			return nil, dkron.Conflict("there are %d policies, which is the most; delete one that no token names", len(all))
		}
	} else if err != nil {
		return nil, err
	}
	if old == nil || old.Rules != c.Policy.Rules {
		noteChange(tx, dkron.AuditPolicy, c.Policy.Name, old, &c.Policy, nil)
	}
	return nil, tx.PutPolicy(&c.Policy)
}
