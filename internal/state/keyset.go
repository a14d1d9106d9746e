package state

import (
	"errors"
	"fmt"
	"time"

	"dkron"
	"dkron/internal/codec"
)

// Lists across jobs go by record number, newest first: the order in which ends were recorded, which is that of the
// state's clock. A page continues where the one before ended, whatever was recorded in the meantime.

// late is how long after its end an execution's result may be recorded and still be found by the time of its end.
const late = time.Hour

// Executed calls fn for the executions of all jobs that have ended and are still kept, newest first, from the record
// before the given number on (0: from the newest), until it returns false. If until is not zero, those that ended at or
// after it are skipped without being read; a result recorded more than an hour late may then be missed.
func (tx *Tx) Executed(before uint64, until time.Time, fn func(*dkron.Execution) bool) error {
	var broken error
	err := tx.recorded(before, until, func() *dkron.Execution { return new(dkron.Execution) }, func(e *dkron.Execution) bool {
		broken = tx.readOutput(e)
		return broken == nil && fn(e)
	})
	return errors.Join(err, broken)
}

// Recorded is Executed for a look at very many: without the outputs that are stored apart, and the next call of fn changes
// its argument.
func (tx *Tx) Recorded(before uint64, until time.Time, fn func(*dkron.Execution) bool) error {
	one := new(dkron.Execution)
	return tx.recorded(before, until, func() *dkron.Execution { return emptied(one) }, fn)
}

// emptied makes an execution ready for the next record, which has these texts, mostly the same.
func emptied(e *dkron.Execution) *dkron.Execution {
	*e = dkron.Execution{JobName: e.JobName, NodeName: e.NodeName, Outcome: e.Outcome}
	return e
}

func (tx *Tx) recorded(before uint64, until time.Time, empty func() *dkron.Execution, fn func(*dkron.Execution) bool) error {
	keep := tx.keeper()
	return backwardIn(tx, tableExecuted, before, empty, func(e *dkron.Execution) bool {
		return until.IsZero() || e.RecordedAt.Before(until.Add(late))
	}, func(_ uint64, e *dkron.Execution) bool {
		p := keep(e.JobNumber)
		return p == nil || !tx.keepExecution(e, p) || fn(e)
	})
}

// RecordedOf is Recorded for the executions of one job.
func (tx *Tx) RecordedOf(p *dkron.Progress, fn func(*dkron.Execution) bool) error {
	e := new(dkron.Execution)
	for at := p.LastRun; at != 0; at = e.Prev {
		err := tx.get(tableExecuted, key(at), emptied(e))
		if errors.Is(err, errAbsent) {
			return nil
		}
		if err != nil {
			return err
		}
		if !tx.keepExecution(e, p) || !fn(e) {
			return nil
		}
	}
	return nil
}

// Launched is Executed for launches. fn is given the number of the record too.
func (tx *Tx) Launched(before uint64, until time.Time, fn func(number uint64, l *dkron.Launch) bool) error {
	keep := tx.keeper()
	return backward(tx, tableLaunched, before, func(l *dkron.Launch) bool {
		return until.IsZero() || l.RecordedAt.Before(until.Add(late))
	}, func(n uint64, l *dkron.Launch) bool {
		p := keep(l.JobNumber)
		return p == nil || !tx.keepLaunch(l, p) || fn(n, l)
	})
}

// keeper returns a function that reads the progress of each job once; nil for a job that is gone.
func (tx *Tx) keeper() func(job uint64) *dkron.Progress {
	seen := make(map[uint64]*dkron.Progress)
	return func(job uint64) *dkron.Progress {
		p, ok := seen[job]
		if !ok {
			p, _ = tx.Progress(job) // a job that can't be read is not shown
			seen[job] = p
		}
		return p
	}
}

// backward decodes the records of a history before a number, in descending order, starting with the newest for which
// begin holds. begin must hold for all records older than one for which it holds.
func backward[T any, P pointer[T]](tx *Tx, table []byte, before uint64, begin func(*T) bool, fn func(uint64, *T) bool) error {
	return backwardIn[T, P](tx, table, before, func() *T { return new(T) }, begin, fn)
}

// backwardIn is backward with records in memory of the caller.
func backwardIn[T any, P pointer[T]](tx *Tx, table []byte, before uint64, empty func() *T, begin func(*T) bool, fn func(uint64, *T) bool) error {
	c := tx.bolt.Bucket(table).Cursor()
	last, _ := c.Last()
	if last == nil {
		return nil
	}
	high := number(last) + 1
	if before > 0 {
		high = min(high, before)
	}
	read := func(k, raw []byte) (*T, error) {
		v := empty()
		if err := codec.Decode(raw, P(v)); err != nil {
			return nil, fmt.Errorf("state: %s %x: %w", table, k, err)
		}
		return v, nil
	}
	// The first number at or after which begin does not hold; a number without a record counts as the next existing
	// one.
	low := uint64(1)
	for end := high; low < end; {
		mid := low + (end-low)/2
		k, raw := c.Seek(key(mid))
		if k == nil || number(k) >= end {
			end = mid
			continue
		}
		v, err := read(k, raw)
		if err != nil {
			return err
		}
		if begin(v) {
			low = number(k) + 1
		} else {
			end = mid
		}
	}
	back := c.Prev
	if k, _ := c.Seek(key(low)); k == nil {
		back = c.Last
	}
	for k, raw := back(); k != nil; k, raw = c.Prev() {
		v, err := read(k, raw)
		if err != nil {
			return err
		}
		if !fn(number(k), v) {
			return nil
		}
	}
	return nil
}
