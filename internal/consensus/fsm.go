package consensus

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"github.com/hashicorp/raft"
)

// fsm passes entries to the machine: each once, in batches, and none after a failure.
type fsm struct {
	machine  Machine
	onFatal  func(error)
	fill     func(*raft.Log) (*raft.Log, error) // replaces a stub by the entry
	received func(applied uint64) error         // called when the machine has taken over a received state

	// Raft calls from one goroutine.
	entries []Entry // reused
	at      []int   // entries[i] is logs[at[i]]

	using sync.Mutex // held while the machine is called; guards done
	done  uint64     // index of the machine's last entry

	applied atomic.Uint64 // the last entry that raft delivered and that the machine has, or does not need
	broken  atomic.Pointer[FatalError]

	mu      sync.Mutex    // guards changed
	changed chan struct{} // closed and replaced when applied grows
}

func newFSM(m Machine, onFatal func(error), logs *logStore) *fsm {
	f := &fsm{machine: m, onFatal: onFatal, fill: logs.fill, done: m.AppliedIndex(), changed: make(chan struct{})}
	f.applied.Store(f.done)
	return f
}

// Apply is not used by a running raft, which sees ApplyBatch.
func (f *fsm) Apply(l *raft.Log) any { return f.ApplyBatch([]*raft.Log{l})[0] }

// ApplyBatch implements raft.BatchingFSM. The machine gets the entries in portions of bounded size.
func (f *fsm) ApplyBatch(logs []*raft.Log) []any {
	results := make([]any, len(logs))
	if b := f.broken.Load(); b != nil {
		return fill(results, b)
	}
	f.using.Lock()
	defer f.using.Unlock()
	for from := 0; from < len(logs); {
		to, fatal := f.gather(logs, from)
		var out []any
		if fatal == nil && len(f.entries) > 0 {
			out, fatal = f.feed()
		}
		if fatal != nil {
			f.fail(fatal)
			fill(results[from:], fatal)
			return results
		}
		for i, r := range out {
			results[f.at[i]] = r
		}
		if len(f.entries) > 0 {
			f.done = f.entries[len(f.entries)-1].Index
			clear(f.entries) // release the data
		}
		f.advance(logs[to-1].Index)
		from = to
	}
	return results
}

// gather puts the next portion into entries and returns its end in logs.
func (f *fsm) gather(logs []*raft.Log, from int) (to int, fatal *FatalError) {
	f.entries, f.at = f.entries[:0], f.at[:0]
	held := 0
	for to = from; to < len(logs) && held < batchBytes; to++ {
		if l := logs[to]; l.Type == raft.LogCommand && l.Index > f.done {
			full, err := f.fill(l)
			if err != nil {
				return to, &FatalError{Index: l.Index, Err: fmt.Errorf("read it from the log: %w", err)}
			}
			held += len(full.Data)
			f.entries = append(f.entries, Entry{Index: l.Index, Term: l.Term, AppendedAt: full.AppendedAt, Data: full.Data})
			f.at = append(f.at, to)
		}
	}
	return to, nil
}

// feed calls the machine and turns every failure into a FatalError.
func (f *fsm) feed() (out []any, fatal *FatalError) {
	first := f.entries[0].Index
	defer func() {
		p := recover()
		var fault runtime.Error
		if err, ok := p.(error); ok && !errors.As(err, &fault) { // the machine's own words
			fatal = &FatalError{Index: first, Err: err}
		} else if p != nil {
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

// Snapshot implements raft.FSM. The machine's state is durable, so nothing needs to be copied; see point.
func (f *fsm) Snapshot() (raft.FSMSnapshot, error) {
	if b := f.broken.Load(); b != nil {
		return nil, b
	}
	f.using.Lock()
	defer f.using.Unlock()
	return fsmSnapshot(f.done), nil
}

// view returns a view of the machine's state and the index of the last entry in it.
func (f *fsm) view() (Snapshot, uint64, error) {
	if b := f.broken.Load(); b != nil {
		return nil, 0, b
	}
	f.using.Lock()
	defer f.using.Unlock()
	s, err := f.machine.Snapshot()
	return s, f.done, err
}

// Restore implements raft.FSM: a running server is so far behind that it gets the leader's state.
func (f *fsm) Restore(rc io.ReadCloser) error {
	if b := f.broken.Load(); b != nil {
		return b
	}
	f.using.Lock()
	defer f.using.Unlock()
	applied, err := restore(f.machine, rc)
	if err != nil {
		return err
	}
	f.done = applied
	if err := f.received(applied); err != nil {
		return err
	}
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

// fsmSnapshot is the index of the last entry in the durable state.
type fsmSnapshot uint64

func (s fsmSnapshot) Persist(to raft.SnapshotSink) error {
	k, ok := to.(*sink)
	if !ok {
		return fmt.Errorf("a snapshot can't be kept in a %T", to)
	}
	k.mark(uint64(s))
	return nil // raft closes the sink
}

func (fsmSnapshot) Release() {}
