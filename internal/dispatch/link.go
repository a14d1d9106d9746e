package dispatch

import (
	"context"
	"sync"
	"time"

	"dkron"
	"dkron/internal/clock"
)

// maxOrders and maxOrderBytes bound one message.
const (
	maxOrders     = 512
	maxOrderBytes = 4 << 20
)

// link is the queue of what to send to one attached node.
type link struct {
	leader string
	term   uint64
	of     func() string // the cluster
	stream Stream
	began  time.Time
	wake   chan struct{} // capacity 1

	retired bool            // guarded by the fleet's mutex, as is load
	load    *dkron.NodeLoad // as the node last reported it; nil before that

	mu       sync.Mutex // guards the fields below
	orders   []dkron.Order
	stops    []dkron.Order
	accepted []dkron.ExecutionRef
}

func newLink(leader string, term uint64, of func() string, s Stream) *link {
	return &link{leader: leader, term: term, of: of, stream: s, began: time.Now(), wake: make(chan struct{}, 1)}
}

// order queues an order. It may be called on a nil link: the order is sent when the node attaches.
func (l *link) order(o dkron.Order) {
	if l == nil {
		return
	}
	l.mu.Lock()
	l.orders = append(l.orders, o)
	l.mu.Unlock()
	l.notify()
}

// stop queues the order to end an execution.
func (l *link) stop(o dkron.Order) {
	l.mu.Lock()
	l.stops = append(l.stops, o)
	l.mu.Unlock()
	l.notify()
}

// accept queues the message that results are committed.
func (l *link) accept(refs []dkron.ExecutionRef) {
	if l == nil {
		return
	}
	l.mu.Lock()
	l.accepted = append(l.accepted, refs...)
	l.mu.Unlock()
	l.notify()
}

func (l *link) notify() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// run sends what is queued, and the leader's clock with every beat.
func (l *link) run(ctx context.Context) error {
	tick := time.NewTicker(leaderBeat)
	defer tick.Stop()
	for {
		m := l.take()
		if len(m.Orders)+len(m.Stops)+len(m.Accepted) > 0 {
			if err := l.send(m); err != nil {
				return err
			}
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-l.wake:
		case <-tick.C:
			if err := l.send(m); err != nil {
				return err
			}
		}
	}
}

// take returns the next message.
func (l *link) take() *dkron.ToNode {
	l.mu.Lock()
	defer l.mu.Unlock()
	n, size := 0, 0
	for n < len(l.orders) && n < maxOrders && size < maxOrderBytes {
		for k, v := range l.orders[n].Config {
			size += len(k) + len(v)
		}
		n++
	}
	m := &dkron.ToNode{Orders: l.orders[:n:n], Stops: l.stops, Accepted: l.accepted}
	l.orders, l.stops, l.accepted = l.orders[n:], nil, nil
	return m
}

func (l *link) send(m *dkron.ToNode) error {
	m.Term, m.Leader, m.SentAt, m.Elapsed, m.Cluster = l.term, l.leader, clock.Now(), max(time.Since(l.began), 1), l.of()
	return l.stream.Send(m)
}
