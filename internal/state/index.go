package state

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/tidwall/btree"
	bolt "go.etcd.io/bbolt"

	"dkron"
	"dkron/internal/codec"
)

// Entry is what the index keeps of a job: enough to filter, to sort and to schedule by. Entries are never changed,
// only replaced.
type Entry struct {
	Name         string
	DisplayName  string
	Schedule     string
	Metadata     map[string]string
	Number       uint64
	Child        bool // waits for a parent, not for the clock
	Disabled     bool
	Status       dkron.Status
	Next         time.Time
	LastSuccess  time.Time
	LastError    time.Time
	SuccessCount uint64
	ErrorCount   uint64
}

// Due returns the instant that the scheduler must act at, the zero time if there is none.
func (e *Entry) Due() time.Time {
	if e.Disabled || e.Child {
		return time.Time{}
	}
	return e.Next
}

func (e *Entry) follow(j *dkron.Job) {
	e.Name, e.DisplayName, e.Schedule, e.Metadata = j.Name, j.DisplayName, j.Schedule, j.Metadata
	e.Number, e.Child, e.Disabled = j.Number, j.Child(), j.Disabled
}

func (e *Entry) progress(p *dkron.Progress) {
	e.Status, e.Next, e.Disabled = p.Status, p.Next, p.Disabled
	e.LastSuccess, e.LastError = p.LastSuccess, p.LastError
	e.SuccessCount, e.ErrorCount = p.SuccessCount, p.ErrorCount
}

// Index is every job in memory, by name and by number.
type Index struct {
	mu     sync.RWMutex // guards the fields below
	names  *btree.BTreeG[*Entry]
	number map[uint64]*Entry
	open   map[uint64]map[uint64]struct{} // job number → numbers of its launches that have not ended
	owner  map[uint64]uint64              // such a launch → its job
}

func newIndex() *Index {
	x := new(Index)
	x.clear()
	return x
}

func (x *Index) clear() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.names = btree.NewBTreeGOptions(func(a, b *Entry) bool { return a.Name < b.Name }, btree.Options{NoLocks: true})
	x.number = make(map[uint64]*Entry)
	x.open = make(map[uint64]map[uint64]struct{})
	x.owner = make(map[uint64]uint64)
}

// load reads all jobs of a database.
func (x *Index) load(b *bolt.Tx) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	tx := &Tx{bolt: b}
	err := tx.OpenLaunches(0, func(l *dkron.Launch) bool {
		x.note(l)
		return true
	})
	if err != nil {
		return err
	}
	return b.Bucket(tableJob).ForEach(func(_, raw []byte) error {
		var j dkron.Job
		if err := codec.Decode(raw, &j); err != nil {
			return err
		}
		p, err := tx.Progress(j.Number)
		if err != nil {
			return err
		}
		e := new(Entry)
		e.follow(&j)
		e.progress(p)
		x.names.Load(e)
		x.number[e.Number] = e
		return nil
	})
}

// update takes over what a transaction changed; nil stands for a deleted job.
func (x *Index) update(changed map[string]*Entry) {
	if len(changed) == 0 {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	for name, e := range changed {
		old, _ := x.names.Get(&Entry{Name: name})
		if old != nil {
			delete(x.number, old.Number)
		}
		if e == nil {
			x.names.Delete(&Entry{Name: name})
			continue
		}
		x.names.Set(e)
		x.number[e.Number] = e
	}
}

// Len returns how many jobs there are.
func (x *Index) Len() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.names.Len()
}

// Job returns the entry with the given number, nil if there is none.
func (x *Index) Job(number uint64) *Entry {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.number[number]
}

// Name returns the entry with the given name, nil if there is none.
func (x *Index) Name(name string) *Entry {
	x.mu.RLock()
	defer x.mu.RUnlock()
	e, _ := x.names.Get(&Entry{Name: name})
	return e
}

// Each calls fn for every job in order of name until it returns false. fn must not call the index.
func (x *Index) Each(fn func(e *Entry) bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	x.names.Scan(fn)
}

// Slice returns the jobs from start up to, but not with, end in order of name.
func (x *Index) Slice(start, end int) []*Entry {
	x.mu.RLock()
	defer x.mu.RUnlock()
	end = min(end, x.names.Len())
	if start >= end {
		return nil
	}
	out := make([]*Entry, 0, end-start)
	first, _ := x.names.GetAt(start)
	x.names.Ascend(first, func(e *Entry) bool {
		out = append(out, e)
		return len(out) < end-start
	})
	return out
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K {
	return slices.Sorted(maps.Keys(m))
}
