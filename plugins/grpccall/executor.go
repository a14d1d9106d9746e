// Package grpccall is the executor "grpc": it calls one method of a gRPC server, whose messages it learns by reflection.
//
// Its folder isn't called grpc, so that it and the library can be used side by side.
package grpccall

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"dkron/plugin"
	"dkron/plugin/keys"
	"dkron/plugins/internal/pool"
)

// Executor calls methods. It is safe for concurrent use; calls share connections when they share address and TLS settings.
type Executor struct {
	clients pool.Pool[endpoint, *client]
}

var (
	_ plugin.Executor  = (*Executor)(nil)
	_ plugin.Describer = (*Executor)(nil)
	_ plugin.Checker   = (*Executor)(nil)
)

// New returns an executor without connections.
func New() *Executor { return new(Executor) }

// Check returns what is wrong with a configuration. It depends only on config.
func (*Executor) Check(config map[string]string) []plugin.Problem { return parse(config).Problems() }

// reflection begins the error of an execution that knows no method to call, or no message for it.
const reflection = "Failed querying reflection server: "

// Execute calls the configured method. Each answer is written to the output as a line of JSON when it arrives; the last
// line is the status.
func (e *Executor) Execute(ctx context.Context, req *plugin.ExecuteRequest, out plugin.Status) (*plugin.ExecuteResponse, error) {
	c := parse(req.Config)
	c.Report(schema(), out)
	if failure := c.Failure(); failure != nil {
		return failure, nil
	}
	ctx, cancel := keys.Limit(ctx, c.timeout)
	defer cancel()
	var err error
	if c.endpoint.files, err = c.endpoint.tls.Stamps(); err != nil {
		return &plugin.ExecuteResponse{Error: err.Error()}, nil
	}
	client, done, err := e.clients.Use(ctx, c.endpoint, c.endpoint.open)
	if err != nil {
		return keys.Failed(ctx, c.timeout, "connecting to "+c.endpoint.addr, err), nil
	}
	// A connection that could not be made is not tried again for a while by the library; a new one is.
	defer func() { done(!client.connected()) }()
	return c.run(ctx, client, req, out), nil
}

func (c *config) run(ctx context.Context, client *client, req *plugin.ExecuteRequest, out plugin.Status) *plugin.ExecuteResponse {
	asking := c.outgoing(ctx, nil)
	method, err := client.method(asking, c.service, c.method, c.headerText)
	if err != nil {
		if ended := c.ended(ctx, reflection+context.DeadlineExceeded.Error(), "asking "+c.endpoint.addr+" for the method's messages; check that this is the port of a gRPC server, or raise timeout"); ended != nil {
			return ended
		}
		return &plugin.ExecuteResponse{Error: reflection + detail(err), Reason: c.reflectionAdvice(err)}
	}
	messages, err := method.messages(c.body, client.types(asking))
	if err != nil {
		return &plugin.ExecuteResponse{Error: reflection + err.Error(), Reason: "body does not fit the method: " + err.Error()}
	}
	began := time.Now()
	result := method.call(c.outgoing(ctx, req), client, messages, c.callOptions(), out)
	out.Write(fmt.Appendf(nil, "Status: %s\n", shown(result)), false)
	return c.judge(ctx, result, time.Since(began))
}

// ended returns the response of an execution whose context has ended, nil if it has not. failure is its error if it timed
// out while doing.
func (c *config) ended(ctx context.Context, failure, doing string) *plugin.ExecuteResponse {
	if ctx.Err() == nil {
		return nil
	}
	response := keys.Failed(ctx, c.timeout, doing, ctx.Err())
	if response.TimedOut {
		response.Error, response.Reason = failure, response.Error
	}
	return response
}

// judge returns the result of a call that has ended.
func (c *config) judge(ctx context.Context, result *status.Status, took time.Duration) *plugin.ExecuteResponse {
	code := result.Code()
	if c.accepts(code) && !tooLarge(result) {
		return &plugin.ExecuteResponse{}
	}
	failure := fmt.Sprintf("server returned %s code, expected %s", code, c.wanted())
	if ended := c.ended(ctx, failure, "waiting for "+c.endpoint.addr+" to end the call; raise timeout if it needs longer"); ended != nil {
		return ended
	}
	response := &plugin.ExecuteResponse{Error: failure, Reason: c.advice(result)}
	// The server knows the deadline too, and its clock may be a little faster.
	if code == codes.DeadlineExceeded && c.timeout > 0 && took > c.timeout-c.timeout/10 {
		response.TimedOut = true
	}
	return response
}

// shown is a status as the output and reasons have it.
func shown(s *status.Status) string {
	text := s.Code().String()
	if s.Code() != codes.OK {
		text = fmt.Sprintf("%s (%d)", text, uint32(s.Code()))
	}
	if m := s.Message(); m != "" {
		text += ": " + keys.Short(m)
	}
	return text
}
