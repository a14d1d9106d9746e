package state

import (
	"errors"

	"dkron"
	"dkron/internal/codec"
)

const (
	// perRecord is how many records the sweep may look at for each one written: the one that is removed, and the first
	// that stays.
	perRecord = 2
	// perLook is how many bytes written allow it to look at one more record: small records can't hide large ones for
	// long.
	perLook = 512
	// visitEvery is the number of executions after which one other job is visited, so that history also expires by age.
	visitEvery = 8

	// perEntry is how many records of an older layout are linked with each entry, however little it writes.
	perEntry = 100

	// Limits of a sweep that is a log entry of its own.
	stepLooks = 4096
	stepBytes = 8 << 20
)

// growth is what was added to the histories since the last sweep.
type growth struct {
	jobs    []uint64 // of each record
	written uint64   // bytes of output
}

// grow counts a record that was appended.
func (tx *Tx) grow(job, size uint64) {
	tx.grown.jobs = append(tx.grown.jobs, job)
	tx.grown.written += size
}

// Sweep removes history that is no longer kept, in proportion to what was written since the last call, first of the
// jobs that were written to. It is called after every command instead of once per batch, because servers batch the same
// log differently and must end equal.
func (tx *Tx) Sweep() error {
	grown := tx.grown
	if len(grown.jobs) == 0 {
		return nil
	}
	tx.grown = growth{jobs: grown.jobs[:0]}
	b := budget{
		looks: perRecord*len(grown.jobs) + int(grown.written/perLook) + perRecord,
		bytes: 2*int64(grown.written) + int64(len(grown.jobs))*4*recordCost,
	}
	if tx.unlinked() {
		b.looks += perEntry
		b.bytes += perEntry * recordCost
	}
	for i, job := range grown.jobs {
		if i > 0 && job == grown.jobs[i-1] {
			continue
		}
		n := 1
		for i+n < len(grown.jobs) && grown.jobs[i+n] == job {
			n++
		}
		if err := tx.sweepJob(job, n, &b); err != nil {
			return err
		}
	}
	visits := int(tx.meta.Executed/visitEvery - (tx.meta.Executed-min(tx.meta.Executed, uint64(len(grown.jobs))))/visitEvery)
	return tx.sweep(&b, visits)
}

// sweepJob removes what n new records of a job have pushed out. Further expired records are left to later sweeps.
func (tx *Tx) sweepJob(job uint64, n int, b *budget) error {
	p, err := tx.Progress(job)
	if errors.Is(err, dkron.ErrNotFound) {
		return nil // deleted in the same command
	}
	if err != nil {
		return err
	}
	own := budget{looks: perRecord * (n + 1), bytes: b.bytes}
	done, err := tx.trim(job, p, &own)
	if err == nil && !done {
		err = tx.markWaste(job, waste{})
	}
	b.bytes = own.bytes
	return err
}

// Clean removes a bounded amount of history that is no longer kept, whether or not anything was written. It returns how
// many records it looked at; 0 means that there is nothing to do.
func (tx *Tx) Clean() (looks uint64, err error) {
	b := budget{looks: stepLooks, bytes: stepBytes}
	err = tx.sweep(&b, 0)
	return uint64(stepLooks - b.looks), err
}

// sweep removes known waste, continues a turn over all jobs if one is due, and removes the oldest executions if the
// outputs of all jobs exceed their bound.
func (tx *Tx) sweep(b *budget, visits int) error {
	if err := tx.sweepWaste(b); err != nil {
		return err
	}
	if err := tx.linkOld(b); err != nil {
		return err
	}
	for (visits > 0 || tx.meta.Turns > 0) && !b.spent() {
		visits--
		if ended, err := tx.visit(b); err != nil || ended && tx.meta.Turns == 0 {
			return errors.Join(err, tx.sweepTotal(b))
		}
	}
	return tx.sweepTotal(b)
}

