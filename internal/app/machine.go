package app

import (
	"io"
	"time"

	"dkron/internal/command"
	"dkron/internal/consensus"
	"dkron/internal/telemetry"
)

// machine is the state machine as consensus uses it.
type machine struct {
	*command.Machine
	metrics *telemetry.Metrics
}

func (m machine) Apply(entries []consensus.Entry) []any {
	list := make([]command.Entry, len(entries))
	for i, e := range entries {
		list[i] = command.Entry{Index: e.Index, Data: e.Data}
	}
	return m.Machine.Apply(list)
}

func (m machine) AppliedIndex() uint64 {
	index, err := m.Machine.AppliedIndex()
	if err != nil {
		panic(err) // the database is closed or broken: consensus must not go on applying
	}
	return index
}

func (m machine) Snapshot() (consensus.Snapshot, error) {
	s, err := m.Machine.Snapshot()
	if err != nil {
		return nil, err
	}
	return timedSnapshot{s, m.metrics}, nil
}

func (m machine) Restore(r io.Reader) error {
	began := time.Now()
	err := m.Machine.Restore(r)
	if err == nil {
		m.metrics.SnapshotRestored(time.Since(began))
	}
	return err
}

// timedSnapshot measures how long it took to write.
type timedSnapshot struct {
	consensus.Snapshot
	metrics *telemetry.Metrics
}

func (s timedSnapshot) WriteTo(w io.Writer) (int64, error) {
	began := time.Now()
	n, err := s.Snapshot.WriteTo(w)
	if err == nil {
		s.metrics.SnapshotWritten(n, time.Since(began))
	}
	return n, err
}
