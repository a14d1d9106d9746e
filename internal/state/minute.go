package state

import (
	"errors"
	"time"

	"dkron"
	"dkron/internal/codec"
)

// keptMinutes is how many minutes have figures.
const keptMinutes = 24 * 60

// Minute is the figures of one minute. Ends count in the minute that the leader stamped on them, starts in the one that
// their node reported.
type Minute struct {
	Successes uint64 // executions that succeeded
	Failures  uint64 // executions that ended in any other way
	NotRun    uint64 // due instants that were skipped, missed or found no node
	Lateness  Histogram
	Stopped   uint64 // of the failures: executions that were stopped
}

// Fields describes the wire form.
func (m *Minute) Fields(w *codec.Wire) {
	w.Uint(1, &m.Successes)
	w.Uint(2, &m.Failures)
	w.Uint(3, &m.NotRun)
	codec.Nested(w, 4, &m.Lateness)
	w.Since(2)
	w.Uint(5, &m.Stopped)
}

// Merge adds the figures of another minute.
func (m *Minute) Merge(o *Minute) {
	m.Successes += o.Successes
	m.Failures += o.Failures
	m.NotRun += o.NotRun
	m.Stopped += o.Stopped
	m.Lateness.Merge(&o.Lateness)
}

// Minutes calls fn for the minutes in [from, to), oldest first. Minutes without figures are skipped.
func (tx *Tx) Minutes(from, to time.Time, fn func(at time.Time, m *Minute)) error {
	end := minuteOf(to)
	return scan(tx.bolt, tableMinute, key(minuteOf(from)), func(k []byte, m *Minute) bool {
		n := number(k)
		if n >= end {
			return false
		}
		fn(time.Unix(int64(n)*60, 0).UTC(), m)
		return true
	})
}

func minuteOf(t time.Time) uint64 { return uint64(max(0, t.Unix()) / 60) }

func (tx *Tx) countEnd(now time.Time, outcome dkron.Outcome) error {
	m, err := tx.minute(minuteOf(now))
	if err != nil {
		return err
	}
	if outcome == dkron.Success {
		m.Successes++
		return nil
	}
	m.Failures++
	if outcome == dkron.Stopped && tx.NotesHealth() {
		m.Stopped++
	}
	return nil
}

// countStart counts how late an execution started. Its node's clock determines the minute, limited to the day up to
// now, so that a wrong clock can neither fill the table nor bring back minutes that were dropped.
func (tx *Tx) countStart(e *dkron.Execution, now time.Time) error {
	if !e.Began() {
		return nil
	}
	last := minuteOf(now)
	n := min(minuteOf(e.StartedAt), last)
	if last-n >= keptMinutes {
		return nil
	}
	m, err := tx.minute(n)
	if err != nil {
		return err
	}
	m.Lateness.Add(e.Lateness())
	return nil
}

// countNotRun counts a launch that ended without having run, with all instants that its record covers.
func (tx *Tx) countNotRun(l *dkron.Launch) error {
	switch l.State {
	case dkron.LaunchSkipped, dkron.LaunchMissed, dkron.LaunchNoTarget:
	default:
		return nil
	}
	m, err := tx.minute(minuteOf(l.EndedAt))
	if err != nil {
		return err
	}
	m.NotRun += max(1, l.Count)
	return nil
}

// minute returns the figures of a minute, to be changed. They are read and written once per batch.
func (tx *Tx) minute(n uint64) (*Minute, error) {
	m, known := tx.minutes[n]
	if m != nil {
		return m, nil
	}
	m = new(Minute)
	err := errAbsent
	if !known {
		err = tx.get(tableMinute, key(n), m)
	}
	if errors.Is(err, errAbsent) {
		tx.sweepMinutes(n)
	} else if err != nil {
		return nil, err
	}
	tx.minutes[n] = m
	return m, nil
}

// sweepMinutes drops what is too old for a table that has the minute n. It goes by n and not by the newest minute in
// the table: a leader whose clock was far ahead for a while must not cost later minutes their figures.
func (tx *Tx) sweepMinutes(n uint64) {
	if n < keptMinutes {
		return
	}
	oldest := n - keptMinutes + 1
	c := tx.bolt.Bucket(tableMinute).Cursor()
	for k, _ := c.First(); k != nil && number(k) < oldest; k, _ = c.Next() {
		tx.minutes[number(k)] = nil
	}
	for k := range tx.minutes { // of this batch
		if k < oldest {
			tx.minutes[k] = nil
		}
	}
}

func (tx *Tx) flushMinutes() error {
	for _, n := range sortedKeys(tx.minutes) {
		var err error
		if m := tx.minutes[n]; m != nil {
			err = tx.put(tableMinute, key(n), m)
		} else {
			err = tx.remove(tableMinute, key(n))
		}
		if err != nil {
			return err
		}
	}
	return nil
}
