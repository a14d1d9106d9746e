package history

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"dkron"
	"dkron/internal/state"
)

// NodeQuery selects executions that are summed up by node: Words are states of executions, and Causes and Rerun have no
// meaning here.
type NodeQuery struct {
	SummaryQuery
	Nodes       []string                // nil selects all
	DisplayName func(job uint64) string // of a job by number, never nil; "" if it has none
}

// NodeSummary is the executions on many nodes, summed up as far as necessary, as clients read it.
type NodeSummary struct {
	From      time.Time `json:"from"`
	Until     time.Time `json:"until"` // excluded
	Gap       int64     `json:"gap"`   // as in Summary
	Single    int       `json:"single"`
	Total     int       `json:"total"`
	Truncated bool      `json:"truncated"`
	Complete  time.Time `json:"complete_from"`
	Nodes     []OnNode  `json:"nodes"` // by name
	// DisplayNames has the display names of the named jobs that have one.
	DisplayNames map[string]string `json:"displaynames"`
}

// OnNode is the executions on a node in a period.
type OnNode struct {
	Node       string                    `json:"node"`
	Count      int                       `json:"count"`
	States     map[dkron.LaunchState]int `json:"states"` // a state of an execution is one of a launch too
	Executions []ShownExecution          `json:"executions"`
	Bands      []NodeBand                `json:"bands"`
}

// ShownExecution is what a summary has of a single execution.
type ShownExecution struct {
	Job string `json:"job"`
	Shown
	Launch   string `json:"launch"`
	Attempt  uint64 `json:"attempt"`
	Lateness int64  `json:"lateness_ms"`
}

// NodeBand is executions on a node that followed each other closely.
type NodeBand struct {
	Job string `json:"job,omitempty"` // "" if they are of several jobs
	Band
}

// mostNoisy is how many jobs of a node have bands of their own: each is a line in a picture.
const mostNoisy = 8

// Summarize reads the executions of a period. It holds a bounded part of them, and ends at the deadline, or with ctx, with
// the newest of them.
func (q *NodeQuery) Summarize(ctx context.Context, tx *state.Tx, now, deadline time.Time) (*NodeSummary, error) {
	s := &nodeSummary{query: q, held: newHeld(&q.SummaryQuery), nodes: make(map[string]*onNode), names: make(map[uint64]string), complete: q.Since}
	s.inTime = func() bool { return ctx.Err() == nil && time.Now().Before(deadline) }
	if !q.Every {
		s.only = make(map[uint64]bool, len(q.Only))
		for _, e := range q.Only {
			s.only[e.Number] = true
		}
	}
	err := s.open(tx, now)
	if err == nil && q.wantsAny(ExecutionStates[1:]...) {
		err = s.ended(tx)
	}
	if err = errors.Join(err, ctx.Err()); err != nil {
		return nil, err
	}
	return s.result(tx)
}

// nodeSummary is a NodeSummary in the making.
type nodeSummary struct {
	held
	query    *NodeQuery
	inTime   func() bool
	only     map[uint64]bool // numbers of the selected jobs; nil selects all
	nodes    map[string]*onNode
	names    map[uint64]string // of jobs
	merged   bool              // jobs are not told apart
	steps    int
	complete time.Time
	late     bool
}

// onNode is what a summary holds of a node.
type onNode struct {
	count  int
	states [16]int // by rank
	jobs   map[uint64]*pile
	rest   *pile // of jobs that are not told apart; nil if there are none
}

func (s *nodeSummary) match(e *dkron.Execution) bool {
	return (s.only == nil || s.only[e.JobNumber]) && (s.query.Words == nil || s.query.Words[StateOf(e)]) &&
		(len(s.query.Nodes) == 0 || slices.Contains(s.query.Nodes, e.NodeName))
}

// open adds the executions that have not ended: they count as ending now.
func (s *nodeSummary) open(tx *state.Tx, now time.Time) error {
	if !s.query.wantsAny(Running) || !s.query.matchEnd(now) {
		return nil
	}
	return tx.OpenExecutions(func(e *dkron.Execution) bool {
		if Begun(e, now) && s.match(e) {
			s.add(e, now)
		}
		return true
	})
}

