// Package httpcall is the executor "http": it sends one HTTP request and judges the response.
//
// Its folder isn't called http, so that it and net/http can be used side by side.
package httpcall

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"

	"dkron/internal/reach"
	"dkron/plugin"
	"dkron/plugin/keys"
)

// Executor sends requests. It is safe for concurrent use; calls share connections when they share a route.
type Executor struct {
	transports *transports
}

var (
	_ plugin.Executor  = (*Executor)(nil)
	_ plugin.Describer = (*Executor)(nil)
	_ plugin.Checker   = (*Executor)(nil)
)

// New returns an executor without connections. It calls the addresses that the policy admits; nil is the one without settings.
func New(policy *reach.Policy) *Executor { return &Executor{transports: newTransports(policy)} }

// Close closes idle connections. The executor remains usable.
func (e *Executor) Close() { e.transports.close() }

// Execute sends the configured request. An error means that the request could not be sent. A failed exchange or an
// unexpected response is reported in the response.
func (e *Executor) Execute(ctx context.Context, req *plugin.ExecuteRequest, status plugin.Status) (
	*plugin.ExecuteResponse, error) {
	c := parseConfig(req.Config)
	if err := c.Err(); err != nil {
		c.report(req.Config, status)
		return nil, err
	}
	resp, err := e.send(ctx, c, req, status)
	if errors.Is(err, plugin.ErrShortage) {
		return nil, err
	}
	c.report(req.Config, status)
	if unsent := (*unsentError)(nil); errors.As(err, &unsent) {
		return nil, unsent.error
	}
	if err != nil {
		return c.failure(ctx, err), nil
	}
	defer resp.Body.Close()
	head, err := stream(resp.Body, status, c.matchLimit())
	if err != nil {
		return c.failure(ctx, err), nil
	}
	return c.judge(resp, head), nil
}

// unsentError means that the request could not be built.
type unsentError struct{ error }

// send sends the request. If the error is an ErrShortage or an *unsentError, nothing was sent.
func (e *Executor) send(ctx context.Context, c *config, req *plugin.ExecuteRequest, status plugin.Status) (*http.Response, error) {
	sent := false // set on the goroutine of Do, or before it returns
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { sent = true }}
	request, err := c.request(httptrace.WithClientTrace(ctx, trace), req)
	if err != nil {
		return nil, keys.Shortage(&unsentError{err})
	}
	transport, err := e.transports.get(c.route, reusable(c.method))
	if err != nil {
		closeBody(request)
		return nil, keys.Shortage(&unsentError{err})
	}
	// A client per call is cheap: it is only these fields. Its timeout covers redirects and the body.
	client := http.Client{Transport: transport, Timeout: c.timeout, CheckRedirect: c.redirects(status)}
	resp, err := client.Do(request)
	if err != nil && !sent {
		err = keys.Shortage(err)
	}
	return resp, err
}

// failure distinguishes a failed exchange, the job's timeout and a requested stop.
func (c *config) failure(ctx context.Context, err error) *plugin.ExecuteResponse {
	if ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		return &plugin.ExecuteResponse{Error: err.Error(), TimedOut: true, Reason: "timed out after " + plugin.InWords(c.timeout)}
	}
	if ctx.Err() == nil {
		resp := &plugin.ExecuteResponse{Error: err.Error()}
		if refusal, ok := errors.AsType[*reach.Refusal](err); ok {
			resp.Reason = refusal.Error()
		}
		return resp
	}
	cause := context.Cause(ctx)
	if errors.Is(cause, plugin.ErrStopped) {
		return &plugin.ExecuteResponse{Error: plugin.ErrStopped.Error()}
	}
	return &plugin.ExecuteResponse{Error: fmt.Sprintf("stopped: %v", cause)}
}

// reusable reports whether a request may use an existing connection. The server may be closing it; net/http then
// resends the request, but only if that can't do the work twice. Any other request would fail without fault, so it gets
// a new connection.
func reusable(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return true
	}
	return false
}
