package pluginhost

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/grpc"

	"dkron/internal/pluginwire"
	"dkron/plugin"
)

// Execute runs the work in the plugin's process.
func (s *supervised) Execute(ctx context.Context, req *plugin.ExecuteRequest, status plugin.Status) (*plugin.ExecuteResponse, error) {
	return s.do(ctx, &pluginwire.ToPlugin{Request: requestOf(req)}, status)
}

// Adopt follows work that an earlier process of the plugin has started, if the plugin can.
func (s *supervised) Adopt(ctx context.Context, req *plugin.ExecuteRequest, handle []byte, status plugin.Status) (*plugin.ExecuteResponse, error) {
	return s.do(ctx, &pluginwire.ToPlugin{Request: requestOf(req), Adopt: true, Handle: handle}, status)
}

// do has a plugin do something. If its process ends in the middle and the work continues without it, the next process
// adopts the work.
func (s *supervised) do(ctx context.Context, first *pluginwire.ToPlugin, status plugin.Status) (*plugin.ExecuteResponse, error) {
	for reported := int64(0); ; {
		i, err := s.acquireFor(ctx, first)
		if err != nil {
			return nil, err
		}
		call := &call{plugin: s, instance: i, first: first, status: status, handle: first.Handle, reported: reported}
		resp, err := s.calls(ctx, call)
		s.release(i)
		if err == nil || !call.orphaned() {
			return resp, err
		}
		s.log.Warn("a plugin's process ended during an execution; the next one is to adopt its work", "path", s.file.path, "job", first.Request.JobName)
		reported = call.reported
		first = &pluginwire.ToPlugin{Request: first.Request, Adopt: true, Handle: call.handle, Reported: reported}
	}
}

// acquireFor is acquire. Work that is to be adopted continues whatever happens, so its outcome is unknown without a
// process, and a process is needed to stop it.
func (s *supervised) acquireFor(ctx context.Context, first *pluginwire.ToPlugin) (*instance, error) {
	if !first.Adopt {
		return s.acquire(ctx)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), startLimit+waitLimit)
	defer cancel()
	i, err := s.acquire(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: its work may continue: %w", plugin.ErrUnknownOutcome, err)
	}
	return i, nil
}

func (s *supervised) calls(ctx context.Context, c *call) (*plugin.ExecuteResponse, error) {
	s.worked(c.instance)
	if c.instance.about == nil {
		if c.first.Adopt {
			return nil, fmt.Errorf("%w: plugin %s can't follow work of an earlier process", plugin.ErrUnknownOutcome, s.file.name)
		}
		return c.wait(ctx, c.old)
	}
	return c.wait(ctx, c.run)
}

// worked notes that something is executed in a process.
func (s *supervised) worked(i *instance) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i.worked = true
}

// call is one execution in an instance.
type call struct {
	plugin   *supervised
	instance *instance
	first    *pluginwire.ToPlugin
	status   plugin.Status

	stop chan bool // tells run that the work must end, and whether somebody asked for it; capacity 1

	// What run has seen. It has returned when wait returns an error.
	handle   []byte // the last one that is in the journal, nil if none is
	reported int64  // bytes of output
}

// orphaned reports whether the process has ended while the work continues.
func (c *call) orphaned() bool {
	if c.handle == nil || c.instance.about == nil || !c.instance.about.Adopts {
		return false
	}
	select {
	case <-c.instance.process.done:
		return true
	default:
		return false
	}
}

// answer is what a plugin has returned.
type answer struct {
	resp *pluginwire.ExecuteResponse
	err  error
}

// wait calls the plugin, and passes a stop on. A plugin that continues after the grace is given up: the execution ends, and
// the process ends after its other executions.
func (c *call) wait(ctx context.Context, do func(context.Context) (*pluginwire.ExecuteResponse, error)) (*plugin.ExecuteResponse, error) {
	calling, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	c.stop = make(chan bool, 1)
	answers := make(chan answer, 1)
	go func() {
		resp, err := do(calling)
		answers <- answer{resp, err}
	}()
	select {
	case a := <-answers:
		return c.result(a)
	case <-ctx.Done():
	}
	c.stop <- errors.Is(context.Cause(ctx), plugin.ErrStopped)
	grace := time.NewTimer(c.plugin.host.cfg.Grace)
	defer grace.Stop()
	select {
	case a := <-answers:
		return c.result(a)
	case <-grace.C:
	}
	c.plugin.retire(c.instance, "an execution of job "+c.first.Request.JobName+" did not end when it was stopped")
	return &plugin.ExecuteResponse{Error: "the plugin did not stop"}, nil
}

