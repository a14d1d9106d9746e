//go:build linux

package pluginhost

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"dkron/plugin"
)

// marked returns the processes whose command line has a text.
func marked(text string) (pids []int) {
	lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, line := range lines {
		if data, err := os.ReadFile(line); err == nil && strings.Contains(string(data), text) {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(line)))
			pids = append(pids, pid)
		}
	}
	return pids
}

// breeding runs an execution that starts processes, until ctx ends, and returns the plugin's number.
func breeding(ctx context.Context, t *testing.T, h *Host, mark string) (pid int, running *sync.WaitGroup) {
	t.Helper()
	running = new(sync.WaitGroup)
	got := new(report)
	running.Go(func() { _, _ = h.Executors()["kit"].Execute(ctx, request("breed", "mark", mark), got) })
	eventually(t, "processes of the plugin", func() bool { return got.String() != "" && len(marked(mark)) >= 2 })
	pid, err := strconv.Atoi(got.String())
	if err != nil {
		t.Fatal(err)
	}
	return pid, running
}

func TestWhatAPluginHasStartedEndsWithIt(t *testing.T) {
	for how, end := range map[string]func(t *testing.T, h *Host, pid int){
		"the host is closed":  func(_ *testing.T, h *Host, _ int) { h.Close() },
		"the plugin dies":     func(t *testing.T, _ *Host, pid int) { kill(t, pid) },
		"the guard is ended":  func(t *testing.T, _ *Host, pid int) { end(t, parentOf(t, pid)) },
		"the host lets it go": func(_ *testing.T, h *Host, _ int) { h.plugins[0].current.process.guard.kill() },
	} {
		t.Run(how, func(t *testing.T) {
			h := hosted(t, "dkron-executor-kit")
			mark := fmt.Sprintf("mark-%d-%d", os.Getpid(), len(how))
			ctx, cancel := context.WithCancelCause(t.Context())
			pid, running := breeding(ctx, t, h, mark)
			end(t, h, pid)
			eventually(t, "no process is left", func() bool { return !alive(pid) && len(marked(mark)) == 0 })
			cancel(plugin.ErrStopped)
			running.Wait()
		})
	}
}

func TestAPluginWhoseGuardIsKilledEndsAndIsStartedAgain(t *testing.T) {
	h := hosted(t, "dkron-executor-kit")
	pid, running := breeding(t.Context(), t, h, "mark-of-a-killed-guard")
	guard := parentOf(t, pid)
	kill(t, guard)
	running.Wait()
	eventually(t, "another process", func() bool { s := h.statuses()[0]; return s.Running && s.PID != pid })
	if alive(pid) || h.statuses()[0].Error != "its process ended: its guard was killed" {
		t.Errorf("%+v", h.statuses()[0])
	}
	for _, left := range marked("mark-of-a-killed-guard") { // nobody could
		kill(t, left)
	}
}

func TestWithoutAGuardThePluginsGroupEndsWithIt(t *testing.T) {
	h := hosted(t, "dkron-executor-kit")
	h.cfg.Guard = false
	got := new(report)
	var running sync.WaitGroup
	running.Go(func() { _, _ = h.Executors()["kit"].Execute(t.Context(), request("deaf"), got) })
	eventually(t, "output", func() bool { return got.String() != "" })
	var pid, child int
	if _, err := fmt.Sscanf(got.String(), "pids %d %d", &pid, &child); err != nil {
		t.Fatal(err)
	}
	if parentOf(t, pid) != os.Getpid() {
		t.Error("it has a guard")
	}
	h.Close()
	running.Wait()
	eventually(t, "no process is left", func() bool { return !alive(pid) && !alive(child) })
}

func TestAFileThatIsNoProgramFailsToStart(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "dkron-executor-text"), 0o755)
	if err := os.WriteFile(filepath.Join(dir, "dkron-executor-text"), []byte("hello"), 0o755); err != nil {
		t.Fatal(err)
	}
	h := New(Config{Dirs: []string{dir}, Guard: true, Logger: slog.New(slog.DiscardHandler)})
	t.Cleanup(h.Close)
	_, err := h.Executors()["text"].Execute(t.Context(), request("echo"), new(report))
	if err == nil || !strings.Contains(err.Error(), "dkron-executor-text: exec format error") {
		t.Errorf("error %v", err)
	}
}

func kill(t *testing.T, pid int) { send(t, pid, syscall.SIGKILL) }

func end(t *testing.T, pid int) { send(t, pid, syscall.SIGTERM) }

func send(t *testing.T, pid int, s syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(pid, s); err != nil {
		t.Fatal(err)
	}
}

func parentOf(t *testing.T, pid int) int {
	t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	parent, _ := strconv.Atoi(strings.Fields(rest)[1])
	return parent
}
