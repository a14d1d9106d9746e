package rabbitmq_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"dkron/plugin"
	"dkron/plugins/internal/plugintest"
	"dkron/plugins/rabbitmq"
)

// url is the broker's address for a user that may come from here.
func (r rabbit) url() string { return "amqp://guest:guest@" + r.addr + "/" }

// receiver looks at the broker from the other side.
func (r rabbit) receiver(t testing.TB) *amqp.Channel {
	t.Helper()
	conn, err := amqp.Dial(r.url())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	ch, err := conn.Channel()
	if err != nil {
		t.Fatal(err)
	}
	return ch
}

// queue makes a queue for a test.
func (r rabbit) queue(t testing.TB, arguments amqp.Table) (*amqp.Channel, string) {
	t.Helper()
	ch := r.receiver(t)
	q, err := ch.QueueDeclare(strings.ReplaceAll(t.Name(), "/", "."), false, false, false, false, arguments)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = ch.QueueDelete(q.Name, false, false, false) })
	return ch, q.Name
}

// expected is what an execution has to come to. Texts are parts; an empty one means that there is none.
type expected struct{ failure, reason, output string }

func check(t *testing.T, want expected, response *plugin.ExecuteResponse, output string) {
	t.Helper()
	if response.Error != want.failure && (want.failure == "" || !strings.Contains(response.Error, want.failure)) {
		t.Errorf("error %q, want %q", response.Error, want.failure)
	}
	if !strings.Contains(response.Reason, want.reason) || want.reason == "" && response.Reason != "" {
		t.Errorf("reason %q, want %q", response.Reason, want.reason)
	}
	if want.output != output && (want.output == "" || !strings.Contains(output, want.output)) {
		t.Errorf("output %q, want %q", output, want.output)
	}
	if strings.Contains(response.Error+response.Reason+output, "s3cret") {
		t.Errorf("%+v, output %q have the password", response, output)
	}
}

func TestAMessageArrivesWithAllThatTheJobSets(t *testing.T) {
	r := broker(t)
	ch, queue := r.queue(t, nil)
	for name, x := range map[string]struct {
		config map[string]string
		want   amqp.Delivery
	}{
		"least": {map[string]string{}, amqp.Delivery{ContentType: "text/plain", MessageId: "launch-1", Body: nil}},
		"text": {
			map[string]string{
				"message.body": "hello", "message.content_type": "text/x", "message.delivery_mode": "2", "message.messageId": "mine",
				"headers": `["a: b:c"]`, "message.base64Body": "",
			},
			amqp.Delivery{ContentType: "text/x", DeliveryMode: 2, MessageId: "mine", Body: []byte("hello"), Headers: amqp.Table{"a": "b:c"}},
		},
		"bytes":                   {map[string]string{"message.base64Body": "AAEC"}, amqp.Delivery{ContentType: "text/plain", MessageId: "launch-1", Body: []byte{0, 1, 2}}},
		"bytes, as in v4's guide": {map[string]string{"message.base64": "AAEC", "message.body": ""}, amqp.Delivery{ContentType: "text/plain", MessageId: "launch-1", Body: []byte{0, 1, 2}}},
		"user of its own":         {map[string]string{"url": "amqp://nobody:s3cret@" + r.addr, "userName": "guest", "password": "guest"}, amqp.Delivery{ContentType: "text/plain", MessageId: "launch-1"}},
	} {
		t.Run(name, func(t *testing.T) {
			x.config["queue.name"] = queue
			if x.config["url"] == "" {
				x.config["url"] = r.url()
			}
			response, output := plugintest.Run(t, rabbitmq.New(), x.config)
			check(t, expected{output: fmt.Sprintf("Confirmed: message %q of %d bytes to queue %q\n", x.want.MessageId, len(x.want.Body), queue)}, response, output)
			got, ok, err := ch.Get(queue, true)
			if err != nil || !ok || got.ContentType != x.want.ContentType || got.DeliveryMode != x.want.DeliveryMode || got.MessageId != x.want.MessageId ||
				string(got.Body) != string(x.want.Body) || fmt.Sprint(got.Headers) != fmt.Sprint(x.want.Headers) && len(got.Headers)+len(x.want.Headers) > 0 {
				t.Errorf("got %+v, %v, %v", got, ok, err)
			}
		})
	}
}

