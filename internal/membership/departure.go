package membership

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"dkron/internal/roster"
)

const (
	// settleTime is how long a stopping node waits for orders that are already on their way, and for other servers to
	// announce that they stop too.
	settleTime = 500 * time.Millisecond
	// settleAlone is that time when there are no other nodes.
	settleAlone = 100 * time.Millisecond
	// raftLimit is how long a server tries to leave Raft's configuration, gossipLimit how long it tries to leave
	// gossip: slightly longer than gossip itself tries.
	raftLimit   = 10 * time.Second
	gossipLimit = 8 * time.Second
	// leaveAnswer is how long a request to leave waits for the node. After that it is answered, whatever still runs.
	leaveAnswer = 40 * time.Second
)

// Worker runs the executions of a node that leaves.
type Worker interface {
	// Retire makes it accept nothing new.
	Retire()
	// Running is how many executions run.
	Running() int
	// Drain returns when none runs, or ctx ends.
	Drain(ctx context.Context)
	// Stop ends those that run.
	Stop()
}

// Leaving is what a Departure needs.
type Leaving struct {
	Worker       Worker
	DrainTimeout time.Duration
	Gossip       Gossip
	Published    *Published
	View         *roster.View
	Membership   *Membership // nil on an agent
	Logger       *slog.Logger
}

// Departure is a node's way out of the cluster.
type Departure struct {
	Leaving
	log     *slog.Logger
	ask     sync.Once
	asked   chan struct{} // closed when the node was asked to leave
	forGood atomic.Bool   // asked to leave, not only to stop
	begun   atomic.Bool
	gone    chan struct{} // closed when the node has left
	kept    string        // why it is still in Raft's configuration; set before gone is closed
}

// NewDeparture prepares the way out; Run takes it.
func NewDeparture(l Leaving) *Departure {
	return &Departure{Leaving: l, log: l.Logger, asked: make(chan struct{}), gone: make(chan struct{})}
}

// Err returns why the node should get no requests, nil until the departure begins.
func (d *Departure) Err() error {
	switch {
	case !d.begun.Load():
		return nil
	case d.forGood.Load():
		return errors.New("this node is leaving")
	}
	return errors.New("this node is stopping")
}

// Asked is closed when the node was asked to leave: whoever runs the node then calls Run, and stops it.
func (d *Departure) Asked() <-chan struct{} { return d.asked }

// Ask asks the node to leave for good. It returns when the node has left, with the reason why it is still in Raft's
// configuration if it is, or when ctx ends. Asking again joins the wait.
func (d *Departure) Ask(ctx context.Context) (kept string, err error) {
	d.forGood.Store(true)
	d.ask.Do(func() { close(d.asked) })
	select {
	case <-d.gone:
		return d.kept, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// Leave is Ask for a client that waits for an answer: it returns when the node has left or leaveAnswer is over.
func (d *Departure) Leave(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, leaveAnswer)
	defer cancel()
	if _, err := d.Ask(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}

// Run ends the node's part in the cluster in order: it accepts nothing new, lets executions end, hands over leadership,
// then leaves Raft and gossip. All rooms still work when it returns. It is called once.
func (d *Departure) Run() {
	d.log.Info("this node is stopping and accepts no new work", "for_good", d.forGood.Load())
	d.begun.Store(true)
	d.Worker.Retire()
	how := d.decide()
	announced := make(chan error, 1)
	go func() { announced <- d.announce(how) }()
	settle := settleTime
	if len(d.View.Live()) < 2 {
		settle = settleAlone
	}
	<-time.After(settle)
	d.drain()
	if d.Membership != nil {
		ctx, cancel := context.WithTimeout(context.Background(), raftLimit)
		d.kept = d.Membership.leave(ctx, d, <-announced)
		cancel()
	}
	ctx, cancel := context.WithTimeout(context.Background(), gossipLimit)
	defer cancel()
	if err := d.Gossip.Leave(ctx); err != nil {
		d.log.Warn("could not tell all others that this node is leaving", "error", err)
	}
	close(d.gone)
}

// decide returns how this server stops. From then on, servers that ask are answered so.
func (d *Departure) decide() roster.Stopping {
	how := roster.ForNow
	if d.forGood.Load() {
		how = roster.ForGood
	}
	if d.Membership != nil {
		d.Membership.stopping.Store(&how)
	}
	return how
}

// announce publishes that this server is about to stop.
func (d *Departure) announce(how roster.Stopping) error {
	if d.Membership == nil {
		return nil
	}
	return d.Published.stop(how)
}

// drain waits up to --drain-timeout for executions to end, then stops them while the leader still gets their results.
func (d *Departure) drain() {
	if running := d.Worker.Running(); running > 0 {
		d.log.Info("waiting for executions to end", "running", running, "at_most", d.DrainTimeout)
	}
	ctx, cancel := context.WithTimeout(context.Background(), d.DrainTimeout)
	defer cancel()
	d.Worker.Drain(ctx)
	if running := d.Worker.Running(); running > 0 {
		d.log.Warn("executions took longer than --drain-timeout and are ended", "running", running)
		d.Worker.Stop()
		d.Worker.Drain(context.Background())
	}
}