func (s *nodeSummary) ended(tx *state.Tx) error {
	if s.query.Every || len(s.query.Only) > few {
		return tx.Recorded(0, s.query.Until, s.visit)
	}
	for _, j := range s.query.Only {
		p, err := tx.Progress(j.Number)
		if errors.Is(err, dkron.ErrNotFound) {
			continue
		}
		if err == nil {
			err = tx.RecordedOf(p, s.visit)
		}
		if err != nil || s.late {
			return err
		}
	}
	return nil
}

// visit adds a record of the history. It returns false after the last.
func (s *nodeSummary) visit(e *dkron.Execution) bool {
	if s.query.tooOld(e.RecordedAt) {
		return false
	}
	if s.steps++; s.steps%256 == 0 && !s.inTime() {
		s.late, s.complete = true, e.RecordedAt
		if !s.query.Every && len(s.query.Only) <= few { // in no order of time
			s.complete = s.query.Until
		}
		return false
	}
	if s.match(e) && s.query.matchEnd(e.FinishedAt) {
		s.add(e, e.FinishedAt)
	}
	return true
}

// add adds an execution that ends at the given time.
func (s *nodeSummary) add(e *dkron.Execution, end time.Time) {
	d := dot{
		record: e.Number, group: e.Group, from: min(e.StartedAt.UnixNano(), end.UnixNano()), until: end.UnixNano(),
		slot: s.grid.slot(end.UnixNano()), count: 1, rank: rank(dkron.LaunchState(StateOf(e))), job: e.JobNumber,
	}
	if d.open = e.FinishedAt.IsZero(); d.open {
		d.running = e
	}
	if d.rank < bad {
		d.bad = 1
	}
	if d.open || e.Began() {
		d.busy = d.until - d.from
	}
	n := s.nodes[e.NodeName]
	if n == nil {
		n = &onNode{jobs: make(map[uint64]*pile)}
		s.nodes[e.NodeName] = n
	}
	if _, known := s.names[e.JobNumber]; !known {
		s.names[e.JobNumber] = e.JobName
	}
	n.count++
	n.states[d.rank]++
	if s.query.Sums {
		return
	}
	s.put(s.pileOf(n, &d), &d)
	for s.dots > mostHeld && s.shrink() {
	}
}

// pileOf returns the pile that a dot belongs to.
func (s *nodeSummary) pileOf(n *onNode, d *dot) *pile {
	if s.merged {
		s.clip(d)
		if n.rest == nil {
			n.rest = s.newPile(new(pile))
		}
		return n.rest
	}
	j := n.jobs[d.job]
	if j == nil {
		j = s.newPile(new(pile))
		n.jobs[d.job] = j
	}
	return j
}

func (s *nodeSummary) newPile(p *pile) *pile {
	s.piles = append(s.piles, p)
	return p
}

// clip lets a dot begin in its slot: next to dots of other jobs, a single long execution would make a long band of many.
func (s *nodeSummary) clip(d *dot) { d.from = max(d.from, s.grid.from+int64(d.slot)*int64(s.grid.gap)) }

// shrink is that of held. When all jobs have bands, those of a node are joined, unless it is the only one: then that is
// the last resort.
func (s *nodeSummary) shrink() bool {
	if !s.held.shrink() {
		if s.merged {
			return false
		}
		s.merge(0)
		return true
	}
	if s.single == 0 && !s.merged && len(s.query.Nodes) != 1 {
		s.merge(0)
	}
	return true
}

// merge joins the jobs that have bands, on each node where there are more than most of them.
func (s *nodeSummary) merge(most int) {
	s.merged = s.merged || most == 0
	s.piles, s.dots = s.piles[:0], 0
	for _, n := range s.nodes {
		noisy := 0
		for _, j := range n.jobs {
			if j.joined {
				noisy++
			}
		}
		for number, j := range n.jobs {
			if s.merged || j.joined && noisy > most {
				n.take(j, s.clip)
				delete(n.jobs, number)
			} else {
				s.newPile(j)
				s.dots += len(j.dots)
			}
		}
		if n.rest != nil {
			n.rest.dots, n.rest.joined = join(n.rest.dots), true
			s.newPile(n.rest)
			s.dots += len(n.rest.dots)
		}
	}
}

