package app

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"dkron/internal/config"
	"dkron/internal/porttest"
	"dkron/internal/telemetry"
	"dkron/internal/trace/otlptest"
)

// logged is a log that tests read.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// observedServer is a server that has a log, and these settings.
func observedServer(t *testing.T, settings ...string) (*Node, *logged) {
	t.Helper()
	env := append([]string{
		"DKRON_NODE_NAME=n1", "DKRON_DATA_DIR=" + t.TempDir(), "DKRON_BIND_ADDR=" + porttest.Addr(t), "DKRON_SERVER=true",
		"DKRON_BOOTSTRAP_EXPECT=1", "DKRON_RPC_PORT=" + porttest.Port(t), "DKRON_HTTP_ADDR=" + porttest.Addr(t),
	}, settings...)
	cfg, _, err := config.Load(nil, env, func(string) ([]byte, error) { return nil, fs.ErrNotExist })
	if err != nil {
		t.Fatal(err)
	}
	log := new(logged)
	n, err := Start(t.Context(), cfg, "1.2.3", telemetry.NewLogger(log, "json", "trace"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Close)
	waitFor(t, "the server to be ready", func() bool { code, _ := get(n.url() + "/ready"); return code == http.StatusOK })
	return n, log
}

func (n *Node) putJob(t *testing.T, name, executor, config string) {
	t.Helper()
	post(n.url()+"/v1/jobs", `{"name":"`+name+`","schedule":"@manually","executor":"`+executor+`","executor_config":`+config+`}`)
}

// A trace leads from a request to the command and to the request that an execution makes.
func TestATraceLeadsFromARequestToWhatExecutorsCall(t *testing.T) {
	collector := otlptest.HTTP(t)
	called := make(chan string, 1)
	api := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { called <- r.Header.Get("Traceparent") }))
	defer api.Close()
	t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
	n, _ := observedServer(t, "DKRON_OTEL_ENDPOINT=http://"+collector.Addr, "DKRON_OTEL_TRACE_URL=https://traces.test/{trace}?x=1&y")
	n.putJob(t, "command", "shell", `{"command":"env","shell":"true"}`)
	n.putJob(t, "call", "http", `{"method":"GET","url":"`+api.URL+`"}`)

	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, n.url()+"/v1/jobs/command/run", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	launch := collector.Until(t, "the launch", func(s *otlptest.Span) bool { return s.Name == "launch command" })
	asked := collector.Until(t, "the request", func(s *otlptest.Span) bool {
		return strings.HasSuffix(s.Name, "/run") && hex.EncodeToString(s.ParentSpanId) == "b7ad6b7169203331"
	})
	if asked.Name != "POST /v1/jobs/{job}/run" || len(asked.Links) != 1 || !bytes.Equal(asked.Links[0].TraceId, launch.TraceId) ||
		!bytes.Equal(asked.Links[0].SpanId, launch.SpanId) {
		t.Errorf("the request %v has no link to the launch %v", asked, launch)
	}
	collector.Until(t, "the request to the leader", func(s *otlptest.Span) bool {
		return s.Name == "dkron RunJob" && bytes.Equal(s.ParentSpanId, asked.SpanId)
	})
	execution := collector.Until(t, "the execution", func(s *otlptest.Span) bool { return s.Name == "execution command" })
	if _, list := get(n.url() + "/v1/jobs/command/executions"); !strings.Contains(list, "TRACEPARENT="+parentOf(execution)) {
		t.Errorf("the command has no TRACEPARENT=%s in %s", parentOf(execution), list)
	}

	id := ""
	for _, a := range launch.Attributes {
		if a.Key == "dkron.launch" {
			id = a.Value.GetStringValue()
		}
	}
	if _, one := get(n.url() + "/v1/launches/" + id); !strings.Contains(one, `"trace_url":"https://traces.test/`+hex.EncodeToString(launch.TraceId)+`?x=1`) {
		t.Errorf("the launch has no link to its trace: %s", one)
	}

	post(n.url()+"/v1/jobs/call/run", "")
	execution = collector.Until(t, "the call", func(s *otlptest.Span) bool { return s.Name == "execution call" })
	if got := <-called; got != parentOf(execution) {
		t.Errorf("the request had traceparent %q, want %q", got, parentOf(execution))
	}
}

func parentOf(s *otlptest.Span) string {
	return "00-" + hex.EncodeToString(s.TraceId) + "-" + hex.EncodeToString(s.SpanId) + "-01"
}

func TestANodeThatDoesNotTraceGivesCommandsNoTrace(t *testing.T) {
	n, _ := observedServer(t)
	n.putJob(t, "command", "shell", `{"command":"env","shell":"true"}`)
	post(n.url()+"/v1/jobs/command/run", "")
	var list string
	waitFor(t, "the command", func() bool {
		_, list = get(n.url() + "/v1/jobs/command/executions")
		return strings.Contains(list, "DKRON_LAUNCH_ID")
	})
	if strings.Contains(list, "TRACEPARENT") {
		t.Error(list)
	}
}

