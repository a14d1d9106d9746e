package history

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"dkron"
	"dkron/internal/index"
	"dkron/internal/state"
)

// SummaryQuery selects launches that are summed up by job: Since and Until must be given. Names of jobs, Limit and After of
// the query have no meaning here.
type SummaryQuery struct {
	LaunchQuery
	Only  []*index.Entry // the selected jobs; unless Every
	Every bool
	Most  int  // single launches and bands in all
	Sums  bool // neither launches nor bands
}

// Summary is the launches of many jobs, summed up as far as necessary, as clients read it.
type Summary struct {
	From      time.Time    `json:"from"`
	Until     time.Time    `json:"until"`         // excluded
	Gap       int64        `json:"gap"`           // seconds: neighbouring slots of this length are one band if the worst state in them is the same
	Single    int          `json:"single"`        // jobs with at most that many launches have them one by one
	Total     int          `json:"total"`         // launches of the listed jobs
	Truncated bool         `json:"truncated"`     // jobs are left out, or older launches
	Complete  time.Time    `json:"complete_from"` // everything that ended from this time on is in it
	Jobs      []JobSummary `json:"jobs"`          // by name
}

// JobSummary is the launches of a job in a period. It has either launches or bands, or neither if sums were asked for.
type JobSummary struct {
	Job         string                    `json:"job"`
	DisplayName string                    `json:"displayname"`
	Count       int                       `json:"count"`
	States      map[dkron.LaunchState]int `json:"states"`
	First       time.Time                 `json:"first"` // the first end; an open launch counts when it began
	Last        time.Time                 `json:"last"`
	Latest      Shown                     `json:"latest"`             // an open one, or the one that ended last
	Launches    []Shown                   `json:"launches,omitempty"` // by end
	Bands       []Band                    `json:"bands,omitempty"`    // by end
}

// Shown is what a summary has of a single launch.
type Shown struct {
	ID      string            `json:"id"`
	State   dkron.LaunchState `json:"state"`
	At      time.Time         `json:"at"`       // when it began, or was due if it did not run
	EndedAt *time.Time        `json:"ended_at"` // nil if it has not ended
	Reason  string            `json:"reason,omitempty"`
}

// few is how many jobs are read one by one, by their own chains of records, instead of all that ended in the period.
const few = 50

// Summarize reads the launches of a period. It holds a bounded part of them, however many there are, and ends at the
// deadline, or with ctx, with the newest of them.
func (q *SummaryQuery) Summarize(ctx context.Context, tx *state.Tx, x *index.Index, now, deadline time.Time) (*Summary, error) {
	s := &summary{query: q, index: x, held: newHeld(q), jobs: make(map[uint64]*sum), complete: q.Since}
	s.inTime = func() bool { return ctx.Err() == nil && time.Now().Before(deadline) }
	if !q.Every {
		for _, e := range q.Only {
			s.jobs[e.Number] = s.newSum(e)
		}
	}
	if err := s.open(tx, now); err != nil {
		return nil, err
	}
	if err := s.ended(tx); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return s.result(tx)
}

// summary is a summary in the making.
type summary struct {
	held
	query    *SummaryQuery
	index    *index.Index
	inTime   func() bool
	jobs     map[uint64]*sum // by number; nil is one that is not selected
	steps    int
	complete time.Time
	late     bool
}

// sum is what a summary holds of a job.
type sum struct {
	pile
	job         *index.Entry
	count       int
	states      [16]int // by rank
	first, last int64
	latest      dot
}

func (s *summary) newSum(e *index.Entry) *sum {
	j := &sum{job: e}
	s.piles = append(s.piles, &j.pile)
	return j
}

// open adds the launches that have not ended: they count as ending now.
func (s *summary) open(tx *state.Tx, now time.Time) error {
	if !s.query.wantsAny(LaunchStates[:3]...) || !s.query.matchEnd(now) {
		return nil
	}
	return tx.OpenLaunches(0, func(l *dkron.Launch) bool {
		if s.query.match(l) {
			s.add(0, l, now)
		}
		return true
	})
}

func (s *summary) ended(tx *state.Tx) error {
	if !s.query.wantsAny(LaunchStates[3:]...) {
		return nil
	}
	if s.query.Every || len(s.query.Only) > few {
		return tx.Sketched(0, s.query.Until, s.visit)
	}
	for _, e := range s.query.Only {
		p, err := tx.Progress(e.Number)
		if errors.Is(err, dkron.ErrNotFound) {
			continue
		}
		if err == nil {
			err = tx.SketchedOf(p, s.visit)
		}
		if err != nil || s.late {
			return err
		}
	}
	return nil
}

