package kafka

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"
)

const (
	connectLimit = 5 * time.Second
	// answerLimit is how long a broker may take for an answer that needs no other broker.
	answerLimit = 10 * time.Second
	// tries is how often a message is sent again when a broker asks for it, or is gone.
	tries = 5
	// maxAnswer bounds the memory for one answer: brokers describe themselves and one topic.
	maxAnswer = 16 << 20
)

// client is a client of the brokers.
type client struct {
	kafka *kgo.Client
	seen  *seen
}

// seen keeps why a broker could not be reached: the library reports only that it gave up.
type seen struct {
	mu  sync.Mutex // guards err
	err error
}

var _ kgo.HookBrokerConnect = (*seen)(nil)

// OnBrokerConnect is called by the library.
func (s *seen) OnBrokerConnect(_ kgo.BrokerMetadata, _ time.Duration, _ net.Conn, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

// last returns why the last connection could not be made, nil if it could.
func (s *seen) last() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// open makes a client, and asks a broker for the others: what is wrong is found here, once, and not by each message.
func (k clientKey) open(ctx context.Context) (*client, error) {
	c := &client{seen: new(seen)}
	options, err := k.options()
	if err != nil {
		return nil, err
	}
	if c.kafka, err = kgo.NewClient(append(options, kgo.WithHooks(c.seen))...); err != nil {
		return nil, err
	}
	if err := c.kafka.Ping(ctx); err != nil {
		c.kafka.Close()
		return nil, k.explain(ctx, err)
	}
	return c, nil
}

// options maps the job's settings. None is left to what the library thinks best.
func (k clientKey) options() ([]kgo.Opt, error) {
	partitioner := kgo.StickyKeyPartitioner(nil) // by the key as Java clients do it, otherwise any
	if k.manual {
		partitioner = kgo.ManualPartitioner()
	}
	options := []kgo.Opt{
		kgo.ClientID("dkron"), kgo.SeedBrokers(k.seeds()...), kgo.AllowAutoTopicCreation(), kgo.DisableClientMetrics(),
		kgo.DialTimeout(connectLimit), kgo.RequestTimeoutOverhead(answerLimit), kgo.ProduceRequestTimeout(answerLimit),
		kgo.RetryTimeout(answerLimit), kgo.RequestRetries(tries), kgo.RecordRetries(tries), kgo.UnknownTopicRetries(tries),
		kgo.BrokerMaxReadBytes(maxAnswer), kgo.FetchMaxBytes(maxAnswer), kgo.ProducerLinger(0), kgo.RecordPartitioner(partitioner), kgo.ProducerBatchCompression(codec(k.compression)),
	}
	switch k.acks {
	case acksAll: // and idempotent: a repetition by the library is dropped by the broker
		options = append(options, kgo.RequiredAcks(kgo.AllISRAcks()))
	case acksLeader:
		options = append(options, kgo.RequiredAcks(kgo.LeaderAck()), kgo.DisableIdempotentWrite())
	case acksNone:
		options = append(options, kgo.RequiredAcks(kgo.NoAck()), kgo.DisableIdempotentWrite())
	}
	if k.tlsOn {
		config, err := k.tls.Config()
		if err != nil {
			return nil, err
		}
		options = append(options, kgo.DialTLSConfig(config))
	}
	if m := k.sasl(); m != nil {
		options = append(options, kgo.SASL(m))
	}
	return options, nil
}

func (k clientKey) sasl() sasl.Mechanism {
	switch k.mechanism {
	case "sha256":
		return scram.Auth{User: k.user, Pass: k.password}.AsSha256Mechanism()
	case "sha512":
		return scram.Auth{User: k.user, Pass: k.password}.AsSha512Mechanism()
	case "plain":
		return plain.Auth{User: k.user, Pass: k.password}.AsMechanism()
	case mechanismBearer:
		return k.bearerMechanism()
	}
	return nil
}

func codec(name string) kgo.CompressionCodec {
	switch name {
	case "gzip":
		return kgo.GzipCompression()
	case "snappy":
		return kgo.SnappyCompression()
	case "lz4":
		return kgo.Lz4Compression()
	case "zstd":
		return kgo.ZstdCompression()
	}
	return kgo.NoCompression()
}

// Alive is always true: the library connects again by itself.
func (*client) Alive() bool { return true }

// Close ends the client. Messages that are not confirmed are given up.
func (c *client) Close() { c.kafka.Close() }

// explain says what a failed connection probably means.
func (k clientKey) explain(ctx context.Context, err error) error {
	first := (*kgo.ErrFirstReadEOF)(nil)
	text := err.Error()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, new(tokenError)):
		return fmt.Errorf("no token for the broker: %w; check saslTokenUrl, saslUsername, saslPassword and saslScope", err)
	case k.mechanism == mechanismBearer && (errors.Is(err, kerr.SaslAuthenticationFailed) || errors.Is(err, io.EOF)):
		return fmt.Errorf("the broker refused the token: %w; check saslToken or saslTokenUrl, and what the broker expects of tokens", err)
	case errors.Is(err, kerr.SaslAuthenticationFailed), errors.Is(err, kerr.UnsupportedSaslMechanism), errors.Is(err, kerr.IllegalSaslState):
		return fmt.Errorf("the broker refused the credentials: %w; check saslUsername, saslPassword and saslMechanism", err)
	case k.user != "" && errors.Is(err, io.EOF):
		return fmt.Errorf("the broker closed the connection when it had the credentials: %w; check saslUsername, saslPassword and saslMechanism", err)
	case strings.Contains(text, "tls: ") || strings.Contains(text, "x509: "):
		return fmt.Errorf("TLS with the broker failed: %w; check tlsEnable, tlsRootCAsFile, the name in brokerAddress, and whether the broker wants a client certificate", err)
	case errors.As(err, &first), strings.Contains(text, "invalid large response"):
		return fmt.Errorf("what listens on brokerAddress does not speak as a broker does: %w; check the port, and whether it wants TLS (tlsEnable) or SASL", err)
	case strings.Contains(text, "i/o timeout"):
		return fmt.Errorf("no broker answered: %w; check that brokerAddress has the port of a Kafka broker", err)
	}
	return fmt.Errorf("no broker could be used: %w; check brokerAddress, and that the broker runs", err)
}

