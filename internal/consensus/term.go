package consensus

import (
	"context"
	"sync"
	"time"

	"github.com/hashicorp/raft"
)

const settleRetry = 50 * time.Millisecond

// Term is one leadership of this node. It becomes available when everything committed before it has been applied here.
type Term struct {
	Number uint64
	Ctx    context.Context // ends when the leadership ends, or the node stops
	// Settled is how long it took from the election until all that was committed before was applied here.
	Settled time.Duration
}

// terms follows raft's reports of this node's leadership. Raft waits until each is read, so none is missed and their
// order is right; for this reason the reading goroutine never blocks on anything else.
type terms struct {
	node    *Node
	leading chan bool
	quit    chan struct{}
	stopped sync.Once
	running sync.WaitGroup

	mu      sync.Mutex // guards what follows
	current *Term      // nil while there is none
	cancel  context.CancelFunc
	seq     int           // of the newest election
	changed chan struct{} // closed and replaced when current changes
	over    bool          // no further terms
}

func newTerms(n *Node, leading chan bool) *terms {
	return &terms{node: n, leading: leading, quit: make(chan struct{}), changed: make(chan struct{})}
}

func (t *terms) start() { t.running.Go(t.run) }

func (t *terms) run() {
	for {
		select {
		case elected := <-t.leading:
			t.node.pace(elected)
			if elected {
				t.begin()
			} else {
				t.end(false)
			}
		case <-t.quit:
			return
		}
	}
}

// pace sets how often this node sends heartbeats and, as a follower, how soon it notices that they are missing.
func (n *Node) pace(leading bool) {
	timeout := baseElection
	if leading {
		timeout = leadingElection
	}
	c := n.raft.ReloadableConfig()
	c.HeartbeatTimeout = timeout * time.Duration(n.cfg.Multiplier)
	c.ElectionTimeout = c.HeartbeatTimeout
	if err := n.raft.ReloadConfig(c); err != nil {
		n.cfg.Logger.Warn("could not change how often heartbeats are sent", "error", err)
	}
}

// stop ends the current term for good. The reader continues, because raft needs it, until join.
func (t *terms) stop() { t.end(true) }

// join is called when raft has shut down.
func (t *terms) join() {
	t.stopped.Do(func() { close(t.quit) })
	t.running.Wait()
}

// begin prepares a term in the background. If the leadership ends before it is ready, it never becomes available.
func (t *terms) begin() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.over {
		return
	}
	t.seq++
	seq, elected := t.seq, time.Now()
	ctx, cancel := context.WithCancel(context.Background())
	t.cancel = cancel
	t.running.Go(func() {
		number, err := t.node.settle(ctx)
		t.mu.Lock()
		defer t.mu.Unlock()
		if err != nil || t.seq != seq || ctx.Err() != nil {
			return
		}
		t.current = &Term{Number: number, Ctx: ctx, Settled: time.Since(elected)}
		t.announce()
		t.running.Go(func() { t.node.announce(ctx, number) })
	})
}

func (t *terms) end(forGood bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.over = t.over || forGood
	if t.cancel != nil {
		t.cancel()
		t.cancel = nil
	}
	t.seq++
	if t.current != nil {
		t.current = nil
		t.announce()
	}
}

func (t *terms) announce() {
	close(t.changed)
	t.changed = make(chan struct{})
}

// settle waits until everything before this term has been applied, and returns the term's number: that of the barrier
// itself. It cannot be another term's, since raft would first have waited until its report of this term's end was read.
// settle retries until ctx, the leadership, ends: a leader without a term would be worse than none.
func (n *Node) settle(ctx context.Context) (uint64, error) {
	for {
		o := n.call(ctx, n.barrierTerm)
		if o.err == nil || ctx.Err() != nil {
			return o.index, ctx.Err()
		}
		n.cfg.Logger.Warn("elected, but the term cannot begin yet", "error", o.err)
		select {
		case <-ctx.Done():
		case <-time.After(settleRetry):
		}
	}
}

func (n *Node) barrierTerm() outcome {
	f := n.raft.Barrier(0)
	if err := f.Error(); err != nil {
		return outcome{err: err}
	}
	var l raft.Log
	err := n.logs.GetLog(f.(raft.IndexFuture).Index(), &l)
	return outcome{index: l.Term, err: err}
}

// Terms returns a channel with this node's terms: the current one if there is one, and each later one, once. A term
// that ended before it was received is left out; a new one comes only after the one before has ended. The channel is
// closed when ctx or the node ends.
func (n *Node) Terms(ctx context.Context) <-chan Term {
	out := make(chan Term)
	go func() {
		defer close(out)
		n.terms.feed(ctx, out)
	}()
	return out
}

func (t *terms) feed(ctx context.Context, out chan<- Term) {
	var last *Term
	for {
		t.mu.Lock()
		current, changed := t.current, t.changed
		t.mu.Unlock()
		offer, term := out, Term{}
		if current == nil || current == last {
			offer = nil
		} else {
			term = *current
		}
		select {
		case offer <- term:
			last = current
		case <-changed:
		case <-ctx.Done():
			return
		case <-t.node.done:
			return
		}
	}
}
