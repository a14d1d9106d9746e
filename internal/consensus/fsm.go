package consensus

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"github.com/hashicorp/raft"
)

// snapshotMagic begins every snapshot; the machine's applied index follows (8 bytes, big endian), then its own data.
// The index in raft's metadata may be higher, as it counts entries that no machine sees. With the machine's index a
// node knows whether its state already covers a snapshot, without reading it.
const (
	snapshotMagic  = "consnap1"
	snapshotHeader = len(snapshotMagic) + 8
)

// fsm feeds the machine: each entry once, in batches, and none after a failure.
type fsm struct {
	machine Machine
	onFatal func(error)

	// Raft calls from one goroutine.
	done    uint64  // the last entry that the machine has
	entries []Entry // reused
	at      []int   // entries[i] is logs[at[i]]

	applied atomic.Uint64 // the last entry that raft handed over and the machine has, or need not have
	broken  atomic.Pointer[FatalError]

	mu      sync.Mutex    // guards changed
	changed chan struct{} // closed and replaced when applied grows
}

func newFSM(m Machine, onFatal func(error)) *fsm {
	f := &fsm{machine: m, onFatal: onFatal, done: m.AppliedIndex(), changed: make(chan struct{})}
	f.applied.Store(f.done)
	return f
}

// Apply is not used by a running raft, which sees ApplyBatch.
func (f *fsm) Apply(l *raft.Log) any { return f.ApplyBatch([]*raft.Log{l})[0] }

// ApplyBatch implements raft.BatchingFSM.
func (f *fsm) ApplyBatch(logs []*raft.Log) []any {
	results := make([]any, len(logs))
	if b := f.broken.Load(); b != nil {
		return fill(results, b)
	}
	f.entries, f.at = f.entries[:0], f.at[:0]
	for i, l := range logs {
		if l.Type == raft.LogCommand && l.Index > f.done {
			f.entries = append(f.entries, Entry{Index: l.Index, Term: l.Term, AppendedAt: l.AppendedAt, Data: l.Data})
			f.at = append(f.at, i)
		}
	}
	if len(f.entries) > 0 {
		out, fatal := f.feed()
		if fatal != nil {
			f.fail(fatal)
			return fill(results, fatal)
		}
		for i, r := range out {
			results[f.at[i]] = r
		}
		f.done = f.entries[len(f.entries)-1].Index
		clear(f.entries) // let go of the data
	}
	f.advance(logs[len(logs)-1].Index)
	return results
}

// feed calls the machine and turns whatever goes wrong into a FatalError.
func (f *fsm) feed() (out []any, fatal *FatalError) {
	first := f.entries[0].Index
	defer func() {
		if p := recover(); p != nil {
			fatal = &FatalError{Index: first, Err: fmt.Errorf("panic in a batch of %d: %v\n%s", len(f.entries), p, debug.Stack())}
		}
	}()
	out = f.machine.Apply(f.entries)
	if len(out) != len(f.entries) {
		return nil, &FatalError{Index: first, Err: fmt.Errorf("%d results for %d entries", len(out), len(f.entries))}
	}
	for _, r := range out {
		if err, ok := r.(error); ok && errors.As(err, &fatal) {
			return nil, fatal
		}
	}
	return out, nil
}

func (f *fsm) fail(err *FatalError) {
	if f.broken.CompareAndSwap(nil, err) {
		f.onFatal(err)
	}
}

func fill(results []any, err error) []any {
	for i := range results {
		results[i] = err
	}
	return results
}

func (f *fsm) advance(index uint64) {
	f.applied.Store(index)
	f.mu.Lock()
	close(f.changed)
	f.changed = make(chan struct{})
	f.mu.Unlock()
}

// wait returns a channel that is closed when applied grows after this call.
func (f *fsm) wait() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.changed
}

// Snapshot implements raft.FSM.
func (f *fsm) Snapshot() (raft.FSMSnapshot, error) {
	if b := f.broken.Load(); b != nil {
		return nil, b
	}
	s, err := f.machine.Snapshot()
	if err != nil {
		return nil, err
	}
	return &fsmSnapshot{Snapshot: s, applied: f.done}, nil
}

// Restore implements raft.FSM: a running server is so far behind that it gets the leader's snapshot.
func (f *fsm) Restore(rc io.ReadCloser) error {
	if b := f.broken.Load(); b != nil {
		return b
	}
	applied, err := restore(f.machine, rc)
	if err != nil {
		return err
	}
	f.done = applied
	f.advance(applied)
	return nil
}

// restore replaces the machine's state by a snapshot, header included, and returns the applied index in it.
func restore(m Machine, r io.Reader) (uint64, error) {
	applied, err := readHeader(r)
	if err != nil {
		return 0, err
	}
	if err := m.Restore(r); err != nil {
		return 0, err
	}
	if got := m.AppliedIndex(); got != applied {
		return 0, fmt.Errorf("state has index %d after restoring a snapshot of %d", got, applied)
	}
	return applied, nil
}

func readHeader(r io.Reader) (applied uint64, err error) {
	var h [snapshotHeader]byte
	if _, err := io.ReadFull(r, h[:]); err != nil {
		return 0, fmt.Errorf("read header of snapshot: %w", err)
	}
	if string(h[:len(snapshotMagic)]) != snapshotMagic {
		return 0, fmt.Errorf("not a snapshot of this program: begins with %q", h[:len(snapshotMagic)])
	}
	return binary.BigEndian.Uint64(h[len(snapshotMagic):]), nil
}

type fsmSnapshot struct {
	Snapshot
	applied uint64
}

func (s *fsmSnapshot) Persist(sink raft.SnapshotSink) error {
	header := binary.BigEndian.AppendUint64([]byte(snapshotMagic), s.applied)
	_, err := sink.Write(header)
	if err == nil {
		_, err = s.WriteTo(sink)
	}
	if err != nil {
		_ = sink.Cancel()
		return fmt.Errorf("write snapshot: %w", err)
	}
	return nil // raft closes the sink
}

func (s *fsmSnapshot) Release() { _ = s.Close() }
