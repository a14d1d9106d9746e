//go:build unix

package pluginhost

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"log/slog"

	"github.com/google/go-cmp/cmp"

	"dkron/plugin"
)

// hosted returns a host whose folder has plugins of these names, all of them this binary.
func hosted(t testing.TB, names ...string) *Host {
	t.Helper()
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		if err := os.Symlink(self, filepath.Join(dir, n)); err != nil {
			t.Fatal(err)
		}
	}
	return hostOf(t, dir)
}

// hostOf returns a host of the plugins in a folder.
func hostOf(t testing.TB, dir string) *Host {
	t.Helper()
	h := New(Config{Dirs: []string{dir}, Builtin: []string{"shell"}, Logger: slog.New(slog.NewTextHandler(t.Output(), nil)), Guard: true, Grace: 300 * time.Millisecond})
	t.Cleanup(h.Close)
	return h
}

// report is what a plugin has reported.
type report struct {
	mu      sync.Mutex
	output  string
	errors  string
	handles []string
	refuse  error
}

func (r *report) Write(chunk []byte, isError bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.output += string(chunk)
	if isError {
		r.errors += string(chunk)
	}
}

func (r *report) Started(handle []byte) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.handles = append(r.handles, string(handle))
	return r.refuse
}

func (r *report) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.output
}

func request(do string, more ...string) *plugin.ExecuteRequest {
	config := map[string]string{"do": do}
	for i := 0; i < len(more); i += 2 {
		config[more[i]] = more[i+1]
	}
	return &plugin.ExecuteRequest{
		JobName: "mail", Config: config, LaunchID: "mail.5", ExecutionID: "5-web-1", Group: 5, Attempt: 1, NodeName: "web-1",
		ScheduledAt: time.Date(2026, 11, 29, 3, 0, 0, 0, time.UTC), Cluster: "c1",
	}
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within a minute: %s", what)
		}
	}
}

func alive(pid int) bool {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !strings.Contains(string(data), ") Z ")
}

func TestBothKindsOfPluginsExecute(t *testing.T) {
	h := hosted(t, "dkron-executor-kit", "dkron-executor-old")
	code := 17
	for _, tt := range []struct {
		plugin, do string
		want       *plugin.ExecuteResponse
		output     string
		err        string
	}{
		{"kit", "echo", &plugin.ExecuteResponse{}, "out hello", ""},
		{"kit", "say", &plugin.ExecuteResponse{Output: []byte("mail mail.5 5-web-1 5 1 web-1 2026-11-29T03:00:00Z c1")}, "", ""},
		{"kit", "fail", &plugin.ExecuteResponse{
			Output: []byte{}, Error: "exit status 17", ExitCode: &code, TimedOut: true, LeftRunning: []string{"pid 1 (sleep)"}, Reason: "it did not want to",
			Usage: &plugin.Usage{CPU: time.Second, MaxRSS: 1 << 20, MemoryLimit: 1 << 30},
		}, "", ""},
		{"kit", "short", nil, "", "short of resources: the node is short of resources: no more sockets"},
		{"old", "echo", &plugin.ExecuteResponse{}, "out hello", ""},
		{"old", "whole", &plugin.ExecuteResponse{Output: []byte("whole of mail")}, "half", ""},
		{"old", "fail", &plugin.ExecuteResponse{Output: []byte("some output"), Error: "it failed"}, "", ""},
		{"old", "error", nil, "", "no such thing"},
		{"old", "large", nil, "", "larger than max"},
	} {
		t.Run(tt.plugin+" "+tt.do, func(t *testing.T) {
			got := new(report)
			resp, err := h.Executors()[tt.plugin].Execute(t.Context(), request(tt.do, "text", "hello"), got)
			if tt.err == "" && err != nil || tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
				t.Fatalf("error %v, want %q", err, tt.err)
			}
			if diff := cmp.Diff(tt.want, resp); diff != "" {
				t.Error(diff)
			}
			if got.output != tt.output {
				t.Errorf("output %q, want %q", got.output, tt.output)
			}
			if tt.do == "echo" && got.errors != "hello" {
				t.Errorf("of the error stream: %q", got.errors)
			}
		})
	}
	for _, s := range h.statuses() {
		if s.Starts != 1 || !s.Running || s.PID == 0 || s.Working != 0 || s.Since.IsZero() {
			t.Errorf("%+v", s)
		}
	}
}

