package kafka

import (
	"context"
	"fmt"
	"maps"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"dkron/plugin"
	"dkron/plugins/internal/plugintest"
)

// with returns the configuration with more keys.
func with(config map[string]string, more ...string) map[string]string {
	config = maps.Clone(config)
	for i := 0; i < len(more); i += 2 {
		config[more[i]] = more[i+1]
	}
	return config
}

// run starts brokers with a topic of three partitions.
func run(t *testing.T, o ...kfake.Opt) *kfake.Cluster {
	t.Helper()
	c, err := kfake.NewCluster(append([]kfake.Opt{kfake.NumBrokers(1), kfake.SeedTopics(3, "orders")}, o...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func at(c *kfake.Cluster) map[string]string {
	return map[string]string{"brokerAddress": strings.Join(c.ListenAddrs(), ","), "topic": "orders"}
}

func started(t *testing.T) *Executor {
	e := New()
	t.Cleanup(e.Close)
	return e
}

// execute runs one execution, and returns its output and its error.
func execute(ctx context.Context, e *Executor, config map[string]string) (string, *plugin.ExecuteResponse) {
	var out plugintest.Output
	resp, err := e.Execute(ctx, &plugin.ExecuteRequest{JobName: "j", Config: config, LaunchID: "j.7", ExecutionID: "7-n"}, &out)
	if err != nil {
		resp = &plugin.ExecuteResponse{Error: err.Error()}
	}
	return out.String(), resp
}

func succeed(t *testing.T, e *Executor, config map[string]string) string {
	t.Helper()
	out, resp := execute(t.Context(), e, config)
	if resp.Error != "" {
		t.Fatal(resp.Error)
	}
	return out
}

// consume returns the first n records of the topic.
func consume(t *testing.T, c *kfake.Cluster, n int) (records []*kgo.Record) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(c.ListenAddrs()...), kgo.ConsumeTopics("orders"), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for len(records) < n && ctx.Err() == nil {
		records = append(records, client.PollFetches(ctx).Records()...)
	}
	return records
}

func TestAMessageArrivesWithItsHeadersAndTheIdOfItsLaunch(t *testing.T) {
	c, e := run(t), started(t)
	config := with(at(c), "message", "go\nnow", "headers", `["X: a: b", "X: c"]`, "partition", "1", "compression", "zstd")
	if out := succeed(t, e, config); out != "Result: successfully produced the message on Kafka broker\nPartition: 1, offset 0\n" {
		t.Errorf("output %q", out)
	}
	if out := succeed(t, e, with(config, "key", "k", "headers", `["dkron-launch-id: mine"]`)); !strings.HasSuffix(out, "Partition: 1, offset 1\n") {
		t.Errorf("output %q", out)
	}
	if out := succeed(t, e, with(at(c), "acks", "0", "partition", "2")); !strings.HasSuffix(out, "Partition: 2\n") {
		t.Errorf("output %q", out)
	}
	// On a partition of its own: the one before, for which nothing is waited, may still be on its way.
	if out := succeed(t, e, with(at(c), "acks", "leader", "partition", "0")); !strings.HasSuffix(out, "Partition: 0, offset 0\n") {
		t.Errorf("output %q", out)
	}
	for _, r := range consume(t, c, 4) {
		got := fmt.Sprintf("%q %q %d %d", r.Key, r.Value, r.Partition, r.Offset)
		for _, h := range r.Headers {
			got += " " + h.Key + "=" + string(h.Value)
		}
		want := map[string]string{
			"1 0": `"" "go\nnow" 1 0 X=a: b X=c dkron-launch-id=j.7`, "1 1": `"k" "go\nnow" 1 1 dkron-launch-id=mine`,
			"2 0": `"" "" 2 0 dkron-launch-id=j.7`, "0 0": `"" "" 0 0 dkron-launch-id=j.7`,
		}[fmt.Sprintf("%d %d", r.Partition, r.Offset)]
		if got != want || (r.Key == nil) != (string(r.Key) == "") || r.Value == nil {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestAKeyDecidesThePartitionAndWithoutOneAllServe(t *testing.T) {
	c, e := run(t), started(t)
	seen := make(map[string]bool)
	for range 5 {
		seen[strings.SplitN(succeed(t, e, with(at(c), "key", "nightly")), ", ", 2)[0]] = true
	}
	if len(seen) != 1 {
		t.Errorf("one key: %v", seen)
	}
	clear(seen)
	for range 100 {
		seen[strings.SplitN(succeed(t, e, at(c)), ", ", 2)[0]] = true
	}
	if len(seen) < 2 {
		t.Errorf("without a key: %v", seen)
	}
}

// counting counts the connections that a broker gets.
func counting(n *atomic.Int32) kfake.Opt {
	return kfake.ListenFn(func(network, address string) (net.Listener, error) {
		l, err := net.Listen(network, address)
		return &counter{l, n}, err
	})
}

type counter struct {
	net.Listener
	n *atomic.Int32
}

func (c *counter) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err == nil {
		c.n.Add(1)
	}
	return conn, err
}

func TestManyExecutionsShareAClient(t *testing.T) {
	var n atomic.Int32
	c, e := run(t, counting(&n)), started(t)
	var all sync.WaitGroup
	for range 1000 {
		all.Go(func() {
			if _, resp := execute(t.Context(), e, at(c)); resp.Error != "" {
				t.Error(resp.Error)
			}
		})
	}
	all.Wait()
	if n.Load() > 4 { // the library has one for what is quick, one for messages, one for the rest
		t.Errorf("%d connections", n.Load())
	}
	if got := len(consume(t, c, 1000)); got != 1000 {
		t.Errorf("%d messages", got)
	}
}

func TestEveryWayToSayWhoConnects(t *testing.T) {
	c := run(t, kfake.EnableSASL(), kfake.Superuser("SCRAM-SHA-256", "a", "s3:a"), kfake.Superuser("SCRAM-SHA-512", "b", "s3:b"), kfake.Superuser("PLAIN", "c", "s3:c"))
	base := with(at(c), "debug", "1", "timeout", "10")
	for user, mechanism := range map[string]string{"a": "sha256", "b": "sha512", "c": "plain"} {
		out := succeed(t, started(t), with(base, "saslUsername", user, "saslPassword", "s3:"+user, "saslMechanism", mechanism))
		if strings.Contains(out, "s3:") || !strings.HasPrefix(out, "Config: ") {
			t.Errorf("debug: %s", out)
		}
	}
	for _, tt := range []struct {
		config map[string]string
		want   string
	}{
		{with(base, "saslUsername", "a", "saslPassword", "wr0ng", "saslMechanism", "sha256"), "check saslUsername, saslPassword and saslMechanism"},
		{with(base, "saslUsername", "a", "saslPassword", "wr0ng", "saslMechanism", "plain"), "check saslUsername, saslPassword and saslMechanism"},
		{with(base, "saslUsername", "a"), "saslUsername and saslPassword must be set together"},
		{with(base, "saslPassword", "wr0ng"), "saslUsername and saslPassword must be set together"},
		{with(base, "saslUsername", "a", "saslPassword", "wr0ng"), "invalid SASL mechanism, must be 'sha256' or 'sha512'"},
		{base, "whether it wants TLS (tlsEnable) or SASL"},
	} {
		if out, resp := execute(t.Context(), started(t), tt.config); !strings.Contains(resp.Error, tt.want) || strings.Contains(resp.Error+out, "wr0ng") {
			t.Errorf("%+v, want %s\n%s", resp, tt.want, out)
		}
	}
}

func TestTLSIsCheckedOnBothSides(t *testing.T) {
	a := plugintest.NewCertificates(t)
	cert, key := a.Certificate, a.Key
	secure, open := run(t, kfake.TLS(a.Server(t))), run(t)
	good := with(at(secure), "tlsEnable", "true", "tlsRootCAsFile", a.Authority, "tlsCertificateFile", cert, "tlsCertificateKeyFile", key, "timeout", "10")
	succeed(t, started(t), good)
	succeed(t, started(t), with(good, "tlsInsecureSkipVerify", "true", "tlsRootCAsFile", ""))
	for _, tt := range []struct {
		config map[string]string
		want   string
	}{
		{with(good, "tlsRootCAsFile", ""), "check tlsEnable, tlsRootCAsFile"},
		{with(good, "tlsCertificateFile", "", "tlsCertificateKeyFile", ""), "client certificate"},
		{with(good, "tlsEnable", ""), "tlsRootCAsFile is set without tlsEnable"},
		{with(good, "tlsRootCAsFile", key), "no certificate in"},
		{with(good, "brokerAddress", at(open)["brokerAddress"]), ""},
		{at(secure), "whether it wants TLS (tlsEnable)"},
	} {
		if _, resp := execute(t.Context(), started(t), tt.config); resp.Error == "" || !strings.Contains(resp.Error, tt.want) {
			t.Errorf("%v: %s, want %s", tt.config, resp.Error, tt.want)
		}
	}
}

func TestARefusedMessageSaysHowToMendIt(t *testing.T) {
	c, e := run(t), started(t)
	var code atomic.Int32
	c.ControlKey(int16(kmsg.Produce), func(r kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if code.Load() == 0 {
			return nil, nil, false
		}
		return refusal(r.(*kmsg.ProduceRequest), int16(code.Load())), nil, true
	})
	for _, tt := range []struct {
		config map[string]string
		code   *kerr.Error
		want   string
	}{
		{with(at(c), "topic", "missing"), nil, "the brokers have no topic missing"},
		{with(at(c), "partition", "7"), nil, "topic orders has no partition 7"},
		{with(at(c), "message", strings.Repeat("x", 2_000_000)), nil, "the message is too large"},
		{at(c), kerr.TopicAuthorizationFailed, "this user may not write to topic orders"},
		{at(c), kerr.ClusterAuthorizationFailed, "set acks to leader"},
	} {
		if tt.code != nil {
			code.Store(int32(tt.code.Code))
		}
		if _, resp := execute(t.Context(), e, tt.config); !strings.Contains(resp.Error, tt.want) {
			t.Errorf("%v: %s, want %s", tt.code, resp.Error, tt.want)
		}
	}
}

// refusal is an answer that refuses every message.
func refusal(req *kmsg.ProduceRequest, code int16) *kmsg.ProduceResponse {
	resp := req.ResponseKind().(*kmsg.ProduceResponse)
	for _, topic := range req.Topics {
		answer := kmsg.NewProduceResponseTopic()
		answer.Topic, answer.TopicID = topic.Topic, topic.TopicID
		for _, p := range topic.Partitions {
			part := kmsg.NewProduceResponseTopicPartition()
			part.Partition, part.ErrorCode = p.Partition, code
			answer.Partitions = append(answer.Partitions, part)
		}
		resp.Topics = append(resp.Topics, answer)
	}
	return resp
}
