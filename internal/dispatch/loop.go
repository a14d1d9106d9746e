package dispatch

import (
	"context"
	"io"

	"dkron"
	"dkron/internal/codec"
)

// loop is the stream between a leader and its own node: without a network, so that a leader never loses itself. What is
// sent is copied, as a network would.
type loop struct {
	ctx    context.Context
	orders chan *dkron.ToNode
	news   chan *dkron.FromNode
	ended  chan struct{} // closed when the node has let go of it
}

// NewLoop returns the leader's end of a stream to its own node, of which serve has the other end until ctx ends.
func NewLoop(ctx context.Context, serve func(ctx context.Context, end NodeEnd) error) Stream {
	l := &loop{ctx, make(chan *dkron.ToNode), make(chan *dkron.FromNode), make(chan struct{})}
	go func() {
		defer close(l.ended)
		_ = serve(ctx, NodeEnd{l}) // the leader's end sees that it has ended; the agent has logged why
	}()
	return l
}

// Send sends orders to the node.
func (l *loop) Send(m *dkron.ToNode) error {
	return carry(l, l.orders, codec.Encode(m), new(dkron.ToNode))
}

// Recv receives what the node reports.
func (l *loop) Recv() (*dkron.FromNode, error) { return take(l, l.news) }

// NodeEnd is the node's end of a loop.
type NodeEnd struct{ loop *loop }

// Send reports to the leader.
func (e NodeEnd) Send(m *dkron.FromNode) error {
	return carry(e.loop, e.loop.news, codec.Encode(m), new(dkron.FromNode))
}

// Recv receives orders.
func (e NodeEnd) Recv() (*dkron.ToNode, error) { return take(e.loop, e.loop.orders) }

func carry[M codec.Message](l *loop, to chan<- M, data []byte, m M) error {
	if err := codec.Decode(data, m); err != nil {
		return err
	}
	select {
	case to <- m:
		return nil
	case <-l.ended:
		return io.EOF
	case <-l.ctx.Done():
		return l.ctx.Err()
	}
}

func take[M any](l *loop, from <-chan M) (m M, err error) {
	select {
	case m = <-from:
		return m, nil
	case <-l.ended:
		return m, io.EOF
	case <-l.ctx.Done():
		return m, l.ctx.Err()
	}
}
