package dispatch

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"dkron"
)

// Connector opens the stream to a node. It lives as long as ctx.
type Connector interface {
	Connect(ctx context.Context, node dkron.Node) (Stream, error)
}

// Stream is the leader's end of the stream to a node.
type Stream interface {
	Send(*dkron.ToNode) error
	Recv() (*dkron.FromNode, error)
}

// Members lists the members of the cluster in the leader's region: alive, or failed and perhaps back soon.
type Members interface {
	Members() []dkron.Node
	// Cluster returns the id of the cluster; empty if it has none yet.
	Cluster() string
}

const (
	// silence is how long a node may be silent before it counts as not attached.
	silence = 2 * time.Second
	// settleLimit is how long a term waits at its start for nodes that do not answer.
	settleLimit = 500 * time.Millisecond
	// unreachedAfter is how long a node has no stream before that is a warning, and unreachedAgain how often it is one.
	unreachedAfter = 10 * time.Second
	unreachedAgain = 10 * time.Minute
	// leaderBeat is how often the leader sends its clock to nodes.
	leaderBeat = time.Second
)

// Fleet keeps a stream to every member while this server leads. It is empty otherwise.
type Fleet struct {
	name    string // this node's
	members Members
	connect Connector
	log     *slog.Logger
	changed chan struct{} // capacity 1: members may have changed

	mu        sync.Mutex       // guards the fields below
	links     map[string]*link // nil between terms
	live      []dkron.Node
	known     []dkron.Node    // members, as this term last saw them
	tried     map[string]bool // members whose first dial of this term has ended
	settled   chan struct{}   // of the current or the next term, closed when isSettled
	isSettled bool
}

// NewFleet returns the fleet of this server.
func NewFleet(name string, members Members, connect Connector, log *slog.Logger) *Fleet {
	return &Fleet{
		name: name, members: members, connect: connect, log: log, changed: make(chan struct{}, 1), settled: make(chan struct{}),
	}
}

// Live returns the nodes that can be given orders now.
func (f *Fleet) Live() []dkron.Node {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.live
}

// Reach groups the members of the cluster by whether they can be given orders now. Between terms, and at the very start
// of one, all live members count as coming.
func (f *Fleet) Reach() (r dkron.Reach) {
	f.mu.Lock()
	begun := f.known != nil
	f.mu.Unlock()
	var members []dkron.Node
	if !begun {
		members = reachable(f.members.Members())
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.known != nil {
		members = f.known
	}
	r.Live = f.live
	for _, n := range members {
		switch {
		case f.links[n.Name] != nil, n.Name == f.name && slices.ContainsFunc(f.live, func(l dkron.Node) bool { return l.Name == n.Name }):
		case n.Alive && !f.tried[n.Name]:
			r.Coming = append(r.Coming, n)
		default:
			r.Away = append(r.Away, n)
		}
	}
	return r
}

// Changed is called when members may have come, gone or changed.
func (f *Fleet) Changed() {
	select {
	case f.changed <- struct{}{}:
	default:
	}
}

// events is how the fleet reports to the dispatcher of a term.
type events interface {
	attached(node string)
	report(node string, m *dkron.FromNode)
}

// run keeps the streams of one term.
func (f *Fleet) run(ctx context.Context, term uint64, ev events) {
	f.mu.Lock()
	f.links, f.tried, f.live, f.known = make(map[string]*link), make(map[string]bool), nil, nil
	f.mu.Unlock()
	defer f.reset()
	var dialers sync.WaitGroup
	defer dialers.Wait() // before reset: until then they attach and detach
	dialing := make(map[string]context.CancelFunc)
	addr := make(map[string]string)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		now := make(map[string]bool)
		var alive []string
		for _, n := range f.look() {
			now[n.Name] = true
			if n.Alive {
				alive = append(alive, n.Name)
			}
			if dialing[n.Name] != nil && addr[n.Name] == n.RPCAddr {
				f.update(n)
				continue
			}
			if cancel := dialing[n.Name]; cancel != nil {
				cancel()
			}
			dctx, cancel := context.WithCancel(ctx)
			dialing[n.Name], addr[n.Name] = cancel, n.RPCAddr
			dialers.Go(func() { f.keep(dctx, n, term, ev) })
		}
		for name, cancel := range dialing {
			if !now[name] {
				cancel()
				delete(dialing, name)
			}
		}
		f.settle(alive)
		select {
		case <-ctx.Done():
			return
		case <-f.changed:
		case <-tick.C:
		}
	}
}

// look reads the members. This node itself is live from the start: its orders wait for its stream, which needs no
// network.
func (f *Fleet) look() []dkron.Node {
	members := reachable(f.members.Members())
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.known == nil {
		for _, n := range members {
			if n.Name == f.name {
				f.live = []dkron.Node{n}
			}
		}
	}
	f.known = append([]dkron.Node{}, members...)
	return members
}

// reachable returns the members that have published their RPC address.
func reachable(members []dkron.Node) []dkron.Node {
	return slices.DeleteFunc(slices.Clone(members), func(n dkron.Node) bool { return n.RPCAddr == "" })
}

func (f *Fleet) reset() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.links, f.live, f.known, f.tried = nil, nil, nil, nil
	if f.isSettled { // otherwise those who wait keep waiting, for the next term
		f.settled, f.isSettled = make(chan struct{}), false
	}
}

