package command

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/state"
)

// maxComposed is how many occurrences one entry makes into a message. A message lists a few of them and counts the others.
const maxComposed = 5000

// Compose makes what waits for a channel into one message, which never changes afterwards.
type Compose struct {
	Channel string
	After   uint64   // the channel's newest message that the proposer saw
	Quiet   []string // rules that notify nobody now, by the proposer's clock and zones
	Now     time.Time
}

// Fields describes the wire form.
func (c *Compose) Fields(w *codec.Wire) {
	w.Since(2)
	w.String(1, &c.Channel)
	w.Uint(2, &c.After)
	w.Strings(3, &c.Quiet)
	w.Time(4, &c.Now)
}

// Apply composes the message: the worst first, and of these the oldest, so that the last about a job is how it is. If the channel
// has got one meanwhile, or is gone, nothing happens: the proposer looks again.
func (c *Compose) Apply(tx *state.Tx) (any, error) {
	stat, err := tx.ChannelStat(c.Channel)
	if err != nil || stat.Message != c.After || stat.ComposesAt(c.Now).After(c.Now) {
		return nil, err
	}
	if _, err := tx.Channel(c.Channel); errors.Is(err, dkron.ErrNotFound) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	waiting, err := tx.WaitingOccurrences(c.Channel, c.Quiet, maxComposed)
	if err != nil || len(waiting) == 0 {
		return nil, err
	}
	tx.Tick(c.Now)
	slices.SortStableFunc(waiting, func(a, b *dkron.Occurrence) int {
		return cmp.Or(cmp.Compare(b.Severity.Rank(), a.Severity.Rank()), a.Last.Compare(b.Last))
	})
	m := &dkron.Message{Channel: c.Channel, At: c.Now, Since: c.Now, State: dkron.MessageWaiting}
	for _, o := range waiting {
		m.Total += o.Count
		if len(m.Occurrences) < dkron.MaxOccurrences {
			m.Occurrences = append(m.Occurrences, *o)
		} else {
			m.More++
		}
		if err := tx.RemoveWaiting(c.Channel, o); err != nil {
			return nil, err
		}
	}
	if err := tx.AddMessage(m); err != nil {
		return nil, err
	}
	stat.Message, stat.ComposedAt = m.Number, c.Now
	return nil, tx.PutChannelStat(stat)
}
