package httpapi

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"dkron"
	"dkron/internal/index"
	"dkron/internal/respond"
)

// Limits of a list of what is due.
const (
	defaultDue  = 100
	maxDue      = 5000
	maxDueNodes = 100
	dueTime     = 2 * time.Second // to look for instants; what was found in time is answered
	dueSpan     = 24 * time.Hour  // unless the request says otherwise
)

// dueJSON is what will fire in a stretch of time, until excluded.
type dueJSON struct {
	From      time.Time    `json:"from"`
	Until     time.Time    `json:"until"`
	Truncated bool         `json:"truncated"` // there is more behind the last one
	Due       []firingJSON `json:"due"`
}

// firingJSON is one instant of one job. Nodes and count are as in a preview's targets, with no more than maxDueNodes names:
// each row of a large fleet would be a long list.
type firingJSON struct {
	Job         string    `json:"job"`
	DisplayName string    `json:"displayname"`
	At          time.Time `json:"at"`
	Nodes       []string  `json:"nodes"`
	Count       int       `json:"count"`
}

// dueQuery is what a client wants to know of what is to come.
type dueQuery struct {
	from, until time.Time
	limit       int
	jobs        []string // none is all
}

// lastInstant is the last one that RFC 3339 can write.
var lastInstant = time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC)

func parseDueQuery(v url.Values, now time.Time) (q dueQuery, err error) {
	q.limit, q.jobs = defaultDue, given(v, "job")
	if q.from, err = parseInstant(v, "from", now); err != nil {
		return q, err
	}
	later := q.from.Add(dueSpan)
	if later.After(lastInstant) {
		later = lastInstant
	}
	if q.until, err = parseInstant(v, "until", later); err != nil {
		return q, err
	}
	if q.until.Before(q.from) {
		return q, respond.Refuse(http.StatusBadRequest, "until must not be before from, which is %s", q.from.Format(time.RFC3339))
	}
	if s := v.Get("limit"); s != "" {
		if q.limit, err = strconv.Atoi(s); err != nil || q.limit < 1 || q.limit > maxDue {
			return q, respond.Refuse(http.StatusBadRequest, "limit must be a number from 1 to %d, not %q", maxDue, respond.Shorten(s))
		}
	}
	return q, nil
}

// parseInstant reads a time that can be written in UTC too; absent, it is the given one.
func parseInstant(v url.Values, name string, absent time.Time) (time.Time, error) {
	t, err := parseTime(v, name)
	switch year := t.UTC().Year(); {
	case err != nil:
		return t, err
	case v.Get(name) == "":
		t = absent
	case year < 1 || year > 9999:
		return t, respond.Refuse(http.StatusBadRequest, "%s must be within the years 1 to 9999 in UTC, not %q", name, respond.Shorten(v.Get(name)))
	}
	return t.UTC(), nil
}

// getDue answers what will fire, soonest first.
func (a *api) getDue(w http.ResponseWriter, r *http.Request) error {
	q, err := parseDueQuery(r.URL.Query(), a.now())
	if err != nil {
		return err
	}
	out := dueJSON{From: q.from, Until: q.until, Due: []firingJSON{}}
	p := newPlan(&q, time.Now().Add(dueTime))
	p.fill(a.Store.Index(), q.jobs)
	targets := a.targeter()
	for len(out.Due) < q.limit {
		e, at, ok := p.next()
		if !ok {
			break
		}
		t := targets(e.Tags)
		out.Due = append(out.Due, firingJSON{e.Name, e.DisplayName, at, t.Nodes[:min(len(t.Nodes), maxDueNodes)], t.Count})
	}
	out.Truncated = p.late || len(p.heap) > 0
	return respond.JSON(w, r, http.StatusOK, out)
}

// plan finds instants of many jobs in order. Each job is there with its next one; those behind it are looked for when
// that has been taken.
type plan struct {
	from, until time.Time
	bound       time.Time // a job that comes at this time or later can't matter
	most        int       // jobs that can matter: those with the soonest instants, and one to tell that there is more
	deadline    time.Time
	late        bool // it took too long: there may be more
	entries     []*index.Entry
	heap        []turn // a binary one, the soonest on top
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

func compareTurns(a, b turn) int {
	return cmp.Or(cmp.Compare(a.second, b.second), cmp.Compare(a.nano, b.nano), cmp.Compare(a.entry, b.entry))
}

func newPlan(q *dueQuery, deadline time.Time) *plan {
	return &plan{from: q.from, until: q.until, bound: q.until, most: q.limit + 1, deadline: deadline, dials: make(map[index.Clock]*dial)}
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
	p.heap = append(p.heap, turn{at.Unix(), int32(at.Nanosecond()), int32(len(p.entries))})
	p.entries = append(p.entries, e)
	if len(p.heap) == p.most+spare {
		p.narrow()
	}
}

// narrow drops the jobs that can't matter. Those to come are behind them by name, so an equal instant is too late.
func (p *plan) narrow() {
	slices.SortFunc(p.heap, compareTurns)
	if len(p.heap) > p.most {
		p.heap = p.heap[:p.most]
		p.bound = p.heap[p.most-1].time()
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
	if len(p.heap) == 0 || p.late {
		return nil, time.Time{}, false
	}
	top := p.heap[0]
	e, at := p.entries[top.entry], top.time()
	if following := p.after(e, at); !following.IsZero() && following.Before(p.until) {
		p.heap[0] = turn{following.Unix(), int32(following.Nanosecond()), top.entry}
	} else {
		last := len(p.heap) - 1
		p.heap[0] = p.heap[last]
		p.heap = p.heap[:last]
	}
	p.down(0)
	return e, at, true
}

// down moves a turn to where none below it is sooner.
func (p *plan) down(i int) {
	for {
		least := i
		for _, child := range [...]int{2*i + 1, 2*i + 2} {
			if child < len(p.heap) && compareTurns(p.heap[child], p.heap[least]) < 0 {
				least = child
			}
		}
		if least == i {
			return
		}
		p.heap[i], p.heap[least] = p.heap[least], p.heap[i]
		i = least
	}
}

// targeter returns a function that tells the targets of jobs with the given tags, and looks at the members once.
func (a *api) targeter() func(index.Labels) targetsJSON {
	known := make(map[index.Labels]targetsJSON)
	members := a.Cluster.Members()
	return func(l index.Labels) targetsJSON {
		t, ok := known[l]
		if !ok {
			job := dkron.Job{Tags: make(map[string]string)}
			for key, value := range l.All() {
				job.Tags[key] = value
			}
			t = a.targetsAmong(members, &job)
			known[l] = t
		}
		return t
	}
}
