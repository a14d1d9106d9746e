package rabbitmq

import (
	"context"
	"errors"
	"fmt"
	"strings"

	amqp "github.com/rabbitmq/amqp091-go"

	"dkron/plugin"
	"dkron/plugin/keys"
)

// failed is the response of an execution that failed with err while doing something.
func (c *config) failed(ctx context.Context, doing string, err error) *plugin.ExecuteResponse {
	response := keys.Failed(ctx, c.timeout, doing, errors.New(c.secret(err.Error())))
	if blocked := (*blockedError)(nil); errors.As(err, &blocked) && response.TimedOut {
		response.Reason += ": the broker takes no messages now, it is " + keys.Short(blocked.why)
	}
	if response.Reason == "" && ctx.Err() == nil {
		response.Reason = c.advice(err)
	}
	return response
}

// advice says how to fix an error, or nothing if that isn't known.
func (c *config) advice(err error) string {
	returned, refused := (*unroutableError)(nil), (*amqp.Error)(nil)
	switch {
	case errors.As(err, &returned) && c.exchange == "":
		return fmt.Sprintf("there is no queue %q; create it, or set queue.create to true", c.queue)
	case errors.As(err, &returned):
		return fmt.Sprintf("exchange %q leads messages with the key %q to no queue; bind a queue to it, or correct queue.name", c.exchange, c.queue)
	case errors.Is(err, errRefused):
		return fmt.Sprintf("%s does not take the message; look whether the queue is full and refuses more, and into the broker's log", c.target())
	case errors.As(err, &refused):
		if advice := c.refusal(refused); advice != "" {
			return advice
		}
	}
	return keys.Advice(err.Error(), c.host)
}

// refusal says how to fix what the broker, or the library, says in AMQP's words.
func (c *config) refusal(err *amqp.Error) string {
	text := err.Reason
	switch {
	case !err.Server && keys.Advice(text, c.host) != "":
		return keys.Advice(text, c.host)
	case !err.Server && err.Code >= amqp.FrameError && err.Code <= amqp.UnexpectedFrame:
		return c.host + " does not answer as AMQP; check the port, and whether it wants amqps://"
	case errors.Is(err, amqp.ErrCredentials):
		return "the broker does not accept this user and password; note that guest may only come from the broker's own machine"
	case errors.Is(err, amqp.ErrVhost), err.Code == amqp.NotAllowed && strings.Contains(text, "vhost"):
		return "the user has no access to the virtual host in url, or there is none of this name"
	case err.Code == amqp.NotFound && strings.Contains(text, "no exchange"):
		return fmt.Sprintf("there is no exchange %q; create it, or leave out exchange to send to the queue", c.exchange)
	case err.Code == amqp.PreconditionFailed:
		return fmt.Sprintf("there is a queue %q already, which was created in another way; set queue.durable, queue.auto_delete and queue.exclusive as it has them, or leave out queue.create", c.queue)
	case err.Code == amqp.ResourceLocked:
		return fmt.Sprintf("queue %q belongs to another connection alone; choose another name", c.queue)
	case err.Code == amqp.AccessRefused:
		return "the user may not do this: " + keys.Short(text) + "; give it the permission to write, and with queue.create to configure"
	}
	return ""
}
