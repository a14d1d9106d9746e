package forecast

import (
	"cmp"
	"container/heap"
	"iter"
	"slices"
	"time"

	"dkron/internal/index"
)

// Query selects due times by period and by job.
type Query struct {
	From, Until time.Time // [From, Until)
	Limit       int
	Selection
}

// Selection selects jobs: those with one of the names, or all without names, that pass the filter.
type Selection struct {
	Jobs   []string      // names
	Filter *index.Filter // nil passes all
	None   bool          // no job can pass
}

// All reports whether every job is selected.
func (s *Selection) All() bool {
	return !s.None && len(s.Jobs) == 0 && (s.Filter == nil || s.Filter.Empty())
}

// Each yields the selected jobs in order of name.
func (s *Selection) Each(x *index.Index) iter.Seq[*index.Entry] {
	return func(yield func(*index.Entry) bool) { s.each(x, yield) }
}

// each calls fn for the selected jobs in order of name until it returns false.
func (s *Selection) each(x *index.Index, fn func(*index.Entry) bool) {
	switch {
	case s.None:
	case len(s.Jobs) > 0:
		for _, name := range slices.Compact(slices.Sorted(slices.Values(s.Jobs))) {
			if e := x.Name(name); e != nil && (s.Filter == nil || s.Filter.Match(e)) && !fn(e) {
				return
			}
		}
	case s.All():
		x.Each(fn)
	default:
		more := true
		x.Find(s.Filter, func(found []index.Found) {
			for i := 0; more && i < len(found); i++ {
				more = fn(found[i].Entry)
			}
		})
	}
}

// Firing is a due time of a job.
type Firing struct {
	Job *index.Entry
	At  time.Time
}

// Due calls fn with each of the selected due times, soonest first, equal ones by name. It stops at the deadline. truncated
// reports that there are, or may be, more.
func Due(jobs *index.Index, q *Query, deadline time.Time, fn func(Firing)) (truncated bool) {
	p := newPlan(q, deadline)
	p.fill(jobs, &q.Selection)
	for range q.Limit {
		e, at, ok := p.next()
		if !ok {
			break
		}
		fn(Firing{e, at})
	}
	return p.late || len(p.turns) > 0
}

// plan yields due times of many jobs in order. It holds each job's next one, and computes the one after when that is
// taken.
type plan struct {
	from, until time.Time
	bound       time.Time // a job due at or after this time can't matter
	most        int       // jobs that can matter: the soonest, and one more to know that the list continues
	deadline    time.Time
	late        bool // it took too long: there may be more
	entries     []*index.Entry
	turns       turns // a heap, the soonest on top
	dials       map[index.Clock]*dial
}

// spare is how many jobs beyond those that matter a plan holds before it drops them.
const spare = 500

// turn is a job's next due time in a plan. Equal times are ordered by name.
type turn struct {
	second int64
	nano   int32
	entry  int32 // in order of names
}

// turns is a heap for package container/heap. Turns are only replaced, never pushed or popped one by one.
type turns []turn

func (t *turns) Len() int           { return len(*t) }
func (t *turns) Less(i, j int) bool { return compareTurns((*t)[i], (*t)[j]) < 0 }
func (t *turns) Swap(i, j int)      { (*t)[i], (*t)[j] = (*t)[j], (*t)[i] }
func (t *turns) Push(any)           { panic("turns are not pushed") }
func (t *turns) Pop() any           { panic("turns are not popped") }

func compareTurns(a, b turn) int {
	return cmp.Or(cmp.Compare(a.second, b.second), cmp.Compare(a.nano, b.nano), cmp.Compare(a.entry, b.entry))
}

func newPlan(q *Query, deadline time.Time) *plan {
	return &plan{from: q.From, until: q.Until, bound: q.Until, most: q.Limit + 1, deadline: deadline, dials: make(map[index.Clock]*dial)}
}

// fill adds the selected jobs.
func (p *plan) fill(x *index.Index, s *Selection) {
	add := func(e *index.Entry) bool {
		p.add(e)
		return !p.late
	}
	if s.All() {
		x.EachDue(func() int64 { return p.bound.Add(-1).Unix() }, add)
	} else {
		s.each(x, add)
	}
	p.narrow() // a sorted list is a heap
}

// add adds a job with its first due time in the plan's period, if it has one. It starts from the next due time in the
// state: earlier ones are decided.
func (p *plan) add(e *index.Entry) {
	if !e.Next.Before(p.bound) || e.Due().IsZero() {
		return
	}
	at := e.Next
	if at.Before(p.from) {
		at = p.after(e, p.from.Add(-1))
	}
	if at.IsZero() || !at.Before(p.bound) {
		return
	}
	p.turns = append(p.turns, turn{at.Unix(), int32(at.Nanosecond()), int32(len(p.entries))})
	p.entries = append(p.entries, e)
	if len(p.turns) == p.most+spare {
		p.narrow()
	}
}

// narrow drops the jobs that can't matter. Jobs added later come later by name, so they are too late at an equal time.
func (p *plan) narrow() {
	slices.SortFunc(p.turns, compareTurns)
	if len(p.turns) > p.most {
		p.turns = p.turns[:p.most]
		p.bound = p.turns[p.most-1].time()
	}
}

func (t turn) time() time.Time { return time.Unix(t.second, int64(t.nano)).UTC() }

// after returns the job's first due time after t.
func (p *plan) after(e *index.Entry, t time.Time) time.Time {
	clock := e.Clock()
	d := p.dials[clock]
	if d == nil {
		d = newDial(clock)
		p.dials[clock] = d
	}
	if !d.asked.Equal(t) {
		p.late = p.late || time.Now().After(p.deadline)
	}
	return d.after(t)
}

// next takes the soonest due time out of the plan.
func (p *plan) next() (*index.Entry, time.Time, bool) {
	if len(p.turns) == 0 || p.late {
		return nil, time.Time{}, false
	}
	top := p.turns[0]
	e, at := p.entries[top.entry], top.time()
	if following := p.after(e, at); !following.IsZero() && following.Before(p.until) {
		p.turns[0] = turn{following.Unix(), int32(following.Nanosecond()), top.entry}
	} else {
		last := len(p.turns) - 1
		p.turns[0] = p.turns[last]
		p.turns = p.turns[:last]
	}
	heap.Fix(&p.turns, 0)
	return e, at, true
}
