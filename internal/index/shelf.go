package index

import (
	"math"
	"slices"
	"strings"
)

// shelfSize is small enough to shift a shelf's jobs at each insert, and large enough that there are few shelves.
const shelfSize = 512

// shelf holds jobs that are adjacent by name. A list of shelves is a tree of two levels, whose lists can be read
// sequentially as fast as memory allows.
type shelf struct {
	jobs   []*Definition
	newest []*Entry // the newest entry of each of the jobs
	due    []int64  // the second of Entry.Due of each of them, never if there is none: a look at all needs no entry
	marks  []mark   // what filters of the progress ask of each of them, for the same reason
}

// never is after all due times.
const never = math.MaxInt64

func dueSecond(e *Entry) int64 {
	if at := e.Due(); !at.IsZero() {
		return at.Unix()
	}
	return never
}

// place is where a definition is. The position may be outdated: jobs that are added and removed next to it move it.
type place struct {
	shelf *shelf
	at    int
}

func (p *place) find(d *Definition) int {
	if p.at < len(p.shelf.jobs) && p.shelf.jobs[p.at] == d {
		return p.at
	}
	at, _ := p.shelf.search(d.Name)
	return at
}

func (s *shelf) search(name string) (at int, found bool) {
	return slices.BinarySearchFunc(s.jobs, name, func(d *Definition, name string) int { return strings.Compare(d.Name, name) })
}

func (s *shelf) set(at int, e *Entry) {
	s.jobs[at] = e.Definition
	s.renew(at, e)
	e.place = place{s, at}
}

// renew replaces the newest entry of a job whose definition stays.
func (s *shelf) renew(at int, e *Entry) {
	s.newest[at], s.due[at], s.marks[at] = e, dueSecond(e), markOf(e)
}

func (s *shelf) insert(at int, e *Entry) {
	s.jobs = slices.Insert(s.jobs, at, e.Definition)
	s.newest = slices.Insert(s.newest, at, e)
	s.due = slices.Insert(s.due, at, dueSecond(e))
	s.marks = slices.Insert(s.marks, at, markOf(e))
	e.place = place{s, at}
}

func (s *shelf) remove(at int) {
	s.jobs = slices.Delete(s.jobs, at, at+1)
	s.newest = slices.Delete(s.newest, at, at+1)
	s.due = slices.Delete(s.due, at, at+1)
	s.marks = slices.Delete(s.marks, at, at+1)
}

// from returns the part of the shelf from a position on.
func (s *shelf) from(at int) shelf {
	return shelf{s.jobs[at:], s.newest[at:], s.due[at:], s.marks[at:]}
}

// split moves the jobs from at on to a new shelf.
func (s *shelf) split(at int) *shelf {
	right := &shelf{slices.Clone(s.jobs[at:]), slices.Clone(s.newest[at:]), slices.Clone(s.due[at:]), slices.Clone(s.marks[at:])}
	for i, d := range right.jobs {
		d.place = place{right, i}
	}
	s.jobs = slices.Delete(s.jobs, at, len(s.jobs))
	s.newest = slices.Delete(s.newest, at, len(s.newest))
	s.due = slices.Delete(s.due, at, len(s.due))
	s.marks = slices.Delete(s.marks, at, len(s.marks))
	return right
}

// shelves are all shelves, none empty, in order of name.
type shelves []*shelf

// search returns the shelf that has, or would have, the name; -1 if there is no shelf.
func (s shelves) search(name string) int {
	i, found := slices.BinarySearchFunc(s, name, func(s *shelf, name string) int { return strings.Compare(s.jobs[0].Name, name) })
	if found || len(s) == 0 {
		return i
	}
	return max(i-1, 0)
}

// get returns the newest entry of a job, nil if there is no such job.
func (s shelves) get(name string) *Entry {
	if len(s) > 0 {
		on := s[s.search(name)]
		if at, found := on.search(name); found {
			return on.newest[at]
		}
	}
	return nil
}

// put stores an entry and returns the entry of the same name that it replaces, nil if there was none.
func (s *shelves) put(e *Entry) (old *Entry) {
	if len(*s) == 0 {
		*s = shelves{new(shelf)}
		(*s)[0].insert(0, e)
		return nil
	}
	i := s.search(e.Name)
	on := (*s)[i]
	at, found := on.search(e.Name)
	if found {
		old = on.newest[at]
		on.set(at, e)
		return old
	}
	if len(on.jobs) == shelfSize {
		half := shelfSize / 2
		if at == shelfSize { // jobs that are added in order of name leave full shelves
			half = shelfSize
		}
		*s = slices.Insert(*s, i+1, on.split(half))
		if at >= half {
			on, at = (*s)[i+1], at-half
		}
	}
	on.insert(at, e)
	return nil
}

// remove removes a job and returns its newest entry, nil if there is no such job.
func (s *shelves) remove(name string) (old *Entry) {
	if len(*s) == 0 {
		return nil
	}
	i := s.search(name)
	on := (*s)[i]
	at, found := on.search(name)
	if !found {
		return nil
	}
	old = on.newest[at]
	if on.remove(at); len(on.jobs) == 0 {
		*s = slices.Delete(*s, i, i+1)
	}
	return old
}

// after returns jobs after the given name: those on one shelf, none if there are no more.
func (s shelves) after(name string) shelf {
	if len(s) == 0 {
		return shelf{}
	}
	i := s.search(name)
	at, found := s[i].search(name)
	if found {
		at++
	}
	if at == len(s[i].jobs) {
		if i, at = i+1, 0; i == len(s) {
			return shelf{}
		}
	}
	return s[i].from(at)
}