func TestWhatTheBrokerDoesNotTakeFailsAndSaysHowToMendIt(t *testing.T) {
	r := broker(t)
	ch, queue := r.queue(t, nil)
	if err := ch.ExchangeDeclare("orders", "direct", false, true, false, false, nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ch.ExchangeDelete("orders", false, false) })
	full, err := ch.QueueDeclare("full", false, true, false, false, amqp.Table{"x-max-length": 0, "x-overflow": "reject-publish"})
	if err != nil {
		t.Fatal(err)
	}
	mine, err := ch.QueueDeclare("mine", false, false, true, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	e := rabbitmq.New()
	for name, x := range map[string]struct {
		config map[string]string
		want   expected
	}{
		"no queue":           {map[string]string{"queue.name": "none"}, expected{"the message was returned: NO_ROUTE (312)", `there is no queue "none"; create it, or set queue.create to true`, ""}},
		"no binding":         {map[string]string{"exchange": "orders"}, expected{"NO_ROUTE", `exchange "orders" leads messages with the key "` + queue + `" to no queue; bind a queue to it`, ""}},
		"no exchange":        {map[string]string{"exchange": "none"}, expected{"NOT_FOUND", `there is no exchange "none"; create it, or leave out exchange`, ""}},
		"another queue":      {map[string]string{"queue.create": "true", "queue.durable": "true"}, expected{"PRECONDITION_FAILED", `which was created in another way; set queue.durable`, ""}},
		"a queue of one":     {map[string]string{"queue.name": mine.Name, "queue.create": "true"}, expected{"RESOURCE_LOCKED", "belongs to another connection alone", ""}},
		"a full queue":       {map[string]string{"queue.name": full.Name}, expected{"the broker refused the message", "look whether the queue is full", ""}},
		"reserved name":      {map[string]string{"queue.name": "amq.mine", "queue.create": "true"}, expected{"ACCESS_REFUSED", "the user may not do this: ", ""}},
		"password":           {map[string]string{"url": "amqp://guest:s3cret@" + r.addr}, expected{"username or password not allowed", "does not accept this user and password", ""}},
		"virtual host":       {map[string]string{"url": r.url() + "none"}, expected{"vhost none not found", "the user has no access to the virtual host in url", ""}},
		"the port of TLS":    {map[string]string{"url": "amqp://guest:guest@" + r.secure}, expected{"Exception", "check", ""}},
		"TLS, plain port":    {map[string]string{"url": "amqps://guest:guest@" + r.addr}, expected{"tls: first record does not look like a TLS handshake", "does not speak TLS on this port", ""}},
		"no certificate":     {map[string]string{"url": "amqps://guest:guest@" + r.secure, "tlsRootCAsFile": r.files.Authority}, expected{" ", "a client certificate", ""}},
		"nobody's trust":     {map[string]string{"url": "amqps://guest:guest@" + r.secure}, expected{"signed by unknown authority", "name the authority's file in tlsRootCAsFile", ""}},
		"a file that's gone": {map[string]string{"url": "amqps://guest:guest@" + r.secure, "tlsRootCAsFile": "/none"}, expected{"TLS file: stat /none: no such file or directory", "", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			if x.config["queue.name"] == "" {
				x.config["queue.name"] = queue
			}
			if x.config["url"] == "" {
				x.config["url"] = r.url()
			}
			response, output := plugintest.Run(t, e, x.config)
			check(t, x.want, response, output)
			if response.TimedOut {
				t.Errorf("%+v", response)
			}
		})
	}
	response, output := plugintest.Run(t, e, map[string]string{"url": r.url(), "queue.name": queue})
	check(t, expected{output: "Confirmed"}, response, output) // what was refused breaks nothing
}

