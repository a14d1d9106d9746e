package serve

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"dkron/internal/pluginwire"
	"dkron/plugin"
)

// errShutdown ends the context of an execution whose node shuts down.
var errShutdown = errors.New("the node is shutting down")

// run is one execution: its request, then both sides send what there is to say until the result.
type run struct {
	executor *executor
	stream   grpc.ServerStream

	sending   sync.Mutex  // Send is not safe for concurrent use
	stored    chan error  // answers to Started, one at a time
	asking    sync.Mutex  // held while one is awaited
	adoptable atomic.Bool // the agent has a handle of the work, so that it can be adopted
}

func (r *run) serve() error {
	first := new(pluginwire.ToPlugin)
	if err := r.stream.RecvMsg(first); err != nil {
		return err
	}
	if first.Request == nil {
		return status.Error(codes.InvalidArgument, "the first message has no request")
	}
	r.stored = make(chan error, 1)
	// An agent that is gone can't say what to do: the work continues if it can be adopted, and ends otherwise.
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(r.stream.Context()))
	defer cancel(nil)
	go r.listen(cancel)
	result := r.executor.call(func() (*plugin.ExecuteResponse, error) {
		if first.Adopt {
			adopter, ok := r.executor.does.(plugin.Adopter)
			if !ok {
				return nil, plugin.ErrUnknownOutcome
			}
			r.adoptable.Store(true)
			again := request(first.Request)
			again.Reported = first.Reported
			return adopter.Adopt(ctx, again, first.Handle, r)
		}
		return r.executor.does.Execute(ctx, request(first.Request), r)
	})
	return r.send(&pluginwire.FromPlugin{Result: result})
}

// listen reads what the agent says until the stream ends.
func (r *run) listen(cancel context.CancelCauseFunc) {
	for {
		m := new(pluginwire.ToPlugin)
		if err := r.stream.RecvMsg(m); err != nil {
			if _, ok := r.executor.does.(plugin.Adopter); ok && r.adoptable.Load() {
				cancel(plugin.ErrAgentGone)
			}
			cancel(errShutdown)
			return
		}
		switch {
		case m.Stop && m.OnWish:
			cancel(plugin.ErrStopped)
		case m.Stop:
			cancel(errShutdown)
		case m.Stored:
			r.answer(nil)
		case m.Refused != "":
			r.answer(errors.New(m.Refused))
		}
	}
}

// answer passes on whether a handle was stored. Nobody may wait for it any more.
func (r *run) answer(err error) {
	select {
	case r.stored <- err:
	default:
	}
}

func (r *run) send(m *pluginwire.FromPlugin) error {
	r.sending.Lock()
	defer r.sending.Unlock()
	return r.stream.SendMsg(m)
}

// Write sends a piece of output. What can't be sent is lost, as the agent is then gone.
func (r *run) Write(chunk []byte, isError bool) {
	_ = r.send(&pluginwire.FromPlugin{Update: &pluginwire.StatusUpdate{Output: chunk, IsError: isError}})
}

// Started sends a handle, and waits until it is in the agent's journal.
func (r *run) Started(handle []byte) error {
	r.asking.Lock()
	defer r.asking.Unlock()
	if err := r.send(&pluginwire.FromPlugin{Started: true, Handle: handle}); err != nil {
		return err
	}
	select {
	case err := <-r.stored:
		if err == nil {
			r.adoptable.Store(true)
		}
		return err
	case <-r.stream.Context().Done():
		return errShutdown
	}
}