// take adds the dots of one of its jobs to those that are not told apart.
func (n *onNode) take(j *pile, clip func(*dot)) {
	if n.rest == nil {
		n.rest = new(pile)
	}
	for _, d := range j.dots {
		clip(&d)
		n.rest.dots = append(n.rest.dots, d)
	}
}

func (s *nodeSummary) result(tx *state.Tx) (*NodeSummary, error) {
	for {
		if len(s.query.Nodes) != 1 {
			s.merge(mostNoisy)
		}
		if s.shown() <= s.query.Most || !s.shrink() {
			break
		}
	}
	out := &NodeSummary{
		From: s.query.Since, Until: s.query.Until, Gap: int64(s.grid.gap / time.Second), Single: s.single,
		Complete: s.complete.UTC(), Truncated: s.late,
	}
	names := slices.Sorted(maps.Keys(s.nodes))
	if len(names) > s.query.Most {
		names, out.Truncated = names[:s.query.Most], true
	}
	out.Nodes = make([]OnNode, 0, len(names))
	for _, name := range names {
		one, err := s.nodes[name].result(tx, s.names)
		if err != nil {
			return nil, err
		}
		one.Node = name
		out.Nodes = append(out.Nodes, *one)
		out.Total += one.Count
	}
	out.DisplayNames = s.displayNames(out.Nodes)
	return out, nil
}

func (s *nodeSummary) displayNames(nodes []OnNode) map[string]string {
	named := make(map[string]bool)
	for _, n := range nodes {
		for i := range n.Executions {
			named[n.Executions[i].Job] = true
		}
		for i := range n.Bands {
			named[n.Bands[i].Job] = true
		}
	}
	out := make(map[string]string)
	for number, name := range s.names {
		if named[name] {
			if shown := s.query.DisplayName(number); shown != "" {
				out[name] = shown
			}
		}
	}
	return out
}

func (n *onNode) result(tx *state.Tx, names map[uint64]string) (*OnNode, error) {
	out := &OnNode{Count: n.count, States: make(map[dkron.LaunchState]int), Executions: []ShownExecution{}, Bands: []NodeBand{}}
	for i, count := range n.states {
		if count > 0 {
			out.States[worst[i]] = count
		}
	}
	id := func(d *dot) string { return dkron.LaunchID(names[d.job], d.group) }
	add := func(job string, dots []dot) {
		for _, b := range bands(dots, id) {
			out.Bands = append(out.Bands, NodeBand{job, b})
		}
	}
	for number, j := range n.jobs {
		if j.joined {
			add(names[number], j.dots)
			continue
		}
		for i := range j.dots {
			e, err := j.dots[i].execution(tx)
			if err != nil {
				return nil, err
			}
			out.Executions = append(out.Executions, e)
		}
	}
	if n.rest != nil {
		add("", n.rest.dots)
	}
	slices.SortFunc(out.Executions, func(a, b ShownExecution) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Job, b.Job), cmp.Compare(a.ID, b.ID))
	})
	slices.SortFunc(out.Bands, func(a, b NodeBand) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Job, b.Job)) })
	return out, nil
}

// execution returns the execution that a dot is about.
func (d *dot) execution(tx *state.Tx) (out ShownExecution, err error) {
	e := d.running
	if e == nil {
		if e, err = tx.RecordedExecution(d.record); err != nil {
			return out, err
		}
	}
	out = ShownExecution{Job: e.JobName, Launch: e.LaunchID(), Attempt: e.Attempt, Lateness: e.Lateness().Milliseconds()}
	out.Shown = Shown{ID: e.ID(), State: worst[d.rank], At: moment(d.from), Reason: e.Error}
	if !d.open {
		end := moment(d.until)
		out.EndedAt = &end
	}
	return out, nil
}