func TestQueuesAreCreated(t *testing.T) {
	r := broker(t)
	ch := r.receiver(t)
	config := map[string]string{"url": r.url(), "queue.name": "made", "queue.create": "yes", "queue.durable": "true", "queue.auto_delete": "1"}
	response, output := plugintest.Run(t, rabbitmq.New(), config)
	check(t, expected{output: "Warning: queue.create \"yes\" creates the queue, as any value but \"false\" does; write \"true\" or \"false\".\nConfirmed: "}, response, output)
	if q, err := ch.QueueDeclarePassive("made", true, true, false, false, nil); err != nil || q.Messages != 1 {
		t.Errorf("%+v, %v", q, err)
	}
	_, _ = ch.QueueDelete("made", false, false, false)
	config = map[string]string{"url": r.url(), "queue.name": "alone", "queue.create": "true", "queue.exclusive": "true"}
	e := rabbitmq.New()
	for range 2 { // the second finds the name free
		response, output = plugintest.Run(t, e, config)
		check(t, expected{output: "Confirmed: "}, response, output)
		gone := func() bool {
			ch := r.receiver(t)
			_, err := ch.QueueDeclarePassive("alone", false, false, true, false, nil)
			return err != nil && strings.Contains(err.Error(), "NOT_FOUND")
		}
		for began := time.Now(); !gone(); time.Sleep(20 * time.Millisecond) {
			if time.Since(began) > time.Minute {
				t.Fatal("the queue is still there")
			}
		}
	}
}

func TestTLS(t *testing.T) {
	r := broker(t)
	_, queue := r.queue(t, nil)
	response, output := plugintest.Run(t, rabbitmq.New(), map[string]string{
		"url": "amqps://guest:guest@" + r.secure, "queue.name": queue,
		"tlsRootCAsFile": r.files.Authority, "tlsCertificateFile": r.files.Certificate, "tlsCertificateKeyFile": r.files.Key,
	})
	check(t, expected{output: "Confirmed"}, response, output)
}

// proxy passes connections on, counts them, and can let what goes through them vanish.
type proxy struct {
	addr     string
	accepted atomic.Int32
	vanish   atomic.Bool
	mu       sync.Mutex // guards open
	open     []net.Conn
}

func newProxy(t testing.TB, to string) *proxy {
	t.Helper()
	p := new(proxy)
	pass := func(from, to net.Conn) {
		buf := make([]byte, 32<<10)
		for {
			n, err := from.Read(buf)
			if err != nil {
				_ = to.Close()
				return
			}
			if p.vanish.Load() {
				continue
			}
			if _, err := to.Write(buf[:n]); err != nil {
				_ = from.Close()
				return
			}
		}
	}
	p.addr = plugintest.Hostile(t, func(in net.Conn) {
		p.accepted.Add(1)
		out, err := net.Dial("tcp", to)
		if err != nil {
			return
		}
		p.mu.Lock()
		p.open = append(p.open, in)
		p.mu.Unlock()
		go pass(in, out)
		pass(out, in)
	})
	return p
}

func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.open {
		_ = c.Close()
	}
	p.open = nil
}

func TestRunsShareAConnection(t *testing.T) {
	r := broker(t)
	ch, queue := r.queue(t, nil)
	p := newProxy(t, r.addr)
	e := rabbitmq.New()
	config := map[string]string{"url": "amqp://guest:guest@" + p.addr, "queue.name": queue}
	began := time.Now()
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			for range 50 {
				if response, _ := plugintest.Run(t, e, config); response.Error != "" {
					t.Error(response.Error)
					return
				}
			}
		})
	}
	wg.Wait()
	t.Logf("1,000 runs in %v", time.Since(began))
	if n := p.accepted.Load(); n != 1 {
		t.Errorf("1,000 runs made %d connections", n)
	}
	if q, err := ch.QueueDeclarePassive(queue, false, false, false, false, nil); err != nil || q.Messages != 1000 {
		t.Errorf("%+v, %v", q, err)
	}
	p.cut()
	for began := time.Now(); ; time.Sleep(10 * time.Millisecond) { // the first may still get the connection that was cut
		response, _ := plugintest.Run(t, e, config)
		if response.Error == "" {
			break
		}
		if time.Since(began) > time.Minute {
			t.Fatalf("after the connection was cut: %+v", response)
		}
	}
}

