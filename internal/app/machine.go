package app

import (
	"context"
	"errors"
	"io"
	"time"

	"dkron"
	"dkron/internal/command"
	"dkron/internal/consensus"
	"dkron/internal/telemetry"
)

// machine lets consensus feed the state machine.
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
		panic(err) // the database is closed or broken: consensus must not feed it
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

// timedSnapshot tells how long it took to write.
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

// orderedLog is consensus in the vocabulary's errors.
type orderedLog struct {
	node *consensus.Node
	self string
}

func (l orderedLog) Propose(ctx context.Context, data []byte) (any, uint64, error) {
	result, index, err := l.node.Propose(ctx, data)
	switch {
	case errors.Is(err, consensus.ErrNotLeader):
		err = l.leaderless()
	case errors.Is(err, consensus.ErrTooLarge):
		err = dkron.Error(dkron.ErrInvalid, "%w", err)
	case errors.Is(err, consensus.ErrOutcomeUnknown), errors.Is(err, consensus.ErrStorage), errors.Is(err, consensus.ErrClosed):
		err = dkron.Error(dkron.ErrUnavailable, "%w", err)
	}
	return result, index, err
}

func (l orderedLog) ReadIndex(ctx context.Context) (uint64, error) {
	index, err := l.node.ReadIndex(ctx)
	switch {
	case err == nil, ctx.Err() != nil:
	case errors.Is(err, consensus.ErrNotLeader):
		err = l.leaderless()
	default:
		err = dkron.Error(dkron.ErrUnavailable, "%w", err)
	}
	return index, err
}

// leaderless returns why a request can't be taken here: because another server leads, or, where none is known, because
// of what ails this one.
func (l orderedLog) leaderless() error {
	id, _ := l.node.Leader()
	if sick := l.node.Health(); id == "" && sick != nil {
		return dkron.Error(dkron.ErrUnavailable, "%w", sick)
	}
	return dkron.ErrNoLeader
}

// Leads returns nil if this server believes that it leads.
func (l orderedLog) Leads() error {
	if id, _ := l.node.Leader(); id == l.self {
		return nil
	}
	return l.leaderless()
}
