package ecs

import (
	"context"
	"maps"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"dkron/plugin"
	"dkron/plugins-aws/internal/awstest"
)

// output is a status that keeps what it is given.
type output struct {
	mu      sync.Mutex // guards the rest
	text    []byte
	handles [][]byte
	wrote   func(text string) // called after each write
	refuse  error             // of Started
}

func (o *output) Write(chunk []byte, _ bool) {
	o.mu.Lock()
	o.text = append(o.text, chunk...)
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
	return o.refuse
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.text)
}

// serverOf starts a server, and gives this process credentials for it and nothing else.
func serverOf(t *testing.T, work func(*awstest.Task) awstest.End) *awstest.Server {
	t.Helper()
	s := awstest.New(t, work)
	nowhere := filepath.Join(t.TempDir(), "none")
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": awstest.KeyID, "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "", "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_CONFIG_FILE": nowhere, "AWS_SHARED_CREDENTIALS_FILE": nowhere, "AWS_PROFILE": "", "AWS_REGION": "", "AWS_ENDPOINT_URL_STS": s.URL,
	} {
		t.Setenv(name, value)
	}
	return s
}

// newExecutor returns an executor for which all that waits for AWS is short.
func newExecutor() *Executor {
	e := New()
	e.limits = limits{
		answer: 2 * time.Second, call: 10 * time.Second, backoff: 20 * time.Millisecond, absence: 3 * time.Second, birth: 2 * time.Second,
		settle: 300 * time.Millisecond, drain: 5 * time.Second, stop: 4 * time.Second, end: 6 * time.Second,
	}
	return e
}

// on is a configuration for a server: pairs of keys and values.
func on(s *awstest.Server, pairs ...string) map[string]string {
	return with(map[string]string{
		"taskdefName": "report", "region": awstest.Region, "endpoint": s.URL, "logsEndpoint": s.URL, "fargate": "yes", "subnet": "subnet-1", "pollInterval": "100ms",
	}, pairs...)
}

// with is a configuration with more; an empty value removes a key.
func with(config map[string]string, pairs ...string) map[string]string {
	config = maps.Clone(config)
	for i := 0; i < len(pairs); i += 2 {
		if config[pairs[i]] = pairs[i+1]; pairs[i+1] == "" {
			delete(config, pairs[i])
		}
	}
	return config
}

func request(t testing.TB, config map[string]string) *plugin.ExecuteRequest {
	return &plugin.ExecuteRequest{
		JobName: strings.ReplaceAll(t.Name(), "/", " "), Config: config, LaunchID: "launch-1", ExecutionID: "5-node", Group: 5, Attempt: 2, NodeName: "node",
		ScheduledAt: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC),
	}
}

func execute(t testing.TB, config map[string]string) (*plugin.ExecuteResponse, string) {
	t.Helper()
	out := new(output)
	response, err := newExecutor().Execute(t.Context(), request(t, config), out)
	if err != nil {
		t.Fatal(err)
	}
	return response, out.String()
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

// untilStopped is work that prints a line, and ends with a code after it was told to.
func untilStopped(code int) func(*awstest.Task) awstest.End {
	return func(t *awstest.Task) awstest.End {
		t.Print("up")
		select {
		case <-t.Stopped():
		case <-t.Quit():
		}
		return awstest.End{Code: code}
	}
}

// stubborn is work that prints a line and ends with the test.
func stubborn(t *awstest.Task) awstest.End {
	t.Print("up")
	<-t.Quit()
	return awstest.End{}
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

// stoppable is a context that ends as an agent ends one when somebody asks for a stop.
func stoppable(t testing.TB) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(t.Context())
	return ctx, func() { cancel(plugin.ErrStopped) }
}
