// Package nats is the executor "nats": it publishes one message on NATS.
package nats

import (
	"context"
	"errors"
	"fmt"
	"time"

	"dkron/plugin"
	"dkron/plugin/keys"
	"dkron/plugins/internal/pool"
)

// hearTime is how long the end of an execution waits for the library to hear of it.
const hearTime = 100 * time.Millisecond

// Executor publishes messages. It is safe for concurrent use; executions with the same address and credentials share a
// connection.
type Executor struct {
	clients pool.Pool[clientKey, *client]
}

var (
	_ plugin.Executor  = (*Executor)(nil)
	_ plugin.Describer = (*Executor)(nil)
	_ plugin.Checker   = (*Executor)(nil)
)

// New returns an executor without connections.
func New() *Executor { return new(Executor) }

// Close closes the connections that no execution uses. The executor remains usable.
func (e *Executor) Close() { e.clients.Close() }

// Execute publishes the message, and returns when the server has it. An error means that it could not be sent.
func (e *Executor) Execute(ctx context.Context, req *plugin.ExecuteRequest, status plugin.Status) (*plugin.ExecuteResponse, error) {
	c := parse(req.Config)
	if err := c.Err(); err != nil {
		c.Report(schema(), status)
		return nil, err
	}
	limited, cancel := keys.Limit(ctx, c.timeout)
	defer cancel()
	client, done, err := e.connect(limited, c)
	if errors.Is(err, plugin.ErrShortage) {
		return nil, err
	}
	c.Report(schema(), status)
	if err != nil {
		return keys.Failed(limited, c.timeout, "connecting to NATS", fmt.Errorf("error connecting to NATS: %w", err)), nil
	}
	type result struct {
		out []byte
		err error
	}
	sent := make(chan result, 1)
	// A server that does not read blocks it in the library for a while, so that it may outlive the execution.
	go func() {
		out, err := client.send(limited, c, req)
		done(errors.Is(err, errUnanswered))
		sent <- result{out, err}
	}()
	doing := "waiting for the server to confirm the message, which it may have"
	if c.reply {
		doing = "waiting for the answer"
	}
	var r result
	select {
	case r = <-sent:
	case <-limited.Done():
		select {
		case r = <-sent: // it has heard the end as well, or was faster
		case <-time.After(hearTime):
			r.err = errUnanswered
		}
	}
	if r.err != nil {
		return keys.Failed(limited, c.timeout, doing, r.err), nil
	}
	status.Write(r.out, false)
	return new(plugin.ExecuteResponse), nil
}

func (e *Executor) connect(ctx context.Context, c *config) (*client, func(bool), error) {
	key, err := c.key()
	if err != nil {
		return nil, nil, err
	}
	client, done, err := e.clients.Use(ctx, key, key.open)
	return client, done, keys.Shortage(err)
}