// visit adds a record of the history. It returns false after the last.
func (s *summary) visit(number uint64, l *dkron.Launch) bool {
	if s.query.tooOld(l.RecordedAt) {
		return false
	}
	if s.steps++; s.steps%256 == 0 && !s.inTime() {
		s.late, s.complete = true, l.RecordedAt
		if !s.query.Every && len(s.query.Only) <= few { // in no order of time
			s.complete = s.query.Until
		}
		return false
	}
	if s.query.match(l) && s.query.matchEnd(l.EndedAt) {
		s.add(number, l, l.EndedAt)
	}
	return true
}

// add adds a launch that ends at the given time.
func (s *summary) add(record uint64, l *dkron.Launch, end time.Time) {
	j, known := s.jobs[l.JobNumber]
	if !known && s.query.Every {
		if e := s.index.Job(l.JobNumber); e != nil {
			j = s.newSum(e)
		}
		s.jobs[l.JobNumber] = j
	}
	if j == nil {
		return
	}
	d := dot{
		record: record, group: l.Group, from: began(l).UnixNano(), until: end.UnixNano(), slot: s.grid.slot(end.UnixNano()),
		count: 1, rank: rank(l.State), open: l.State.Open(),
	}
	if d.open {
		d.number = l.Number
	}
	if d.rank < bad {
		d.bad = 1
	}
	if !l.Began().IsZero() {
		d.busy = max(0, d.until-d.from)
	}
	j.sumUp(&d)
	if s.query.Sums {
		return
	}
	s.put(&j.pile, &d)
	for s.dots > mostHeld && s.shrink() {
	}
}

// began returns when a launch began, or when it was due if it did not run.
func began(l *dkron.Launch) time.Time {
	switch at := l.Began(); {
	case !at.IsZero():
		return at
	case l.State.Open():
		return l.CreatedAt
	}
	return l.Nominal
}

// sumUp counts a launch.
func (j *sum) sumUp(d *dot) {
	at := d.until
	if d.open {
		at = d.from
	}
	if j.count == 0 || at < j.first {
		j.first = at
	}
	if j.count == 0 || at > j.last {
		j.last = at
	}
	newer := d.until > j.latest.until
	if d.open { // in order of number
		newer = true
	} else if j.latest.open {
		newer = false
	}
	if j.count == 0 || newer {
		j.latest = *d
	}
	j.count++
	j.states[d.rank]++
}

func (s *summary) result(tx *state.Tx) (*Summary, error) {
	for s.shown() > s.query.Most && s.shrink() {
	}
	out := &Summary{
		From: s.query.Since, Until: s.query.Until, Gap: int64(s.grid.gap / time.Second), Single: s.single,
		Complete: s.complete.UTC(), Truncated: s.late,
	}
	jobs := make([]*sum, 0, len(s.jobs))
	for _, j := range s.jobs {
		if j != nil && j.count > 0 {
			jobs = append(jobs, j)
		}
	}
	slices.SortFunc(jobs, func(a, b *sum) int { return strings.Compare(a.job.Name, b.job.Name) })
	if len(jobs) > s.query.Most {
		jobs, out.Truncated = jobs[:s.query.Most], true
	}
	out.Jobs = make([]JobSummary, 0, len(jobs))
	for _, j := range jobs {
		one, err := j.result(tx, s.query.Sums)
		if err != nil {
			return nil, err
		}
		out.Jobs = append(out.Jobs, *one)
		out.Total += j.count
	}
	return out, nil
}

func (j *sum) result(tx *state.Tx, sums bool) (out *JobSummary, err error) {
	out = &JobSummary{
		Job: j.job.Name, DisplayName: j.job.DisplayName, Count: j.count, First: moment(j.first), Last: moment(j.last),
		States: make(map[dkron.LaunchState]int),
	}
	for i, n := range j.states {
		if n > 0 {
			out.States[worst[i]] = n
		}
	}
	if out.Latest, err = j.latest.shown(tx, j.job.Name); err != nil || sums {
		return out, err
	}
	if j.joined {
		out.Bands = bands(j.dots, func(d *dot) string { return dkron.LaunchID(j.job.Name, d.group) })
		return out, nil
	}
	slices.SortStableFunc(j.dots, func(a, b dot) int { return cmp.Compare(a.until, b.until) })
	for i := range j.dots {
		l, err := j.dots[i].shown(tx, j.job.Name)
		if err != nil {
			return nil, err
		}
		out.Launches = append(out.Launches, l)
	}
	return out, nil
}

// shown returns the launch that a dot is about. Only of one that did not succeed there is more to read.
func (d *dot) shown(tx *state.Tx, job string) (Shown, error) {
	out := Shown{ID: dkron.LaunchID(job, d.group), State: worst[d.rank], At: moment(d.from)}
	if d.open {
		l, err := tx.Launch(d.number)
		if err == nil {
			out.Reason = l.Reason
		}
		return out, err
	}
	end := moment(d.until)
	out.EndedAt = &end
	if out.State == dkron.LaunchSuccess {
		return out, nil
	}
	l, err := tx.LaunchedRecord(d.record)
	if err == nil {
		out.Reason = l.Reason
	}
	return out, err
}
