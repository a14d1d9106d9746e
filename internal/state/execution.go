package state

import (
	"bytes"
	"errors"
	"fmt"
	"math"

	"dkron"
)

// Execution returns an execution that has not ended, or ErrNotFound.
func (tx *Tx) Execution(k dkron.ExecutionKey) (*dkron.Execution, error) {
	e := new(dkron.Execution)
	err := tx.get(tableExecution, key(k.Launch, k.Slot), e)
	if errors.Is(err, errAbsent) {
		return nil, fmt.Errorf("execution %d of launch number %d: %w", k.Slot, k.Launch, dkron.ErrNotFound)
	}
	return e, err
}

// PutExecution stores an execution that has not ended.
func (tx *Tx) PutExecution(e *dkron.Execution) error {
	tx.changes.Executions = append(tx.changes.Executions, e.Key)
	return tx.put(tableExecution, key(e.Key.Launch, e.Key.Slot), e)
}

// RemoveExecution removes an execution, which has ended, from the open ones.
func (tx *Tx) RemoveExecution(k dkron.ExecutionKey) error {
	tx.changes.Executions = append(tx.changes.Executions, k)
	return tx.remove(tableExecution, key(k.Launch, k.Slot))
}

// RecordExecution appends an execution that has ended to the history of its job.
func (tx *Tx) RecordExecution(e *dkron.Execution, p *dkron.Progress) error {
	size := uint64(len(e.Output))
	tx.meta.Executed++
	tx.grow(e.JobNumber, size)
	p.Executions++
	p.Bytes += size
	tx.meta.Bytes += size
	tx.meta.Held += size
	e.Number, e.Ordinal, e.Prev = tx.meta.Executed, p.Executions, p.LastRun
	e.Written, e.WrittenAll, e.RecordedAt = p.Bytes, tx.meta.Bytes, tx.meta.Clock
	tx.NoteExecution(ExecutionEnded, e)
	if err := tx.link(runs, &p.FirstRun, p.LastRun, e.Number); err != nil {
		return err
	}
	p.LastRun = e.Number
	tx.ended.Executions = append(tx.ended.Executions, e)
	return tx.putExecuted(e)
}

// putExecuted stores a record of the history. A large output is stored apart from it, so that looking for expired
// records needn't read outputs, and removing one rewrites no others.
func (tx *Tx) putExecuted(e *dkron.Execution) error {
	if len(e.Output) > inlineOutput {
		if err := tx.putOutput(e.Number, e.Output); err != nil {
			return err
		}
		short := *e
		short.Output, short.Apart = nil, uint64(len(e.Output))
		e = &short
	}
	return tx.put(tableExecuted, key(e.Number), e)
}

// OpenExecutions calls fn for all executions that have not ended, in order of launch, until it returns false.
func (tx *Tx) OpenExecutions(fn func(*dkron.Execution) bool) error {
	return scan(tx.bolt, tableExecution, nil, func(_ []byte, e *dkron.Execution) bool { return fn(e) })
}

// LaunchExecutions calls fn for the executions of one launch that have not ended.
func (tx *Tx) LaunchExecutions(launch uint64, fn func(*dkron.Execution) bool) error {
	prefix := key(launch)
	return scan(tx.bolt, tableExecution, prefix, func(k []byte, e *dkron.Execution) bool {
		return bytes.HasPrefix(k, prefix) && fn(e)
	})
}

// History calls fn for the job's executions that have ended and are still kept, newest first, until it returns false.
func (tx *Tx) History(p *dkron.Progress, fn func(*dkron.Execution) bool) error {
	return tx.HistoryFrom(p, 0, math.MaxUint64, fn)
}

// HistoryFrom is History from the record with the given number on. If that is one of the job's, newer records aren't
// even read.
func (tx *Tx) HistoryFrom(p *dkron.Progress, job, from uint64, fn func(*dkron.Execution) bool) error {
	at := p.LastRun
	if from < at {
		e := new(dkron.Execution)
		if err := tx.get(tableExecuted, key(from), e); err == nil && e.JobNumber == job {
			at = from
		}
	}
	for at != 0 {
		e := new(dkron.Execution)
		err := tx.get(tableExecuted, key(at), e)
		if errors.Is(err, errAbsent) || err == nil && !tx.keepExecution(e, p) {
			return nil
		}
		if err != nil {
			return err
		}
		if at <= from {
			if err := tx.readOutput(e); err != nil {
				return err
			}
			if !fn(e) {
				return nil
			}
		}
		at = e.Prev
	}
	return nil
}
