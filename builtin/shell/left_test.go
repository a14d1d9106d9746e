//go:build linux

package shell_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"dkron/builtin/shell"
	"dkron/plugin"
)

// background is a shell line that starts a child, which writes its number to a file and then does more.
func background(file, more string) string {
	return "sh -c 'echo $$ > " + file + "; " + more + "' & " + waitFor(file)
}

func waitFor(file string) string { return "while [ ! -s " + file + " ]; do sleep 0.02; done; " }

// wantLeft checks that the run named exactly the child, which lives, and ends the child.
func wantLeft(t *testing.T, r result, child int, name string) {
	t.Helper()
	if want := fmt.Sprintf("pid %d (%s)", child, name); r.ExecuteResponse == nil || !slices.Equal(r.LeftRunning, []string{want}) {
		t.Errorf("left running: %+v, want %s", r.ExecuteResponse, want)
	}
	if !alive(child) {
		t.Error("the child does not live any more")
	}
	_ = syscall.Kill(child, syscall.SIGKILL)
}

func childIn(t *testing.T, file string) int {
	t.Helper()
	child := pidIn(t, file)
	t.Cleanup(func() { _ = syscall.Kill(child, syscall.SIGKILL) })
	return child
}

func TestRunEndsSoonAfterItsCommandAndNamesWhatStillRuns(t *testing.T) {
	for name, prefix := range map[string]string{
		"in the group":                "",
		"in a session of its own":     "setsid ",
		"without environment as well": "env -i PATH=$PATH setsid ",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "pid")
			begin := time.Now()
			r := execute(t, script("echo begun; "+prefix+background(file, "exec sleep 60")+"exit 3"))
			took := time.Since(begin)
			if r.err != nil || r.Error != "exit status 3" || r.ExitCode == nil || *r.ExitCode != 3 || r.output != "begun\n" {
				t.Errorf("%+v %v %q", r.ExecuteResponse, r.err, r.output)
			}
			if took < 2*time.Second || took > limit {
				t.Errorf("took %v", took)
			}
			wantLeft(t, r, childIn(t, file), "sleep")
		})
	}
}

// Whatever would end the command comes within lingerTime after its exit: then the exit decides.
func TestNothingEndsARunWhoseCommandHasExited(t *testing.T) {
	const late = 1900 * time.Millisecond // after the start; the command has exited long before
	for name, more := range map[string][]string{
		"timeout": {"timeout", late.String(), "kill_grace", "50ms"},
		"stop":    nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for soon := false; !soon; { // another try where the machine was too slow to prove anything
				file := filepath.Join(t.TempDir(), "pid")
				ctx, cancel := context.WithCancelCause(t.Context())
				defer cancel(nil)
				if more == nil {
					defer time.AfterFunc(late, func() { cancel(plugin.ErrStopped) }).Stop()
				}
				begin := time.Now()
				r := executeWith(t, ctx, shell.New(shell.Options{}),
					request(script(background(file, "exec sleep 60")+"touch "+file+".end", more...)))
				end, err := os.Stat(file + ".end")
				if soon = err == nil && end.ModTime().Sub(begin) < late-time.Second; soon {
					wantSuccess(t, r)
					wantLeft(t, r, childIn(t, file), "sleep")
				}
			}
		})
	}
}

func TestBackgroundChildWithoutTheOutputIsNamedAtOnce(t *testing.T) {
	for try := 1; ; try++ { // another try where the machine was too slow to prove anything
		file := filepath.Join(t.TempDir(), "pid")
		begin := time.Now()
		r := execute(t, script("{ "+background(file, "exec sleep 60")+"} >/dev/null 2>&1"))
		took := time.Since(begin)
		wantSuccess(t, r)
		wantLeft(t, r, childIn(t, file), "sleep")
		if took < 1900*time.Millisecond {
			return
		}
		if try == 5 {
			t.Fatalf("took %v", took)
		}
	}
}

func TestNothingIsNamedWhereNothingRuns(t *testing.T) {
	if r := execute(t, script("true | true; sleep 0.01 & wait")); len(r.LeftRunning) != 0 {
		t.Errorf("left running: %q", r.LeftRunning)
	}
}

