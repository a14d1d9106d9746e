package state

import (
	"errors"
	"fmt"
	"math"
	"slices"

	bolt "go.etcd.io/bbolt"

	"dkron"
	"dkron/internal/codec"
)

// NewLaunchNumber returns a number that no launch ever had.
func (tx *Tx) NewLaunchNumber() uint64 {
	tx.meta.Launches++
	return tx.meta.Launches
}

// Launch returns a launch that has not ended, or ErrNotFound. In a transaction that writes, all callers share the
// result, which becomes part of the state by PutLaunch.
func (tx *Tx) Launch(number uint64) (*dkron.Launch, error) {
	if l, ok := tx.launches[number]; ok {
		if l == nil {
			return nil, fmt.Errorf("launch number %d: %w", number, dkron.ErrNotFound)
		}
		return l, nil
	}
	l := new(dkron.Launch)
	err := tx.get(tableLaunch, key(number), l)
	if errors.Is(err, errAbsent) {
		return nil, fmt.Errorf("launch number %d: %w", number, dkron.ErrNotFound)
	}
	return l, err
}

// PutLaunch stores a launch that has not ended.
func (tx *Tx) PutLaunch(l *dkron.Launch) {
	tx.launches[l.Number] = l
	if l.State == dkron.LaunchWaiting {
		tx.changes.Launches = append(tx.changes.Launches, l.Number)
	}
}

// CloseLaunch moves a launch that has ended into the job's history. p is the job's progress, nil if the job was
// deleted: then nothing is kept.
func (tx *Tx) CloseLaunch(l *dkron.Launch, p *dkron.Progress) error {
	tx.launches[l.Number] = nil
	tx.NoteLaunch(LaunchEnded, l)
	if p == nil {
		return nil
	}
	tx.ended.Launches = append(tx.ended.Launches, l)
	tx.meta.Launched++
	tx.grow(l.JobNumber, 0)
	p.Launches++
	if tx.NotesHealth() {
		p.Note(l)
	}
	if err := tx.countNotRun(l); err != nil {
		return err
	}
	l.Ordinal, l.Prev, l.RecordedAt = p.Launches, p.LastLaunch, tx.meta.Clock
	if err := tx.link(launches, &p.FirstLaunch, p.LastLaunch, tx.meta.Launched); err != nil {
		return err
	}
	p.LastLaunch = tx.meta.Launched
	if err := tx.keepWhole(l, p); err != nil {
		return err
	}
	return tx.put(tableLaunched, key(p.LastLaunch), l)
}

// OpenLaunches calls fn for launches that have not ended, in order of commit from the given number on, until it
// returns false.
func (tx *Tx) OpenLaunches(from uint64, fn func(*dkron.Launch) bool) error {
	return scan(tx.bolt, tableLaunch, key(from), func(_ []byte, l *dkron.Launch) bool { return fn(l) })
}

// OpenLaunchesOf returns the numbers of a job's launches that have not ended, oldest first. A number for which there is
// no launch any more has ended since.
func (tx *Tx) OpenLaunchesOf(job uint64) []uint64 {
	open := tx.index.OpenLaunchesOf(job)
	if len(tx.launches) == 0 {
		return open
	}
	open = slices.DeleteFunc(open, func(n uint64) bool { // changed in this transaction
		l, ok := tx.launches[n]
		return ok && l == nil
	})
	for n, l := range tx.launches {
		if l != nil && l.JobNumber == job && !slices.Contains(open, n) {
			open = append(open, n)
		}
	}
	slices.Sort(open)
	return open
}

// OpenLaunchesNamed returns the numbers of open launches of the job with the given name and of deleted jobs that had
// it, oldest first.
func (tx *Tx) OpenLaunchesNamed(name string) (open []uint64) {
	jobs := tx.index.OpenJobs(name)
	for _, l := range tx.launches { // begun in this transaction
		if l != nil && l.Job == name && !slices.Contains(jobs, l.JobNumber) {
			jobs = append(jobs, l.JobNumber)
		}
	}
	for _, job := range jobs {
		open = append(open, tx.OpenLaunchesOf(job)...)
	}
	slices.Sort(open)
	return open
}

// LaunchedRecord returns a record of the launch history, or ErrNotFound if it is no longer kept or the job was deleted.
func (tx *Tx) LaunchedRecord(number uint64) (*dkron.Launch, error) {
	l := new(dkron.Launch)
	err := tx.get(tableLaunched, key(number), l)
	if err == nil {
		var p *dkron.Progress
		if p, err = tx.Progress(l.JobNumber); err == nil && tx.keepLaunch(l, p) {
			return l, nil
		}
	}
	if err == nil || errors.Is(err, errAbsent) || errors.Is(err, dkron.ErrNotFound) {
		return nil, fmt.Errorf("record %d of the launch history: %w", number, dkron.ErrNotFound)
	}
	return nil, err
}

// PutLaunchedRecord replaces a record of the launch history. Only what does not decide about its place may differ.
func (tx *Tx) PutLaunchedRecord(number uint64, l *dkron.Launch) error {
	return tx.put(tableLaunched, key(number), l)
}

// LaunchHistory calls fn for the job's launches that have ended and are still kept, newest first, until it returns
// false.
func (tx *Tx) LaunchHistory(p *dkron.Progress, fn func(*dkron.Launch) bool) error {
	return tx.LaunchHistoryFrom(p, 0, math.MaxUint64, func(_ uint64, l *dkron.Launch) bool { return fn(l) })
}

// LaunchHistoryFrom is HistoryFrom for launches. fn is given the number of the record too.
func (tx *Tx) LaunchHistoryFrom(p *dkron.Progress, job, from uint64, fn func(number uint64, l *dkron.Launch) bool) error {
	at := p.LastLaunch
	if from < at {
		l := new(dkron.Launch)
		if err := tx.get(tableLaunched, key(from), l); err == nil && l.JobNumber == job {
			at = from
		}
	}
	for at != 0 {
		l := new(dkron.Launch)
		err := tx.get(tableLaunched, key(at), l)
		if errors.Is(err, errAbsent) || err == nil && !tx.keepLaunch(l, p) {
			return nil
		}
		if err != nil {
			return err
		}
		if at <= from && !fn(at, l) {
			return nil
		}
		at = l.Prev
	}
	return nil
}

type pointer[T any] interface {
	*T
	codec.Message
}

// scan decodes the records of a table from a key on until fn returns false.
func scan[T any, P pointer[T]](b *bolt.Tx, table, from []byte, fn func(key []byte, v *T) bool) error {
	c := b.Bucket(table).Cursor()
	for k, raw := c.Seek(from); k != nil; k, raw = c.Next() {
		v := new(T)
		if err := codec.Decode(raw, P(v)); err != nil {
			return fmt.Errorf("state: %s %x: %w", table, k, err)
		}
		if !fn(k, v) {
			return nil
		}
	}
	return nil
}
