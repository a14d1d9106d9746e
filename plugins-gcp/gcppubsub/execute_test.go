package gcppubsub_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/pubsub/v2/pstest"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"dkron/internal/porttest"
	"dkron/plugin"
	"dkron/plugins-gcp/gcppubsub"
)

// output keeps what an execution writes.
type output struct {
	mu   sync.Mutex // guards text
	text []byte
}

func (o *output) Write(chunk []byte, _ bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text = append(o.text, chunk...)
}

func (o *output) Started([]byte) error { return nil }

func run(ctx context.Context, t *testing.T, e *gcppubsub.Executor, config map[string]string) (*plugin.ExecuteResponse, string) {
	t.Helper()
	out := new(output)
	response, err := e.Execute(ctx, &plugin.ExecuteRequest{Config: config, LaunchID: "launch-1", ExecutionID: "execution-1", Attempt: 1}, out)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(out.text)
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
}

const topic = "projects/p/topics/nightly"

// emulator is Google's own fake of the service.
func emulator(t *testing.T, options ...pstest.ServerReactorOption) *pstest.Server {
	t.Helper()
	s := pstest.NewServer(options...)
	t.Cleanup(func() { _ = s.Close() })
	if _, err := s.GServer.CreateTopic(t.Context(), &pubsubpb.Topic{Name: topic}); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAMessageIsPublishedAndItsIDIsTheOutput(t *testing.T) {
	s := emulator(t)
	e := gcppubsub.New()
	for name, x := range map[string]struct {
		config map[string]string
		want   pstest.Message
	}{
		"data":       {map[string]string{"data": "aGVsbG8="}, pstest.Message{Data: []byte("hello"), Attributes: map[string]string{"dkron-launch-id": "launch-1"}}},
		"attributes": {map[string]string{"attributes": `{"a": "b"}`, "topic": topic}, pstest.Message{Attributes: map[string]string{"a": "b", "dkron-launch-id": "launch-1"}}},
		"both":       {map[string]string{"attributes": `{"dkron-launch-id": "mine"}`, "data": "AA==", "orderingKey": "k"}, pstest.Message{Data: []byte{0}, Attributes: map[string]string{"dkron-launch-id": "mine"}, OrderingKey: "k"}},
	} {
		t.Run(name, func(t *testing.T) {
			x.config["project"], x.config["endpoint"] = "p", "http://"+s.Addr
			if x.config["topic"] == "" {
				x.config["topic"] = "nightly"
			}
			response, id := run(t.Context(), t, e, x.config)
			check(t, expected{output: id}, response, id)
			got := s.Message(id)
			if got == nil || string(got.Data) != string(x.want.Data) || got.OrderingKey != x.want.OrderingKey || len(got.Attributes) != len(x.want.Attributes) {
				t.Fatalf("%q: got %+v, want %+v", id, got, x.want)
			}
			for key, value := range x.want.Attributes {
				if got.Attributes[key] != value {
					t.Errorf("attributes %v, want %v", got.Attributes, x.want.Attributes)
				}
			}
		})
	}
}

func TestTheVariableForAnEmulatorWorks(t *testing.T) {
	s := emulator(t)
	t.Setenv("PUBSUB_EMULATOR_HOST", s.Addr)
	response, id := run(t.Context(), t, gcppubsub.New(), map[string]string{"project": "p", "topic": "nightly", "data": "AA=="})
	if check(t, expected{output: id}, response, id); s.Message(id) == nil {
		t.Errorf("no message %q", id)
	}
}

func TestTheExampleOfTheGuideWorks(t *testing.T) {
	s := emulator(t)
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "guide", "executor-gcppubsub.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "-XPOST -d '")
	text, _, ok := strings.Cut(rest, "'\n```")
	var job struct {
		Executor string
		Config   map[string]string `json:"executor_config"`
	}
	if err := json.Unmarshal([]byte(text), &job); !ok || err != nil || job.Executor != "gcppubsub" {
		t.Fatalf("the page has no job for the executor: %v", err)
	}
	if problems := gcppubsub.New().Check(job.Config); len(problems) > 0 {
		t.Errorf("%+v", problems)
	}
	job.Config["project"], job.Config["endpoint"] = "p", "http://"+s.Addr
	response, id := run(t.Context(), t, gcppubsub.New(), job.Config)
	if check(t, expected{output: id}, response, id); s.Message(id) == nil {
		t.Errorf("no message %q", id)
	}
}

func TestWhatTheServiceRefusesFails(t *testing.T) {
	for name, x := range map[string]struct {
		code codes.Code
		want expected
	}{
		"permission": {codes.PermissionDenied, expected{`publish message to topic "nightly": rpc error: code = PermissionDenied`, "give them the role roles/pubsub.publisher", ""}},
		"login":      {codes.Unauthenticated, expected{`publish message to topic "nightly": rpc error: code = Unauthenticated`, "does not accept the credentials", ""}},
		"argument":   {codes.InvalidArgument, expected{`publish message to topic "nightly": rpc error: code = InvalidArgument`, "the service does not accept the message: no", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			s := emulator(t, pstest.WithErrorInjection("Publish", x.code, "no"))
			response, out := run(t.Context(), t, gcppubsub.New(), map[string]string{"project": "p", "topic": "nightly", "data": "AA==", "endpoint": "http://" + s.Addr})
			check(t, x.want, response, out)
		})
	}
	s := emulator(t)
	response, out := run(t.Context(), t, gcppubsub.New(), map[string]string{"project": "p", "topic": "none", "data": "AA==", "endpoint": "http://" + s.Addr})
	check(t, expected{`publish message to topic "none": rpc error: code = NotFound`, `there is no topic "none" in the project "p"`, ""}, response, out)
}

func TestCredentials(t *testing.T) {
	t.Setenv("PUBSUB_EMULATOR_HOST", "")
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", filepath.Join(t.TempDir(), "none"))
	config := map[string]string{"project": "p", "topic": "nightly", "data": "AA==", "timeout": "5"}
	response, out := run(t.Context(), t, gcppubsub.New(), config)
	check(t, expected{failure: `create client for project "p": `}, &plugin.ExecuteResponse{Error: response.Error}, out)
	config["credentialsFile"] = "/none"
	response, out = run(t.Context(), t, gcppubsub.New(), config)
	check(t, expected{`create client for project "p": credentialsFile: stat /none: no such file or directory`, "", ""}, response, out)
	file := filepath.Join(t.TempDir(), "key.json")
	if err := os.WriteFile(file, []byte(`{"type": "s3cret"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	config["credentialsFile"] = file
	response, out = run(t.Context(), t, gcppubsub.New(), config)
	check(t, expected{`create client for project "p": credentialsFile: `, "must be the key of a service account", ""}, response, out)
}

func TestRunsShareAClient(t *testing.T) {
	s := emulator(t)
	var accepted atomic.Int32
	addr := hostile(t, func(in net.Conn) {
		accepted.Add(1)
		out, err := net.Dial("tcp", s.Addr)
		if err != nil {
			return
		}
		go func() { _, _ = io.Copy(out, in) }()
		_, _ = io.Copy(in, out)
	})
	e := gcppubsub.New()
	config := map[string]string{"project": "p", "topic": "nightly", "data": "AA==", "endpoint": "http://" + addr}
	began := time.Now()
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			for range 50 {
				if response, _ := run(t.Context(), t, e, config); response.Error != "" {
					t.Error(response.Error)
					return
				}
			}
		})
	}
	wg.Wait()
	t.Logf("1,000 runs in %v", time.Since(began))
	if n := accepted.Load(); n > 4 || len(s.Messages()) != 1000 {
		t.Errorf("%d messages came over %d connections", len(s.Messages()), n)
	}
}

// hostile starts a server that does something wrong with each connection, and returns its address.
func hostile(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex // guards open
	var open []net.Conn
	t.Cleanup(func() {
		_ = l.Close()
		mu.Lock()
		defer mu.Unlock()
		for _, c := range open {
			_ = c.Close()
		}
	})
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open = append(open, c)
			mu.Unlock()
			go serve(c)
		}
	}()
	return l.Addr().String()
}

func TestHostileServers(t *testing.T) {
	for name, x := range map[string]struct {
		addr string
		want expected
	}{
		"refused": {porttest.Addr(t), expected{`publish message to topic "nightly": `, "timed out after 2 s: nothing accepts connections at", ""}},
		"silent":  {hostile(t, func(net.Conn) {}), expected{`publish message to topic "nightly": `, "timed out after 2 s", ""}},
		"garbage": {hostile(t, func(c net.Conn) {
			noise := make([]byte, 64<<10)
			_, _ = rand.Read(noise)
			for {
				if _, err := c.Write(noise); err != nil {
					return
				}
			}
		}), expected{`publish message to topic "nightly": `, "timed out after 2 s: ", ""}},
		"reset": {hostile(t, func(c net.Conn) {
			_ = c.(*net.TCPConn).SetLinger(0)
			_ = c.Close()
		}), expected{`publish message to topic "nightly": `, "timed out after 2 s", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			response, out := run(t.Context(), t, gcppubsub.New(), map[string]string{"project": "p", "topic": "nightly", "data": "AA==", "endpoint": "http://" + x.addr, "timeout": "2"})
			runtime.ReadMemStats(&after)
			check(t, x.want, response, out)
			if took := time.Since(began); took > time.Minute || !response.TimedOut {
				t.Errorf("took %v, %+v", took, response)
			}
			if after.HeapInuse > before.HeapInuse+64<<20 {
				t.Errorf("%d bytes are in use", after.HeapInuse-before.HeapInuse)
			}
			t.Log(response.Error, "|", response.Reason)
		})
	}
}

type huge struct {
	pubsubpb.UnimplementedPublisherServer
}

func (huge) Publish(context.Context, *pubsubpb.PublishRequest) (*pubsubpb.PublishResponse, error) {
	return &pubsubpb.PublishResponse{MessageIds: []string{strings.Repeat("a", 100<<20)}}, nil
}

func TestAHugeAnswerIsNotRead(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := grpc.NewServer(grpc.MaxSendMsgSize(200 << 20))
	pubsubpb.RegisterPublisherServer(s, huge{})
	go func() { _ = s.Serve(l) }()
	defer s.Stop()
	response, out := run(t.Context(), t, gcppubsub.New(), map[string]string{"project": "p", "topic": "nightly", "data": "AA==", "endpoint": "http://" + l.Addr().String(), "timeout": "25"})
	check(t, expected{`publish message to topic "nightly": `, "the service answers with more than an id; check endpoint", ""}, response, out)
}

func TestAStopEndsAtOnce(t *testing.T) {
	addr := hostile(t, func(net.Conn) {})
	ctx, stop := context.WithCancelCause(t.Context())
	time.AfterFunc(100*time.Millisecond, func() { stop(plugin.ErrStopped) })
	began := time.Now()
	response, out := run(ctx, t, gcppubsub.New(), map[string]string{"project": "p", "topic": "nightly", "data": "AA==", "endpoint": "http://" + addr, "timeout": "0"})
	check(t, expected{failure: plugin.ErrStopped.Error()}, response, out)
	if took := time.Since(began); took > time.Minute || response.TimedOut {
		t.Errorf("the stop took %v, %+v", took, response)
	}
}

// A service that comes back is reached within the timeout.
func TestWhatMayPassIsTriedAgain(t *testing.T) {
	s := emulator(t)
	var refused atomic.Int32
	addr := hostile(t, func(in net.Conn) {
		if refused.Add(1) <= 2 {
			_ = in.Close()
			return
		}
		out, err := net.Dial("tcp", s.Addr)
		if err != nil {
			return
		}
		go func() { _, _ = io.Copy(out, in) }()
		_, _ = io.Copy(in, out)
	})
	response, id := run(t.Context(), t, gcppubsub.New(), map[string]string{"project": "p", "topic": "nightly", "data": "AA==", "endpoint": "http://" + addr})
	if check(t, expected{output: id}, response, id); s.Message(id) == nil || refused.Load() < 3 {
		t.Errorf("message %q after %d connections", id, refused.Load())
	}
}
