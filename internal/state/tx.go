package state

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/index"
)

// Tx is a transaction. Its methods are spread over a file per word.
type Tx struct {
	bolt  *bolt.Tx
	meta  meta
	index *index.Index

	// While writing: what the index and the watchers receive after the commit, and records that many entries of one
	// batch change, encoded once at its end.
	entries  map[string]*index.Entry // by job name; nil is a deleted job
	progress map[uint64]*dkron.Progress
	launches map[uint64]*dkron.Launch
	stats    map[string]*Stat
	minutes  map[uint64]*Minute // nil is a dropped one
	grown    growth             // of the histories since the last sweep
	jobs     uint64             // last job number at the start of the batch
	touched  *touched           // keys that are written, if the database is being compacted
	changes  *Changes
	at       Position // of the latest event
	events   []Event
	ended    Ended
	channels []string // see SetChannels
	named    bool     // the cluster got its id in this transaction
	trust    *Trust   // as this transaction has changed it; nil: it has not
	store    *Store
	audit    *[]dkron.AuditNote // what the command being applied has changed; nil: nobody asked for it
	rules    uint64             // changes of rules and silences at the start of the batch
	ruling   *ruling            // as it is now; nil: not read yet
}

func (s *Store) begin(b *bolt.Tx) (*Tx, error) {
	tx := &Tx{bolt: b, index: s.index}
	if err := codec.Decode(b.Bucket(tableMeta).Get(keyMeta), &tx.meta); err != nil {
		return nil, err
	}
	if b.Writable() {
		tx.jobs, tx.touched = tx.meta.Jobs, s.touched
		tx.store, tx.rules = s, tx.meta.RuleChanges
		tx.entries = make(map[string]*index.Entry)
		tx.progress = make(map[uint64]*dkron.Progress)
		tx.launches = make(map[uint64]*dkron.Launch)
		tx.stats = make(map[string]*Stat)
		tx.minutes = make(map[uint64]*Minute)
		tx.changes = new(Changes)
	}
	return tx, nil
}

// flush writes the records that were held back until the end of the batch, in order of key.
func (tx *Tx) flush() error {
	for _, n := range sortedKeys(tx.progress) {
		if p := tx.progress[n]; p != nil {
			if err := tx.put(tableProgress, key(n), p); err != nil {
				return err
			}
			tx.noteProgress(n, p)
		}
	}
	for _, n := range sortedKeys(tx.launches) {
		l := tx.launches[n]
		var err error
		if l == nil {
			err = tx.remove(tableLaunch, key(n))
		} else {
			err = tx.put(tableLaunch, key(n), l)
		}
		if err != nil {
			return err
		}
	}
	for _, day := range sortedKeys(tx.stats) {
		if err := tx.put(tableStat, []byte(day), tx.stats[day]); err != nil {
			return err
		}
	}
	if err := tx.flushMinutes(); err != nil {
		return err
	}
	return tx.put(tableMeta, keyMeta, &tx.meta)
}

// SetPaused sets whether submissions are paused.
func (tx *Tx) SetPaused(paused bool) { tx.meta.Paused = paused }

// Paused reports whether submissions are paused.
func (tx *Tx) Paused() bool { return tx.meta.Paused }

// Settings returns the cluster's settings.
func (tx *Tx) Settings() dkron.Settings { return tx.meta.Settings }

// PutSettings replaces the settings. If they keep less than before, all jobs are swept.
func (tx *Tx) PutSettings(s dkron.Settings) {
	if s != tx.meta.Settings {
		tx.meta.Settings, tx.meta.Passed, tx.meta.Turns = s, 0, 1
	}
}

// Tick advances the state's clock to now. It never goes back, whatever the leaders' clocks show.
func (tx *Tx) Tick(now time.Time) {
	if now.After(tx.meta.Clock) {
		tx.meta.Clock = now
	}
	if tx.meta.Stamped.IsZero() { // a state of an earlier version: its clock is the best estimate
		tx.meta.Stamped = tx.meta.Clock
	}
	if now.After(tx.meta.Stamped) {
		tx.meta.Stamped = now
	}
}

// Stamped returns the latest instant of any command since a leader last found that a clock had been ahead. No job's
// cursor is later.
func (tx *Tx) Stamped() time.Time {
	if tx.meta.Stamped.IsZero() {
		return tx.meta.Clock
	}
	return tx.meta.Stamped
}

// SetStamped records that nothing in the state is later than now, although a clock was ahead.
func (tx *Tx) SetStamped(now time.Time) { tx.meta.Stamped = now }

// Clock returns the state's clock.
func (tx *Tx) Clock() time.Time { return tx.meta.Clock }

// Applied returns the index of the last log entry in the state.
func (tx *Tx) Applied() uint64 { return tx.meta.Applied }

func (tx *Tx) put(table, key []byte, m codec.Message) error {
	return tx.putRaw(table, key, codec.Encode(m))
}

func (tx *Tx) putRaw(table, key, value []byte) error {
	b := tx.bolt.Bucket(table)
	b.FillPercent = fillPercent
	tx.touched.add(table, key)
	err := b.Put(key, value)
	for _, never := range []error{bolterrors.ErrKeyRequired, bolterrors.ErrKeyTooLarge, bolterrors.ErrValueTooLarge} {
		if errors.Is(err, never) {
			return fmt.Errorf("%w: %w", ErrUnfit, err)
		}
	}
	return err
}

// fillPercent is how full pages are left: records are mostly appended in order of key, and hardly ever inserted.
const fillPercent = 0.9

// remove deletes a record, if it is there.
func (tx *Tx) remove(table, key []byte) error {
	tx.touched.add(table, key)
	return tx.bolt.Bucket(table).Delete(key)
}

// ErrUnfit is wrapped by the error of a write that no disk could take, on any server.
var ErrUnfit = errors.New("can't be stored")

var errAbsent = errors.New("absent")

// get reads a record; errAbsent if there is none.
func (tx *Tx) get(table, key []byte, m codec.Message) error {
	raw := tx.bolt.Bucket(table).Get(key)
	if raw == nil {
		return errAbsent
	}
	if err := codec.Decode(raw, m); err != nil {
		return fmt.Errorf("state: %s %x: %w", table, key, err)
	}
	return nil
}

// key encodes numbers so that keys sort like the numbers.
func key(numbers ...uint64) []byte {
	k := make([]byte, 0, 16)
	for _, n := range numbers {
		k = binary.BigEndian.AppendUint64(k, n)
	}
	return k
}

func number(key []byte) uint64 { return binary.BigEndian.Uint64(key) }

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K {
	return slices.Sorted(maps.Keys(m))
}
