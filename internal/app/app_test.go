package app

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"dkron/internal/config"
	"dkron/internal/porttest"
)

// startServer runs a whole server on free ports of loopback and returns the address of its API.
func startServer(t testing.TB, settings ...string) (url string) {
	t.Helper()
	bind, rpc, api := porttest.Port(t), porttest.Port(t), porttest.Port(t)
	env := append([]string{
		"DKRON_SERVER=true", "DKRON_BOOTSTRAP_EXPECT=1", "DKRON_NODE_NAME=n1", "DKRON_DATA_DIR=" + t.TempDir(),
		"DKRON_BIND_ADDR=127.0.0.1:" + bind, "DKRON_RPC_PORT=" + rpc, "DKRON_HTTP_ADDR=127.0.0.1:" + api,
	}, settings...)
	startNode(t, env...)
	url = "http://127.0.0.1:" + api
	waitFor(t, "the server to be ready", func() bool { code, _ := get(url + "/ready"); return code == http.StatusOK })
	return url
}

// startNode runs a node until the test ends.
func startNode(t testing.TB, env ...string) {
	t.Helper()
	noFile := func(string) ([]byte, error) { return nil, fs.ErrNotExist }
	cfg, _, err := config.Load(nil, env, noFile)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- Run(ctx, cfg, "test", slog.New(slog.DiscardHandler)) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func waitFor(t testing.TB, what string, done func() bool) {
	t.Helper()
	limit := time.After(time.Minute)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-limit:
			t.Fatal("waited too long for " + what)
		case <-tick.C:
		}
	}
}

func get(url string) (int, string) {
	r, err := http.Get(url)
	if err != nil {
		return 0, ""
	}
	defer r.Body.Close()
	body, _ := io.ReadAll(r.Body)
	return r.StatusCode, string(body)
}

func post(url, body string) (int, string) {
	r, err := http.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		return 0, err.Error()
	}
	defer r.Body.Close()
	text, _ := io.ReadAll(r.Body)
	return r.StatusCode, string(text)
}

func TestAServerRunsAJobFromEndToEnd(t *testing.T) {
	url := startServer(t)
	code, body := post(url+"/v1/jobs", `{"name":"a","schedule":"@every 1s","tags":{"server":"true:1"},"executor":"shell",
		"executor_config":{"shell":"true","command":"echo $DKRON_LAUNCH_ID $DKRON_ATTEMPT"}}`)
	if code != http.StatusCreated {
		t.Fatal(code, body)
	}
	waitFor(t, "two runs", func() bool {
		_, body := get(url + "/v1/jobs/a/executions")
		return strings.Count(body, `"success":true,"output":"a.`) >= 2
	})
	if code, body := post(url+"/v1/jobs/a/run", ""); code != http.StatusOK || !strings.Contains(body, `"launch_id":"a.`) {
		t.Error("run:", code, body)
	}
}

func TestAJobWithoutANodeIsRefusedByHandAndRecordedBySchedule(t *testing.T) {
	url := startServer(t)
	post(url+"/v1/jobs", `{"name":"a","schedule":"@every 1s","tags":{"role":"nobody"},"executor":"shell"}`)
	if code, _ := post(url+"/v1/jobs/a/run", ""); code != http.StatusNotFound {
		t.Errorf("run answered %d, want 404", code)
	}
	waitFor(t, "a launch that found no target", func() bool {
		_, body := get(url + "/v1/jobs/a/launches")
		return strings.Contains(body, `"state":"no_target","reason":"no live node`)
	})
}

// BenchmarkCreate is creating jobs over HTTP with 32 clients on a real server.
func BenchmarkCreate(b *testing.B) {
	url := startServer(b)
	http.DefaultTransport.(*http.Transport).MaxIdleConnsPerHost = 32
	b.ResetTimer()
	next := make(chan int)
	var clients sync.WaitGroup
	for range 32 {
		clients.Go(func() {
			for i := range next {
				if code, body := post(url+"/v1/jobs", fmt.Sprintf(`{"name":"job-%d","schedule":"@every 1h","executor":"shell"}`, i)); code != http.StatusCreated {
					b.Error(code, body)
				}
			}
		})
	}
	for i := range b.N {
		next <- i
	}
	close(next)
	clients.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "jobs/s")
}

func TestAPortInUseEndsTheStartAndSaysWhatToDo(t *testing.T) {
	for setting, flag := range map[string]string{"DKRON_HTTP_ADDR=127.0.0.1:": "--http-addr", "DKRON_RPC_PORT=": "--rpc-port"} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		_, taken, _ := net.SplitHostPort(l.Addr().String())
		env := []string{
			"DKRON_SERVER=true", "DKRON_BOOTSTRAP_EXPECT=1", "DKRON_NODE_NAME=n1", "DKRON_DATA_DIR=" + t.TempDir(),
			"DKRON_BIND_ADDR=" + porttest.Addr(t), "DKRON_RPC_PORT=" + porttest.Port(t),
			"DKRON_HTTP_ADDR=" + porttest.Addr(t), setting + taken,
		}
		cfg, _, err := config.Load(nil, env, func(string) ([]byte, error) { return nil, fs.ErrNotExist })
		if err != nil {
			t.Fatal(err)
		}
		err = Run(t.Context(), cfg, "test", slog.New(slog.DiscardHandler))
		if err == nil || !strings.Contains(err.Error(), flag) {
			t.Errorf("%s%s is taken, but the node says %v", setting, taken, err)
		}
	}
}
