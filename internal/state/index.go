package state

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"

	"dkron"
	"dkron/internal/codec"
)

// Entry is what the index keeps of a job: enough to filter, sort and schedule. Entries are never changed, only
// replaced; each run of a job replaces its entry, so they are small.
type Entry struct {
	*Definition
	Disabled     bool
	Status       dkron.Status
	Next         time.Time
	LastSuccess  time.Time
	LastError    time.Time
	SuccessCount uint64
	ErrorCount   uint64
}

// Due returns the instant at which the scheduler must act, the zero time if there is none.
func (e *Entry) Due() time.Time {
	if e.Disabled || len(e.Parents) > 0 {
		return time.Time{}
	}
	return e.Next
}

func newEntry(j *dkron.Job, p *dkron.Progress) *Entry {
	e := &Entry{Definition: newDefinition(j), Disabled: j.Disabled}
	e.progress(p)
	return e
}

func (e *Entry) progress(p *dkron.Progress) {
	e.Status, e.Next, e.Disabled = oneStatus(p.Status), p.Next, p.Disabled
	e.LastSuccess, e.LastError = p.LastSuccess, p.LastError
	e.SuccessCount, e.ErrorCount = p.SuccessCount, p.ErrorCount
}

// oneStatus returns an equal constant status, whose memory is shared; one that was read from disk has its own.
func oneStatus(s dkron.Status) dkron.Status {
	for _, known := range [...]dkron.Status{dkron.StatusSuccess, dkron.StatusFailed, dkron.StatusPartiallyFailed} {
		if s == known {
			return known
		}
	}
	return s
}

// Index holds every job in memory, by name and by number.
type Index struct {
	mu     sync.RWMutex // guards the fields below, and the places of definitions
	names  shelves
	edits  uint64 // grows with every change of a job or of its progress
	number map[uint64]*Definition
	open   map[uint64]map[uint64]struct{} // job number → numbers of its launches that have not ended
	owner  map[uint64]owner               // such a launch → its job
	called map[string][]uint64            // name → numbers of the jobs in open that have or had it
}

func newIndex() *Index {
	return &Index{
		number: make(map[uint64]*Definition), open: make(map[uint64]map[uint64]struct{}), owner: make(map[uint64]owner),
		called: make(map[string][]uint64),
	}
}

// load reads all jobs of a database and replaces the present ones.
func (x *Index) load(b *bolt.Tx) error {
	fresh, tx := newIndex(), &Tx{bolt: b}
	err := tx.OpenLaunches(0, func(l *dkron.Launch) bool {
		fresh.note(l)
		return true
	})
	if err != nil {
		return err
	}
	err = b.Bucket(tableJob).ForEach(func(_, raw []byte) error {
		var j dkron.Job
		if err := codec.Decode(raw, &j); err != nil {
			return err
		}
		p, err := tx.Progress(j.Number)
		if err != nil {
			return err
		}
		e := newEntry(&j, p)
		fresh.names.put(e)
		fresh.number[e.Number] = e.Definition
		return nil
	})
	if err != nil {
		return err
	}
	x.take(fresh)
	return nil
}

// take replaces the index's jobs by those of another index.
func (x *Index) take(fresh *Index) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.edits++
	x.names, x.number, x.open, x.owner, x.called = fresh.names, fresh.number, fresh.open, fresh.owner, fresh.called
}

// update applies the changes of a transaction; nil is a deleted job.
func (x *Index) update(changed map[string]*Entry) {
	if len(changed) == 0 {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.edits++
	for name, e := range changed {
		switch {
		case e == nil:
			if old := x.names.remove(name); old != nil {
				delete(x.number, old.Number)
			}
		case x.number[e.Number] == e.Definition: // a run
			d := e.Definition
			d.place.at = d.place.find(d)
			d.place.shelf.newest[d.place.at] = e
		default:
			if old := x.names.put(e); old != nil {
				delete(x.number, old.Number)
			}
			x.number[e.Number] = e.Definition
		}
	}
}

// Len returns how many jobs there are.
func (x *Index) Len() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return len(x.number)
}

// Edits returns a number that grows with every change. A result computed from the index after a call is current as long
// as further calls return the same number.
func (x *Index) Edits() uint64 {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.edits
}

// Job returns the entry with the given number, nil if there is none.
func (x *Index) Job(number uint64) *Entry {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if d := x.number[number]; d != nil {
		return d.place.shelf.newest[d.place.find(d)]
	}
	return nil
}

// Name returns the entry with the given name, nil if there is none.
func (x *Index) Name(name string) *Entry {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.names.get(name)
}

// Each calls fn for every job in order of name until it returns false. It locks one shelf at a time, so that writers
// never wait for it: a job that is added, changed or deleted in the meantime is seen once, in its old or its new form.
func (x *Index) Each(fn func(e *Entry) bool) {
	x.eachShelf(new(Filter), func(found []Found) bool {
		for _, f := range found {
			if !fn(f.Entry) {
				return false
			}
		}
		return true
	})
}

// Find calls fn with the matching jobs, some at a time, otherwise like Each. fn must not keep the slice.
func (x *Index) Find(f *Filter, fn func(found []Found)) {
	x.eachShelf(f, func(found []Found) bool {
		fn(found)
		return true
	})
}

func (x *Index) eachShelf(f *Filter, fn func(found []Found) bool) {
	s, last, more := &sieve{Filter: f}, "", true
	found := make([]Found, 0, shelfSize)
	for more {
		found, last, more = x.findAfter(last, s, found[:0])
		if !fn(found) {
			return
		}
	}
}

// findAfter looks at the next jobs after the given name and adds those that match to found. It returns the name of the
// last job that it looked at, and whether there are more.
func (x *Index) findAfter(name string, s *sieve, found []Found) (_ []Found, last string, more bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	on := x.names.after(name)
	if len(on.jobs) == 0 {
		return found, "", false
	}
	return s.match(on, found), on.jobs[len(on.jobs)-1].Name, true
}

// Slice returns the jobs [start, end) in order of name.
func (x *Index) Slice(start, end int) []*Entry {
	x.mu.RLock()
	defer x.mu.RUnlock()
	end = min(end, len(x.number))
	if start >= end {
		return nil
	}
	out := make([]*Entry, 0, end-start)
	for _, s := range x.names {
		n := len(s.jobs)
		if start < n && end > 0 {
			out = append(out, s.newest[max(start, 0):min(end, n)]...)
		}
		start, end = start-n, end-n
	}
	return out
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K {
	return slices.Sorted(maps.Keys(m))
}
