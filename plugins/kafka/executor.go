// Package kafka is the executor "kafka": it produces one message on a Kafka broker.
package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"dkron/plugin"
	"dkron/plugin/keys"
	"dkron/plugins/internal/pool"
)

const (
	// produced is the output of every success, as ever.
	produced = "Result: successfully produced the message on Kafka broker\n"
	// launchHeader has the id by which receivers recognise a repetition.
	launchHeader = "dkron-launch-id"
	// hearTime is how long the end of an execution waits for the library to hear of it.
	hearTime = 100 * time.Millisecond
)

// Executor produces messages. It is safe for concurrent use; executions with the same brokers and credentials share a
// client.
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

// Close closes the clients that no execution uses. The executor remains usable.
func (e *Executor) Close() { e.clients.Close() }

// Execute produces the message, and returns when the brokers have confirmed it. An error means that it could not be sent.
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
		return keys.Failed(limited, c.timeout, "connecting to Kafka", err), nil
	}
	record, err := client.produce(limited, c.record(req))
	// A client whose broker does not answer serves no further execution.
	done(err != nil && ctx.Err() == nil && limited.Err() != nil)
	if err != nil {
		return keys.Failed(limited, c.timeout, "waiting for the broker to confirm the message, which it may have", client.explain(c, err)), nil
	}
	out := fmt.Appendf([]byte(produced), "Partition: %d", record.Partition)
	if c.acks != acksNone { // otherwise the broker does not say
		out = fmt.Appendf(out, ", offset %d", record.Offset)
	}
	status.Write(append(out, '\n'), false)
	return new(plugin.ExecuteResponse), nil
}

func (e *Executor) connect(ctx context.Context, c *config) (*client, func(bool), error) {
	key, err := c.clientKey()
	if err != nil {
		return nil, nil, err
	}
	client, done, err := e.clients.Use(ctx, key, key.open)
	return client, done, keys.Shortage(err)
}

// record is what is sent.
func (c *config) record(req *plugin.ExecuteRequest) *kgo.Record {
	r := &kgo.Record{Topic: c.topic, Value: []byte(c.message), Partition: int32(c.partition)}
	if c.key != "" {
		r.Key = []byte(c.key)
	}
	own := false
	for _, h := range c.headers {
		r.Headers = append(r.Headers, kgo.RecordHeader{Key: h.Name, Value: []byte(h.Value)})
		own = own || h.Name == launchHeader
	}
	if !own && req.LaunchID != "" {
		r.Headers = append(r.Headers, kgo.RecordHeader{Key: launchHeader, Value: []byte(req.LaunchID)})
	}
	return r
}

// produce returns when the brokers have confirmed the record, or ctx ends.
func (c *client) produce(ctx context.Context, r *kgo.Record) (*kgo.Record, error) {
	type result struct {
		r   *kgo.Record
		err error
	}
	came := make(chan result, 1)
	// The library does not always give up a record that it has sent, so the wait is ours.
	c.kafka.Produce(ctx, r, func(r *kgo.Record, err error) { came <- result{r, err} })
	select {
	case got := <-came:
		return got.r, got.err
	case <-ctx.Done():
	}
	select {
	case got := <-came: // it was faster
		return got.r, got.err
	case <-time.After(hearTime):
		return nil, context.Cause(ctx)
	}
}
