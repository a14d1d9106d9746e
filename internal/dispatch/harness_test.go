package dispatch

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/command"
	"dkron/internal/state"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var quiet = slog.New(slog.DiscardHandler)

// world is a leader with a real state, a log of its own, and nodes in memory.
type world struct {
	t     *testing.T
	store *state.Store
	fleet *Fleet
	live  *Live
	cfg   Config
	stop  context.CancelFunc
	done  chan error

	mu       sync.Mutex // guards the fields below
	machine  *command.Machine
	index    uint64
	members  []dkron.Node
	nodes    map[string]*node // by address
	finishes [][]dkron.Result
	refuse   int           // so many proposals of results fail
	slow     time.Duration // each assignment takes so long
}

func newWorld(t *testing.T) *world {
	st, err := state.Open(filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, store: st, live: NewLive(), nodes: make(map[string]*node), stop: func() {}}
	w.machine = command.NewMachine(st, quiet, func(err error) { panic(err) })
	w.fleet = NewFleet("leader", w, w, quiet)
	t.Cleanup(func() {
		w.depose()
		st.Close()
	})
	return w
}

// lead begins a term.
func (w *world) lead(term uint64) {
	ctx, cancel := context.WithCancel(context.Background())
	w.stop, w.done = cancel, make(chan error, 1)
	d := New(w.cfg, term, w.store, w, w.fleet, w.live, quiet)
	go func(done chan error) { done <- d.Run(ctx) }(w.done)
	synctest.Wait()
}

func (w *world) depose() {
	w.stop()
	if w.done != nil {
		<-w.done
		w.done = nil
	}
}

func (w *world) apply(c command.Command) any {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.index++
	return w.machine.Apply([]command.Entry{{Index: w.index, Data: command.Encode(c)}})[0]
}

// Assign does as control does.
func (w *world) Assign(_ context.Context, waiting []dkron.Waiting, unplaced []dkron.Unplaced) error {
	time.Sleep(w.slow)
	cmd := &command.Assign{Now: time.Now().UTC()}
	for _, x := range waiting {
		var tags map[string]string
		w.view(func(tx *state.Tx) {
			if j, err := tx.Job(x.Job); err == nil {
				tags = j.Tags
			}
		})
		reach := w.fleet.Reach()
		c := reach.Choose(tags, rand.New(rand.NewPCG(1, 2)))
		if len(c.Nodes) > 0 && !c.Wait || x.GiveUp {
			cmd.Targets = append(cmd.Targets, dkron.Assignment{Launch: x.Launch, Nodes: c.Nodes, Unreached: c.Unreached, Missing: c.Missing})
		}
	}
	for _, u := range unplaced {
		for _, n := range w.fleet.Live() {
			if n.Name != u.Last {
				cmd.Places = append(cmd.Places, dkron.Placement{Key: u.Key, Attempt: u.Attempt, Node: n.Name})
				break
			}
		}
	}
	if len(cmd.Targets)+len(cmd.Places) > 0 {
		w.apply(cmd)
	}
	return nil
}

func (w *world) Finish(_ context.Context, results []dkron.Result) error {
	w.mu.Lock()
	w.finishes = append(w.finishes, slices.Clone(results))
	if w.refuse > 0 {
		w.refuse--
		w.mu.Unlock()
		return errors.New("no quorum")
	}
	w.mu.Unlock()
	time.Sleep(10 * time.Millisecond) // a round to the others
	w.apply(&command.Finish{Results: results, Now: time.Now().UTC()})
	return nil
}

func (w *world) proposals() [][]dkron.Result {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.finishes)
}

func (w *world) view(fn func(tx *state.Tx)) {
	w.t.Helper()
	if err := w.store.View(func(tx *state.Tx) error { fn(tx); return nil }); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) job(name string, change ...func(*dkron.Job)) {
	j := dkron.Job{Name: name, Schedule: "@manually", Executor: "test", ExecutorConfig: map[string]string{"k": "v"}}
	for _, c := range change {
		c(&j)
	}
	if err, ok := w.apply(&command.SetJob{Job: j, Now: time.Now().UTC()}).(error); ok {
		w.t.Fatal(err)
	}
}

