package state

import (
	"errors"
	"fmt"
	"time"

	"dkron"
	"dkron/internal/codec"
)

// Dead letters of the settings have a table and limits of their own: an endpoint that is down for a day gives up a notice for each
// run, and those must not push the messages of channels out of the feed. Both have their numbers from one sequence.

// AddLetter keeps what a channel of the settings could not send. If that was a dead letter already, it is one again.
func (tx *Tx) AddLetter(d *dkron.Delivery, channel, reason string) error {
	if d.Message != 0 {
		return tx.UpdateLetter(d.Message, func(m *dkron.Message) {
			m.State, m.Error, m.Next, m.EndedAt = dkron.MessageFailed, reason, time.Time{}, tx.meta.Clock
		})
	}
	m := dkron.NewLetter(d, channel, reason, tx.meta.Clock)
	tx.meta.Messages++
	tx.meta.Letters++
	m.Number = tx.meta.Messages
	if err := tx.PutMessage(m); err != nil {
		return err
	}
	for {
		var oldest *dkron.Message
		err := scan(tx.bolt, tableLetter, nil, func(_ []byte, m *dkron.Message) bool {
			oldest = m
			return false
		})
		if err != nil || oldest == nil || tx.meta.Letters <= dkron.MaxMessages && tx.meta.Clock.Sub(oldest.At) <= dkron.MaxMessageAge {
			return err
		}
		tx.meta.Letters--
		if err := tx.remove(tableLetter, key(oldest.Number)); err != nil {
			return err
		}
	}
}

// UpdateLetter changes a dead letter, if it is still kept.
func (tx *Tx) UpdateLetter(number uint64, change func(*dkron.Message)) error {
	m := new(dkron.Message)
	err := tx.get(tableLetter, key(number), m)
	if errors.Is(err, errAbsent) {
		return nil
	}
	if err != nil {
		return err
	}
	change(m)
	return tx.PutMessage(m)
}

// SendLetter makes a dead letter a delivery again, in the place of one that waits already.
func (tx *Tx) SendLetter(m *dkron.Message) error {
	if m.Notice.Number != 0 {
		switch waiting, err := tx.Delivery(m.Notice.Number); {
		case err == nil && waiting.Message == m.Number:
			if err := tx.RemoveDelivery(waiting); err != nil {
				return err
			}
		case err != nil && !errors.Is(err, dkron.ErrNotFound):
			return err
		}
	}
	m.Notice.Number = tx.meta.Deliveries + 1
	if err := tx.PutMessage(m); err != nil { // first: others may become dead letters, of which the oldest goes
		return err
	}
	return tx.AddDelivery(m.Again(tx.meta.Clock))
}

// Messages calls fn for the messages that are kept, newest first, until it returns false. Dead letters are among them.
func (tx *Tx) Messages(fn func(*dkron.Message) bool) error {
	channels, letters := tx.bolt.Bucket(tableMessage).Cursor(), tx.bolt.Bucket(tableLetter).Cursor()
	c, craw := channels.Last()
	l, lraw := letters.Last()
	for c != nil || l != nil {
		k, raw, from := c, craw, channels
		if c == nil || l != nil && number(l) > number(c) {
			k, raw, from = l, lraw, letters
		}
		m := new(dkron.Message)
		if err := codec.Decode(raw, m); err != nil {
			return fmt.Errorf("state: message %x: %w", k, err)
		}
		if !fn(m) {
			return nil
		}
		if from == channels {
			c, craw = channels.Prev()
		} else {
			l, lraw = letters.Prev()
		}
	}
	return nil
}
