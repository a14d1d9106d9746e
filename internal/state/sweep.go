package state

import (
	"dkron"
	"dkron/internal/codec"
)

// sweepRate is how many records of a history are looked at for each one written. At two, a full turn over a history
// of n live records takes n/2 writes, so the dead never outnumber the living by more than half.
const sweepRate = 2

// The bounds hold along a job's chain of records: behind the first that is not kept none is.

func (tx *Tx) keepExecution(e *dkron.Execution, p *dkron.Progress) bool {
	keep := p.History.Or(tx.meta.Settings.History)
	newest := e.Ordinal == p.Executions // is kept however old it is and however long its output, if all jobs' bound has room
	newer, newerAll := p.Bytes-e.Written, tx.meta.Bytes-e.WrittenAll
	switch own := uint64(len(e.Output)); {
	case e.Ordinal <= p.Cleared, p.Executions-e.Ordinal >= keep.Count:
		return false
	case keep.Age > 0 && !newest && tx.meta.Clock.Sub(e.RecordedAt) > keep.Age:
		return false
	case keep.Bytes > 0 && newer+own > keep.Bytes && !newest:
		return false
	default:
		total := tx.meta.Settings.TotalBytes
		return total == 0 || newerAll+own <= total
	}
}

func (tx *Tx) keepLaunch(l *dkron.Launch, p *dkron.Progress) bool {
	keep := p.History.Or(tx.meta.Settings.History)
	return p.Launches-l.Ordinal < keep.Launches() && (keep.Age == 0 || tx.meta.Clock.Sub(l.RecordedAt) <= keep.Age)
}

// Sweep removes history that retention no longer keeps, in proportion to what was written since the last call. Records
// of deleted jobs go too. It is called behind every command rather than once per batch, because servers batch the same
// log differently and must end equal.
func (tx *Tx) Sweep() error {
	if tx.grown == 0 {
		return nil
	}
	budget := sweepRate * tx.grown
	tx.grown = 0
	err := sweepTable(tx, tableExecuted, &tx.meta.SweptRun, budget, func(e *dkron.Execution) bool {
		p, err := tx.Progress(e.JobNumber)
		return err == nil && tx.keepExecution(e, p)
	})
	if err != nil {
		return err
	}
	return sweepTable(tx, tableLaunched, &tx.meta.SweptLaunch, budget, func(l *dkron.Launch) bool {
		p, err := tx.Progress(l.JobNumber)
		return err == nil && tx.keepLaunch(l, p)
	})
}

// sweepTable looks at up to budget records behind position at, and wraps to the start at the end of the table.
func sweepTable[T any, P pointer[T]](tx *Tx, table []byte, at *uint64, budget int, keep func(*T) bool) error {
	c := tx.bolt.Bucket(table).Cursor()
	var dead [][]byte
	k, raw := c.Seek(key(*at + 1))
	for ; k != nil && budget > 0; k, raw = c.Next() {
		v := new(T)
		if err := codec.Decode(raw, P(v)); err != nil {
			return err
		}
		if !keep(v) {
			dead = append(dead, k)
		}
		*at = number(k)
		budget--
	}
	if k == nil {
		*at = 0
	}
	for _, k := range dead {
		if err := tx.bolt.Bucket(table).Delete(k); err != nil {
			return err
		}
	}
	return nil
}

// HistorySize returns how many records the histories hold, those that the sweep has not reached yet included.
func (tx *Tx) HistorySize() int {
	return tx.bolt.Bucket(tableExecuted).Stats().KeyN + tx.bolt.Bucket(tableLaunched).Stats().KeyN
}