// explain says why a message was not confirmed.
func (c *client) explain(job *config, err error) error {
	switch {
	case errors.Is(err, kerr.UnknownTopicOrPartition):
		return fmt.Errorf("the brokers have no topic %s: %w; create it, or check topic", job.topic, err)
	case errors.Is(err, kerr.TopicAuthorizationFailed):
		return fmt.Errorf("this user may not write to topic %s: %w; give it the right to, or check saslUsername", job.topic, err)
	case errors.Is(err, kerr.ClusterAuthorizationFailed):
		return fmt.Errorf("this user may not write so that repetitions are dropped: %w; give it the right IdempotentWrite, or set acks to leader", err)
	case errors.Is(err, kerr.MessageTooLarge):
		return fmt.Errorf("the message is too large: %w; shorten it: with its key and headers it may have about 1,000,000 bytes, or less if the topic says so", err)
	case errors.Is(err, kerr.NotEnoughReplicas), errors.Is(err, kerr.NotEnoughReplicasAfterAppend):
		return fmt.Errorf("too few brokers of topic %s run to store it safely: %w", job.topic, err)
	case strings.Contains(err.Error(), "partitioning choice"):
		return fmt.Errorf("topic %s has no partition %d: %w; check partition", job.topic, job.partition, err)
	}
	if last := c.seen.last(); last != nil && !strings.Contains(err.Error(), last.Error()) {
		return fmt.Errorf("%w; a broker can't be reached: %w", err, last)
	}
	return err
}
