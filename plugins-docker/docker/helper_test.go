//go:build linux

package docker

import (
	"context"
	"maps"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"dkron/plugin"
	"dkron/plugins-docker/internal/enginetest"
)

var shared enginetest.Shared

func TestMain(m *testing.M) { os.Exit(shared.Main(m)) }

// output is a status that keeps what it is given.
type output struct {
	mu      sync.Mutex // guards the rest
	text    []byte
	total   int64
	handles [][]byte
	wrote   func(text string) // called after each write
	keep    int               // bytes of text that are kept; 0: all
}

func (o *output) Write(chunk []byte, _ bool) {
	o.mu.Lock()
	o.text = append(o.text, chunk...)
	o.total += int64(len(chunk))
	if o.keep > 0 {
		o.text = o.text[max(0, len(o.text)-o.keep):]
	}
	text := string(o.text)
	o.mu.Unlock()
	if o.wrote != nil {
		o.wrote(text)
	}
}

func (o *output) Started(handle []byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.handles = append(o.handles, append([]byte(nil), handle...))
	return nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.text)
}

func (o *output) handle() []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.handles) == 0 {
		return nil
	}
	return o.handles[len(o.handles)-1]
}

// jobOf makes a job's name of the test's, so that tests don't see each other's containers.
func jobOf(t testing.TB) string { return strings.ReplaceAll(t.Name(), "/", " ") }

func request(t testing.TB, config map[string]string) *plugin.ExecuteRequest {
	return &plugin.ExecuteRequest{
		JobName: jobOf(t), Config: config, LaunchID: "launch-1", ExecutionID: "5-node", Group: 5, Attempt: 2, NodeName: "node",
		ScheduledAt: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC),
	}
}

// on is a configuration for an engine: pairs of keys and values.
func on(e *enginetest.Engine, pairs ...string) map[string]string {
	config := map[string]string{"host": e.Host, "image": enginetest.Image, "network": "none"}
	for i := 0; i < len(pairs); i += 2 {
		config[pairs[i]] = pairs[i+1]
	}
	return config
}

// with is a configuration with more.
func with(config map[string]string, pairs ...string) map[string]string {
	config = maps.Clone(config)
	for i := 0; i < len(pairs); i += 2 {
		config[pairs[i]] = pairs[i+1]
	}
	return config
}

func execute(t testing.TB, config map[string]string) (*plugin.ExecuteResponse, string) {
	t.Helper()
	out := new(output)
	response := executeTo(t.Context(), t, New(), config, out)
	return response, out.String()
}

func executeTo(ctx context.Context, t testing.TB, e *Executor, config map[string]string, out *output) *plugin.ExecuteResponse {
	t.Helper()
	response, err := e.Execute(ctx, request(t, config), out)
	if err != nil {
		t.Fatal(err)
	}
	return response
}

// eventually waits for a condition.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within a minute: %s", what)
		}
	}
}

// code is a response's exit code, -1 if it has none.
func code(r *plugin.ExecuteResponse) int {
	if r.ExitCode == nil {
		return -1
	}
	return *r.ExitCode
}

// once calls f when the output has a text for the first time.
func once(text string, f func()) func(string) {
	var did sync.Once
	return func(all string) {
		if strings.Contains(all, text) {
			did.Do(f)
		}
	}
}
