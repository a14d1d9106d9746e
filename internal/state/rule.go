package state

import (
	"errors"
	"fmt"

	bolt "go.etcd.io/bbolt"

	"dkron"
)

// Channels, rules and silences. Rules and silences are looked at when launches end, so both are also kept decoded: for
// writing transactions only, and only what a commit has stored.

// one returns a record, or ErrNotFound with its table and name.
func one[T any, P pointer[T]](tx *Tx, table, key []byte, name any) (P, error) {
	v := P(new(T))
	err := tx.get(table, key, v)
	if errors.Is(err, errAbsent) {
		return nil, fmt.Errorf("%s %v: %w", table, name, dkron.ErrNotFound)
	}
	return v, err
}

func all[T any, P pointer[T]](tx *Tx, table []byte) (list []*T, err error) {
	err = scan[T, P](tx.bolt, table, nil, func(_ []byte, v *T) bool {
		list = append(list, v)
		return true
	})
	return list, err
}

// Channel returns a stored channel, or ErrNotFound.
func (tx *Tx) Channel(name string) (*dkron.Channel, error) {
	return one[dkron.Channel](tx, tableChannel, []byte(name), name)
}

// StoredChannels returns all stored channels by name.
func (tx *Tx) StoredChannels() ([]*dkron.Channel, error) { return all[dkron.Channel](tx, tableChannel) }

// PutChannel stores a channel.
func (tx *Tx) PutChannel(c *dkron.Channel) error {
	tx.changes.Alerts = true
	return tx.put(tableChannel, []byte(c.Name), c)
}

// RemoveChannel removes a channel and its counts. Its messages stay.
func (tx *Tx) RemoveChannel(name string) error {
	tx.changes.Alerts = true
	if err := tx.remove(tableChannelStat, []byte(name)); err != nil {
		return err
	}
	return tx.remove(tableChannel, []byte(name))
}

// Rule returns a rule, or ErrNotFound.
func (tx *Tx) Rule(name string) (*dkron.Rule, error) {
	return one[dkron.Rule](tx, tableRule, []byte(name), name)
}

// Rules returns all rules by name.
func (tx *Tx) Rules() ([]*dkron.Rule, error) { return all[dkron.Rule](tx, tableRule) }

// PutRule stores a rule.
func (tx *Tx) PutRule(r *dkron.Rule) error {
	if tx.bolt.Bucket(tableRule).Get([]byte(r.Name)) == nil {
		tx.meta.Rules++
	}
	tx.ruled()
	return tx.put(tableRule, []byte(r.Name), r)
}

// RemoveRule removes a rule.
func (tx *Tx) RemoveRule(name string) error {
	if tx.bolt.Bucket(tableRule).Get([]byte(name)) != nil {
		tx.meta.Rules -= min(tx.meta.Rules, 1)
	}
	tx.ruled()
	return tx.remove(tableRule, []byte(name))
}

// Silence returns a silence, or ErrNotFound.
func (tx *Tx) Silence(number uint64) (*dkron.Silence, error) {
	return one[dkron.Silence](tx, tableSilence, key(number), number)
}

// Silences returns all silences that are kept, oldest first.
func (tx *Tx) Silences() ([]*dkron.Silence, error) { return all[dkron.Silence](tx, tableSilence) }

// AddSilence gives a silence its number and stores it.
func (tx *Tx) AddSilence(s *dkron.Silence) error {
	tx.meta.Silences++
	s.Number = tx.meta.Silences
	return tx.PutSilence(s)
}

// PutSilence stores a silence.
func (tx *Tx) PutSilence(s *dkron.Silence) error {
	tx.ruled()
	return tx.put(tableSilence, key(s.Number), s)
}

// RemoveSilence removes a silence.
func (tx *Tx) RemoveSilence(number uint64) error {
	tx.ruled()
	return tx.remove(tableSilence, key(number))
}

// ruled notes that rules or silences differ from what is kept decoded.
func (tx *Tx) ruled() {
	tx.meta.RuleChanges++
	tx.ruling, tx.changes.Alerts = nil, true
}

// ruling is the rules that are on, and all silences, decoded.
type ruling struct {
	db       *bolt.DB
	changes  uint64
	watches  []ReadyRule
	silences []*dkron.Silence
}

// HasRules reports whether there are rules. It costs one comparison if there are none.
func (tx *Tx) HasRules() bool { return tx.meta.Rules > 0 }

// Watches returns the rules that are on, by name, and all silences. It is for writing transactions.
func (tx *Tx) Watches() ([]ReadyRule, []*dkron.Silence, error) {
	if tx.ruling == nil {
		if kept := tx.store.ruling; kept != nil && kept.db == tx.bolt.DB() && kept.changes == tx.meta.RuleChanges {
			tx.ruling = kept
		} else if err := tx.readRuling(); err != nil {
			return nil, nil, err
		}
	}
	return tx.ruling.watches, tx.ruling.silences, nil
}

func (tx *Tx) readRuling() error {
	rules, err := tx.Rules()
	if err != nil {
		return err
	}
	silences, err := tx.Silences()
	if err != nil {
		return err
	}
	fresh := &ruling{db: tx.bolt.DB(), changes: tx.meta.RuleChanges, silences: silences}
	for _, r := range rules {
		if !r.Disabled {
			fresh.watches = append(fresh.watches, newReadyRule(r))
		}
	}
	if fresh.changes == tx.rules { // as committed
		tx.store.ruling = fresh
	}
	tx.ruling = fresh
	return nil
}
