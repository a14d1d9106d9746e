package state

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	bolt "go.etcd.io/bbolt"

	"dkron"
	"dkron/internal/codec"
)

// Dump returns every record as text, for comparing two stores; a failure is part of the text.
func (s *Store) Dump() string {
	var b strings.Builder
	f := s.use()
	defer f.readers.Done()
	err := f.db.View(func(tx *bolt.Tx) error {
		for _, table := range tables {
			err := tx.Bucket(table).ForEach(func(k, v []byte) error {
				fmt.Fprintf(&b, "%s %q %q\n", table, k, v)
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		fmt.Fprintf(&b, "error: %v\n", err)
	}
	return b.String()
}

// WrongHistory returns the inconsistencies of the histories on disk, for tests. If swept is true, records that are no
// longer kept count as inconsistencies.
func (tx *Tx) WrongHistory(swept bool) (wrong []string) {
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	held, pieces, chains := uint64(0), 0, make(map[uint64][2][]uint64)
	add := func(h int, job, number uint64) {
		c := chains[job]
		c[h] = append(c[h], number)
		chains[job] = c
	}
	err := scan(tx.bolt, tableExecuted, nil, func(k []byte, e *dkron.Execution) bool {
		held += outputSize(e)
		pieces += int(e.Apart+pieceSize-1) / pieceSize
		add(0, e.JobNumber, number(k))
		if p, err := tx.Progress(e.JobNumber); swept && (err != nil || !tx.keepExecution(e, p)) {
			say("execution %d of job %d is on disk although it is not kept", e.Number, e.JobNumber)
		}
		size := e.Apart
		if err := tx.readOutput(e); err != nil || size != 0 && uint64(len(e.Output)) != size {
			say("execution %d has %d bytes of output instead of %d", e.Number, len(e.Output), size)
		}
		return true
	})
	err = errors.Join(err, scan(tx.bolt, tableLaunched, nil, func(k []byte, l *dkron.Launch) bool {
		add(1, l.JobNumber, number(k))
		if p, err := tx.Progress(l.JobNumber); swept && (err != nil || !tx.keepLaunch(l, p)) {
			say("launch record %d of job %d is on disk although it is not kept", number(k), l.JobNumber)
		}
		return true
	}))
	if err != nil {
		say("%v", err)
	}
	if tx.meta.UnlinkedRuns == 0 && held != tx.meta.Held {
		say("%d bytes of output are held, but %d are counted", held, tx.meta.Held)
	}
	if n := tx.bolt.Bucket(tableOutput).Stats().KeyN; n != pieces {
		say("there are %d pieces of output, but records have %d", n, pieces)
	}
	if tx.unlinked() {
		return wrong
	}
	links := 0
	for job, c := range chains {
		run, launch := tx.heads(job)
		links += tx.wrongChain(runs, job, run, c[0], say) + tx.wrongChain(launches, job, launch, c[1], say)
	}
	if n := tx.bolt.Bucket(tableNextRun).Stats().KeyN + tx.bolt.Bucket(tableNextLaunch).Stats().KeyN; n != links {
		say("there are %d links, but %d are in use", n, links)
	}
	return wrong
}

// heads returns where a job's histories begin on disk.
func (tx *Tx) heads(job uint64) (run, launch uint64) {
	if p, err := tx.Progress(job); err == nil {
		return p.FirstRun, p.FirstLaunch
	}
	w := new(waste)
	if raw := tx.bolt.Bucket(tableWaste).Get(key(job)); raw != nil && codec.Decode(raw, w) != nil {
		return 0, 0
	}
	return w.Run, w.Launch
}

// wrongChain follows the chain from first on, which must consist of these records, and returns its number of links.
func (tx *Tx) wrongChain(h history, job, first uint64, records []uint64, say func(string, ...any)) (links int) {
	at := first
	for i, n := range records {
		if n != at {
			say("%s: the chain of job %d goes to %d instead of %d (it begins at %d)", h.table, job, at, n, first)
			return links
		}
		at = 0
		if raw := tx.bolt.Bucket(h.next).Get(key(n)); !bytes.Equal(raw, nil) {
			at = number(raw)
			links++
		} else if i < len(records)-1 {
			say("%s: the chain of job %d ends at %d", h.table, job, n)
		}
	}
	if at != 0 {
		say("%s: the chain of job %d continues to %d, which is gone", h.table, job, at)
	}
	return links
}