// A broker that hangs with a message on its way neither holds a stop nor the execution after its timeout, and the next
// execution gets another connection.
func TestABrokerThatHangs(t *testing.T) {
	r := broker(t)
	_, queue := r.queue(t, nil)
	p := newProxy(t, r.addr)
	e := rabbitmq.New()
	config := map[string]string{"url": "amqp://guest:guest@" + p.addr, "queue.name": queue, "timeout": "1"}
	response, output := plugintest.Run(t, e, config)
	check(t, expected{output: "Confirmed"}, response, output)
	p.vanish.Store(true)
	response, output = plugintest.Run(t, e, config)
	check(t, expected{"timed out after 1 s while waiting for " + p.addr + " to confirm the message", "timed out after 1 s", ""}, response, output)
	if !response.TimedOut {
		t.Errorf("%+v", response)
	}
	p.vanish.Store(false)
	response, output = plugintest.Run(t, e, config)
	check(t, expected{output: "Confirmed"}, response, output)
	p.vanish.Store(true)
	ctx, stop := context.WithCancelCause(t.Context())
	config["timeout"] = "0"
	time.AfterFunc(100*time.Millisecond, func() { stop(plugin.ErrStopped) })
	began := time.Now()
	response, output = plugintest.RunIn(ctx, t, e, config)
	check(t, expected{failure: plugin.ErrStopped.Error()}, response, output)
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("the stop took %v", took)
	}
}

func TestABrokerThatIsShortOfMemorySaysSo(t *testing.T) {
	r := broker(t)
	_, queue := r.queue(t, nil)
	limit := func(share string) {
		t.Helper()
		cmd := exec.Command("/usr/lib/rabbitmq/bin/rabbitmqctl", "set_vm_memory_high_watermark", share)
		cmd.Env = r.environ
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	defer limit("0.9")
	limit("0.000001")
	e := rabbitmq.New()
	var response *plugin.ExecuteResponse
	var output string
	for range 3 { // the broker blocks a connection after it has sent the first message
		if response, output = plugintest.Run(t, e, map[string]string{"url": r.url(), "queue.name": queue, "timeout": "2"}); response.Error != "" {
			break
		}
	}
	check(t, expected{"timed out after 2 s while waiting", "the broker takes no messages now, it is low on memory", ""}, response, output)
}

func TestTheExampleOfTheGuideWorks(t *testing.T) {
	r := broker(t)
	config := plugintest.Example(t, "rabbitmq", "localhost:5672", r.addr)
	if problems := rabbitmq.New().Check(config); len(problems) > 0 {
		t.Errorf("%+v", problems)
	}
	response, output := plugintest.Run(t, rabbitmq.New(), config)
	check(t, expected{output: `Confirmed: message "launch-1" of 20 bytes to queue "nightly"`}, response, output)
	_, _ = r.receiver(t).QueueDelete("nightly", false, false, false)
}

func TestHostileServers(t *testing.T) {
	start := []byte{1, 0, 0}
	huge := func(frame []byte) func(net.Conn) {
		return func(c net.Conn) {
			_, _ = io.ReadFull(c, make([]byte, 8)) // AMQP0091
			_, _ = c.Write(frame)
			plugintest.Garbage(c)
		}
	}
	for name, x := range map[string]struct {
		addr string
		want expected
	}{
		"refused":    {plugintest.Refusing(t), expected{failure: "connection refused", reason: "nothing accepts connections at"}},
		"silent":     {plugintest.Hostile(t, plugintest.Silent), expected{failure: "timed out after 1 s while connecting to", reason: "timed out after 1 s"}},
		"garbage":    {plugintest.Hostile(t, plugintest.Garbage), expected{failure: "Exception", reason: "check"}},
		"web":        {plugintest.Hostile(t, plugintest.Web), expected{failure: "Exception", reason: "check"}},
		"reset":      {plugintest.Hostile(t, plugintest.Reset), expected{failure: " ", reason: "check"}},
		"huge frame": {plugintest.Hostile(t, huge(append(start, 0xff, 0xff, 0xff, 0xff, 0, 10, 0, 10))), expected{failure: "Exception", reason: "does not answer as AMQP"}},
		"huge table": {plugintest.Hostile(t, huge(append(start, 0, 0, 0x0f, 0, 0, 10, 0, 10, 0, 9, 0x7f, 0xff, 0xff, 0xff))), expected{failure: "Exception", reason: "check"}},
	} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			memory := plugintest.Memory()
			response, output := plugintest.Run(t, rabbitmq.New(), map[string]string{"url": "amqp://guest:s3cret@" + x.addr, "queue.name": "q", "timeout": "1"})
			check(t, x.want, response, output)
			if took := time.Since(began); took > 5*time.Second || response.TimedOut != (name == "silent") {
				t.Errorf("took %v, %+v", took, response)
			}
			if most := memory(); most > 64<<20 {
				t.Errorf("took %d bytes", most)
			}
		})
	}
}
