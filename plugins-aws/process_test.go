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
	"dkron/plugins-aws/internal/awstest"
)

const name = "dkron-executor-ecs"

// The tests are the program when an agent starts them by the executor's name.
func TestMain(m *testing.M) {
	pluginhost.Guard()
	if filepath.Base(os.Args[0]) == name {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
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
	return h, h.Executors()["ecs"]
}

func request(t *testing.T, config map[string]string) *plugin.ExecuteRequest {
	return &plugin.ExecuteRequest{JobName: t.Name(), Config: config, LaunchID: t.Name() + ".1", ExecutionID: "1-node", NodeName: "node", Group: 1, Attempt: 1}
}

var example = regexp.MustCompile("(?s)## Example\n\n```sh\ncurl localhost:8080/v1/jobs -XPOST -d '(.*?)'\n```")

// serverOf starts a server, and gives this process, and those that it starts, credentials for it and nothing else.
func serverOf(t *testing.T, work func(*awstest.Task) awstest.End) *awstest.Server {
	t.Helper()
	s := awstest.New(t, work)
	nowhere := filepath.Join(t.TempDir(), "none")
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": awstest.KeyID, "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "", "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_CONFIG_FILE": nowhere, "AWS_SHARED_CREDENTIALS_FILE": nowhere, "AWS_PROFILE": "", "AWS_REGION": "",
	} {
		t.Setenv(name, value)
	}
	return s
}

// on is a configuration for a server: pairs of keys and values.
func on(s *awstest.Server, pairs ...string) map[string]string {
	config := map[string]string{
		"taskdefName": "report", "region": awstest.Region, "endpoint": s.URL, "logsEndpoint": s.URL, "fargate": "yes", "subnet": "subnet-1", "pollInterval": "100ms",
	}
	for i := 0; i < len(pairs); i += 2 {
		config[pairs[i]] = pairs[i+1]
	}
	return config
}

// threeLines is work that prints two lines, and after a word a third one, and ends with 7.
func threeLines(goOn <-chan struct{}) func(*awstest.Task) awstest.End {
	return func(t *awstest.Task) awstest.End {
		t.Print("one")
		t.Print("two")
		select {
		case <-goOn:
		case <-t.Quit():
		}
		t.Print("three")
		return awstest.End{Code: 7}
	}
}

// The job of the guide runs in a real process; only the addresses and the region are others.
func TestTheExampleOfTheGuideRuns(t *testing.T) {
	s := serverOf(t, func(t *awstest.Task) awstest.End {
		t.Print("report for %s by %q", t.Env["STAGE"], t.Command)
		return awstest.End{}
	})
	page, err := os.ReadFile(filepath.Join("..", "docs", "guide", "executor-ecs.md"))
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
	if err := json.Unmarshal(found[1], &job); err != nil || job.Executor != "ecs" {
		t.Fatal(job, err)
	}
	s.Define(awstest.Definition(job.Config["taskdefName"], awstest.Container("main", true)))
	for key, value := range map[string]string{"region": awstest.Region, "endpoint": s.URL, "logsEndpoint": s.URL} {
		job.Config[key] = value
	}
	_, executor := hosted(t)
	out := new(output)
	response, err := executor.Execute(t.Context(), request(t, job.Config), out)
	if err != nil || response.Error != "" || response.ExitCode == nil || out.text.String() != "report for prod by [\"report\" \"--all\"]\n" {
		t.Errorf("%+v, %v, output %q", response, err, out.text.String())
	}
}

func TestAPluginThatIsKilledLosesNothing(t *testing.T) {
	goOn := make(chan struct{})
	s := serverOf(t, threeLines(goOn))
	h, executor := hosted(t)
	out := new(output)
	out.wrote = once("two\n", func() {
		pid := int(h.Plugins()[0].PID)
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil || pid == 0 {
			t.Errorf("%d: %v", pid, err)
		}
		close(goOn)
	})
	response, err := executor.Execute(t.Context(), request(t, on(s)), out)
	if err != nil || response.Error != "exit status 7" || response.ExitCode == nil || *response.ExitCode != 7 || out.text.String() != "one\ntwo\nthree\n" {
		t.Errorf("%+v, %v, output %q", response, err, out.text.String())
	}
	if n := len(s.Tasks()); n != 1 || s.Count("RunTask") != 1 {
		t.Errorf("%d tasks", n)
	}
}

// The plugin dies while its request to start the task is on its way.
func TestAPluginThatIsKilledDuringTheStartStartsOneTask(t *testing.T) {
	goOn := make(chan struct{})
	close(goOn)
	s := serverOf(t, threeLines(goOn))
	h, executor := hosted(t)
	s.Break(func(operation string, n int) awstest.Kind {
		if operation != "RunTask" || n > 1 {
			return awstest.Fine
		}
		if err := syscall.Kill(int(h.Plugins()[0].PID), syscall.SIGKILL); err != nil {
			t.Error(err)
		}
		return awstest.Lose
	})
	out := new(output)
	response, err := executor.Execute(t.Context(), request(t, on(s)), out)
	if err != nil || response.Error != "exit status 7" || out.text.String() != "one\ntwo\nthree\n" {
		t.Errorf("%+v, %v, output %q", response, err, out.text.String())
	}
	if n := len(s.Tasks()); n != 1 || s.Count("RunTask") != 2 {
		t.Errorf("%d tasks after %d starts", n, s.Count("RunTask"))
	}
}

func TestAStopReachesTheTaskOfAPluginThatWasKilled(t *testing.T) {
	s := serverOf(t, func(t *awstest.Task) awstest.End {
		t.Print("up")
		select {
		case <-t.Stopped():
		case <-t.Quit():
		}
		return awstest.End{Code: 143}
	})
	h, executor := hosted(t)
	ctx, stop := context.WithCancelCause(t.Context())
	out := new(output)
	out.wrote = once("up\n", func() {
		_ = syscall.Kill(int(h.Plugins()[0].PID), syscall.SIGKILL)
		stop(plugin.ErrStopped)
	})
	response, err := executor.Execute(ctx, request(t, on(s)), out)
	if err != nil || response.Error != "stopped on request while running the task" {
		t.Errorf("%+v, %v", response, err)
	}
	if !s.Tasks()[0].Ended() {
		t.Error("the task goes on")
	}
}

func TestAnAgentThatIsKilledFollowsItsTasksAgain(t *testing.T) {
	goOn := make(chan struct{})
	s := serverOf(t, threeLines(goOn))
	n := trialtest.NewNode(t, folder(t))
	job, err := json.Marshal(map[string]any{"name": "long", "schedule": "@manually", "executor": "ecs", "executor_config": on(s)})
	if err != nil {
		t.Fatal(err)
	}
	good := func(status int, _ string) bool { return status < 300 }
	n.Call(t, http.MethodPost, "/v1/jobs", string(job), "the job is stored", good)
	n.Call(t, http.MethodPost, "/v1/jobs/long/run", "", "the job is started", good)
	n.Call(t, http.MethodGet, "/v1/busy", "", "the task runs", func(int, string) bool { return s.Count("GetLogEvents") > 0 })
	n.Kill()
	n.Start(t)
	n.Call(t, http.MethodGet, "/v1/leader", "", "a leader", good)
	close(goOn)
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
		if *x.ExitCode != 7 || x.Error != "exit status 7" || !strings.HasSuffix(x.Output, "one\ntwo\nthree\n") || x.Success {
			t.Errorf("%+v", x)
		}
		return true
	})
	if tasks := len(s.Tasks()); tasks != 1 || s.Count("RunTask") != 1 {
		t.Errorf("%d tasks", tasks)
	}
}
