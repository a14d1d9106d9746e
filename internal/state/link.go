package state

import (
	"errors"

	"dkron"
	"dkron/internal/codec"
)

// Versions before layout 2 had no rows that name the record after one. The sweep links records of those versions, a few
// with each entry, so that opening a state never reads its history.

// migrate prepares a state of an older layout, of which nothing is linked or counted.
func (m *meta) migrate() {
	if m.Version < 2 {
		m.UnlinkedRuns, m.UnlinkedLaunches = m.Executed, m.Launched
		m.SweptRun, m.SweptLaunch = 0, 0
	}
	m.Version = Version
}

// unlinked reports whether there may be records that are not linked yet.
func (tx *Tx) unlinked() bool { return tx.meta.UnlinkedRuns > 0 || tx.meta.UnlinkedLaunches > 0 }

// linkOld links further records of an older layout. When all are linked, a turn over all jobs is due.
func (tx *Tx) linkOld(b *budget) error {
	if !tx.unlinked() {
		return nil
	}
	err := linkTable(tx, runs, &tx.meta.SweptRun, &tx.meta.UnlinkedRuns, b, tx.linkRun)
	if err == nil {
		err = linkTable(tx, launches, &tx.meta.SweptLaunch, &tx.meta.UnlinkedLaunches, b, tx.linkLaunch)
	}
	if err == nil && !tx.unlinked() {
		tx.meta.Passed, tx.meta.Turns = 0, 1
	}
	return err
}

// linkTable calls link for the records (at, last], oldest first, within the budget.
func linkTable[T any, P pointer[T]](tx *Tx, h history, at, last *uint64, b *budget, link func(number uint64, v *T, b *budget) error) error {
	for *last > 0 && !b.spent() {
		k, raw := tx.bolt.Bucket(h.table).Cursor().Seek(key(*at + 1))
		if k == nil || number(k) > *last {
			*at, *last = 0, 0
			return nil
		}
		b.looks--
		n, v := number(k), new(T)
		if err := codec.Decode(raw, P(v)); err != nil {
			return err
		}
		if err := link(n, v, b); err != nil {
			return err
		}
		*at = n
	}
	return nil
}

func (tx *Tx) linkRun(n uint64, e *dkron.Execution, b *budget) error {
	p, err := tx.Progress(e.JobNumber)
	if err != nil && !errors.Is(err, dkron.ErrNotFound) {
		return err
	}
	if err != nil || !tx.keepExecution(e, p) {
		_, err = tx.removeRun(e, b)
		return err
	}
	tx.meta.Held += outputSize(e)
	return tx.linkAfter(runs, e.Prev, n, &p.FirstRun, func() { tx.PutProgress(e.JobNumber, p) })
}

func (tx *Tx) linkLaunch(n uint64, l *dkron.Launch, b *budget) error {
	p, err := tx.Progress(l.JobNumber)
	if err != nil && !errors.Is(err, dkron.ErrNotFound) {
		return err
	}
	if err != nil || !tx.keepLaunch(l, p) {
		b.bytes -= recordCost
		_, err = tx.unlink(launches, n)
		return err
	}
	return tx.linkAfter(launches, l.Prev, n, &p.FirstLaunch, func() { tx.PutProgress(l.JobNumber, p) })
}

// linkAfter links a record to the one before it. If that one is gone, the job's history begins here.
func (tx *Tx) linkAfter(h history, prev, n uint64, first *uint64, changed func()) error {
	if prev != 0 && tx.bolt.Bucket(h.table).Get(key(prev)) != nil {
		return tx.putRaw(h.next, key(prev), key(n))
	}
	if *first == 0 || *first > n {
		*first = n
		changed()
	}
	return nil
}
