package serve

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"dkron/internal/pluginwire"
	"dkron/plugin"
)

// executor makes an executor known to the library.
type executor struct {
	goplugin.NetRPCUnsupportedPlugin
	does    plugin.Executor
	options Options
}

// GRPCServer registers the services.
func (e *executor) GRPCServer(broker *goplugin.GRPCBroker, s *grpc.Server) error {
	s.RegisterService(&grpc.ServiceDesc{
		ServiceName: pluginwire.ExecutorService, HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{unary(pluginwire.Execute, func(ctx context.Context, r *pluginwire.ExecuteRequest) (*pluginwire.ExecuteResponse, error) {
			return e.execute(ctx, broker, r)
		})},
	}, e)
	s.RegisterService(&grpc.ServiceDesc{
		ServiceName: pluginwire.KitService, HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{unary(pluginwire.Describe, e.describe), unary(pluginwire.Check, e.check)},
		Streams: []grpc.StreamDesc{{StreamName: pluginwire.Run, ServerStreams: true, ClientStreams: true, Handler: func(_ any, s grpc.ServerStream) error {
			return (&run{executor: e, stream: s}).serve()
		}}},
	}, e)
	return nil
}

// GRPCClient is for hosts.
func (e *executor) GRPCClient(context.Context, *goplugin.GRPCBroker, *grpc.ClientConn) (any, error) {
	return nil, errors.New("a plugin is not a host")
}

// unary makes a method of a function. No interceptors are used, and none are called.
func unary[Q, R any](name string, do func(context.Context, *Q) (*R, error)) grpc.MethodDesc {
	return grpc.MethodDesc{MethodName: name, Handler: func(_ any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
		in := new(Q)
		if err := decode(in); err != nil {
			return nil, err
		}
		return do(ctx, in)
	}}
}

func (e *executor) describe(context.Context, *pluginwire.Nothing) (*pluginwire.Description, error) {
	d := &pluginwire.Description{Version: e.options.Version}
	if x, ok := e.does.(plugin.Describer); ok {
		d.Schema = x.Describe()
	}
	_, d.Checks = e.does.(plugin.Checker)
	_, d.Adopts = e.does.(plugin.Adopter)
	return d, nil
}

func (e *executor) check(_ context.Context, c *pluginwire.Configuration) (*pluginwire.Problems, error) {
	if x, ok := e.does.(plugin.Checker); ok {
		return problems(x, c.Config), nil
	}
	return new(pluginwire.Problems), nil
}

// problems returns what a check finds.
func problems(c plugin.Checker, config map[string]string) *pluginwire.Problems {
	out := new(pluginwire.Problems)
	for _, p := range c.Check(config) {
		out.Problems = append(out.Problems, pluginwire.Problem{Key: p.Key, Text: p.Text, Severity: int(p.Severity)})
	}
	return out
}

// execute is the call of v4: output goes to a service that the host offers through the broker. The host can't ask for a
// stop; it may end the call.
func (e *executor) execute(ctx context.Context, broker *goplugin.GRPCBroker, r *pluginwire.ExecuteRequest) (*pluginwire.ExecuteResponse, error) {
	conn, err := broker.DialWithOptions(r.StatusServer, grpc.WithDefaultCallOptions(grpc.ForceCodecV2(pluginwire.Codec{})))
	if err != nil {
		return nil, fmt.Errorf("reach the agent to report output: %w", err)
	}
	defer func() { _ = conn.Close() }()
	return e.call(func() (*plugin.ExecuteResponse, error) {
		return e.does.Execute(ctx, request(r), &callback{ctx, conn})
	}), nil
}

// call runs the executor; its panic is the execution's failure, not the plugin's.
func (e *executor) call(do func() (*plugin.ExecuteResponse, error)) (out *pluginwire.ExecuteResponse) {
	defer func() {
		if r := recover(); r != nil {
			out = &pluginwire.ExecuteResponse{Error: fmt.Sprintf("the executor panicked: %v\n%s", r, debug.Stack())}
		}
	}()
	return response(do())
}

// callback reports output as v4 does.
type callback struct {
	ctx  context.Context
	conn *grpc.ClientConn
}

// Write sends a piece of output. What can't be sent is lost, as the agent is then gone.
func (c *callback) Write(chunk []byte, isError bool) {
	_ = c.conn.Invoke(context.WithoutCancel(c.ctx), pluginwire.Method(pluginwire.StatusService, pluginwire.Update),
		&pluginwire.StatusUpdate{Output: chunk, IsError: isError}, new(pluginwire.StatusUpdated))
}

// Started keeps nothing: v4 knows no handles.
func (c *callback) Started([]byte) error { return nil }