// What a node allows to jobs are settings of that node.
func TestANodeAllowsToJobsWhatItsSettingsSay(t *testing.T) {
	t.Setenv("DKRON_STAGE", "staging")
	n, _ := observedServer(t, "DKRON_SHELL_ALLOW_SU=nobody,root", "DKRON_PASS_ENV=DKRON_STAGE", "DKRON_DENY_ADDRESSES=192.0.2.0/24", "DKRON_ALLOW_ADDRESSES=192.0.2.7",
		"DKRON_ALLOW_EXECUTORS=shell,http", "DKRON_SHELL_ALLOW_DIRS=/", "DKRON_SHELL_ALLOW_ENV=APP_*", "DKRON_SHELL_ALLOW_COMMANDS=/bin/env,/bin/id")
	for name, c := range map[string]struct{ executor, config, want string }{
		"other": {"shell", `{"command":"id","su":"daemon"}`, `su \"daemon\" is not allowed on this node: its setting shell-allow-su allows only nobody, root`},
		"env":   {"shell", `{"command":"env"}`, `DKRON_STAGE=staging`},
		"lists": {"nats", `{}`, `this node does not run executor nats: allow-executors is shell,http`},
		"start": {"shell", `{"command":"uname"}`, `uname is not allowed on this node: its setting shell-allow-commands allows only /bin/env, /bin/id`},
		"set":   {"shell", `{"command":"env","env":"LD_PRELOAD=/x"}`, `env may not set \"LD_PRELOAD\" on this node: its setting shell-allow-env allows only APP_*`},
		"call":  {"http", `{"method":"GET","url":"http://192.0.2.8/"}`, `192.0.2.8 is in 192.0.2.0/24 of deny-addresses, which this node does not call: set allow-addresses to allow it`},
	} {
		n.putJob(t, name, c.executor, c.config)
		post(n.url()+"/v1/jobs/"+name+"/run", "")
		waitFor(t, "the execution with "+c.want, func() bool {
			_, list := get(n.url() + "/v1/jobs/" + name + "/executions")
			return strings.Contains(list, c.want)
		})
	}
	if err := n.outbox.Call(t.Context(), "http://192.0.2.9/", "", nil); err == nil || !strings.Contains(err.Error(), "192.0.2.9 is in 192.0.2.0/24 of deny-addresses") {
		t.Errorf("a channel calls it: %v", err)
	}
}

// Every line is JSON, also those of libraries; a failure has one that says why; no secret is in any, even at trace.
func TestTheLogIsOneFormatSaysWhatFailedAndHasNoSecret(t *testing.T) {
	const secret = "hunter2"
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization="+secret)
	n, log := observedServer(t, "DKRON_MAIL_HOST=127.0.0.1", "DKRON_MAIL_PORT=1", "DKRON_MAIL_USERNAME=u", "DKRON_MAIL_PASSWORD="+secret,
		"DKRON_WEBHOOK_ENDPOINT=http://u:"+secret+"@127.0.0.1:1/"+secret, "DKRON_WEBHOOK_PAYLOAD="+secret, "DKRON_WEBHOOK_HEADERS=Authorization: "+secret,
		"DKRON_CRONITOR_ENDPOINT=http://127.0.0.1:1/p/"+secret, "DKRON_OTEL_ENDPOINT=http://127.0.0.1:1")
	n.putJob(t, "bad", "shell", `{"command":"echo `+secret+`; exit 3","shell":"true","env":"TOKEN=`+secret+`"}`)
	n.putJob(t, "good", "shell", `{"command":"true"}`)
	post(n.url()+"/v1/jobs/bad/run", "")
	post(n.url()+"/v1/jobs/good/run", "")
	waitFor(t, "both lines", func() bool {
		return strings.Contains(log.String(), `"msg":"launch failed"`) && strings.Contains(log.String(), `"msg":"launch succeeded"`)
	})
	n.Close()
	parts := make(map[string]bool)
	for line := range strings.Lines(log.String()) {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Errorf("%q: %v", line, err)
		}
		if part, ok := m["part"].(string); ok {
			parts[strings.Split(part, ".")[0]] = true
		}
		if strings.Contains(line, secret) {
			t.Errorf("a secret is in %s", line)
		}
		if m["msg"] == "launch failed" && (m["job"] != "bad" || m["reason"] != "exit code 3 on n1" || m["level"] != "WARN" || m["node"] != "n1") {
			t.Errorf("got %s", line)
		}
		if m["msg"] == "launch succeeded" && m["level"] != "DEBUG" {
			t.Errorf("got %s", line)
		}
	}
	if len(parts) < 2 {
		t.Errorf("only the libraries %v are in the log", parts)
	}
}

func TestANodeSendsItsMetricsToStatsd(t *testing.T) {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var lines []string
	var mu sync.Mutex
	go func() {
		buf := make([]byte, 1<<16)
		for {
			k, _, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			mu.Lock()
			lines = append(lines, strings.Split(string(buf[:k]), "\n")...)
			mu.Unlock()
		}
	}()
	have := func(prefix string) func() bool {
		return func() bool {
			mu.Lock()
			defer mu.Unlock()
			return slices.ContainsFunc(lines, func(line string) bool { return strings.HasPrefix(line, prefix) })
		}
	}
	n, _ := observedServer(t, "DKRON_DOG_STATSD_ADDR="+conn.LocalAddr().String(), "DKRON_DOG_STATSD_TAGS=env:test")
	n.putJob(t, "good", "shell", `{"command":"true"}`)
	waitFor(t, "times as they happen", have("dkron.grpc.set_job:"))
	waitFor(t, "what Raft counts", have("dkron.raft."))
	post(n.url()+"/v1/jobs/good/run", "")
	waitFor(t, "the run", func() bool {
		_, job := get(n.url() + "/v1/jobs/good")
		return strings.Contains(job, `"success_count":1`)
	})
	n.Close() // what is sent every ten seconds is sent at the end too
	waitFor(t, "counters", have("dkron.job.executions_succeeded_total:1|c|#env:test,job_name:good"))
}
