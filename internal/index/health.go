package index

import (
	"math"
	"time"

	"dkron"
)

// Health is one word for what a person should know about a job. If several words apply, the job has the first of them.
type Health uint8

// The words, in the order in which they are tried.
const (
	Disabled    Health = iota
	Failing            // its last launch that ran failed
	DidNotRun          // its last due time found no node, was missed, or its outcome is lost
	Late               // not started a minute after it was due
	LongRunning        // runs for much longer than it used to
	Waiting            // a launch waits, for a node or for those before it
	NeverDue           // nothing will launch it but a request
	OK

	healths = int(OK) + 1
)

var healthWords = [healths]string{"disabled", "failing", "did_not_run", "late", "long_running", "waiting", "never_due", "ok"}

// String returns the word that the API has.
func (h Health) String() string { return healthWords[h] }

// HealthWords returns all words, in the order in which they are tried.
func HealthWords() []string { return healthWords[:] }

// severity sorts the worst first: what somebody has to act on.
func (h Health) severity() uint64 {
	if h == Disabled {
		return uint64(OK) + 1
	}
	return uint64(h)
}

// HealthSet is a set of health words; the empty set matches every job.
type HealthSet uint16

// Add adds a word. It reports whether there is such a word.
func (s *HealthSet) Add(word string) bool {
	for h, w := range healthWords {
		if w == word {
			*s |= 1 << h
			return true
		}
	}
	return false
}

func (s HealthSet) has(h Health) bool { return s>>h&1 == 1 }

// vitals is what a job's health is computed from, and the time. Instants are nanoseconds since 1970, 0 if there is none.
type vitals struct {
	streak uint32 // launches in a row that failed
	notRun bool   // the last due time did not lead to a run
	child  bool   // has parents
	off    bool   // disabled
	bad    int64  // since when it fails or did not run
	due    int64  // when the scheduler must act
	long   int64  // duration after which a launch runs long; 0 if nothing is known of earlier ones
	open   opening
}

func (e *Entry) setVitals(p *dkron.Progress) {
	streak, since := p.Failing()
	v := vitals{notRun: p.NotRun, child: len(e.Parents) > 0, off: e.off, open: e.open}
	v.streak = uint32(min(streak, math.MaxUint32))
	if v.notRun && streak == 0 {
		since = p.Due
	}
	v.bad = nanos(since)
	v.long = int64(p.LongAfter())
	e.vitals = v
	e.vitals.due = nanos(e.Due())
}

// touch reads both ends of the vitals, never below 0.
func (v *vitals) touch() int { return int(v.streak&1) + int(v.open.running&1) }

// opening is what the index keeps of a job's open launches for its health, and sets by itself.
type opening struct {
	waiting int64 // the oldest due time of the launches that have not started
	running int64 // the oldest start of those that run
}

func (o opening) any() bool { return o.waiting != 0 || o.running != 0 }

// Health returns the job's health, and since when: the end of the first failure of the row, the due time of what is late,
// waits or did not run, the start of what runs long. Others have no time.
func (e *Entry) Health(now time.Time) (h Health, since time.Time) {
	h, at := e.health(now.UnixNano())
	return h, instant(at)
}

func (v *vitals) health(now int64) (h Health, since int64) {
	due, open := v.due, v.open
	if due == 0 || open.waiting != 0 && open.waiting < due {
		due = open.waiting
	}
	switch {
	case v.off:
		return Disabled, 0
	case v.streak > 0:
		return Failing, v.bad
	case v.notRun:
		return DidNotRun, v.bad
	case due != 0 && now-due >= int64(dkron.LateAfter):
		return Late, due
	case v.long != 0 && open.running != 0 && now-open.running > v.long:
		return LongRunning, open.running
	case open.waiting != 0:
		return Waiting, open.waiting
	case v.due == 0 && !v.child:
		return NeverDue, 0
	}
	return OK, 0
}

// FailureStreak returns how many launches in a row have failed.
func (e *Entry) FailureStreak() uint64 { return uint64(e.streak) }

// Healths returns how many jobs have each health now, by its word.
func (x *Index) Healths(now time.Time) map[string]int {
	var count [healths]int
	at := now.UnixNano()
	name, more := "", true
	for more {
		name, more = x.countAfter(name, at, &count)
	}
	out := make(map[string]int, healths)
	for h, n := range count {
		out[healthWords[h]] = n
	}
	return out
}

// countAfter counts the next jobs after the given name; see findAfter.
func (x *Index) countAfter(name string, at int64, count *[healths]int) (last string, more bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	on := x.names.after(name)
	if len(on.jobs) == 0 {
		return "", false
	}
	fetched := 0
	for _, e := range on.newest { // see sieve
		fetched += e.touch()
	}
	if fetched < 0 {
		return "", false // never, so that the compiler keeps the reads
	}
	for _, e := range on.newest {
		h, _ := e.health(at)
		count[h]++
	}
	return on.jobs[len(on.jobs)-1].Name, true
}

// Of returns the entry of a job as it is in a record, which may be newer or older than the index; only the open launches are
// the index's.
func (x *Index) Of(r *dkron.Record) *Entry {
	if e := x.Job(r.Job.Number); e != nil {
		return e.With(&r.Progress)
	}
	return NewEntry(&r.Job, &r.Progress)
}

// byHealth sorts the worst first, those of one word by how long they have it.
func byHealth(now time.Time) Order {
	at := now.UnixNano()
	return Order{by: keyOrder(func(job Found) key {
		h, since := job.Entry.health(at)
		return key{first: h.severity(), second: uint64(max(since, 0))}
	})}
}

// instant is the inverse of nanos.
func instant(nanos int64) time.Time {
	if nanos == 0 {
		return time.Time{}
	}
	return time.Unix(0, nanos).UTC()
}

// ended is nanos for what has happened: by a clock that is far off it may be later than nanoseconds can say, and counts as the latest.
func ended(t time.Time) int64 {
	if t.Year() > 2200 {
		return math.MaxInt64
	}
	return nanos(t)
}

func nanos(t time.Time) int64 {
	if t.IsZero() || t.Year() > 2200 {
		return 0
	}
	return t.UnixNano()
}
