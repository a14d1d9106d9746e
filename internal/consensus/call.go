package consensus

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hashicorp/raft"
)

// calls counts the requests that raft still has to answer.
type calls struct {
	mu     sync.Mutex // guards what follows
	active int
	closed bool
	idle   chan struct{} // closed when closed and active is 0
}

// enter returns false once drain has been called.
func (c *calls) enter() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false
	}
	c.active++
	return true
}

func (c *calls) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.active--; c.active == 0 && c.idle != nil {
		close(c.idle)
		c.idle = nil
	}
}

// drain admits no further calls and waits until the last has left, or for the limit.
func (c *calls) drain(limit time.Duration) {
	c.mu.Lock()
	c.closed = true
	if c.active == 0 {
		c.mu.Unlock()
		return
	}
	if c.idle == nil {
		c.idle = make(chan struct{})
	}
	idle := c.idle
	c.mu.Unlock()
	select {
	case <-idle:
	case <-time.After(limit):
	}
}

type outcome struct {
	result any
	index  uint64
	err    error
}

// call runs f, which waits for raft, and returns early when ctx or the node ends. In that case it is
// unknown whether the request was executed.
func (n *Node) call(ctx context.Context, f func() outcome) outcome {
	if err := ctx.Err(); err != nil {
		return outcome{err: err}
	}
	if !n.calls.enter() {
		return outcome{err: n.closedError()}
	}
	answer := make(chan outcome, 1)
	go func() {
		defer n.calls.leave()
		answer <- f()
	}()
	select {
	case o := <-answer:
		if o.err == nil {
			n.transport.notify()
		}
		o.err = n.translate(o.err)
		return o
	case <-ctx.Done():
		return outcome{err: fmt.Errorf("%w: %w", ErrOutcomeUnknown, ctx.Err())}
	case <-n.closing:
		return outcome{err: fmt.Errorf("%w: %w", ErrClosed, ErrOutcomeUnknown)}
	}
}

// enqueueLimit is how long raft may take to accept a request, so that the caller's limit also holds when the leader
// hangs. If it is exceeded, nothing has been done.
func enqueueLimit(ctx context.Context) time.Duration {
	if d, ok := ctx.Deadline(); ok {
		return max(time.Until(d), time.Millisecond)
	}
	return 0
}

// Propose appends data to the log. Once a majority has the entry on disk and it has been applied here, it returns the
// machine's result and the entry's index. The result may be an error of the machine; err is consensus' own:
// ErrNotLeader and ErrTooLarge if nothing was done, ErrOutcomeUnknown (ErrLeadershipLost, the end of ctx) if the entry
// may have been or may yet be committed, ErrStorage, ErrClosed, or the *FatalError that stopped the node.
//
// Concurrent proposals share disk writes; their order is undefined. data must not be changed afterwards.
func (n *Node) Propose(ctx context.Context, data []byte) (result any, index uint64, err error) {
	if len(data) > MaxEntry {
		return nil, 0, fmt.Errorf("%w: %d bytes, limit %d", ErrTooLarge, len(data), MaxEntry)
	}
	o := n.call(ctx, func() outcome {
		f := n.raft.ApplyLog(raft.Log{Data: data}, enqueueLimit(ctx))
		if err := f.Error(); err != nil {
			return outcome{err: err}
		}
		return outcome{result: f.Response(), index: f.Index()}
	})
	if errors.Is(o.err, raft.ErrEnqueueTimeout) {
		return nil, 0, context.DeadlineExceeded
	}
	if fatal, ok := o.result.(*FatalError); ok && o.err == nil {
		return nil, o.index, fatal
	}
	return o.result, o.index, o.err
}

// Barrier returns when everything committed before the call has been applied here. Only on the leader.
func (n *Node) Barrier(ctx context.Context) error {
	return n.call(ctx, func() outcome { return outcome{err: n.raft.Barrier(enqueueLimit(ctx)).Error()} }).err
}
