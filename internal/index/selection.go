package index

import (
	"math/rand/v2"
	"sync"
)

// selection is a list that is sorted only as far as a page of it needs. It compares only numbers, since reading a text
// per comparison means waiting for memory.
type selection struct {
	by   order   // nil is by name
	jobs []Found // in order of name
	rows []row   // of each of them, if there is an order
}

type row struct {
	key key // of the current level
	at  int // index of its job
}

// selections are reused: each may hold a row for every job.
var selections = sync.Pool{New: func() any { return new(selection) }}

func newSelection(by order) *selection {
	s := selections.Get().(*selection)
	s.by = by
	return s
}

func (s *selection) free() {
	clear(s.jobs)
	s.jobs, s.rows = s.jobs[:0], s.rows[:0]
	selections.Put(s)
}

// add takes jobs in order of name.
func (s *selection) add(found []Found) {
	had := len(s.jobs)
	s.jobs = append(s.jobs, found...)
	if s.by == nil {
		return
	}
	for i := range found {
		s.rows = append(s.rows, row{at: had + i})
	}
	s.by.number(s.rows[had:], s.jobs, 0)
}

// page returns rows [from, to) of the sorted list.
func (s *selection) page(from, to int) []*Entry {
	out := make([]*Entry, 0, to-from)
	if s.by == nil {
		for _, job := range s.jobs[from:to] {
			out = append(out, job.Entry)
		}
		return out
	}
	s.arrange(s.rows, s.by, 0, from, to)
	for _, r := range s.rows[from:to] {
		out = append(out, s.jobs[r.at].Entry)
	}
	return out
}

// arrange is a quicksort that does not sort outside of [from, to). The rows are equal up to level and have their keys
// of it.
func (s *selection) arrange(rows []row, by order, level, from, to int) {
	for from < to && len(rows) > 1 {
		less, greater := partition(rows)
		s.arrange(rows[:less], by, level, from, min(to, less))
		if equals := rows[less:greater]; len(equals) > 1 && from < greater && to > less {
			next := order(arrivalOrder{})
			if by.more(equals[0].key) {
				next = by
			}
			next.number(equals, s.jobs, level+1)
			s.arrange(equals, next, level+1, max(from-less, 0), min(to-less, len(equals)))
		}
		rows, from, to = rows[greater:], max(from-greater, 0), to-greater
	}
}

// partition moves the rows with a lower key than a randomly chosen one to the front and those with a higher key to the
// end, and returns the bounds of the part between.
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
