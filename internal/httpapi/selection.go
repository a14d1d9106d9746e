package httpapi

import (
	"math/rand/v2"
	"sync"

	"dkron/internal/state"
)

// selection is a list that is put in order only as far as a page of it is looked at. It compares nothing but numbers,
// since to read a text per comparison is to wait for memory.
type selection struct {
	by   order // nil is by name
	rows []row
}

type row struct {
	key key // of the level that is being looked at
	at  int // when it was added, which is in order of name
	job state.Found
}

// selections are used again: each may hold a row for every job.
var selections = sync.Pool{New: func() any { return new(selection) }}

func newSelection(by order) *selection {
	s := selections.Get().(*selection)
	s.by = by
	return s
}

func (s *selection) free() {
	clear(s.rows)
	s.rows = s.rows[:0]
	selections.Put(s)
}

// add takes jobs in order of name.
func (s *selection) add(found []state.Found) {
	had := len(s.rows)
	for _, job := range found {
		s.rows = append(s.rows, row{at: len(s.rows), job: job})
	}
	if s.by != nil {
		s.by.number(s.rows[had:], 0)
	}
}

// page returns what stands from from up to, but not with, to when the list is sorted.
func (s *selection) page(from, to int) []*state.Entry {
	if s.by != nil {
		arrange(s.rows, s.by, 0, from, to)
	}
	out := make([]*state.Entry, 0, to-from)
	for _, r := range s.rows[from:to] {
		out = append(out, r.job.Entry)
	}
	return out
}

// arrange is a quicksort that leaves alone what does not belong between from and to. The rows are equal up to level and
// have their keys of it.
func arrange(rows []row, by order, level, from, to int) {
	for from < to && len(rows) > 1 {
		less, greater := partition(rows)
		arrange(rows[:less], by, level, from, min(to, less))
		if equals := rows[less:greater]; len(equals) > 1 && from < greater && to > less {
			next := order(arrivalOrder{})
			if by.more(equals[0].key) {
				next = by
			}
			next.number(equals, level+1)
			arrange(equals, next, level+1, max(from-less, 0), min(to-less, len(equals)))
		}
		rows, from, to = rows[greater:], max(from-greater, 0), to-greater
	}
}

// partition moves the rows whose key is lower than that of one of them, picked by chance, to the front, those whose key
// is higher to the end, and returns where the two parts end and begin.
func partition(rows []row) (less, greater int) {
	pivot := rows[rand.IntN(len(rows))].key
	greater = len(rows)
	for i := 0; i < greater; {
		switch r := rows[i]; {
		case r.key == pivot:
			i++
		case r.key.less(pivot):
			rows[i], rows[less] = rows[less], r
			less++
			i++
		default:
			greater--
			rows[i], rows[greater] = rows[greater], r
		}
	}
	return less, greater
}
