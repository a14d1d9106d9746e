// Package gcppubsub is the executor "gcppubsub": it publishes one message to Google Cloud Pub/Sub.
package gcppubsub

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	pubsub "cloud.google.com/go/pubsub/v2/apiv1"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"github.com/googleapis/gax-go/v2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"dkron/plugin"
	"dkron/plugin/keys"
)

// Executor publishes messages. It is safe for concurrent use; executions share clients when they share endpoint and
// credentials.
type Executor struct{ clients clients }

var (
	_ plugin.Executor  = (*Executor)(nil)
	_ plugin.Describer = (*Executor)(nil)
	_ plugin.Checker   = (*Executor)(nil)
)

// New returns an executor without connections.
func New() *Executor { return new(Executor) }

// Check returns what is wrong with a configuration. It depends only on config.
func (*Executor) Check(config map[string]string) []plugin.Problem { return parse(config).Problems() }

// Execute publishes the configured message. The output is the id that the service gives it.
func (e *Executor) Execute(ctx context.Context, req *plugin.ExecuteRequest, out plugin.Status) (*plugin.ExecuteResponse, error) {
	c := parse(req.Config)
	c.Warned(out)
	if failure := c.Failure(); failure != nil {
		return failure, nil
	}
	ctx, cancel := keys.Limit(ctx, c.timeout)
	defer cancel()
	create := fmt.Sprintf("create client for project %q: ", c.project)
	var err error
	if c.access, err = c.access.look(); err != nil {
		return &plugin.ExecuteResponse{Error: create + err.Error()}, nil
	}
	api, done, err := e.clients.use(ctx, c.access)
	if err != nil {
		return c.failed(ctx, create, err), nil
	}
	defer done()
	answer, err := publish(ctx, api, &pubsubpb.PublishRequest{Topic: c.topicPath(), Messages: []*pubsubpb.PubsubMessage{c.identified(req)}})
	act := fmt.Sprintf("publish message to topic %q: ", c.topic)
	if err == nil && len(answer.GetMessageIds()) != 1 {
		err = fmt.Errorf("the service answered with %d ids for one message", len(answer.GetMessageIds()))
	}
	if err != nil {
		return c.failed(ctx, act, err), nil
	}
	out.Write([]byte(answer.GetMessageIds()[0]), false)
	return &plugin.ExecuteResponse{}, nil
}

// publish publishes a message. What may pass is tried again until ctx ends, at least every two seconds; the error is then
// that of the last try that had one of its own. The library would lose it.
func publish(ctx context.Context, api *pubsub.TopicAdminClient, request *pubsubpb.PublishRequest) (*pubsubpb.PublishResponse, error) {
	once := []gax.CallOption{gax.WithTimeout(0), gax.WithRetry(func() gax.Retryer { return gax.OnCodes(nil, gax.Backoff{}) })}
	var last error
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 2*time.Second) {
		answer, err := api.Publish(ctx, request, once...)
		if err == nil || ctx.Err() == nil && !passes(err) {
			return answer, err
		}
		if last == nil || ctx.Err() == nil {
			last = err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, last
		}
	}
}

// passes reports whether an error may pass by itself.
func passes(err error) bool {
	switch status.Code(err) {
	case codes.Aborted, codes.Internal, codes.Unknown, codes.Unavailable:
		return true
	case codes.ResourceExhausted:
		return !strings.Contains(err.Error(), tooLarge)
	}
	return false
}

// tooLarge is part of the library's error for an answer that is larger than our limit.
const tooLarge = "received message larger than max"

// identified returns the message with the attribute by which receivers recognise a repetition.
func (c *config) identified(req *plugin.ExecuteRequest) *pubsubpb.PubsubMessage {
	attributes := make(map[string]string, len(c.message.Attributes)+1)
	if req.LaunchID != "" && len(req.LaunchID) <= maxValue {
		attributes[launchAttribute] = req.LaunchID
	}
	maps.Copy(attributes, c.message.Attributes)
	return &pubsubpb.PubsubMessage{Data: c.message.Data, Attributes: attributes, OrderingKey: c.message.OrderingKey}
}

// failed is the response of an execution that failed with err; act begins its error.
func (c *config) failed(ctx context.Context, act string, err error) *plugin.ExecuteResponse {
	cause := context.Cause(ctx)
	switch {
	case errors.Is(cause, plugin.ErrStopped):
		return &plugin.ExecuteResponse{Error: plugin.ErrStopped.Error()}
	case cause != nil && !errors.Is(cause, keys.ErrTimedOut):
		return &plugin.ExecuteResponse{Error: fmt.Sprintf("stopped: %v", cause)}
	}
	response := &plugin.ExecuteResponse{Error: act + keys.Short(err.Error()), Reason: c.advice(err)}
	if cause != nil {
		response.TimedOut = true
		if response.Reason != "" {
			response.Reason = ": " + response.Reason
		}
		response.Reason = "timed out after " + plugin.InWords(c.timeout) + response.Reason
	}
	return response
}

// advice says how to fix an error, or nothing if that isn't known.
func (c *config) advice(err error) string {
	text := err.Error()
	where := c.access.endpoint
	if where == "" {
		where = "pubsub.googleapis.com"
	}
	for _, a := range []struct{ part, advice string }{
		{"could not find default credentials", "the node has no credentials for Google; set credentialsFile, or GOOGLE_APPLICATION_CREDENTIALS in the agent's environment"},
		{"credentialsFile", "credentialsFile must be the key of a service account, as Google's console gives it"},
		{"connection refused", "nothing accepts connections at " + where + "; check endpoint"},
		{"no such host", "no address is known for " + where + "; check endpoint, and the node's DNS"},
		{tooLarge, "the service answers with more than an id; check endpoint"},
		{"connection reset by peer", where + " closes connections; check endpoint"},
		{"broken pipe", where + " closes connections; check endpoint"},
		{"error reading server preface: EOF", where + " closes connections; check endpoint"},
		{"error reading server preface", where + " does not answer as Pub/Sub does; check endpoint, and write http:// before that of an emulator only"},
		{"first record does not look like a TLS handshake", where + " does not speak TLS; if it is an emulator, write http:// before endpoint"},
		{"signed by unknown authority", "no authority that this node trusts has signed the certificate of " + where},
	} {
		if strings.Contains(text, a.part) {
			return a.advice
		}
	}
	switch status.Code(err) {
	case codes.DeadlineExceeded:
		return where + " does not answer; check endpoint, and whether the node may reach it"
	case codes.NotFound:
		return fmt.Sprintf("there is no topic %q in the project %q, or these credentials may not see it", c.topic, c.project)
	case codes.PermissionDenied:
		return fmt.Sprintf("the credentials may not publish to the topic %q; give them the role roles/pubsub.publisher", c.topic)
	case codes.Unauthenticated:
		return "the service does not accept the credentials; look whether they are still valid"
	case codes.InvalidArgument:
		return "the service does not accept the message: " + keys.Short(status.Convert(err).Message())
	}
	return ""
}