// keep holds the stream to one node until ctx ends.
func (f *Fleet) keep(ctx context.Context, n dkron.Node, term uint64, ev events) {
	lost := time.Now() // since when the node has no stream, or a report of that
	report := unreachedAfter
	for pause := 20 * time.Millisecond; ctx.Err() == nil; pause = min(2*pause, time.Second) {
		began := time.Now()
		err := f.hold(ctx, n, term, ev)
		f.giveUp(n.Name)
		if ctx.Err() != nil {
			return
		}
		f.log.Debug("stream to node ended", "member", n.Name, "addr", n.RPCAddr, "error", err)
		if time.Since(began) > 5*time.Second {
			pause, lost, report = 20*time.Millisecond, time.Now(), unreachedAfter
		}
		if time.Since(lost) >= report {
			f.log.Warn("the leader has no connection to a node, which therefore gets no work", "member", n.Name, "addr", n.RPCAddr, "error", err)
			lost, report = time.Now(), unreachedAgain
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// hold opens the stream and serves it until it ends or falls silent.
func (f *Fleet) hold(ctx context.Context, n dkron.Node, term uint64, ev events) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	watchdog := time.AfterFunc(silence, cancel)
	defer watchdog.Stop()
	if n.Name == f.name {
		watchdog.Stop() // a slow machine must not lose its own node
	}
	stream, err := f.connect.Connect(ctx, n)
	if err != nil {
		return err
	}
	l := newLink(f.name, term, f.members.Cluster, stream)
	if err := l.send(new(dkron.ToNode)); err != nil {
		return err
	}
	first, err := stream.Recv()
	if err != nil {
		return err
	}
	if foreign(f.members.Cluster(), first.Cluster) {
		f.log.Warn("a node of another cluster answers at a member's address and gets no orders", "member", n.Name, "addr", n.RPCAddr, "cluster", first.Cluster)
		return context.Canceled
	}
	if first.Term > term {
		f.log.Warn("a node has served a later leader and refuses this one's orders; if this cluster was founded anew, start that node "+
			"with an empty data directory", "member", n.Name, "its_term", first.Term, "term", term)
		return context.Canceled
	}
	l.retired = first.Draining
	f.attach(n, l)
	defer f.detach(n, l)
	f.log.Info("node attached", "member", n.Name, "addr", n.RPCAddr)
	defer f.log.Info("node detached", "member", n.Name)
	ev.attached(n.Name)
	go func() {
		if l.run(ctx) != nil {
			cancel()
		}
	}()
	for m := first; ; {
		if n.Name != f.name {
			watchdog.Reset(silence)
		}
		f.heard(n.Name, l, m)
		if foreign(f.members.Cluster(), m.Cluster) {
			return context.Canceled // its results belong to other launches
		}
		if len(m.Results) > 0 || len(m.Chunks) > 0 {
			ev.report(n.Name, m)
		}
		if m, err = stream.Recv(); err != nil {
			return err
		}
	}
}

// foreign reports whether a node belongs to another cluster. An empty id matches any.
func foreign(own, node string) bool { return own != "" && node != "" && own != node }

func (f *Fleet) attach(n dkron.Node, l *link) {
	for _, m := range f.members.Members() { // its tags may have changed since the first dial
		if m.Name == n.Name {
			n = m
		}
	}
	f.mu.Lock()
	f.links[n.Name] = l
	f.live = without(f.live, n.Name)
	if !l.retired {
		f.live = append(f.live, n)
	}
	f.mu.Unlock()
	f.setTried(n.Name)
}

func (f *Fleet) detach(n dkron.Node, l *link) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.links[n.Name] == l {
		delete(f.links, n.Name)
		f.live = without(f.live, n.Name)
	}
}

// heard takes what a node reports of itself.
func (f *Fleet) heard(name string, l *link, m *dkron.FromNode) {
	if m.Draining {
		f.retire(name, l)
	}
	if m.Load != nil {
		f.setLoad(name, l, m.Load)
	}
}

// retire keeps the stream to a node that is about to stop, but offers the node for nothing new.
func (f *Fleet) retire(name string, l *link) {
	f.mu.Lock()
	defer f.mu.Unlock()
	l.retired = true
	if f.links[name] == l {
		f.live = without(f.live, name)
	}
}

// update applies changed tags of an attached node.
func (f *Fleet) update(n dkron.Node) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if l := f.links[n.Name]; l != nil && !l.retired {
		f.live = append(without(f.live, n.Name), n)
	}
}

// without returns a new list: readers may hold the old one.
func without(nodes []dkron.Node, name string) []dkron.Node {
	out := make([]dkron.Node, 0, len(nodes)+1)
	for _, n := range nodes {
		if n.Name != name {
			out = append(out, n)
		}
	}
	return out
}

// link returns the stream to a node, nil if it is not attached.
func (f *Fleet) link(node string) *link {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.links[node]
}

// giveUp records that a node was tried and has no stream.
func (f *Fleet) giveUp(name string) {
	f.mu.Lock()
	if f.links[name] == nil { // including this node itself, if it refuses orders
		f.live = without(f.live, name)
	}
	f.mu.Unlock()
	f.setTried(name)
}

func (f *Fleet) setTried(name string) {
	f.mu.Lock()
	if f.tried != nil {
		f.tried[name] = true
	}
	f.mu.Unlock()
	f.Changed()
}

// settle checks whether every live member has been tried.
func (f *Fleet) settle(alive []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(alive) == 0 || f.isSettled {
		return
	}
	for _, name := range alive {
		if !f.tried[name] {
			return
		}
	}
	f.isSettled = true
	close(f.settled)
}

// Settle waits, at most settleLimit, until every member has been tried once in this term, so that the first launches of
// a term find all live nodes. It may be called before the term begins here.
func (f *Fleet) Settle(ctx context.Context) {
	f.mu.Lock()
	settled := f.settled
	f.mu.Unlock()
	limit := time.NewTimer(settleLimit)
	defer limit.Stop()
	select {
	case <-settled:
	case <-limit.C:
	case <-ctx.Done():
	}
}
