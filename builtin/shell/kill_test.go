//go:build linux

package shell_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dkron/builtin/shell"
	"dkron/plugin"
)

const timeoutMessage = "execution time exceeding defined timeout 500ms. Job was killed"

func wantTimedOut(t *testing.T, r result) {
	t.Helper()
	if r.err != nil || r.Error != "signal: killed" || !r.TimedOut || r.ExitCode != nil ||
		r.Reason != "timed out after 500 ms" || !strings.HasSuffix(r.output, timeoutMessage) {
		t.Fatalf("%+v %v %q", r.ExecuteResponse, r.err, r.output)
	}
}

func TestTimeoutKillsAndSaysSo(t *testing.T) {
	r := execute(t, script("printf begun; sleep 60", "timeout", "0.5s"))
	wantTimedOut(t, r)
	if want := "begunshell: Job 'printf begun; sleep 60' " + timeoutMessage; r.output != want {
		t.Fatalf("output %q", r.output)
	}
}

func TestTimeoutHoldsAlthoughTheChildTrapsTERM(t *testing.T) {
	begin := time.Now()
	r := execute(t, script("trap '' TERM; while :; do sleep 0.05; done", "timeout", "0.5s", "kill_grace", "100ms"))
	wantTimedOut(t, r)
	if took := time.Since(begin); took < 600*time.Millisecond || took > 20*time.Second {
		t.Fatalf("took %v", took)
	}
}

func TestTimeoutLetsTheCommandTidyUp(t *testing.T) {
	r := execute(t, script("trap 'echo tidied; exit 0' TERM; while :; do sleep 0.02; done", "timeout", "0.5s"))
	wantTimedOut(t, r)
	if !strings.Contains(r.output, "tidied\n") {
		t.Fatalf("output %q", r.output)
	}
}

func TestChildOfAnotherSessionIsKilledOnTimeout(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pid")
	begin := time.Now()
	r := execute(t, script("setsid sh -c 'echo $$ > "+file+"; exec sleep 60' & wait", "timeout", "0.5s",
		"kill_grace", "50ms"))
	pid := pidIn(t, file)
	endLater(t, pid)
	wantTimedOut(t, r)
	if alive(pid) {
		t.Error("the child lives")
	}
	if took := time.Since(begin); took > 30*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestOrphanOfAnotherSessionIsFoundByItsEnvironment(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pid")
	// Its parents are gone when the timeout comes, and it holds none of the command's files.
	r := execute(t, script("(setsid sh -c 'echo $$ > "+file+"; exec sleep 60' >/dev/null 2>&1 &); sleep 60",
		"timeout", "0.5s", "kill_grace", "50ms"))
	pid := pidIn(t, file)
	endLater(t, pid)
	wantTimedOut(t, r)
	if alive(pid) {
		t.Error("the orphan lives")
	}
}

func TestOrphanWithoutEnvironmentIsFoundByTheOutputItHolds(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pid")
	r := execute(t, script("(env -i setsid /bin/sh -c 'echo $$ > "+file+"; exec /bin/sleep 60' &); sleep 60",
		"timeout", "0.5s", "kill_grace", "50ms"))
	pid := pidIn(t, file)
	endLater(t, pid)
	wantTimedOut(t, r)
	if alive(pid) {
		t.Error("the orphan lives")
	}
}

func TestStopEndsTheCommandWithoutBlamingIt(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pid")
	ctx, cancel := context.WithCancelCause(t.Context())
	done := make(chan result, 1)
	go func() {
		done <- executeWith(t, ctx, shell.New(shell.Options{}),
			request(script("echo $$ > "+file+"; echo working; sleep 60")))
	}()
	pid := pidIn(t, file)
	endLater(t, pid)
	cancel(plugin.ErrStopped)
	r := <-done
	if r.err != nil || r.Error != "stopped on request" || r.TimedOut {
		t.Fatalf("%+v %v", r.ExecuteResponse, r.err)
	}
	if r.output != "working\n" {
		t.Fatalf("output %q", r.output)
	}
	wantGone(t, pid)
}

func TestShutdownTellsItsCause(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("node leaves"))
	r := executeWith(t, ctx, shell.New(shell.Options{}), request(script("echo ran")))
	if r.err != nil || r.Error != "stopped: node leaves" || r.output != "" {
		t.Fatalf("%+v %v %q", r.ExecuteResponse, r.err, r.output)
	}
}

// eater takes some 300 MiB in a shell that a test can rely on, in children of its own.
const eater = `exec head -c 300000000 /dev/zero | tail -c 299999999 | sleep 60`

func TestMemoryLimitKillsWithoutATimeout(t *testing.T) {
	r := execute(t, script(eater, "mem_limit", "50MB", "kill_grace", "100ms"))
	if r.err != nil || r.Error != "signal: killed" || r.TimedOut || r.ExitCode != nil || r.Reason != "killed: over its memory limit of 50 MB" {
		t.Fatalf("%+v %v", r.ExecuteResponse, r.err)
	}
	prefix, suffix := "shell: Job '"+eater+"' memory usage (", " bytes) exceeding defined limit (52428800 bytes). Job was killed"
	if !strings.HasPrefix(r.output, prefix) || !strings.HasSuffix(r.output, suffix) {
		t.Fatalf("output %q", r.output)
	}
}

func TestMemoryLimitLeavesModestCommandsAlone(t *testing.T) {
	wantSuccess(t, execute(t, script("sleep 0.5", "mem_limit", "500MB")))
}

func TestOtherExecutionsSurviveAKill(t *testing.T) {
	dir := t.TempDir()
	file, end := filepath.Join(dir, "pid"), filepath.Join(dir, "end")
	e := shell.New(shell.Options{})
	done := make(chan result, 1)
	go func() {
		done <- executeWith(t, t.Context(), e,
			request(script("echo $$ > "+file+"; while [ ! -e "+end+" ]; do sleep 0.02; done; echo survived")))
	}()
	pidIn(t, file)
	wantTimedOut(t, executeWith(t, t.Context(), e, request(script("sleep 60", "timeout", "0.5s"))))
	if err := os.WriteFile(end, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	r := <-done
	wantSuccess(t, r)
	if r.output != "survived\n" {
		t.Fatalf("output %q", r.output)
	}
}

func TestManyCommandsStopAtOnce(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	dir := t.TempDir()
	e := shell.New(shell.Options{})
	const n = 60
	done := make(chan result, n)
	for range n {
		go func() {
			done <- executeWith(t, ctx, e, request(script("echo > "+dir+"/$$; sleep 60")))
		}()
	}
	eventually(t, "the start of all", func() bool {
		files, _ := os.ReadDir(dir)
		return len(files) == n
	})
	cancel(plugin.ErrStopped)
	for range n {
		if r := <-done; r.Error != "stopped on request" || r.output != "" {
			t.Errorf("%+v %v %q", r.ExecuteResponse, r.err, r.output)
		}
	}
}
