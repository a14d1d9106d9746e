package state

import (
	"errors"
	"time"

	"dkron"
	"dkron/internal/codec"
)

// sketch is the part of a launch's record that a sum over very many launches needs. Reading it takes less time and memory
// than reading the whole record.
type sketch struct {
	JobNumber  uint64
	Group      int64
	Nominal    time.Time
	Cause      dkron.Cause
	State      dkron.LaunchState
	EndedAt    time.Time
	Nodes      uint64
	Ordinal    uint64
	Prev       uint64
	CreatedAt  time.Time
	ReadyAt    time.Time
	RecordedAt time.Time
	Rerun      uint64
}

// Fields describes these fields of the wire form of a launch.
func (s *sketch) Fields(w *codec.Wire) {
	w.Uint(3, &s.JobNumber)
	w.Int(4, &s.Group)
	w.Time(5, &s.Nominal)
	codec.Text(w, 6, &s.Cause)
	codec.Text(w, 8, &s.State)
	w.Time(10, &s.CreatedAt)
	w.Time(11, &s.EndedAt)
	w.Uint(12, &s.Nodes)
	w.Uint(17, &s.Ordinal)
	w.Uint(18, &s.Prev)
	w.Time(22, &s.ReadyAt)
	w.Time(23, &s.RecordedAt)
	w.Since(2)
	w.Uint(35, &s.Rerun)
}

// empty makes it ready for the next record. Cause and state are in each, and mostly equal.
func (s *sketch) empty() *sketch {
	*s = sketch{Cause: s.Cause, State: s.State}
	return s
}

// into sets the fields of a launch that has no others.
func (s *sketch) into(l *dkron.Launch) {
	l.JobNumber, l.Group, l.Nominal, l.Cause, l.State = s.JobNumber, s.Group, s.Nominal, s.Cause, s.State
	l.CreatedAt, l.ReadyAt, l.EndedAt, l.RecordedAt = s.CreatedAt, s.ReadyAt, s.EndedAt, s.RecordedAt
	l.Nodes, l.Ordinal, l.Prev, l.Rerun = s.Nodes, s.Ordinal, s.Prev, s.Rerun
}

// Sketched is Launched for a look at very many: fn is given a launch of which only the fields of a sketch are read, and
// which the next call changes.
func (tx *Tx) Sketched(before uint64, until time.Time, fn func(number uint64, l *dkron.Launch) bool) error {
	keep, one, l := tx.keeper(), new(sketch), new(dkron.Launch)
	return backwardIn(tx, tableLaunched, before, one.empty, func(s *sketch) bool {
		return until.IsZero() || s.RecordedAt.Before(until.Add(late))
	}, func(n uint64, s *sketch) bool {
		s.into(l)
		p := keep(l.JobNumber)
		return p == nil || !tx.keepLaunch(l, p) || fn(n, l)
	})
}

// SketchedOf is Sketched for the launches of one job.
func (tx *Tx) SketchedOf(p *dkron.Progress, fn func(number uint64, l *dkron.Launch) bool) error {
	one, l := new(sketch), new(dkron.Launch)
	for at := p.LastLaunch; at != 0; at = one.Prev {
		one.empty()
		err := tx.get(tableLaunched, key(at), one)
		if errors.Is(err, errAbsent) {
			return nil
		}
		if err != nil {
			return err
		}
		if one.into(l); !tx.keepLaunch(l, p) || !fn(at, l) {
			return nil
		}
	}
	return nil
}