// run launches a job on nodes; none mean that it waits for some.
func (w *world) run(name string, nodes ...string) {
	w.t.Helper()
	if err, ok := w.apply(&command.Run{Name: name, Targets: nodes, Now: time.Now().UTC()}).(error); ok {
		w.t.Fatal(err)
	}
}

// outcomes returns the ends of a job's executions, oldest first.
func (w *world) outcomes(name string) (out []dkron.Outcome) {
	synctest.Wait()
	w.view(func(tx *state.Tx) {
		j, err := tx.Job(name)
		if err != nil {
			w.t.Fatal(err)
		}
		p, err := tx.Progress(j.Number)
		if err != nil {
			w.t.Fatal(err)
		}
		tx.History(p, func(e *dkron.Execution) bool { out = append(out, e.Outcome); return true })
	})
	slices.Reverse(out)
	return out
}

// launches returns the ends of a job's launches, oldest first.
func (w *world) launches(name string) (out []dkron.LaunchState) {
	synctest.Wait()
	w.view(func(tx *state.Tx) {
		j, _ := tx.Job(name)
		p, err := tx.Progress(j.Number)
		if err != nil {
			w.t.Fatal(err)
		}
		tx.LaunchHistory(p, func(l *dkron.Launch) bool { out = append(out, l.State); return true })
	})
	slices.Reverse(out)
	return out
}

func (w *world) open() (n int) {
	synctest.Wait()
	w.view(func(tx *state.Tx) { tx.OpenExecutions(func(*dkron.Execution) bool { n++; return true }) })
	return n
}

func (w *world) liveNames() (names []string) {
	synctest.Wait()
	for _, n := range w.fleet.Live() {
		names = append(names, n.Name)
	}
	slices.Sort(names)
	return names
}

func (w *world) Cluster() string { return "" }

func (w *world) Members() []dkron.Node {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.members)
}

func (w *world) setMembers(nodes ...dkron.Node) {
	w.mu.Lock()
	w.members = nodes
	w.mu.Unlock()
	w.fleet.Changed()
}

func (w *world) Connect(ctx context.Context, n dkron.Node) (Stream, error) {
	if n.RPCAddr == "" {
		w.t.Error("a node without an address is dialled")
	}
	w.mu.Lock()
	x := w.nodes[n.RPCAddr]
	w.mu.Unlock()
	if x == nil {
		return nil, errors.New("connection refused")
	}
	return x.connect(ctx)
}

// add makes a node a member.
func (w *world) add(name string, tags ...string) *node { return w.join(newNode(name), tags...) }

func newNode(name string) *node {
	return &node{name: name, addr: name + ":1", beats: true, kept: map[dkron.ExecutionRef]dkron.Result{}}
}

func (w *world) join(n *node, tags ...string) *node {
	m := dkron.Node{Name: n.name, RPCAddr: n.addr, Alive: true, Tags: tagged(tags...)}
	w.mu.Lock()
	w.nodes[n.addr] = n
	w.members = append(slices.Clone(w.members), m)
	w.mu.Unlock()
	w.fleet.Changed()
	return n
}

func tagged(tags ...string) map[string]string {
	out := map[string]string{}
	for i := 0; i < len(tags); i += 2 {
		out[tags[i]] = tags[i+1]
	}
	return out
}

// node is the other end of the streams to one node: as the agent does, it keeps each result until it is accepted, and
// runs nothing twice.
type node struct {
	name, addr string
	do         func(o dkron.Order) *dkron.Result // nil is still running; set before it joins

	mu       sync.Mutex // guards the fields below
	down     bool       // refuses connections
	beats    bool       // says that it is alive
	mute     bool       // never says anything
	draining bool
	stubborn time.Duration // how long its first message takes
	term     uint64        // newest it knows, if not the leader's
	stream   *stream
	streams  int
	orders   []dkron.Order
	stops    []dkron.Order
	sizes    []int // orders per message
	bytes    []int // per message
	kept     map[dkron.ExecutionRef]dkron.Result
	seen     map[dkron.ExecutionRef]int
	accepted []dkron.ExecutionRef
}

type stream struct {
	n    *node
	ctx  context.Context
	cut  context.CancelFunc
	from chan *dkron.FromNode

	greeted, answered bool // guarded by the node's mutex
}