// sweepWaste removes expired records of jobs that are known to have some.
func (tx *Tx) sweepWaste(b *budget) error {
	for !b.spent() {
		k, raw := tx.bolt.Bucket(tableWaste).Cursor().First()
		if k == nil {
			return nil
		}
		b.looks--
		job, w := number(k), new(waste)
		if err := codec.Decode(raw, w); err != nil {
			return err
		}
		p, err := tx.Progress(job)
		var done bool
		switch {
		case err == nil:
			done, err = tx.trim(job, p, b)
		case errors.Is(err, dkron.ErrNotFound):
			done, err = tx.trimGone(job, w, b)
		}
		if err == nil && done {
			err = tx.remove(tableWaste, key(job))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// trimGone removes the history of a deleted job.
func (tx *Tx) trimGone(job uint64, w *waste, b *budget) (done bool, err error) {
	was := *w
	done, err = tx.trimRuns(&w.Run, nil, b)
	if err == nil && done {
		done, err = tx.trimLaunches(&w.Launch, nil, b)
	}
	if err == nil && !done && *w != was {
		err = tx.markWaste(job, *w)
	}
	return done, err
}

// visit trims the next job of the turn, and reports whether the turn has ended.
func (tx *Tx) visit(b *budget) (ended bool, err error) {
	b.looks--
	job := tx.jobAfter(tx.meta.Passed)
	if job == 0 {
		tx.meta.Passed = 0
		tx.meta.Turns -= min(tx.meta.Turns, 1)
		return true, nil
	}
	p, err := tx.Progress(job)
	if err != nil {
		return false, err
	}
	done, err := tx.trim(job, p, b)
	if err == nil && done {
		tx.meta.Passed = job
	}
	return false, err
}

// jobAfter returns the job with the lowest number above n, 0 if there is none. Jobs created in the same batch are not
// in the table yet.
func (tx *Tx) jobAfter(n uint64) uint64 {
	if k, _ := tx.bolt.Bucket(tableProgress).Cursor().Seek(key(n + 1)); k != nil {
		return number(k)
	}
	for n = max(n, tx.jobs) + 1; n <= tx.meta.Jobs; n++ {
		if tx.progress[n] != nil {
			return n
		}
	}
	return 0
}

// sweepTotal removes the oldest executions of all jobs while the outputs of all jobs exceed their bound. It waits for
// known waste to be removed first, but not for long.
func (tx *Tx) sweepTotal(b *budget) error {
	for most := tx.meta.Settings.TotalBytes; most > 0 && tx.meta.Held > most && !b.spent(); {
		if tx.meta.Held <= most+most/4 && tx.hasWaste() {
			return nil
		}
		b.looks--
		k, raw := tx.bolt.Bucket(tableExecuted).Cursor().First()
		if k == nil {
			tx.meta.Held = 0
			return nil
		}
		e := new(dkron.Execution)
		if err := codec.Decode(raw, e); err != nil {
			return err
		}
		next, err := tx.removeRun(e, b)
		if err != nil {
			return err
		}
		if err := tx.passFirst(e, next); err != nil {
			return err
		}
	}
	return nil
}

// passFirst moves the start of a job's history to the next record if the history started with the removed one.
func (tx *Tx) passFirst(e *dkron.Execution, next uint64) error {
	p, err := tx.Progress(e.JobNumber)
	if err == nil {
		if p.FirstRun == e.Number {
			p.FirstRun = next
			tx.PutProgress(e.JobNumber, p)
		}
		return nil
	}
	if !errors.Is(err, dkron.ErrNotFound) {
		return err
	}
	w := new(waste)
	if err := tx.get(tableWaste, key(e.JobNumber), w); err != nil || w.Run != e.Number {
		return nil
	}
	w.Run = next
	return tx.markWaste(e.JobNumber, *w)
}

func (tx *Tx) hasWaste() bool {
	k, _ := tx.bolt.Bucket(tableWaste).Cursor().First()
	return k != nil
}

// Unswept reports whether there may be history on disk that is no longer kept: known waste, or jobs that were not
// visited since less is kept. An idle cluster is swept until there is none.
func (tx *Tx) Unswept() bool {
	most := tx.meta.Settings.TotalBytes
	return tx.meta.Turns > 0 || tx.unlinked() || most > 0 && tx.meta.Held > most || tx.hasWaste()
}

// HistorySize returns how many records the histories have on disk, including those that the sweep has yet to remove.
func (tx *Tx) HistorySize() int {
	return tx.bolt.Bucket(tableExecuted).Stats().KeyN + tx.bolt.Bucket(tableLaunched).Stats().KeyN
}
