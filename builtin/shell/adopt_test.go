//go:build linux

package shell_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"dkron/builtin/shell"
	"dkron/plugin"
)

// crash runs a request in an agent of its own, kills that agent with SIGKILL once a line of output came through, and
// returns the handle that it recorded.
func crash(t *testing.T, req *plugin.ExecuteRequest) (handle []byte, pid int) {
	t.Helper()
	text, err := json.Marshal(req)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "SHELLTEST_REQUEST="+string(text))
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var said bool
	for lines := bufio.NewScanner(pipe); !(said && handle != nil) && lines.Scan(); {
		kind, rest, _ := strings.Cut(lines.Text(), " ")
		switch kind {
		case "handle":
			handle = []byte(rest)
		case "output":
			said = true
		default:
			t.Fatalf("the agent said %q", lines.Text())
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	var h struct{ PID int }
	if err := json.Unmarshal(handle, &h); err != nil || h.PID == 0 {
		t.Fatalf("handle %q: %v", handle, err)
	}
	endLater(t, h.PID)
	return handle, h.PID
}

func adopt(t *testing.T, ctx context.Context, req *plugin.ExecuteRequest, handle []byte) result {
	t.Helper()
	var rec recorder
	resp, err := shell.New(shell.Options{}).Adopt(ctx, req, handle, &rec)
	return result{resp, err, rec.output()}
}

// keepsExitInfo reports whether the kernel keeps the exit status of processes that others have reaped.
func keepsExitInfo(t *testing.T) bool {
	text, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.SplitN(string(text), ".", 3)
	major, _ := strconv.Atoi(parts[0])
	minor, _ := strconv.Atoi(parts[1])
	return major > 6 || major == 6 && minor >= 15
}

func wantExit(t *testing.T, r result, code int) {
	t.Helper()
	if keepsExitInfo(t) && (r.err != nil || r.ExitCode == nil || *r.ExitCode != code) {
		t.Fatalf("%+v %v", r.ExecuteResponse, r.err)
	}
	if r.err != nil && !errors.Is(r.err, plugin.ErrUnknownOutcome) {
		t.Fatal(r.err)
	}
}

// paused is a command that says "before", waits for a file, and ends with rest.
func paused(file, rest string, more ...string) map[string]string {
	return script("echo before; while [ ! -e "+file+" ]; do sleep 0.02; done; "+rest, more...)
}

// adoptUntil adopts, lets the command end by making a file once its output contains words, and returns the result.
func adoptUntil(t *testing.T, req *plugin.ExecuteRequest, handle []byte, words, file string) result {
	t.Helper()
	var rec recorder
	done := make(chan result, 1)
	go func() {
		resp, err := shell.New(shell.Options{}).Adopt(t.Context(), req, handle, &rec)
		done <- result{resp, err, rec.output()}
	}()
	eventually(t, "the adopted command's output", func() bool { return rec.output() == words })
	touch(t, file)
	return <-done
}

func TestAdoptedCommandIsFollowedToItsEnd(t *testing.T) {
	dir := t.TempDir()
	file, end := filepath.Join(dir, "go"), filepath.Join(dir, "end")
	req := request(paused(file, "echo after; while [ ! -e "+end+" ]; do sleep 0.02; done; echo last >&2; exit 7"))
	handle, _ := crash(t, req)
	touch(t, file)
	r := adoptUntil(t, req, handle, "after\n", end)
	if r.output != "after\nlast\n" {
		t.Fatalf("output %q, %+v", r.output, r.ExecuteResponse)
	}
	wantExit(t, r, 7)
}

func TestOutputWrittenWhileNoAgentLivedIsNotLost(t *testing.T) {
	dir := t.TempDir()
	file, wrote, end := filepath.Join(dir, "go"), filepath.Join(dir, "wrote"), filepath.Join(dir, "end")
	req := request(paused(file, "echo alone; touch "+wrote+"; while [ ! -e "+end+" ]; do sleep 0.02; done; echo after"))
	handle, pid := crash(t, req)
	touch(t, file)
	eventually(t, "output without an agent", func() bool { return exists(wrote) })
	if !alive(pid) {
		t.Fatal("the command died with its agent")
	}
	r := adoptUntil(t, req, handle, "alone\n", end)
	if r.output != "alone\nafter\n" {
		t.Fatalf("output %q", r.output)
	}
	wantExit(t, r, 0)
}

func TestAdoptedCommandKeepsItsTimeout(t *testing.T) {
	req := request(script("echo before; sleep 60", "timeout", "500ms", "kill_grace", "50ms"))
	handle, pid := crash(t, req)
	r := adopt(t, t.Context(), req, handle)
	wantTimedOut(t, r)
	wantGone(t, pid)
}

func TestAdoptedCommandCanBeStopped(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pid")
	req := request(script("echo before; setsid sh -c 'echo $$ > "+file+"; exec sleep 60' & sleep 60", "kill_grace", "50ms"))
	handle, pid := crash(t, req)
	straggler := pidIn(t, file)
	endLater(t, straggler)
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(plugin.ErrStopped)
	r := adopt(t, ctx, req, handle)
	if r.err != nil || r.Error != "stopped on request" {
		t.Fatalf("%+v %v", r.ExecuteResponse, r.err)
	}
	wantGone(t, pid)
	wantGone(t, straggler)
}

func TestAdoptedCommandKeepsItsMemoryLimit(t *testing.T) {
	file := filepath.Join(t.TempDir(), "go")
	req := request(paused(file, eater, "mem_limit", "50MB", "kill_grace", "50ms"))
	handle, pid := crash(t, req)
	touch(t, file)
	r := adopt(t, t.Context(), req, handle)
	if r.err != nil || r.Error != "signal: killed" || !strings.Contains(r.output, "memory usage (") {
		t.Fatalf("%+v %v %q", r.ExecuteResponse, r.err, r.output)
	}
	wantGone(t, pid)
}

func TestCommandThatEndedUnseenHasAnUnknownOutcome(t *testing.T) {
	file := filepath.Join(t.TempDir(), "go")
	req := request(paused(file, "exit 0"))
	handle, pid := crash(t, req)
	touch(t, file)
	eventually(t, "the command's end", func() bool { return syscall.Kill(pid, 0) == syscall.ESRCH })
	r := adopt(t, t.Context(), req, handle)
	if !errors.Is(r.err, plugin.ErrUnknownOutcome) || r.Error != "the command ended while the agent was down" {
		t.Fatalf("%+v %v", r.ExecuteResponse, r.err)
	}
}

func TestChildrenOfACommandThatEndedUnseenAreNamedAndTheirOutputSaved(t *testing.T) {
	dir := t.TempDir()
	file, wrote := filepath.Join(dir, "pid"), filepath.Join(dir, "wrote")
	req := request(script("echo before; while [ ! -e " + wrote + ".go ]; do sleep 0.02; done; " +
		"sh -c 'echo left; echo $$ > " + file + "; exec sleep 60' & exit 0"))
	handle, pid := crash(t, req)
	touch(t, wrote+".go")
	child := pidIn(t, file)
	t.Cleanup(func() { _ = syscall.Kill(child, syscall.SIGKILL) })
	eventually(t, "the command's end", func() bool { return syscall.Kill(pid, 0) == syscall.ESRCH })
	r := adopt(t, t.Context(), req, handle)
	if !errors.Is(r.err, plugin.ErrUnknownOutcome) || !strings.Contains(r.Error, "still running: pid "+strconv.Itoa(child)) {
		t.Fatalf("%+v %v", r.ExecuteResponse, r.err)
	}
	if r.output != "left\n" {
		t.Fatalf("output %q", r.output)
	}
}

func TestProcessWithAReusedNumberIsNotAdopted(t *testing.T) {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		t.Fatal(err)
	}
	for name, handle := range map[string]map[string]any{
		"other start": {"pid": os.Getpid(), "start": 1, "boot": strings.TrimSpace(string(boot))},
		"other boot":  {"pid": os.Getpid(), "start": 1, "boot": "x"},
		"no process":  {"boot": strings.TrimSpace(string(boot))},
	} {
		text, _ := json.Marshal(handle)
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(plugin.ErrStopped)
		if r := adopt(t, ctx, request(script("x")), text); !errors.Is(r.err, plugin.ErrUnknownOutcome) || r.Error == "" {
			t.Errorf("%s: %+v %v", name, r.ExecuteResponse, r.err)
		}
	}
	for _, text := range []string{"", "null", "{", `{"pid":-1}`} {
		if r := adopt(t, t.Context(), request(script("x")), []byte(text)); !errors.Is(r.err, plugin.ErrUnknownOutcome) {
			t.Errorf("%q: %+v %v", text, r.ExecuteResponse, r.err)
		}
	}
}

func touch(t *testing.T, file string) {
	t.Helper()
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}
