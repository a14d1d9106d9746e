//go:build linux

package shell_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"dkron/builtin/shell"
	"dkron/plugin"
)

const limit = 20 * time.Second // for anything that should happen soon

// recorder is a Status that keeps everything.
type recorder struct {
	mu     sync.Mutex
	out    bytes.Buffer
	handle []byte
	fail   error
}

func (r *recorder) Write(chunk []byte, _ bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.out.Write(chunk)
}

func (r *recorder) Started(handle []byte) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.handle = bytes.Clone(handle)
	return r.fail
}

func (r *recorder) output() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.out.String()
}

var executions = struct {
	sync.Mutex
	n int
}{}

func request(config map[string]string) *plugin.ExecuteRequest {
	executions.Lock()
	defer executions.Unlock()
	executions.n++
	return &plugin.ExecuteRequest{
		JobName: "job-" + strconv.Itoa(os.Getpid()), Config: config, LaunchID: "launch-1",
		ExecutionID: fmt.Sprintf("exec-%d", executions.n), Group: 42, Attempt: 2, NodeName: "node-a",
		ScheduledAt: time.Date(2024, 5, 6, 7, 8, 9, 123456789, time.FixedZone("x", 3600)),
	}
}

type result struct {
	*plugin.ExecuteResponse
	err    error
	output string
}

func execute(t testing.TB, config map[string]string) result {
	t.Helper()
	return executeWith(t, t.Context(), shell.New(shell.Options{}), request(config))
}

func executeWith(t testing.TB, ctx context.Context, e *shell.Executor, req *plugin.ExecuteRequest) result {
	t.Helper()
	var rec recorder
	resp, err := e.Execute(ctx, req, &rec)
	return result{resp, err, rec.output()}
}

// script returns the configuration of a shell command line, followed by further keys and values.
func script(command string, more ...string) map[string]string {
	config := map[string]string{"command": command, "shell": "true"}
	for i := 0; i < len(more); i += 2 {
		config[more[i]] = more[i+1]
	}
	return config
}

func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("did not happen in %v: %s", limit, what)
		}
	}
}

// pidIn waits for a process number that a command writes to a file, newline last.
func pidIn(t testing.TB, file string) int {
	t.Helper()
	var pid int
	eventually(t, "a pid in "+filepath.Base(file), func() bool {
		text, _ := os.ReadFile(file)
		if !bytes.HasSuffix(text, []byte("\n")) {
			return false
		}
		var err error
		pid, err = strconv.Atoi(strings.TrimSpace(string(text)))
		return err == nil
	})
	return pid
}

// alive says whether a process runs; zombies don't.
func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	state := stat[bytes.LastIndexByte(stat, ')')+2]
	return state != 'Z' && state != 'X'
}

func wantGone(t testing.TB, pid int) {
	t.Helper()
	eventually(t, fmt.Sprintf("the end of process %d", pid), func() bool { return !alive(pid) })
}

func wantSuccess(t testing.TB, r result) {
	t.Helper()
	if r.err != nil || r.Error != "" || r.ExitCode == nil || *r.ExitCode != 0 || r.TimedOut {
		t.Fatalf("not a success: %+v, %v, output %q", r.ExecuteResponse, r.err, r.output)
	}
}

// TestMain lets the test binary also be an agent that is killed: it executes one request and prints the handle.
func TestMain(m *testing.M) {
	if text := os.Getenv("SHELLTEST_REQUEST"); text != "" {
		agent(text)
		return
	}
	os.Exit(m.Run())
}

type printer struct{}

func (p *printer) Write(chunk []byte, isError bool) {
	fmt.Fprintf(os.Stdout, "output %q\n", chunk)
}

func (p *printer) Started(handle []byte) error {
	fmt.Fprintf(os.Stdout, "handle %s\n", handle)
	return nil
}

func agent(text string) {
	var req plugin.ExecuteRequest
	if err := json.Unmarshal([]byte(text), &req); err != nil {
		panic(err)
	}
	_, err := shell.New(shell.Options{}).Execute(context.Background(), &req, &printer{})
	fmt.Fprintln(os.Stdout, "ended", err)
}

// endLater kills what a failed test may have left.
func endLater(t testing.TB, pid int) {
	t.Cleanup(func() {
		if t.Failed() && alive(pid) {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	})
}
