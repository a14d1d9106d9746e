package courier

import (
	"slices"
	"time"

	"dkron"
	"dkron/internal/state"
)

// breaches plans at which objectives that are not met the rules have to look. It judges jobs from time to time, and when one
// of the objectives that it has seen is broken if nothing happens.
func (c *Courier) breaches(tx *state.Tx, p *plan, rules []*dkron.Rule, now time.Time) error {
	if now.Before(c.breachAt) {
		return nil
	}
	c.breachAt = now.Add(look)
	rules = slices.DeleteFunc(slices.Clone(rules), func(r *dkron.Rule) bool {
		return r.Disabled || !slices.Contains(r.On, dkron.AlertObjective)
	})
	if c.Breaches == nil || len(rules) == 0 {
		return nil
	}
	next, err := c.Breaches(tx, now, func(j *dkron.Job, progress *dkron.Progress, b dkron.Breach) {
		fits := func(r *dkron.Rule) bool { return r.Match.Named(j.Name) && r.Match.Has(j) }
		switch {
		case progress.Noticed(b) || !slices.ContainsFunc(rules, fits):
		case len(p.broken) < maxOverdue:
			p.broken = append(p.broken, b)
		default:
			c.breachAt = now.Add(again)
		}
	})
	if !next.IsZero() {
		c.breachAt = earlier(c.breachAt, next)
	}
	return err
}
