package consensus

import (
	"fmt"
	"io"
	"time"
)

// Machine is the replicated state that the log feeds.
//
// Its state is durable together with the index of the last entry in it: after a restart it continues from AppliedIndex
// and is given only what comes after. Apply, Snapshot and Restore are never called concurrently with each other.
type Machine interface {
	// Apply applies the entries in order and returns one result per entry; the results go to the proposers on this
	// node. It must be deterministic. An error that only concerns the entry is an ordinary result.
	//
	// A result that is a *FatalError, or a panic, stops this node: consensus applies no further entry and leaves the
	// cluster to the others. Nothing from the fatal entry on may have been applied. For a temporary condition, such as
	// a full disk, Apply should wait: the node then only falls behind.
	//
	// The slice is only valid during the call; Data may be kept but not changed.
	Apply(entries []Entry) []any

	// AppliedIndex is the index of the last entry in the durable state, 0 if none.
	AppliedIndex() uint64

	// Snapshot returns at once with a consistent view of the state, which is written out while Apply continues. It is
	// called when another server needs the state; the log is truncated without it, since the state is durable.
	Snapshot() (Snapshot, error)

	// Restore replaces all state, including the applied index, with the output of Snapshot.WriteTo. If it fails it must
	// leave the old state.
	Restore(r io.Reader) error
}

// Entry is a committed log entry.
type Entry struct {
	Index, Term uint64
	AppendedAt  time.Time // the proposing leader's clock; zero in logs written without it
	Data        []byte
}

// Snapshot is a consistent view of a Machine's state. Close is called exactly once, also if WriteTo is never called.
type Snapshot interface {
	WriteTo(w io.Writer) (int64, error)
	Close() error
}

// FatalError says that the machine cannot apply an entry, so that this node must not continue.
type FatalError struct {
	Index uint64 // of the entry; 0 if not known
	Err   error
}

func (e *FatalError) Error() string {
	return fmt.Sprintf("cannot apply log entry %d: %v", e.Index, e.Err)
}

func (e *FatalError) Unwrap() error { return e.Err }
