package trace

import (
	"bytes"
	"crypto/tls"
	"encoding/hex"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"dkron"
	"dkron/internal/certtest"
	"dkron/internal/trace/otlptest"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// tracer returns one whose spans go to an endpoint, with these variables.
func tracer(t *testing.T, endpoint string, environ ...string) *Tracer {
	t.Helper()
	tr, err := New(Settings{
		Endpoint: endpoint, Environ: append(environ, "PATH=/bin"), Version: "1.2.3", Node: "n1", Cluster: func() string { return "c1" },
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tr.Close)
	return tr
}

var (
	aLaunch = &dkron.Launch{
		Job: "backup", Group: 5, Nominal: noon, Cause: dkron.CauseSchedule, State: dkron.LaunchFailed, CreatedAt: noon.Add(time.Millisecond),
		EndedAt: noon.Add(3 * time.Second), Nodes: 1, ParentID: "dump.4",
	}
	anExecution = &dkron.Execution{
		JobName: "backup", Group: 5, Attempt: 1, NodeName: "web-1", StartedAt: noon.Add(2 * time.Millisecond), FinishedAt: noon.Add(3 * time.Second),
		Outcome: dkron.Failed, ExitCode: &dkron.ExitCode{Code: 3}, Output: []byte("a secret"), Error: "a secret",
	}
)

func TestLaunchesAndExecutionsArriveByEachProtocol(t *testing.T) {
	files := certtest.Make(t, t.TempDir())
	cert, err := tls.LoadX509KeyPair(files.Certificate, files.Key)
	if err != nil {
		t.Fatal(err)
	}
	secure := &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
	for name, c := range map[string]struct {
		collector *otlptest.Collector
		scheme    string
		environ   []string
	}{
		"http":        {otlptest.HTTP(t), "http://", nil},
		"grpc":        {otlptest.GRPC(t, nil), "", []string{"OTEL_EXPORTER_OTLP_INSECURE=true"}},
		"grpc by url": {otlptest.GRPC(t, nil), "http://", []string{"OTEL_EXPORTER_OTLP_PROTOCOL=grpc"}},
		"grpc, tls":   {otlptest.GRPC(t, secure), "", []string{"OTEL_EXPORTER_OTLP_CERTIFICATE=" + files.Certificate}},
	} {
		t.Run(name, func(t *testing.T) {
			tr := tracer(t, c.scheme+c.collector.Addr, append(c.environ, "OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20x, tenant=7",
				"OTEL_RESOURCE_ATTRIBUTES=deployment.environment=prod,service.name=no", "OTEL_SERVICE_NAME=nightly")...)
			tr.Executions([]*dkron.Execution{anExecution, {JobName: "lost", Outcome: dkron.Lost}})
			tr.Launches([]*dkron.Launch{aLaunch})
			tr.Close()
			header, resource, spans, _ := c.collector.Seen()
			if len(spans) != 2 {
				t.Fatalf("%d spans arrived", len(spans))
			}
			execution, launch := spans[0], spans[1]
			if header.Get("Authorization") != "Bearer x" || header.Get("Tenant") != "7" || resource["service.name"] != "nightly" ||
				resource["deployment.environment"] != "prod" || resource["service.version"] != "1.2.3" || resource["host.name"] != "n1" {
				t.Errorf("header %v, resource %v", header, resource)
			}
			if !bytes.Equal(execution.ParentSpanId, launch.SpanId) || !bytes.Equal(execution.TraceId, launch.TraceId) || len(launch.ParentSpanId) != 0 {
				t.Errorf("%v is not in %v", execution, launch)
			}
			if launch.Name != "launch backup" || launch.StartTimeUnixNano != uint64(aLaunch.CreatedAt.UnixNano()) ||
				launch.EndTimeUnixNano != uint64(aLaunch.EndedAt.UnixNano()) || launch.Attrs["dkron.state"] != "failed" || launch.Status.Code != 2 ||
				launch.Attrs["dkron.due"] != "2026-11-23T12:00:00Z" || len(launch.Links) != 1 {
				t.Errorf("%v", launch)
			}
			if execution.Attrs["dkron.node"] != "web-1" || execution.Attrs["process.exit.code"] != "int_value:3" || execution.Status.Message != "failed" ||
				strings.Contains(execution.String(), "secret") {
				t.Errorf("%v", execution)
			}
			if sent, dropped := tr.Counts(); sent != 2 || dropped != 0 {
				t.Errorf("%d sent, %d dropped", sent, dropped)
			}
		})
	}
}

func TestTheNodeKnowsTheIdsThatTheLeaderExports(t *testing.T) {
	c := otlptest.HTTP(t)
	tr := tracer(t, "http://"+c.Addr)
	given := tr.Order(&dkron.Order{JobName: "backup", Group: 5, Attempt: 1}, anExecution.ID())
	tr.Executions([]*dkron.Execution{anExecution})
	tr.Close()
	_, _, spans, _ := c.Seen()
	if want := "00-" + hex.EncodeToString(spans[0].TraceId) + "-" + hex.EncodeToString(spans[0].SpanId) + "-01"; given != want {
		t.Errorf("the node has %s, the leader exports %s", given, want)
	}
	other := tracer(t, "http://"+c.Addr)
	other.Settings.Cluster = func() string { return "c2" }
	if other.Order(&dkron.Order{JobName: "backup", Group: 5, Attempt: 1}, anExecution.ID()) == given {
		t.Error("another cluster's job has the same trace")
	}
	other.Settings.Cluster = func() string { return "" }
	if got := other.Order(&dkron.Order{JobName: "backup"}, "x") + (*Tracer)(nil).Order(nil, ""); got != "" {
		t.Errorf("%q without a cluster and without traces", got)
	}
}

func TestSamplingIsTheSameOnAllNodes(t *testing.T) {
	c := otlptest.HTTP(t)
	a := tracer(t, "http://"+c.Addr, "OTEL_TRACES_SAMPLER=parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG=0.25")
	sampled := 0
	for group := range int64(1000) {
		e := dkron.Execution{JobName: "j", Group: group, Attempt: 1, NodeName: "n", StartedAt: noon, FinishedAt: noon, Outcome: dkron.Success}
		if strings.HasSuffix(a.Order(&dkron.Order{JobName: "j", Group: group, Attempt: 1}, e.ID()), "-01") {
			sampled++
		}
		a.Executions([]*dkron.Execution{&e})
	}
	a.Close()
	if _, _, spans, _ := c.Seen(); len(spans) != sampled || sampled < 180 || sampled > 320 {
		t.Errorf("%d were sampled on the node, %d on the leader", sampled, len(spans))
	}
	if off := tracer(t, "http://"+c.Addr, "OTEL_TRACES_SAMPLER=always_off"); !strings.HasSuffix(off.Order(&dkron.Order{}, "x"), "-00") {
		t.Error("something is sampled")
	}
}

func TestARequestContinuesItsCallersTrace(t *testing.T) {
	c := otlptest.HTTP(t)
	tr := tracer(t, "http://"+c.Addr)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/jobs/{job}/run", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	mux.HandleFunc("GET /metrics", func(http.ResponseWriter, *http.Request) {})
	h := tr.Handler(mux)
	ask := func(method, path, parent string) {
		r := httptest.NewRequest(method, path+"?token=secret", nil)
		r.Header.Set("Traceparent", parent)
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
	ask("POST", "/v1/jobs/a/run", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	ask("POST", "/v1/jobs/a/run", "nonsense")
	ask("POST", "/v1/jobs/a/run", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00") // the caller does not sample it
	ask("GET", "/metrics", "")
	tr.Close()
	_, _, spans, _ := c.Seen()
	if len(spans) != 2 {
		t.Fatalf("%d spans: %v", len(spans), spans)
	}
	s := spans[0]
	if hex.EncodeToString(s.TraceId) != "0af7651916cd43dd8448eb211c80319c" || hex.EncodeToString(s.ParentSpanId) != "b7ad6b7169203331" ||
		s.Name != "POST /v1/jobs/{job}/run" || s.Attrs["http.response.status_code"] != "int_value:502" || s.Status.Code != 2 || strings.Contains(s.String(), "secret") {
		t.Errorf("%v", s)
	}
	if len(spans[1].ParentSpanId) != 0 || len(spans[1].TraceId) != 16 {
		t.Errorf("%v", spans[1])
	}
}

func TestAnExportIsTriedAgainIfThatMayHelp(t *testing.T) {
	for name, c := range map[string]struct {
		collector *otlptest.Collector
		scheme    string
		codes     []int
		exports   int
		sent      uint64
	}{
		"http, passes":    {otlptest.HTTP(t), "http://", []int{503, 429}, 3, 1},
		"http, for ever":  {otlptest.HTTP(t), "http://", []int{400}, 1, 0},
		"grpc, passes":    {otlptest.GRPC(t, nil), "", []int{14, 8}, 3, 1},
		"grpc, for ever":  {otlptest.GRPC(t, nil), "", []int{16}, 1, 0},
		"http, too often": {otlptest.HTTP(t), "http://", []int{503, 503, 503}, 3, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.collector.Refuse(c.codes...)
			tr := tracer(t, c.scheme+c.collector.Addr, "OTEL_EXPORTER_OTLP_INSECURE=true", "OTEL_BSP_SCHEDULE_DELAY=10")
			tr.Launches([]*dkron.Launch{aLaunch})
			limit := time.Now().Add(20 * time.Second)
			for sent, dropped := tr.Counts(); sent+dropped == 0 && time.Now().Before(limit); sent, dropped = tr.Counts() {
				time.Sleep(5 * time.Millisecond)
			}
			sent, dropped := tr.Counts()
			if _, _, _, exports := c.collector.Seen(); exports != c.exports || sent != c.sent || sent+dropped != 1 {
				t.Errorf("%d exports, %d sent, %d dropped", exports, sent, dropped)
			}
		})
	}
}

func TestACollectorThatIsDeadOrHangsDelaysNothing(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0") // accepts, and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for name, addr := range map[string]string{"hangs": l.Addr().String(), "dead": "127.0.0.1:1"} {
		t.Run(name, func(t *testing.T) {
			tr := tracer(t, addr, "OTEL_EXPORTER_OTLP_TIMEOUT=300")
			began := time.Now()
			for range 3 * maxQueued {
				tr.Launches([]*dkron.Launch{aLaunch})
			}
			if took := time.Since(began); took > 15*time.Second {
				t.Errorf("it took %s to queue", took)
			}
			tr.Close()
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("it took %s to end", took)
			}
			if _, dropped := tr.Counts(); dropped == 0 {
				t.Error("nothing was counted as dropped")
			}
		})
	}
}

func TestSettingsThatCannotWorkAreRefusedWithoutTheirSecrets(t *testing.T) {
	for _, c := range []struct{ endpoint, environ, says string }{
		{"collector", "", "want host:port"}, {"ftp://collector:1", "", "a URL such as http://"}, {":4317", "", "want host:port"},
		{"c:4317", "OTEL_EXPORTER_OTLP_PROTOCOL=http/json", "want grpc or http/protobuf"},
		{"c:4317", "OTEL_EXPORTER_OTLP_HEADERS=authorization: hush", "OTEL_EXPORTER_OTLP_HEADERS: want name=value"},
		{"c:4317", "OTEL_TRACES_SAMPLER=jaeger_remote", "want always_on"}, {"c:4317", "OTEL_TRACES_SAMPLER=traceidratio", "from 0 to 1"},
		{"c:4317", "OTEL_EXPORTER_OTLP_TIMEOUT=10s", "milliseconds"}, {"c:4317", "OTEL_EXPORTER_OTLP_CERTIFICATE=/no/file", "/no/file"},
		{"c:4317", "OTEL_EXPORTER_OTLP_CERTIFICATE=" + os.DevNull, "no certificate in"},
	} {
		tr, err := New(Settings{Endpoint: c.endpoint, Environ: []string{c.environ}})
		if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s %s: %v", c.endpoint, c.environ, err)
			tr.Close()
		}
	}
	if tr, err := New(Settings{}); tr != nil || err != nil {
		t.Error("something is traced without an endpoint")
	}
}

func TestOnlyWellFormedParentsAreTaken(t *testing.T) {
	const good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	if c, ok := parse(good); !ok || c.String() != good {
		t.Errorf("%s, %v", c, ok)
	}
	if _, ok := parse("cc" + good[2:] + "-what-the-future-will-be"); !ok {
		t.Error("a later version is refused")
	}
	for _, bad := range []string{
		"", "ff" + good[2:], good + "-x", strings.ToUpper(good), "00-00000000000000000000000000000000-b7ad6b7169203331-01",
		"00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", "00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-01", "00-x-y-z",
	} {
		if c, ok := parse(bad); ok {
			t.Errorf("%q is %s", bad, c)
		}
	}
}