func TestAPanicIsTheExecutionsFailure(t *testing.T) {
	h := hosted(t, "dkron-executor-kit")
	resp, err := h.Executors()["kit"].Execute(t.Context(), request("panic"), new(report))
	if err != nil || !strings.HasPrefix(resp.Error, "the executor panicked: oh no") {
		t.Errorf("%+v, %v", resp, err)
	}
	if s := h.statuses()[0]; s.Starts != 1 || !s.Running {
		t.Errorf("%+v", s)
	}
}

func TestAStopReachesAPlugin(t *testing.T) {
	h := hosted(t, "dkron-executor-kit")
	for want, cause := range map[string]error{"stopped by a wish": plugin.ErrStopped, "stopped by the node": errors.New("shutdown")} {
		ctx, cancel := context.WithCancelCause(t.Context())
		got := new(report)
		go func() {
			eventually(t, "output", func() bool { return got.String() != "" })
			cancel(cause)
		}()
		resp, err := h.Executors()["kit"].Execute(ctx, request("wait"), got)
		if err != nil || resp.Error != want {
			t.Errorf("%+v, %v; want %q", resp, err, want)
		}
	}
	if s := h.statuses()[0]; s.Starts != 1 || s.Retired != 0 {
		t.Errorf("%+v", s)
	}
}

func TestAPluginThatDoesNotStopIsReplaced(t *testing.T) {
	for _, name := range []string{"kit", "old"} {
		t.Run(name, func(t *testing.T) {
			h := hosted(t, "dkron-executor-"+name)
			e := h.Executors()[name]
			// Another execution of the same process continues until its own end.
			long, end := context.WithCancelCause(t.Context())
			other := new(report)
			var others sync.WaitGroup
			others.Go(func() { _, _ = e.Execute(long, request("deaf"), other) })
			eventually(t, "output of the other", func() bool { return other.String() != "" })

			ctx, cancel := context.WithCancelCause(t.Context())
			got := new(report)
			go func() {
				eventually(t, "output", func() bool { return got.String() != "" })
				cancel(plugin.ErrStopped)
			}()
			resp, err := e.Execute(ctx, request("deaf"), got)
			if err != nil || resp.Error != "the plugin did not stop" {
				t.Fatalf("%+v, %v", resp, err)
			}
			var old, child int
			if _, err := fmt.Sscanf(got.output, "pids %d %d", &old, &child); err != nil {
				t.Fatal(err)
			}
			if !alive(old) || !alive(child) {
				t.Error("the process ended before its other execution")
			}
			if resp, err := e.Execute(t.Context(), request("echo", "text", "x"), new(report)); err != nil || resp.Error != "" {
				t.Errorf("the fresh process: %+v, %v", resp, err)
			}
			if s := h.statuses()[0]; s.Starts != 2 || s.Retired != 1 || s.PID == old {
				t.Errorf("%+v", s)
			}
			end(plugin.ErrStopped)
			others.Wait()
			eventually(t, "end of all that it has started", func() bool { return !alive(old) && !alive(child) })
			eventually(t, "no retired process", func() bool { return h.statuses()[0].Retired == 0 })
		})
	}
}

func TestAPluginThatDiesIsStartedAgain(t *testing.T) {
	h := hosted(t, "dkron-executor-kit")
	e := h.Executors()["kit"]
	_, err := e.Execute(t.Context(), request("exit"), new(report))
	if err == nil || !strings.Contains(err.Error(), "plugin kit: its process ended (exit status 3)") {
		t.Errorf("error %v", err)
	}
	eventually(t, "a new process without an execution", func() bool { s := h.statuses()[0]; return s.Running && s.Starts == 2 })
	if s := h.statuses()[0]; s.Error != "its process ended: exit status 3" {
		t.Errorf("%+v", s)
	}
	pid := h.statuses()[0].PID
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "end of the process", func() bool { return h.statuses()[0].PID != pid })
	if resp, err := e.Execute(t.Context(), request("echo"), new(report)); err != nil || resp.Error != "" {
		t.Errorf("an execution after the end: %+v, %v", resp, err)
	}
}

func TestAPluginThatCanNotStartFailsItsExecutionsAlone(t *testing.T) {
	h := hosted(t, "dkron-executor-kit", "dkron-executor-crash", "dkron-executor-garbage")
	for _, name := range []string{"crash", "garbage"} {
		_, err := h.Executors()[name].Execute(t.Context(), request("echo"), new(report))
		if err == nil || !strings.Contains(err.Error(), "plugin "+name+" failed to start: ") || len(err.Error()) > 2000 {
			t.Errorf("%s: error %v", name, err)
		}
		t.Log(err)
	}
	if _, err := h.Executors()["kit"].Execute(t.Context(), request("echo"), new(report)); err != nil {
		t.Error(err)
	}
}

