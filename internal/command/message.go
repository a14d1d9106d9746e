package command

import (
	"errors"
	"slices"
	"strconv"
	"time"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/state"
)

// Sent records what attempts to send messages came to.
type Sent struct {
	Attempts []dkron.Attempt
	Now      time.Time
}

// Fields describes the wire form.
func (c *Sent) Fields(w *codec.Wire) {
	w.Since(2)
	codec.List(w, 1, &c.Attempts)
	w.Time(2, &c.Now)
}

// Apply records the attempts. One of a message that does not wait any more changes nothing.
func (c *Sent) Apply(tx *state.Tx) (any, error) {
	tx.Tick(c.Now)
	for i := range c.Attempts {
		if err := c.record(tx, &c.Attempts[i]); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func (c *Sent) record(tx *state.Tx, a *dkron.Attempt) error {
	m, err := tx.Message(a.Number)
	if errors.Is(err, dkron.ErrNotFound) || err == nil && m.State != dkron.MessageWaiting {
		return nil
	}
	if err != nil {
		return err
	}
	stat, err := tx.ChannelStat(m.Channel)
	if err != nil {
		return err
	}
	m.State, m.Error, m.Next = a.State, a.Error, a.Next
	switch a.State {
	case dkron.MessageSent:
		m.EndedAt = c.Now
		stat.Sent++
		stat.SentAt = c.Now
		if a.Error != "" { // some recipients did not get it
			stat.LastError, stat.LastErrorAt = a.Error, c.Now
		}
	case dkron.MessageFailed:
		m.EndedAt = c.Now
		stat.Failed++
		fallthrough
	case dkron.MessageWaiting:
		m.Attempts++
		stat.LastError, stat.LastErrorAt = a.Error, c.Now
	}
	if err := tx.PutMessage(m); err != nil {
		return err
	}
	return tx.PutChannelStat(stat)
}

// Resend has a message sent again that was sent or given up, or has one that waits sent at once.
type Resend struct {
	Number uint64
	Now    time.Time
	By     string
	Notifying
}

// Fields describes the wire form.
func (c *Resend) Fields(w *codec.Wire) {
	w.Since(2)
	w.Uint(1, &c.Number)
	w.Time(2, &c.Now)
	w.String(3, &c.By)
	w.Strings(4, &c.Channels)
}

// Apply returns the message. Its id stays the same.
func (c *Resend) Apply(tx *state.Tx) (any, error) {
	m, err := tx.Message(c.Number)
	if err != nil {
		return nil, err
	}
	if m.Notice != nil {
		return c.letter(tx, m)
	}
	_, err = tx.Channel(m.Channel)
	if errors.Is(err, dkron.ErrNotFound) {
		return nil, dkron.Conflict("the channel %q of the message is gone; create it again first", m.Channel)
	}
	if err != nil {
		return nil, err
	}
	tx.Tick(c.Now)
	c.restart(tx, m)
	return m, tx.PutMessage(m)
}

// restart makes the message wait for its first attempt.
func (c *Resend) restart(tx *state.Tx, m *dkron.Message) {
	note(tx, dkron.AuditMessage, strconv.FormatUint(m.Number, 10), "sent again through channel "+m.Channel)
	m.State, m.By, m.Since, m.Attempts, m.Next, m.EndedAt = dkron.MessageWaiting, c.By, c.Now, 0, time.Time{}, time.Time{}
}

// letter sends a dead letter of the settings again, if the settings of the server that leads have its channel. They are in the
// entry, since servers may differ in their settings.
func (c *Resend) letter(tx *state.Tx, m *dkron.Message) (any, error) {
	if why := m.Stale(); why != "" {
		return nil, dkron.Conflict("message %d went through the setting %s and is not sent again: %s", m.Number, m.Setting(), why)
	}
	if !slices.ContainsFunc(c.Channels, func(name string) bool { return dkron.SettingsChannel(name) == m.Channel }) {
		return nil, dkron.Conflict("the server that leads has no %s in its settings, or lacks what belongs to it, so it can't send message %d; "+
			"each server uses its own settings: complete them there, or let a server lead that has them", m.Setting(), m.Number)
	}
	tx.Tick(c.Now)
	c.restart(tx, m)
	return m, tx.SendLetter(m)
}

// TryChannel composes a message by which somebody tries a channel. It is sent as others are, with one attempt.
type TryChannel struct {
	Channel string
	Now     time.Time
	By      string
}

// Fields describes the wire form.
func (c *TryChannel) Fields(w *codec.Wire) {
	w.Since(2)
	w.String(1, &c.Channel)
	w.Time(2, &c.Now)
	w.String(3, &c.By)
}

// Apply returns the message.
func (c *TryChannel) Apply(tx *state.Tx) (any, error) {
	if _, err := tx.Channel(c.Channel); err != nil {
		return nil, err
	}
	tx.Tick(c.Now)
	m := &dkron.Message{
		Channel: c.Channel, At: c.Now, Since: c.Now, State: dkron.MessageWaiting, Test: true, By: c.By, Total: 1,
		Occurrences: []dkron.Occurrence{{
			Severity: dkron.SeverityInfo, Event: dkron.AlertTest, Count: 1, First: c.Now, Last: c.Now, Reason: "somebody tries this channel; nothing is wrong",
		}},
	}
	if err := tx.AddMessage(m); err != nil {
		return nil, err
	}
	note(tx, dkron.AuditMessage, strconv.FormatUint(m.Number, 10), "test of channel "+c.Channel)
	return m, nil
}
