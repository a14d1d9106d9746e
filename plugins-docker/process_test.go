//go:build linux

package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"dkron/internal/pluginhost"
	"dkron/internal/pluginhost/trialtest"
	"dkron/plugin"
	"dkron/plugins-docker/internal/enginetest"
)

const name = "dkron-executor-docker"

var shared enginetest.Shared

// The tests are the program when an agent starts them by the executor's name.
func TestMain(m *testing.M) {
	pluginhost.Guard()
	if filepath.Base(os.Args[0]) == name {
		main()
		os.Exit(0)
	}
	os.Exit(shared.Main(m))
}

type output struct {
	mu    sync.Mutex // guards text
	text  strings.Builder
	wrote func(text string)
}

func (o *output) Write(chunk []byte, _ bool) {
	o.mu.Lock()
	o.text.Write(chunk)
	text := o.text.String()
	o.mu.Unlock()
	if o.wrote != nil {
		o.wrote(text)
	}
}

func (o *output) Started([]byte) error { return nil }

// once calls f when the output has a text for the first time.
func once(text string, f func()) func(string) {
	var did sync.Once
	return func(all string) {
		if strings.Contains(all, text) {
			did.Do(f)
		}
	}
}

// folder returns a folder of plugins with this program in it.
func folder(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(self, filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
	return dir
}

func hosted(t *testing.T) (*pluginhost.Host, plugin.Executor) {
	t.Helper()
	h := pluginhost.New(pluginhost.Config{Dirs: []string{folder(t)}, Logger: slog.New(slog.NewTextHandler(t.Output(), nil)), Guard: true, Grace: 10 * time.Second})
	t.Cleanup(h.Close)
	return h, h.Executors()["docker"]
}

func request(t *testing.T, config map[string]string) *plugin.ExecuteRequest {
	return &plugin.ExecuteRequest{JobName: t.Name(), Config: config, LaunchID: t.Name() + ".1", ExecutionID: "1-node", NodeName: "node", Group: 1, Attempt: 1}
}

var example = regexp.MustCompile("(?s)## Example\n\n```sh\ncurl localhost:8080/v1/jobs -XPOST -d '(.*?)'\n```")

// The job of the guide runs in a real process; only the engine and its network are others.
func TestTheExampleOfTheGuideRuns(t *testing.T) {
	e := shared.Get(t)
	page, err := os.ReadFile(filepath.Join("..", "docs", "guide", "executor-docker.md"))
	if err != nil {
		t.Fatal(err)
	}
	found := example.FindSubmatch(page)
	if found == nil {
		t.Fatal("the page has no example")
	}
	var job struct {
		Executor string
		Config   map[string]string `json:"executor_config"`
	}
	if err := json.Unmarshal(found[1], &job); err != nil || job.Executor != "docker" {
		t.Fatal(job, err)
	}
	job.Config["host"], job.Config["network"] = e.Host, "none"
	_, executor := hosted(t)
	out := new(output)
	response, err := executor.Execute(t.Context(), request(t, job.Config), out)
	if err != nil || response.Error != "" || response.ExitCode == nil || !strings.HasPrefix(out.text.String(), "report for prod\nFilesystem ") {
		t.Errorf("%+v, %v, output %q", response, err, out.text.String())
	}
}

func TestAPluginThatIsKilledLosesNothing(t *testing.T) {
	e := shared.Get(t)
	h, executor := hosted(t)
	dir := t.TempDir()
	out := new(output)
	out.wrote = once("two\n", func() {
		pid := int(h.Plugins()[0].PID)
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil || pid == 0 {
			t.Errorf("%d: %v", pid, err)
		}
		if err := os.WriteFile(filepath.Join(dir, "on"), nil, 0o600); err != nil {
			t.Error(err)
		}
	})
	response, err := executor.Execute(t.Context(), request(t, map[string]string{
		"host": e.Host, "image": enginetest.Image, "network": "none", "volumes": dir + ":/go",
		"command": `sh -c 'echo run >> /go/runs; echo one; echo two; while [ ! -e /go/on ]; do sleep 0.02; done; echo three; exit 7'`,
	}), out)
	if err != nil || response.Error != "exit status 7" || response.ExitCode == nil || *response.ExitCode != 7 || out.text.String() != "one\ntwo\nthree\n" {
		t.Errorf("%+v, %v, output %q", response, err, out.text.String())
	}
	if runs, err := os.ReadFile(filepath.Join(dir, "runs")); string(runs) != "run\n" {
		t.Errorf("%q, %v", runs, err)
	}
	if left := e.Containers(t, t.Name()); len(left) != 0 {
		t.Errorf("%q are left", left)
	}
}

func TestAStopReachesTheContainerOfAPluginThatWasKilled(t *testing.T) {
	e := shared.Get(t)
	h, executor := hosted(t)
	ctx, stop := context.WithCancelCause(t.Context())
	out := new(output)
	out.wrote = once("up\n", func() {
		_ = syscall.Kill(int(h.Plugins()[0].PID), syscall.SIGKILL)
		stop(plugin.ErrStopped)
	})
	response, err := executor.Execute(ctx, request(t, map[string]string{
		"host": e.Host, "image": enginetest.Image, "network": "none", "stopTimeout": "1s", "command": "sh -c 'echo up; sleep 1000'",
	}), out)
	if err != nil || response.Error != "stopped on request while running the container" {
		t.Errorf("%+v, %v", response, err)
	}
	if left := e.Containers(t, t.Name()); len(left) != 0 {
		t.Errorf("%q are left", left)
	}
}

func TestAnAgentThatIsKilledFollowsItsContainersAgain(t *testing.T) {
	e := shared.Get(t)
	dir := t.TempDir()
	n := trialtest.NewNode(t, folder(t))
	job, err := json.Marshal(map[string]any{
		"name": "long", "schedule": "@manually", "executor": "docker", "executor_config": map[string]string{
			"host": e.Host, "image": enginetest.Image, "network": "none", "volumes": dir + ":/go",
			"command": `sh -c 'echo run >> /go/runs; echo one; while [ ! -e /go/on ]; do sleep 0.02; done; echo two; exit 7'`,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	good := func(status int, _ string) bool { return status < 300 }
	n.Call(t, http.MethodPost, "/v1/jobs", string(job), "the job is stored", good)
	n.Call(t, http.MethodPost, "/v1/jobs/long/run", "", "the job is started", good)
	runs := filepath.Join(dir, "runs")
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if text, _ := os.ReadFile(runs); len(text) > 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the container does not run")
		}
	}
	n.Kill()
	if left := e.Containers(t, "long"); len(left) != 1 {
		t.Fatalf("containers %q", left)
	}
	n.Start(t)
	n.Call(t, http.MethodGet, "/v1/leader", "", "a leader", good)
	if err := os.WriteFile(filepath.Join(dir, "on"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	n.Call(t, http.MethodGet, "/v1/jobs/long/executions", "", "the execution has its true end", func(_ int, text string) bool {
		var all []struct {
			Output   string
			Success  bool
			ExitCode *int `json:"exit_code"`
			Error    string
		}
		if json.Unmarshal([]byte(text), &all) != nil || len(all) != 1 || all[0].ExitCode == nil {
			return false
		}
		x := all[0]
		if *x.ExitCode != 7 || x.Error != "exit status 7" || !strings.HasSuffix(x.Output, "one\ntwo\n") || x.Success {
			t.Errorf("%+v", x)
		}
		return true
	})
	if text, err := os.ReadFile(runs); string(text) != "run\n" {
		t.Errorf("%q, %v", text, err)
	}
	if left := e.Containers(t, "long"); len(left) != 0 {
		t.Errorf("%q are left", left)
	}
}