func TestHandlesAreStoredAndAdopted(t *testing.T) {
	h := hosted(t, "dkron-executor-kit", "dkron-executor-old")
	e := h.Executors()["kit"]
	got := new(report)
	resp, err := e.Execute(t.Context(), request("started"), got)
	if err != nil || string(resp.Output) != "stored" || !cmp.Equal(got.handles, []string{"handle 5-web-1"}) {
		t.Errorf("%+v, %v, handles %q", resp, err, got.handles)
	}
	got = &report{refuse: errors.New("the disk is full")}
	if resp, err := e.Execute(t.Context(), request("started"), got); err != nil || resp.Error != "the disk is full" {
		t.Errorf("%+v, %v", resp, err)
	}
	adopter := e.(plugin.Adopter)
	if resp, err = adopter.Adopt(t.Context(), request(""), []byte("h"), got); err != nil || string(resp.Output) != "followed h" {
		t.Errorf("%+v, %v", resp, err)
	}
	if resp, err = adopter.Adopt(t.Context(), request("lose"), []byte("h"), got); !errors.Is(err, plugin.ErrUnknownOutcome) || string(resp.Output) != "some" {
		t.Errorf("%+v, %v", resp, err)
	}
	if _, err = h.Executors()["old"].(plugin.Adopter).Adopt(t.Context(), request(""), nil, got); !errors.Is(err, plugin.ErrUnknownOutcome) {
		t.Errorf("an old plugin: %v", err)
	}
}

func TestCloseDoesNotWaitForAPluginThatIsStarting(t *testing.T) {
	h := hosted(t, "dkron-executor-mute")
	failed := make(chan error, 1)
	go func() {
		_, err := h.Executors()["mute"].Execute(t.Context(), request("echo"), new(report))
		failed <- err
	}()
	path := h.plugins[0].file.path
	eventually(t, "the process", func() bool { return runs(path) })
	closed := make(chan struct{})
	go func() {
		h.Close()
		close(closed)
	}()
	select {
	case <-closed:
	case <-time.After(time.Minute):
		t.Fatal("Close waits")
	}
	if err := <-failed; err == nil {
		t.Error("the execution did not fail")
	}
	if runs(path) {
		t.Error("the process is left")
	}
}

// runs reports whether a process of the file at path exists.
func runs(path string) bool {
	lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, line := range lines {
		if data, err := os.ReadFile(line); err == nil && strings.HasPrefix(string(data), path) {
			return true
		}
	}
	return false
}

func TestCloseLeavesNoProcess(t *testing.T) {
	h := hosted(t, "dkron-executor-kit")
	got := new(report)
	var running sync.WaitGroup
	running.Go(func() { _, _ = h.Executors()["kit"].Execute(t.Context(), request("deaf"), got) })
	eventually(t, "output", func() bool { return got.String() != "" })
	var pid, child int
	if _, err := fmt.Sscanf(got.String(), "pids %d %d", &pid, &child); err != nil {
		t.Fatal(err)
	}
	h.Close()
	running.Wait()
	if alive(pid) {
		t.Error("the process is left")
	}
	eventually(t, "end of what it has started", func() bool { return !alive(child) })
	if _, err := h.Executors()["kit"].Execute(t.Context(), request("echo"), got); !errors.Is(err, errClosed) {
		t.Errorf("after Close: %v", err)
	}
}

func TestWorkOfAProcessThatEndedIsAdoptedByTheNextOne(t *testing.T) {
	h := hosted(t, "dkron-executor-kit")
	out := new(report)
	resp, err := h.Executors()["kit"].Execute(t.Context(), request("leave"), out)
	if err != nil || resp.Error != "" || out.String() != "before work after 7 bytes" {
		t.Errorf("%+v, %v, output %q", resp, err, out)
	}
}

func TestAdoptedWorkHearsAStopThatCameInBetween(t *testing.T) {
	h := hosted(t, "dkron-executor-kit")
	ctx, stop := context.WithCancelCause(t.Context())
	out := &leaving{stop: stop}
	resp, err := h.Executors()["kit"].Execute(ctx, request("leave", "until", "stop"), out)
	if err != nil || resp.Error != plugin.ErrStopped.Error() || out.String() != "before work after 7 bytes" {
		t.Errorf("%+v, %v, output %q", resp, err, out)
	}
}

// leaving asks for a stop once a handle is in the journal.
type leaving struct {
	report
	stop context.CancelCauseFunc
}

func (l *leaving) Started(handle []byte) error {
	l.stop(plugin.ErrStopped)
	return l.report.Started(handle)
}
