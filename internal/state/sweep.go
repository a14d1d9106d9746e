package state

import (
	"dkron"
	"dkron/internal/codec"
)

// What is kept of a job's history.
const (
	KeepExecutions = 100
	KeepLaunches   = 200
)

// sweepRate is how many records of a history are looked at for each one written. At two, a full turn over a history
// of n live records takes n/2 writes, so the dead never outnumber the living by more than half.
const sweepRate = 2

func keepExecution(e *dkron.Execution, p *dkron.Progress) bool {
	return e.Ordinal > p.Cleared && p.Executions-e.Ordinal < KeepExecutions
}

func keepLaunch(l *dkron.Launch, p *dkron.Progress) bool { return p.Launches-l.Ordinal < KeepLaunches }

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
		return err == nil && keepExecution(e, p)
	})
	if err != nil {
		return err
	}
	return sweepTable(tx, tableLaunched, &tx.meta.SweptLaunch, budget, func(l *dkron.Launch) bool {
		p, err := tx.Progress(l.JobNumber)
		return err == nil && keepLaunch(l, p)
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
