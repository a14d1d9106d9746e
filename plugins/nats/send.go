package nats

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"

	"dkron/plugin"
)

const (
	// sent is the output of every success, as ever.
	sent = "Result: Message successfully sent\n"
	// never is a limit for what has none: the library wants one.
	never = 24 * 365 * time.Hour
)

// errUnanswered means that the server is connected and does not answer.
var errUnanswered = fmt.Errorf("the server does not answer: %w", context.DeadlineExceeded)

// envelope is what is sent.
func (c *config) envelope(req *plugin.ExecuteRequest, headers bool) *nats.Msg {
	m := nats.NewMsg(c.subject)
	m.Data = []byte(c.message)
	if headers && req.LaunchID != "" { // by which receivers, and streams, recognise a repetition
		m.Header.Set(nats.MsgIdHdr, req.LaunchID)
	}
	for _, h := range c.headers { // a job's own headers replace ours
		m.Header.Del(h.Name)
	}
	for _, h := range c.headers {
		m.Header.Add(h.Name, h.Value)
	}
	return m
}

// send publishes the message and returns the output.
func (c *client) send(ctx context.Context, job *config, req *plugin.ExecuteRequest) ([]byte, error) {
	ctx, end := c.watch(ctx, job.subject, job.jetstream || job.reply)
	defer end()
	ctx, cancel := context.WithTimeout(ctx, never)
	defer cancel()
	m := job.envelope(req, c.nc.HeadersSupported())
	var out []byte
	var err error
	switch {
	case job.jetstream:
		out, err = c.store(ctx, m)
	case job.reply:
		out, err = c.ask(ctx, m)
	default:
		err = c.publish(ctx, m)
	}
	var refused *refusal
	switch {
	case errors.As(context.Cause(ctx), &refused):
		return nil, refused
	case errors.Is(err, nats.ErrMaxPayload):
		return nil, fmt.Errorf("the message is too large: the server takes at most %d bytes with headers; shorten it, or raise max_payload of the server: %w", c.nc.MaxPayload(), err)
	case errors.Is(err, context.DeadlineExceeded):
		return nil, errUnanswered
	case err != nil:
		return nil, err
	}
	return append([]byte(sent), out...), nil
}

// publish sends the message, and waits until the server has read it.
func (c *client) publish(ctx context.Context, m *nats.Msg) error {
	if err := c.nc.PublishMsg(m); errors.Is(err, nats.ErrConnectionClosed) {
		return fmt.Errorf("the connection broke before the message was sent: %w", err)
	} else if err != nil {
		return err
	}
	if err := c.nc.FlushWithContext(ctx); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("the connection broke before the server confirmed the message, which it may have: %w", err)
	}
	c.settle(ctx)
	return nil
}

// ask sends the message as a request, and returns the answer.
func (c *client) ask(ctx context.Context, m *nats.Msg) ([]byte, error) {
	answer, err := c.nc.RequestMsgWithContext(ctx, m)
	switch {
	case errors.Is(err, nats.ErrNoResponders):
		return nil, fmt.Errorf("nobody answers on %s: start the service, or check subject: %w", m.Subject, err)
	case err != nil:
		return nil, err
	}
	if text := answer.Header.Get("Nats-Service-Error"); text != "" {
		return nil, fmt.Errorf("the service answered with an error: %s %s", answer.Header.Get("Nats-Service-Error-Code"), text)
	}
	return answer.Data, nil
}

// ack is how a stream confirms a message.
type ack struct {
	Stream    string `json:"stream"`
	Sequence  uint64 `json:"seq"`
	Duplicate bool   `json:"duplicate"`
	Error     *struct {
		Code        int    `json:"code"`
		Description string `json:"description"`
	} `json:"error"`
}

// store sends the message, and waits until a stream has stored it. While a stream chooses a leader nobody confirms, so it
// tries a few times.
func (c *client) store(ctx context.Context, m *nats.Msg) ([]byte, error) {
	answer, err := c.nc.RequestMsgWithContext(ctx, m)
	for try := 0; try < 3 && errors.Is(err, nats.ErrNoResponders); try++ {
		select {
		case <-time.After(250 * time.Millisecond):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		answer, err = c.nc.RequestMsgWithContext(ctx, m)
	}
	switch {
	case errors.Is(err, nats.ErrNoResponders):
		return nil, fmt.Errorf("no stream stores messages on %s: create one that has this subject, or remove jetstream: %w", m.Subject, err)
	case err != nil:
		return nil, err
	}
	var a ack
	switch err := json.Unmarshal(answer.Data, &a); {
	case err != nil || a.Error == nil && a.Stream == "":
		return nil, fmt.Errorf("what answers on %s is not a stream; use reply instead of jetstream for a service", m.Subject)
	case a.Error != nil:
		return nil, fmt.Errorf("the stream refused the message: %s (%d)", a.Error.Description, a.Error.Code)
	}
	out := fmt.Appendf(nil, "Stream: %s, sequence %d", a.Stream, a.Sequence)
	if a.Duplicate {
		out = append(out, ", stored before: this is a repetition"...)
	}
	return append(out, '\n'), nil
}
