package control

import (
	"context"
	"fmt"

	"dkron"
	"dkron/internal/request"
)

// Do does what r asks. Each request says what that is, and how it can fail. A nil error means that the change is
// committed and in this server's state.
func (c *Control) Do(ctx context.Context, r request.Request) (request.Reply, uint64, error) {
	do, ok := c.handlers[r.Name()]
	if !ok {
		return nil, 0, fmt.Errorf("%w: this server can't do %s", dkron.ErrUnavailable, r.Name())
	}
	return do(ctx, r)
}

// handler does the requests of one type.
type handler func(ctx context.Context, r request.Request) (request.Reply, uint64, error)

// handle returns what does each request.
func (c *Control) handle() map[string]handler {
	all := make(map[string]handler)
	on(all, c.clearExecutions)
	on(all, c.configure)
	on(all, c.deleteJob)
	on(all, c.readIndex)
	on(all, c.restore)
	on(all, c.revertJob)
	on(all, c.runJob)
	on(all, c.setJob)
	on(all, c.setPaused)
	on(all, c.stop)
	on(all, c.toggleJob)
	return all
}

// on adds a method for the requests that it takes. This does not compile if its reply is not the one that they promise.
func on[Q, R any, PQ interface {
	*Q
	request.Typed[R]
}, PR interface {
	*R
	request.Reply
}](all map[string]handler, do func(context.Context, PQ) (PR, uint64, error)) {
	all[PQ(new(Q)).Name()] = func(ctx context.Context, r request.Request) (request.Reply, uint64, error) {
		reply, index, err := do(ctx, r.(PQ))
		if err != nil {
			return nil, index, err
		}
		return reply, index, nil
	}
}
