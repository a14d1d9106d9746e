package httpcall_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"dkron/builtin/httpcall"
	"dkron/plugin"
)

// recorder is a Status that keeps everything.
type recorder struct {
	mu     sync.Mutex
	out    bytes.Buffer
	writes int
}

func (r *recorder) Write(chunk []byte, _ bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.out.Write(chunk)
	r.writes++
}

func (r *recorder) Started([]byte) error { return nil }

func (r *recorder) output() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.out.String()
}

func request(config map[string]string) *plugin.ExecuteRequest {
	return &plugin.ExecuteRequest{
		JobName: "job", Config: config, LaunchID: "launch-1", ExecutionID: "exec-1", Attempt: 2,
		ScheduledAt: time.Date(2024, 5, 6, 7, 8, 9, 5, time.FixedZone("x", 3600)),
	}
}

type result struct {
	*plugin.ExecuteResponse
	err    error
	output string
}

func newExecutor(t testing.TB) *httpcall.Executor {
	e := httpcall.New(nil)
	t.Cleanup(e.Close)
	return e
}

// call executes a GET with further keys and values.
func call(t testing.TB, url string, more ...string) result {
	t.Helper()
	return callWith(t, t.Context(), newExecutor(t), url, more...)
}

func callWith(t testing.TB, ctx context.Context, e *httpcall.Executor, url string, more ...string) result {
	t.Helper()
	config := map[string]string{"method": "GET", "url": url}
	for i := 0; i < len(more); i += 2 {
		config[more[i]] = more[i+1]
	}
	var rec recorder
	resp, err := e.Execute(ctx, request(config), &rec)
	return result{resp, err, rec.output()}
}

func serve(t testing.TB, handler http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return s.URL
}

// answer serves a fixed response.
func answer(t testing.TB, code int, body string) string {
	return serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		_, _ = w.Write([]byte(body))
	})
}

func wantError(t testing.TB, r result, text string) {
	t.Helper()
	if r.err != nil || r.Error != text {
		t.Fatalf("got %+v, %v; want error %q", r.ExecuteResponse, r.err, text)
	}
}

func wantConfigError(t testing.TB, r result, text string) {
	t.Helper()
	if r.err == nil || r.err.Error() != text || r.ExecuteResponse != nil {
		t.Fatalf("got %+v, %v; want error %q", r.ExecuteResponse, r.err, text)
	}
}
