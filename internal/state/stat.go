package state

import (
	"errors"
	"time"

	"dkron"
	"dkron/internal/codec"
)

// Stat counts the executions that ended on one UTC day.
type Stat struct {
	Day       string // YYYY-MM-DD
	Successes uint64
	Failures  uint64
	Stopped   uint64 // of the failures: executions that were stopped
}

// Fields describes the wire form.
func (s *Stat) Fields(w *codec.Wire) {
	w.String(1, &s.Day)
	w.Uint(2, &s.Successes)
	w.Uint(3, &s.Failures)
	w.Since(2)
	w.Uint(4, &s.Stopped)
}

// Count adds an ended execution to the figures of its day and of its minute; now is the time of the command that
// records it.
func (tx *Tx) Count(e *dkron.Execution, now time.Time) error {
	if err := tx.countDay(e); err != nil {
		return err
	}
	if err := tx.countEnd(now, e.Outcome); err != nil {
		return err
	}
	return tx.countStart(e, now)
}

func (tx *Tx) countDay(e *dkron.Execution) error {
	day := e.FinishedAt.UTC().Format(time.DateOnly)
	s := tx.stats[day]
	if s == nil {
		s = &Stat{Day: day}
		if err := tx.get(tableStat, []byte(day), s); err != nil && !errors.Is(err, errAbsent) {
			return err
		}
		tx.stats[day] = s
	}
	if e.Outcome == dkron.Success {
		s.Successes++
		return nil
	}
	s.Failures++
	if e.Outcome == dkron.Stopped && tx.NotesHealth() {
		s.Stopped++
	}
	return nil
}

// Stats returns the counts of the days from one to another, both included; days without executions are zero.
func (tx *Tx) Stats(from, to time.Time) ([]Stat, error) {
	var out []Stat
	for t := from; !t.After(to); t = t.AddDate(0, 0, 1) {
		s := Stat{Day: t.UTC().Format(time.DateOnly)}
		if err := tx.get(tableStat, []byte(s.Day), &s); err != nil && !errors.Is(err, errAbsent) {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}
