package consensus

import (
	"io"
	"time"
)

// Observer gets what a node has seen and done.
type Observer interface {
	// SnapshotWritten is called after the state was copied for another server, and SnapshotRestored after a copy from
	// another server has replaced it.
	SnapshotWritten(bytes int64, took time.Duration)
	SnapshotRestored(took time.Duration)
	// ServerMoved is called when a server is found at another address than the configuration has.
	ServerMoved()
}

type nobody struct{}

func (nobody) SnapshotWritten(int64, time.Duration) {}
func (nobody) SnapshotRestored(time.Duration)       {}
func (nobody) ServerMoved()                         {}

// measured is a machine whose snapshots are measured.
type measured struct {
	Machine
	observer Observer
}

func (m measured) Snapshot() (Snapshot, error) {
	s, err := m.Machine.Snapshot()
	if err != nil {
		return nil, err
	}
	return measuredSnapshot{s, m.observer}, nil
}

func (m measured) Restore(r io.Reader) error {
	began := time.Now()
	err := m.Machine.Restore(r)
	if err == nil {
		m.observer.SnapshotRestored(time.Since(began))
	}
	return err
}

type measuredSnapshot struct {
	Snapshot
	observer Observer
}

func (s measuredSnapshot) WriteTo(w io.Writer) (int64, error) {
	began := time.Now()
	n, err := s.Snapshot.WriteTo(w)
	if err == nil {
		s.observer.SnapshotWritten(n, time.Since(began))
	}
	return n, err
}
