package control

import (
	"context"
	"fmt"
	"time"

	"dkron"
	"dkron/internal/request"
)

// Do executes r; its type documents the effect and the errors. A nil error means that the change is committed and in
// this server's state.
func (c *Control) Do(ctx context.Context, r request.Request) (request.Reply, uint64, error) {
	do, ok := c.handlers[r.Name()]
	if !ok {
		return nil, 0, fmt.Errorf("%w: this server can't do %s", dkron.ErrUnavailable, r.Name())
	}
	began := time.Now()
	reply, index, err := do(withAction(ctx, r.Name()), r)
	c.requested(r, began, err)
	return reply, index, err
}

// handler executes the requests of one type.
type handler func(ctx context.Context, r request.Request) (request.Reply, uint64, error)

// handle returns the handler of each request.
func (c *Control) handle() map[string]handler {
	all := make(map[string]handler)
	on(all, c.ackAlert)
	on(all, c.addSilence)
	on(all, c.checkIn)
	on(all, c.clearExecutions)
	on(all, c.configure)
	on(all, c.createToken)
	on(all, c.deleteChannel)
	on(all, c.deleteJob)
	on(all, c.deletePolicy)
	on(all, c.deleteRule)
	on(all, c.deleteSecret)
	on(all, c.deleteToken)
	on(all, c.endSession)
	on(all, c.endSilence)
	on(all, c.launchJob)
	on(all, c.openSession)
	on(all, c.readIndex)
	on(all, c.rerunLaunch)
	on(all, c.rerunLaunches)
	on(all, c.resendMessage)
	on(all, c.restore)
	on(all, c.revertJob)
	on(all, c.runJob)
	on(all, c.setChannel)
	on(all, c.setJob)
	on(all, c.setPaused)
	on(all, c.setPolicy)
	on(all, c.setRule)
	on(all, c.setSecret)
	on(all, c.stop)
	on(all, c.stopLaunches)
	on(all, c.stopRerun)
	on(all, c.toggleJob)
	on(all, c.tryChannel)
	return all
}

// on registers a method for its type of request. It compiles only if the method returns the reply that the type
// promises.
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