func (n *node) connect(ctx context.Context) (Stream, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.down {
		return nil, errors.New("connection refused")
	}
	s := &stream{n: n, from: make(chan *dkron.FromNode, 1000)}
	s.ctx, s.cut = context.WithCancel(ctx)
	n.stream = s
	n.streams++
	go s.beat()
	return s, nil
}

func (s *stream) beat() {
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-tick.C:
			s.n.mu.Lock()
			if s.n.beats && !s.n.mute && s.n.term == 0 {
				s.from <- &dkron.FromNode{Draining: s.n.draining}
			}
			s.n.mu.Unlock()
		}
	}
}

func (s *stream) Recv() (*dkron.FromNode, error) {
	s.n.mu.Lock()
	wait := s.n.stubborn
	if s.answered {
		wait = 0
	}
	s.answered = true
	s.n.mu.Unlock()
	if wait > 0 {
		time.Sleep(wait)
		return &dkron.FromNode{}, nil
	}
	select {
	case <-s.ctx.Done():
		return nil, s.ctx.Err()
	default:
	}
	select {
	case m := <-s.from:
		return m, nil
	case <-s.ctx.Done():
		return nil, s.ctx.Err()
	}
}

func (s *stream) Send(m *dkron.ToNode) error {
	if s.ctx.Err() != nil {
		return s.ctx.Err()
	}
	data := codec.Encode(m)
	m = new(dkron.ToNode)
	if err := codec.Decode(data, m); err != nil {
		return err
	}
	n := s.n
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.seen == nil {
		n.seen = map[dkron.ExecutionRef]int{}
	}
	if len(m.Orders) > 0 {
		n.sizes, n.bytes = append(n.sizes, len(m.Orders)), append(n.bytes, len(data))
	}
	if !s.greeted && !n.mute {
		s.greeted = true
		hello := &dkron.FromNode{Term: max(m.Term, n.term), Draining: n.draining}
		for _, r := range n.kept {
			hello.Results = append(hello.Results, r)
		}
		s.from <- hello
	}
	for _, ref := range m.Accepted {
		delete(n.kept, ref)
		n.accepted = append(n.accepted, ref)
	}
	var results []dkron.Result
	n.stops = append(n.stops, m.Stops...)
	for _, o := range m.Orders {
		n.orders = append(n.orders, o)
		n.seen[o.Ref()]++
		if n.seen[o.Ref()] > 1 || n.do == nil {
			continue
		}
		if r := n.do(o); r != nil {
			n.kept[o.Ref()] = *r
			results = append(results, *r)
		}
	}
	if len(results) > 0 {
		s.from <- &dkron.FromNode{Results: results}
	}
	return nil
}

// say sends a message on the node's stream.
func (n *node) say(m *dkron.FromNode) {
	synctest.Wait()
	n.mu.Lock()
	defer n.mu.Unlock()
	n.stream.from <- m
}

// end reports the end of an order.
func (n *node) end(o dkron.Order, outcome dkron.Outcome) {
	r := ended(n.name, o, outcome)
	n.mu.Lock()
	n.kept[o.Ref()] = r
	n.mu.Unlock()
	n.say(&dkron.FromNode{Results: []dkron.Result{r}})
}

func ended(node string, o dkron.Order, outcome dkron.Outcome) dkron.Result {
	return dkron.Result{
		Key: o.Key, JobName: o.JobName, Group: o.Group, Attempt: o.Attempt, NodeName: node,
		StartedAt: time.Now().UTC(), FinishedAt: time.Now().UTC(), Outcome: outcome,
	}
}

func (n *node) succeed() *node {
	n.do = func(o dkron.Order) *dkron.Result { r := ended(n.name, o, dkron.Success); return &r }
	return n
}

func (n *node) set(change func(n *node)) {
	synctest.Wait()
	n.mu.Lock()
	defer n.mu.Unlock()
	change(n)
}

// vanish cuts the stream and takes no other.
func (n *node) vanish() { n.set(func(n *node) { n.down = true; n.stream.cut() }) }

func (n *node) ordered() []dkron.Order {
	synctest.Wait()
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.orders)
}

func (n *node) stopped() []dkron.Order {
	synctest.Wait()
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.stops)
}

func equal[T comparable](t *testing.T, what string, got []T, want ...T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Fatalf("%s: %v, want %v", what, got, want)
	}
}

// pass lets time pass, and all that it causes.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}
