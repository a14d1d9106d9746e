package state

import (
	"bytes"
	"errors"
	"slices"

	"dkron"
)

// AddAlert gives an alert its number and stores it.
func (tx *Tx) AddAlert(a *dkron.Alert) error {
	tx.meta.Alerts++
	tx.meta.OpenAlerts++
	a.Number = tx.meta.Alerts
	return tx.PutAlert(a)
}

// PutAlert stores an open alert.
func (tx *Tx) PutAlert(a *dkron.Alert) error {
	tx.changes.Alerts = true
	return tx.put(tableAlert, append(key(a.JobNumber), a.Rule...), a)
}

// RemoveAlert removes an alert that is over.
func (tx *Tx) RemoveAlert(a *dkron.Alert) error {
	tx.meta.OpenAlerts -= min(tx.meta.OpenAlerts, 1)
	tx.changes.Alerts = true
	return tx.remove(tableAlert, append(key(a.JobNumber), a.Rule...))
}

// Alerts returns the open alerts, by job and rule.
func (tx *Tx) Alerts() ([]*dkron.Alert, error) { return all[dkron.Alert](tx, tableAlert) }

// AlertsOf returns the open alerts about a job. It reads nothing if no alert is open.
func (tx *Tx) AlertsOf(job uint64) (list []*dkron.Alert, err error) {
	if tx.meta.OpenAlerts == 0 {
		return nil, nil
	}
	err = scan(tx.bolt, tableAlert, key(job), func(k []byte, a *dkron.Alert) bool {
		if number(k) != job {
			return false
		}
		list = append(list, a)
		return true
	})
	return list, err
}

// waitingKey is the place of what waits for a channel. Names have no byte 0.
func waitingKey(channel string, o *dkron.Occurrence) []byte {
	k := append([]byte(channel), 0)
	k = append(append(k, o.Rule...), 0)
	return append(append(k, key(o.JobNumber)...), o.Event...)
}

// AddWaiting adds an occurrence to what waits for a channel. One of the same rule, job and event that waits
// already takes it in, so that there are never more than rules and jobs allow.
func (tx *Tx) AddWaiting(channel string, o *dkron.Occurrence) error {
	tx.changes.Alerts = true
	k, waiting := waitingKey(channel, o), new(dkron.Occurrence)
	if err := tx.get(tableWaiting, k, waiting); err == nil {
		waiting.Repeat(o)
		o = waiting
	} else if !errors.Is(err, errAbsent) {
		return err
	}
	return tx.put(tableWaiting, k, o)
}

// RemoveWaiting removes what waits.
func (tx *Tx) RemoveWaiting(channel string, o *dkron.Occurrence) error {
	return tx.remove(tableWaiting, waitingKey(channel, o))
}

// WaitingOccurrences returns up to limit occurrences that wait for a channel, without those of the given rules.
func (tx *Tx) WaitingOccurrences(channel string, without []string, limit int) (list []*dkron.Occurrence, err error) {
	prefix := append([]byte(channel), 0)
	err = scan(tx.bolt, tableWaiting, prefix, func(k []byte, o *dkron.Occurrence) bool {
		if !bytes.HasPrefix(k, prefix) {
			return false
		}
		if !slices.Contains(without, o.Rule) {
			list = append(list, o)
		}
		return len(list) < limit
	})
	return list, err
}

// ChannelStat returns what came of a channel's messages.
func (tx *Tx) ChannelStat(channel string) (*dkron.ChannelStat, error) {
	s := &dkron.ChannelStat{Channel: channel}
	err := tx.get(tableChannelStat, []byte(channel), s)
	if errors.Is(err, errAbsent) {
		err = nil
	}
	return s, err
}

// PutChannelStat stores it, unless the channel is gone.
func (tx *Tx) PutChannelStat(s *dkron.ChannelStat) error {
	if tx.bolt.Bucket(tableChannel).Get([]byte(s.Channel)) == nil {
		return nil
	}
	return tx.put(tableChannelStat, []byte(s.Channel), s)
}

// AddMessage gives a message its number and stores it. The oldest go if there are too many, or if they are too old.
func (tx *Tx) AddMessage(m *dkron.Message) error {
	tx.meta.Messages++
	tx.meta.KeptMessages++
	m.Number = tx.meta.Messages
	if err := tx.PutMessage(m); err != nil {
		return err
	}
	for {
		var oldest *dkron.Message
		err := scan(tx.bolt, tableMessage, nil, func(_ []byte, m *dkron.Message) bool {
			oldest = m
			return false
		})
		if err != nil || oldest == nil || tx.meta.KeptMessages <= dkron.MaxMessages && tx.meta.Clock.Sub(oldest.At) <= dkron.MaxMessageAge {
			return err
		}
		tx.meta.KeptMessages--
		for _, table := range [][]byte{tableMessage, tableUnsent} {
			if err := tx.remove(table, key(oldest.Number)); err != nil {
				return err
			}
		}
	}
}

// PutMessage stores a message, among those that are still to be sent if it waits. A dead letter is not: a delivery sends it.
func (tx *Tx) PutMessage(m *dkron.Message) error {
	tx.changes.Alerts = true
	if m.Notice != nil {
		return tx.put(tableLetter, key(m.Number), m)
	}
	if err := tx.put(tableMessage, key(m.Number), m); err != nil || m.State != dkron.MessageWaiting {
		return errors.Join(err, tx.remove(tableUnsent, key(m.Number)))
	}
	return tx.put(tableUnsent, key(m.Number), &dkron.Attempt{Number: m.Number})
}

// Message returns a message that is kept, or ErrNotFound.
func (tx *Tx) Message(number uint64) (*dkron.Message, error) {
	m, err := one[dkron.Message](tx, tableMessage, key(number), number)
	if errors.Is(err, dkron.ErrNotFound) {
		letter := new(dkron.Message)
		if found := tx.get(tableLetter, key(number), letter); !errors.Is(found, errAbsent) {
			return letter, found
		}
	}
	return m, err
}

// Unsent returns the messages that are still to be sent, oldest first.
func (tx *Tx) Unsent() (list []*dkron.Message, err error) {
	marks, err := all[dkron.Attempt](tx, tableUnsent)
	for i := 0; err == nil && i < len(marks); i++ {
		var m *dkron.Message
		if m, err = tx.Message(marks[i].Number); err == nil {
			list = append(list, m)
		}
	}
	return list, err
}
