package forecast

import (
	"cmp"
	"container/heap"
	"slices"
	"time"

	"dkron/internal/index"
)

// Query is a stretch of time, and whose due times in it are asked for.
type Query struct {
	From, Until time.Time // [From, Until)
	Limit       int
	Jobs        []string // names; none is all jobs
}

// Firing is a due time of a job.
type Firing struct {
	Job *index.Entry
	At  time.Time
}

// Due returns the due times that are asked for, soonest first, those at the same time by name. It looks for them until the
// deadline. truncated reports that there is more, or may be.
func Due(jobs *index.Index, q *Query, deadline time.Time) (due []Firing, truncated bool) {
	p := newPlan(q, deadline)
	p.fill(jobs, q.Jobs)
	for len(due) < q.Limit {
		e, at, ok := p.next()
		if !ok {
			break
		}
		due = append(due, Firing{e, at})
	}
	return due, p.late || len(p.turns) > 0
}

// plan finds due times of many jobs in order. Each job has its next one in it; those after it are looked for when that
// has been taken.
type plan struct {
	from, until time.Time
	bound       time.Time // a job that comes at this time or later can't matter
	most        int       // jobs that can matter: those with the soonest instants, and one more to know that the list goes on
	deadline    time.Time
	late        bool // it took too long: there may be more
	entries     []*index.Entry
	turns       turns // a heap, the soonest on top
	dials       map[index.Clock]*dial
}

// spare is how many jobs more than can matter a plan takes in before it drops them.
const spare = 500

// turn is the next instant of a job in a plan. Of those at the same instant the first by name comes first.
type turn struct {
	second int64
	nano   int32
	entry  int32 // in order of name
}

// turns is a heap of package container/heap. Turns are only replaced: nothing is pushed or popped one by one.
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

// fill takes in the jobs with these names; without any, all.
func (p *plan) fill(x *index.Index, names []string) {
	if len(names) > 0 {
		slices.Sort(names)
		for _, name := range slices.Compact(names) {
			if e := x.Name(name); e != nil {
				p.add(e)
			}
		}
	} else {
		x.Each(func(e *index.Entry) bool {
			p.add(e)
			return !p.late
		})
	}
	p.narrow() // what is sorted is a heap
}

// add puts a job in with its first instant from the plan's beginning on, if it has one. It goes by the instant that the
// state has: those before it have been decided.
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

// narrow drops the jobs that can't matter. Jobs that are added later come after them by name, so an equal instant is too late.
func (p *plan) narrow() {
	slices.SortFunc(p.turns, compareTurns)
	if len(p.turns) > p.most {
		p.turns = p.turns[:p.most]
		p.bound = p.turns[p.most-1].time()
	}
}

func (t turn) time() time.Time { return time.Unix(t.second, int64(t.nano)).UTC() }

// after asks the clock of a job.
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

// next takes the soonest instant out of the plan.
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
