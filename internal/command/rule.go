package command

import (
	"errors"
	"time"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/state"
)

// SetRule stores a rule that was checked.
type SetRule struct {
	Rule dkron.Rule
	Now  time.Time
	By   string
}

// Fields describes the wire form.
func (c *SetRule) Fields(w *codec.Wire) {
	w.Since(2)
	codec.Nested(w, 1, &c.Rule)
	w.Time(2, &c.Now)
	w.String(3, &c.By)
}

// Apply stores the rule and returns it. All of its channels must exist. One that is written unchanged keeps its revision.
func (c *SetRule) Apply(tx *state.Tx) (any, error) {
	next := c.Rule
	next.Revision, next.UpdatedAt, next.UpdatedBy = 1, c.Now, c.By
	for i, name := range next.Channels {
		_, err := tx.Channel(name)
		if errors.Is(err, dkron.ErrNotFound) {
			return nil, dkron.Invalid("channels[%d]: there is no channel %q; create it first", i, name)
		}
		if err != nil {
			return nil, err
		}
	}
	old, err := tx.Rule(next.Name)
	switch {
	case errors.Is(err, dkron.ErrNotFound):
		all, err := tx.Rules()
		if err != nil {
			return nil, err
		}
		if len(all) >= dkron.MaxRules {
			return nil, dkron.Conflict("there are %d rules already, and no more can be stored; remove some", len(all))
		}
	case err != nil:
		return nil, err
	case sameButWriter(old, &next, func(x *dkron.Rule) { x.Revision, x.UpdatedAt, x.UpdatedBy = 0, time.Time{}, "" }):
		return old, nil
	default:
		next.Revision = old.Revision + 1
	}
	tx.Tick(c.Now)
	noteChange(tx, dkron.AuditRule, next.Name, old, &next, nil)
	return &next, tx.PutRule(&next)
}

// DeleteRule removes a rule.
type DeleteRule struct {
	Name string
	Now  time.Time
}

// Fields describes the wire form.
func (c *DeleteRule) Fields(w *codec.Wire) {
	w.Since(2)
	w.String(1, &c.Name)
	w.Time(2, &c.Now)
}

// Apply removes the rule and its open alerts. What it noticed before is still reported.
func (c *DeleteRule) Apply(tx *state.Tx) (any, error) {
	old, err := tx.Rule(c.Name)
	if err != nil {
		return nil, err
	}
	alerts, err := tx.Alerts()
	if err != nil {
		return nil, err
	}
	tx.Tick(c.Now)
	for _, a := range alerts {
		if a.Rule != c.Name {
			continue
		}
		if err := tx.RemoveAlert(a); err != nil {
			return nil, err
		}
	}
	noteChange(tx, dkron.AuditRule, c.Name, old, nil, nil)
	return nil, tx.RemoveRule(c.Name)
}
