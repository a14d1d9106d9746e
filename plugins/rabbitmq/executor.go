// Package rabbitmq is the executor "rabbitmq": it sends one message, and waits until the broker has confirmed it.
package rabbitmq

import (
	"context"
	"errors"
	"fmt"

	amqp "github.com/rabbitmq/amqp091-go"

	"dkron/plugin"
	"dkron/plugin/keys"
	"dkron/plugins/internal/pool"
)

// Executor sends messages. It is safe for concurrent use; executions share connections when they share the broker's
// settings.
type Executor struct {
	brokers pool.Pool[server, *broker]
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

// Execute sends the configured message.
func (e *Executor) Execute(ctx context.Context, req *plugin.ExecuteRequest, out plugin.Status) (*plugin.ExecuteResponse, error) {
	c := parse(req.Config)
	c.Report(schema(), out)
	if failure := c.Failure(); failure != nil {
		return failure, nil
	}
	if c.message.MessageId == "" && len(req.LaunchID) <= maxName {
		c.message.MessageId = req.LaunchID
	}
	ctx, cancel := keys.Limit(ctx, c.timeout)
	defer cancel()
	var err error
	if c.server.files, err = c.server.tls.Stamps(); err != nil {
		return &plugin.ExecuteResponse{Error: err.Error()}, nil
	}
	b, done, err := e.connect(ctx, c)
	if err != nil {
		return c.failed(ctx, "connecting to "+c.host, err), nil
	}
	// The library's calls don't know contexts. Those that hang end with the connection.
	sent := make(chan error, 1)
	go func() { sent <- b.send(ctx, c) }()
	select {
	case err = <-sent:
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	done(ctx.Err() != nil)
	if err != nil {
		if why := b.takesNothing(); why != "" {
			err = &blockedError{err, why}
		}
		return c.failed(ctx, "waiting for "+c.host+" to confirm the message", err), nil
	}
	out.Write(fmt.Appendf(nil, "Confirmed: message %q of %d bytes to %s\n", c.message.MessageId, len(c.message.Body), c.target()), false)
	return &plugin.ExecuteResponse{}, nil
}

// connect returns the connection that executions with these settings share, or one of its own for a queue that shall
// belong to this execution alone.
func (e *Executor) connect(ctx context.Context, c *config) (*broker, func(broken bool), error) {
	if !c.alone {
		return e.brokers.Use(ctx, c.server, c.server.open)
	}
	b, err := c.server.open(ctx)
	if err != nil {
		return nil, nil, err
	}
	return b, func(bool) { go b.Close() }, nil
}

// unroutableError means that the broker has no queue for the message.
type unroutableError struct{ amqp.Return }

func (e *unroutableError) Error() string {
	return fmt.Sprintf("the message was returned: %s (%d)", e.ReplyText, e.ReplyCode)
}

// errRefused means that the broker does not take responsibility for the message.
var errRefused = errors.New("the broker refused the message")

// blockedError means that nothing was confirmed while the broker takes no messages.
type blockedError struct {
	error
	why string
}

func (e *blockedError) Unwrap() error { return e.error }

// send sends the message and returns nil once the broker has confirmed that a queue has it.
func (b *broker) send(ctx context.Context, c *config) error {
	l, err := b.take(ctx)
	if err != nil {
		return err
	}
	if err := l.send(ctx, c); err != nil {
		b.drop(l)
		return err
	}
	b.put(l)
	return nil
}

func (l *line) send(ctx context.Context, c *config) error {
	if c.create {
		if _, err := l.QueueDeclare(c.queue, c.durable, c.autoDel, c.alone, false, nil); err != nil {
			return err
		}
	}
	if ctx.Err() != nil { // nobody waits for it any more
		return context.Cause(ctx)
	}
	confirmed, err := l.PublishWithDeferredConfirm(c.exchange, c.queue, true, false, c.message)
	if err != nil {
		return err
	}
	select {
	case <-confirmed.Done():
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	// A channel that is closed ends the waiting as well. Its reason is there before, and then nothing else counts: the
	// library closes the channel of returns too.
	select {
	case err := <-l.closed:
		if err == nil {
			err = amqp.ErrClosed
		}
		return err
	default:
	}
	select {
	case r, ok := <-l.returns: // it comes before the confirmation
		if !ok {
			return amqp.ErrClosed
		}
		return &unroutableError{r}
	default:
	}
	if !confirmed.Acked() {
		return errRefused
	}
	return nil
}
