package app

import (
	"context"
	"io"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/dispatch"
	"dkron/internal/rpc"
)

// loop is the stream between a leader and its own node: without a network, so that a leader never loses itself. What is
// sent is copied, as a network would.
type loop struct {
	ctx    context.Context
	orders chan *dkron.ToNode
	news   chan *dkron.FromNode
	ended  chan struct{} // closed when the node has let go of it
}

// newLoop attaches serve, which is the node's end, until ctx ends.
func newLoop(ctx context.Context, serve func(ctx context.Context, end nodeEnd) error) *loop {
	l := &loop{ctx, make(chan *dkron.ToNode), make(chan *dkron.FromNode), make(chan struct{})}
	go func() {
		defer close(l.ended)
		_ = serve(ctx, nodeEnd{l}) // the leader's end sees that it has ended; the agent has logged why
	}()
	return l
}

// Send sends orders to the node.
func (l *loop) Send(m *dkron.ToNode) error {
	return pass(l, l.orders, codec.Encode(m), new(dkron.ToNode))
}

// Recv receives what the node reports.
func (l *loop) Recv() (*dkron.FromNode, error) { return take(l, l.news) }

// nodeEnd is the node's end.
type nodeEnd struct{ *loop }

func (e nodeEnd) Send(m *dkron.FromNode) error {
	return pass(e.loop, e.news, codec.Encode(m), new(dkron.FromNode))
}

func (e nodeEnd) Recv() (*dkron.ToNode, error) { return take(e.loop, e.orders) }

func pass[M codec.Message](l *loop, to chan<- M, data []byte, m M) error {
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

// connector opens the leader's streams.
type connector struct{ node *Node }

func (c connector) Connect(ctx context.Context, n dkron.Node) (dispatch.Stream, error) {
	if n.Name == c.node.cfg.NodeName {
		return newLoop(ctx, func(ctx context.Context, end nodeEnd) error { return c.node.agent.Attach(ctx, end) }), nil
	}
	return rpc.Attach(ctx, n.Name, n.RPCAddr, c.node.identity)
}
