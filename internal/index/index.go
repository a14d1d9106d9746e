package index

import (
	"slices"
	"sync"
	"time"

	"dkron"
)

// Entry is what the index keeps of a job: enough to filter, sort and schedule. Entries are never changed, only
// replaced; each run of a job replaces its entry, so they are small.
type Entry struct {
	*Definition
	vitals // with the pointer before them they fill one line of a processor's cache

	Next         time.Time
	Status       dkron.Status
	lastSuccess  int64 // nanoseconds since 1970, 0 if there is none; a time.Time takes three times as much memory
	lastError    int64
	SuccessCount uint64
	ErrorCount   uint64
	StoppedCount uint64
}

// Due returns the instant at which the scheduler must act, the zero time if there is none.
func (e *Entry) Due() time.Time {
	if e.off || e.child {
		return time.Time{}
	}
	return e.Next
}

// Off reports whether the job is disabled.
func (e *Entry) Off() bool { return e.off }

// LastSuccess returns the end of the job's last success, the zero time if there is none.
func (e *Entry) LastSuccess() time.Time { return instant(e.lastSuccess) }

// LastError returns the end of the job's last failure, the zero time if there is none.
func (e *Entry) LastError() time.Time { return instant(e.lastError) }

// NewEntry returns the entry of a job as it was written.
func NewEntry(j *dkron.Job, p *dkron.Progress) *Entry {
	e := &Entry{Definition: newDefinition(j)}
	e.set(p)
	return e
}

// With returns the entry of the same definition with other progress.
func (e *Entry) With(p *dkron.Progress) *Entry {
	next := *e
	next.set(p)
	return &next
}

func (e *Entry) set(p *dkron.Progress) {
	e.Status, e.Next, e.off = oneStatus(p.Status), p.Next, p.Disabled
	e.lastSuccess, e.lastError = ended(p.LastSuccess), ended(p.LastError)
	e.SuccessCount, e.ErrorCount = p.SuccessCount, p.ErrorCount
	e.StoppedCount = p.StoppedCount
	e.setVitals(p)
}

// oneStatus returns an equal constant status, whose memory is shared; one that was read from disk has its own.
func oneStatus(s dkron.Status) dkron.Status {
	if i := slices.Index(statuses[:], s); i >= 0 {
		return statuses[i]
	}
	return s
}

// Index holds every job in memory, by name and by number.
type Index struct {
	mu     sync.RWMutex // guards the fields below, and the places of definitions
	names  shelves
	edits  uint64 // grows with every change of a job or of its progress
	number map[uint64]*Definition
	open   map[uint64]map[uint64]opened // job number → its launches that have not ended, by number
	owner  map[uint64]owner             // such a launch → its job
	called map[string][]uint64          // name → numbers of the jobs in open that have or had it
}

// New returns an empty index.
func New() *Index {
	return &Index{
		number: make(map[uint64]*Definition), open: make(map[uint64]map[uint64]opened), owner: make(map[uint64]owner),
		called: make(map[string][]uint64),
	}
}

// Add adds a job that the index does not have yet, after its open launches. It is for an index that no one else uses yet.
func (x *Index) Add(e *Entry) {
	e.open = x.opening(e.Number)
	x.names.put(e)
	x.number[e.Number] = e.Definition
}

// Replace takes over the content of another index, which must not be used any more.
func (x *Index) Replace(fresh *Index) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.edits++
	x.names, x.number, x.open, x.owner, x.called = fresh.names, fresh.number, fresh.open, fresh.owner, fresh.called
}

// Update applies what a commit changed: entries of jobs, by name, where nil is a deleted job, and launches, by number, where
// nil is one that has ended. Readers see all of it at once.
func (x *Index) Update(changed map[string]*Entry, launches map[uint64]*dkron.Launch) {
	if len(changed)+len(launches) == 0 {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	jobs := x.updateOpen(launches)
	if len(changed) > 0 {
		x.edits++
	}
	for name, e := range changed {
		if e != nil {
			e.open = x.opening(e.Number)
		}
		switch {
		case e == nil:
			if old := x.names.remove(name); old != nil {
				delete(x.number, old.Number)
			}
		case x.number[e.Number] == e.Definition: // a run
			d := e.Definition
			d.place.at = d.place.find(d)
			d.place.shelf.renew(d.place.at, e)
		default:
			if old := x.names.put(e); old != nil {
				delete(x.number, old.Number)
			}
			x.number[e.Number] = e.Definition
		}
	}
	for _, job := range jobs {
		x.reopen(job)
	}
}

// reopen replaces the entry of a job whose open launches have changed.
func (x *Index) reopen(job uint64) {
	d := x.number[job]
	if d == nil {
		return
	}
	d.place.at = d.place.find(d)
	old := d.place.shelf.newest[d.place.at]
	if open := x.opening(job); old.open != open {
		next := *old
		next.open = open
		d.place.shelf.renew(d.place.at, &next)
	}
}

// Len returns the number of jobs.
func (x *Index) Len() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return len(x.number)
}

// Edits returns a number that grows with every change of a job or of its progress. A result computed from the index after a
// call is current as long as further calls return the same number.
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

// Late returns for how long the oldest due time has not been decided, 0 if none has come.
func (x *Index) Late(now time.Time) time.Duration {
	oldest := now
	x.EachDue(now.Unix, func(e *Entry) bool {
		if due := e.Due(); due.Before(oldest) {
			oldest = due
		}
		return true
	})
	return now.Sub(oldest)
}

// EachDue calls fn for the jobs that have a due time in a second up to the given one, otherwise like Each. until is asked
// again and again, and may shrink.
func (x *Index) EachDue(until func() int64, fn func(e *Entry) bool) {
	found := make([]*Entry, 0, shelfSize)
	for last, more := "", true; more; {
		found, last, more = x.dueAfter(last, until(), found[:0])
		for _, e := range found {
			if !fn(e) {
				return
			}
		}
	}
}

// dueAfter is like findAfter for the jobs that are due.
func (x *Index) dueAfter(name string, until int64, found []*Entry) (_ []*Entry, last string, more bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	on := x.names.after(name)
	if len(on.jobs) == 0 {
		return found, "", false
	}
	for i, second := range on.due {
		if second <= until && second != never {
			found = append(found, on.newest[i])
		}
	}
	fetched := 0
	for _, e := range found { // see sieve
		fetched += e.touch()
	}
	if fetched < 0 {
		return nil, "", false // never, so that the compiler keeps the reads
	}
	return found, on.jobs[len(on.jobs)-1].Name, true
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
