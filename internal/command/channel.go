package command

import (
	"errors"
	"math"
	"slices"
	"strings"
	"time"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/state"
)

// SetChannel stores a channel that was checked.
type SetChannel struct {
	Channel dkron.Channel
	Now     time.Time
	By      string
}

// Fields describes the wire form.
func (c *SetChannel) Fields(w *codec.Wire) {
	w.Since(2)
	codec.Nested(w, 1, &c.Channel)
	w.Time(2, &c.Now)
	w.String(3, &c.By)
}

// Apply stores the channel and returns it. One that is written unchanged keeps its revision.
func (c *SetChannel) Apply(tx *state.Tx) (any, error) {
	next := c.Channel
	next.Revision, next.UpdatedAt, next.UpdatedBy = 1, c.Now, c.By
	old, err := tx.Channel(next.Name)
	switch {
	case errors.Is(err, dkron.ErrNotFound):
		all, err := tx.StoredChannels()
		if err != nil {
			return nil, err
		}
		if len(all) >= dkron.MaxChannels {
			return nil, dkron.Conflict("there are %d channels already, and no more can be stored; remove some", len(all))
		}
	case err != nil:
		return nil, err
	case sameButWriter(old, &next, func(x *dkron.Channel) { x.Revision, x.UpdatedAt, x.UpdatedBy = 0, time.Time{}, "" }):
		return old, nil
	default:
		next.Revision = old.Revision + 1
	}
	tx.Tick(c.Now)
	noteChange(tx, dkron.AuditChannel, next.Name, old, &next, nil)
	return &next, tx.PutChannel(&next)
}

// sameButWriter reports whether two records are equal after blank has removed what the log itself adds.
func sameButWriter[T any, P interface {
	*T
	codec.Message
}](a, b *T, blank func(*T)) bool {
	x, y := *a, *b
	blank(&x)
	blank(&y)
	return string(codec.Encode(P(&x))) == string(codec.Encode(P(&y)))
}

// DeleteChannel removes a channel that no rule names.
type DeleteChannel struct {
	Name string
	Now  time.Time
}

// Fields describes the wire form.
func (c *DeleteChannel) Fields(w *codec.Wire) {
	w.Since(2)
	w.String(1, &c.Name)
	w.Time(2, &c.Now)
}

// Apply removes the channel, with what waits for it. What is being sent ends as failed.
func (c *DeleteChannel) Apply(tx *state.Tx) (any, error) {
	old, err := tx.Channel(c.Name)
	if err != nil {
		return nil, err
	}
	rules, err := tx.Rules()
	if err != nil {
		return nil, err
	}
	var users []string
	for _, r := range rules {
		if slices.Contains(r.Channels, c.Name) {
			users = append(users, r.Name)
		}
	}
	if len(users) > 0 {
		return nil, dkron.Conflict("channel %q is used by the rules %s; change or remove those first", c.Name, strings.Join(users, ", "))
	}
	tx.Tick(c.Now)
	unsent, err := tx.Unsent()
	if err != nil {
		return nil, err
	}
	for _, m := range unsent {
		if m.Channel != c.Name {
			continue
		}
		m.State, m.Error, m.EndedAt = dkron.MessageFailed, "the channel was removed", c.Now
		if err := tx.PutMessage(m); err != nil {
			return nil, err
		}
	}
	waiting, err := tx.WaitingOccurrences(c.Name, nil, math.MaxInt)
	if err != nil {
		return nil, err
	}
	for _, o := range waiting {
		if err := tx.RemoveWaiting(c.Name, o); err != nil {
			return nil, err
		}
	}
	noteChange(tx, dkron.AuditChannel, c.Name, old, nil, nil)
	return nil, tx.RemoveChannel(c.Name)
}