// result returns what the plugin has answered.
func (c *call) result(a answer) (*plugin.ExecuteResponse, error) {
	if a.err != nil {
		if why := c.plugin.why(c.instance); why != nil {
			return &plugin.ExecuteResponse{Error: why.Error()}, nil
		}
		return nil, fmt.Errorf("plugin %s: %w", c.plugin.file.name, c.instance.explain(a.err))
	}
	return responseOf(a.resp)
}

// old is the call of v4, which can't be stopped.
func (c *call) old(ctx context.Context) (*pluginwire.ExecuteResponse, error) {
	id := c.instance.broker.NextId()
	listening := make(chan *grpc.Server, 1)
	go c.instance.broker.AcceptAndServe(id, func(opts []grpc.ServerOption) *grpc.Server {
		s := grpc.NewServer(append(opts, grpc.ForceServerCodecV2(pluginwire.Codec{}), grpc.MaxRecvMsgSize(maxAnswer))...)
		registerStatus(s, c.status)
		listening <- s
		return s
	})
	defer func() {
		select {
		case s := <-listening:
			s.Stop()
		case <-time.After(time.Second): // no socket could be made
		}
	}()
	c.first.Request.StatusServer = id
	resp := new(pluginwire.ExecuteResponse)
	return resp, c.instance.invoke(ctx, pluginwire.Method(pluginwire.ExecutorService, pluginwire.Execute), c.first.Request, resp)
}

// registerStatus serves what plugins of v4 report output to.
func registerStatus(s *grpc.Server, status plugin.Status) {
	s.RegisterService(&grpc.ServiceDesc{
		ServiceName: pluginwire.StatusService, HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{{MethodName: pluginwire.Update, Handler: func(_ any, _ context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
			u := new(pluginwire.StatusUpdate)
			if err := decode(u); err != nil {
				return nil, err
			}
			status.Write(u.Output, u.IsError)
			return new(pluginwire.StatusUpdated), nil
		}}},
	}, status)
}

// run is the call of plugins made with our kit.
func (c *call) run(ctx context.Context) (*pluginwire.ExecuteResponse, error) {
	stream, err := c.instance.conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: true},
		pluginwire.Method(pluginwire.KitService, pluginwire.Run), grpc.ForceCodecV2(pluginwire.Codec{}), grpc.MaxCallRecvMsgSize(maxAnswer))
	if err != nil {
		return nil, err
	}
	if err := stream.SendMsg(c.first); err != nil {
		return nil, stream.RecvMsg(new(pluginwire.FromPlugin)) // which has the reason
	}
	out := make(chan *pluginwire.ToPlugin)
	ended := make(chan struct{})
	defer close(ended)
	go c.tell(stream, out, ended)
	for {
		m := new(pluginwire.FromPlugin)
		if err := stream.RecvMsg(m); err != nil {
			return nil, err
		}
		switch {
		case m.Update != nil:
			c.reported += int64(len(m.Update.Output))
			c.status.Write(m.Update.Output, m.Update.IsError)
		case m.Started:
			stored := &pluginwire.ToPlugin{Stored: true}
			if err := c.status.Started(m.Handle); err != nil {
				stored = &pluginwire.ToPlugin{Refused: err.Error()}
			} else {
				c.handle = append([]byte{}, m.Handle...)
			}
			out <- stored
		case m.Result != nil:
			return m.Result, nil
		}
	}
}

// tell sends what the plugin must know until the execution has ended: only one goroutine may send.
func (c *call) tell(stream grpc.ClientStream, out <-chan *pluginwire.ToPlugin, ended <-chan struct{}) {
	for {
		var m *pluginwire.ToPlugin
		select {
		case m = <-out:
		case wish := <-c.stop:
			m = &pluginwire.ToPlugin{Stop: true, OnWish: wish}
		case <-ended:
			return
		}
		_ = stream.SendMsg(m) // the receiver learns the reason
	}
}
