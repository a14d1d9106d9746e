package state

import (
	"errors"

	"dkron"
	"dkron/internal/codec"
)

// A job's records are chained in both directions. Each record names the one before it, for lists, which start with the
// newest. A table of small rows names the one after it, for removal, which starts with the oldest. So an expired record
// is found through its job, whatever lies before it in the history.

// history is one of the two histories.
type history struct{ table, next []byte }

var (
	runs     = history{tableExecuted, tableNextRun}
	launches = history{tableLaunched, tableNextLaunch}
)

// link appends a record to a job's chain: first is its oldest record on disk, last its newest before this one.
func (tx *Tx) link(h history, first *uint64, last, number uint64) error {
	if last != 0 && (*first != 0 || tx.bolt.Bucket(h.table).Get(key(last)) != nil) {
		if err := tx.putRaw(h.next, key(last), key(number)); err != nil {
			return err
		}
	}
	if *first == 0 {
		*first = number
	}
	return nil
}

// unlink removes a record from disk and returns the job's record after it, 0 if there is none.
func (tx *Tx) unlink(h history, record uint64) (next uint64, err error) {
	k := key(record)
	if raw := tx.bolt.Bucket(h.next).Get(k); raw != nil {
		next = number(raw)
		if err := tx.remove(h.next, k); err != nil {
			return 0, err
		}
	}
	return next, tx.remove(h.table, k)
}

// budget limits what one sweep may do.
type budget struct {
	looks int   // records that it may look at
	bytes int64 // that it may remove
}

func (b *budget) spent() bool { return b.looks <= 0 || b.bytes <= 0 }

// recordCost is the cost of removing a record without its output, in bytes.
const recordCost = 512

// removeRun removes an execution from disk.
func (tx *Tx) removeRun(e *dkron.Execution, b *budget) (next uint64, err error) {
	size := outputSize(e)
	b.bytes -= int64(size) + recordCost
	if e.Number > tx.meta.UnlinkedRuns || e.Number <= tx.meta.SweptRun { // those between were never counted
		tx.meta.Held -= min(size, tx.meta.Held)
	}
	if err := tx.removeOutput(e); err != nil {
		return 0, err
	}
	return tx.unlink(runs, e.Number)
}

// trimRuns removes executions that are no longer kept from the old end of a job's history; all of them if the job was
// deleted (p is nil). It reports whether none of those is left.
func (tx *Tx) trimRuns(first *uint64, p *dkron.Progress, b *budget) (done bool, err error) {
	for *first > tx.meta.UnlinkedRuns || *first != 0 && p == nil {
		if b.spent() {
			return false, nil
		}
		b.looks--
		e := new(dkron.Execution)
		if err := tx.get(tableExecuted, key(*first), e); errors.Is(err, errAbsent) {
			e.Number = *first
		} else if err != nil {
			return false, err
		} else if p != nil && tx.keepExecution(e, p) {
			return true, nil
		}
		if *first, err = tx.removeRun(e, b); err != nil {
			return false, err
		}
	}
	return true, nil
}

// trimLaunches is trimRuns for launches.
func (tx *Tx) trimLaunches(first *uint64, p *dkron.Progress, b *budget) (done bool, err error) {
	for *first > tx.meta.UnlinkedLaunches || *first != 0 && p == nil {
		if b.spent() {
			return false, nil
		}
		b.looks--
		l := new(dkron.Launch)
		if err := tx.get(tableLaunched, key(*first), l); err == nil && p != nil && tx.keepLaunch(l, p) {
			return true, nil
		} else if err != nil && !errors.Is(err, errAbsent) {
			return false, err
		}
		b.bytes -= recordCost
		if *first, err = tx.unlink(launches, *first); err != nil {
			return false, err
		}
	}
	return true, nil
}

// trim removes what is no longer kept of a job, within the budget, and reports whether that was all.
func (tx *Tx) trim(job uint64, p *dkron.Progress, b *budget) (done bool, err error) {
	run, launch := p.FirstRun, p.FirstLaunch
	done, err = tx.trimRuns(&p.FirstRun, p, b)
	if err == nil && done {
		done, err = tx.trimLaunches(&p.FirstLaunch, p, b)
	}
	if p.FirstRun != run || p.FirstLaunch != launch {
		tx.PutProgress(job, p)
	}
	return done, err
}

// waste is a row of the table of known waste: the heads of the chains of a deleted job, or zeros for an existing job
// with expired records.
type waste struct{ Run, Launch uint64 }

func (w *waste) Fields(c *codec.Wire) {
	c.Uint(1, &w.Run)
	c.Uint(2, &w.Launch)
}

func (tx *Tx) markWaste(job uint64, w waste) error { return tx.put(tableWaste, key(job), &w) }

// Trim marks a job for the sweep: it has records that are no longer kept.
func (tx *Tx) Trim(job uint64) error { return tx.markWaste(job, waste{}) }