func TestOutputOfBackgroundChildrenIsTakenForTwoSeconds(t *testing.T) {
	dir := t.TempDir()
	file, go_, wrote := filepath.Join(dir, "pid"), filepath.Join(dir, "go"), filepath.Join(dir, "wrote")
	// The child sees the command exit, and writes. Its last write is more than the pipe holds: it would block
	// if nobody read.
	r := execute(t, script("echo early; "+background(file, "until grep -q State:.Z /proc/$PPID/status; do sleep 0.02; done; echo soon; "+
		"while [ ! -e "+go_+" ]; do sleep 0.02; done; head -c 1000000 /dev/zero; touch "+wrote+"; exec sleep 60")))
	child := childIn(t, file)
	wantSuccess(t, r)
	if r.output != "early\nsoon\n" {
		t.Errorf("output %q", r.output)
	}
	touch(t, go_)
	eventually(t, "the child writes on", func() bool { return exists(wrote) })
	if !alive(child) {
		t.Error("the child was ended")
	}
}

func TestAdoptedRunEndsSoonAfterItsCommandAndNamesWhatStillRuns(t *testing.T) {
	dir := t.TempDir()
	file, go_ := filepath.Join(dir, "pid"), filepath.Join(dir, "go")
	req := request(paused(go_, background(file, "exec sleep 60")+"exit 7"))
	handle, _ := crash(t, req)
	touch(t, go_)
	child := childIn(t, file)
	// The command may end before it is adopted; what is named then is the same.
	r := adopt(t, t.Context(), req, handle)
	if r.err != nil && !errors.Is(r.err, plugin.ErrUnknownOutcome) {
		t.Fatal(r.err)
	}
	wantLeft(t, r, child, "sleep")
}

// The test is made the parent of what the crashed agent leaves, and doesn't reap.
func TestAdoptedCommandThatEndedInTimeIsNotTimedOut(t *testing.T) {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0) }()
	dir := t.TempDir()
	file, go_ := filepath.Join(dir, "pid"), filepath.Join(dir, "go")
	const timeout = time.Second
	begin := time.Now()
	req := request(paused(go_, background(file, "exec sleep 60")+"exit 7",
		"timeout", timeout.String(), "kill_grace", "50ms"))
	handle, pid := crash(t, req)
	touch(t, go_)
	child := childIn(t, file)
	eventually(t, "the command's end", func() bool { return !alive(pid) })
	eventually(t, "the deadline", func() bool { return time.Since(begin) > timeout })
	r := adopt(t, t.Context(), req, handle)
	if r.err != nil || r.TimedOut || r.ExitCode == nil || *r.ExitCode != 7 {
		t.Errorf("%+v %v", r.ExecuteResponse, r.err)
	}
	wantLeft(t, r, child, "sleep")
	var status syscall.WaitStatus
	eventually(t, "the child's end", func() bool {
		got, err := syscall.Wait4(child, &status, syscall.WNOHANG, nil)
		return got == child || err != nil
	})
}

func TestManyNamesAreCutShort(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pids")
	r := execute(t, script("for i in 1 2 3 4 5 6 7 8 9 10 11 12 13; do sleep 60 >/dev/null 2>&1 & echo $!; done > "+file))
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range strings.Fields(string(text)) {
		var pid int
		if _, err := fmt.Sscan(field, &pid); err == nil {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
	if n := len(r.LeftRunning); n != 11 || r.LeftRunning[10] != "and 3 more" {
		t.Errorf("%q", r.LeftRunning)
	}
}

func TestWaitingForTheExitOfACommandTakesNoThread(t *testing.T) {
	threads := func() int {
		tasks, err := os.ReadDir("/proc/self/task")
		if err != nil {
			t.Fatal(err)
		}
		return len(tasks)
	}
	const n = 100
	dir := t.TempDir()
	e := shell.New(shell.Options{})
	ctx, cancel := context.WithCancelCause(t.Context())
	before := threads()
	done := make(chan result, n)
	for range n {
		go func() {
			done <- executeWith(t, ctx, e, request(script("echo > "+dir+"/$$; sleep 60", "kill_grace", "0s")))
		}()
	}
	eventually(t, "the start of all", func() bool {
		files, _ := os.ReadDir(dir)
		return len(files) == n
	})
	if more := threads() - before; more > n/2 {
		t.Errorf("%d threads wait for %d commands", more, n)
	}
	cancel(plugin.ErrStopped)
	for range n {
		<-done
	}
}
