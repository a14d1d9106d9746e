package command

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"dkron"
	"dkron/internal/state"
)

// Entry is the part of a log entry that the machine needs.
type Entry struct {
	Index uint64
	Data  []byte
}

// Machine applies the log to the state.
type Machine struct {
	store *state.Store
	log   *slog.Logger
	fatal func(error)
	stuck atomic.Pointer[error] // why the state can't be written now, nil if it can
}

// Health returns why the state can't be written, nil if it can.
func (m *Machine) Health() error {
	if err := m.stuck.Load(); err != nil {
		return *err
	}
	return nil
}

// NewMachine returns a machine. fatal is called, and must not return, for an entry that this version can't apply, because
// skipping it would make this server's state differ from the others', and for a state that can't be read.
func NewMachine(store *state.Store, log *slog.Logger, fatal func(error)) *Machine {
	return &Machine{store: store, log: log, fatal: fatal}
}

// Apply applies a batch in one transaction and returns, for each entry, the proposer's result: a value or an error. If
// the disk refuses, it retries until the disk has room, because committed entries can't be given back. An entry that no
// disk could store is refused, and the others of its batch are applied without it.
func (m *Machine) Apply(entries []Entry) []any {
	commands := make([]Command, len(entries))
	for i, e := range entries {
		c, err := decode(e.Data)
		if err != nil {
			m.fatal(fmt.Errorf("log entry %d: %w", e.Index, err))
		}
		commands[i] = c
	}
	unfit := make(map[int]error) // entries that no server can store: all servers skip them alike
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 5*time.Second) {
		results, found := make([]any, len(entries)), false
		err := m.store.Update(entries[len(entries)-1].Index, func(tx *state.Tx) error {
			for i, c := range commands {
				if err := unfit[i]; err != nil {
					results[i] = err
				}
				if c == nil || unfit[i] != nil {
					continue
				}
				tx.Begin(entries[i].Index)
				result, err := c.Apply(tx)
				if errors.Is(err, state.ErrUnfit) {
					unfit[i], found = dkron.Invalid("%w", err), true
				}
				if err != nil && !refusal(err) {
					return fmt.Errorf("log entry %d: %w", entries[i].Index, err)
				}
				if err != nil {
					result = err
				}
				results[i] = result
				if err := tx.Sweep(); err != nil {
					return err
				}
			}
			return nil
		})
		if err == nil {
			m.stuck.Store(nil)
			m.tell(commands)
			return results
		}
		if found {
			m.log.Error("a change can't be stored, now or ever; it is refused", "error", err)
			continue
		}
		m.stuck.Store(&err)
		m.log.Error("state could not be written; nothing is served until it can: free disk space or repair the disk", "error", err, "retry_in", pause)
		time.Sleep(pause)
	}
}

// tell logs what whoever runs the cluster should know of entries that were applied.
func (m *Machine) tell(commands []Command) {
	for _, c := range commands {
		if a, ok := c.(*Agree); ok {
			m.log.Info("the cluster has agreed on a newer protocol; a server of a release before this one can no longer be part of it",
				"protocol", a.Protocol, "release", a.Release)
		}
	}
}

// refusal reports whether a command declined by its own rules, before it wrote anything. Any other error is the
// database's: then nothing of the batch may remain.
func refusal(err error) bool {
	for _, kind := range []error{ErrChanged, dkron.ErrInvalid, dkron.ErrNotFound, dkron.ErrNoParent, dkron.ErrConflict} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}

// AppliedIndex returns the index of the last entry in the state. Without it nothing more can be applied: the database is
// closed or broken.
func (m *Machine) AppliedIndex() uint64 {
	index, err := m.store.Applied()
	if err != nil {
		m.fatal(err)
	}
	return index
}

// Snapshot opens a consistent view that can be written out later.
func (m *Machine) Snapshot() (*state.Snapshot, error) { return m.store.Snapshot() }

// Restore replaces the state.
func (m *Machine) Restore(r io.Reader) error { return m.store.Restore(r) }
