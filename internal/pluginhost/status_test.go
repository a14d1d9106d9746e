//go:build unix

package pluginhost

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"dkron"
	"dkron/internal/plugins"
	"dkron/plugin"
)

// seen is what tests see of a plugin.
type seen struct {
	Running bool
	PID     int // 0: no process
	Since   time.Time
	Starts  uint64
	Working int // executions
	Retired int // processes that were replaced and still have work
	Error   string
}

// statuses returns it of all plugins that may be used, by name.
func (h *Host) statuses() (all []seen) {
	for i, p := range h.Plugins()[:len(h.plugins)] {
		starts := p.Restarts
		h.plugins[i].mu.Lock()
		starts += min(h.plugins[i].starts, 1)
		h.plugins[i].mu.Unlock()
		all = append(all, seen{p.State == plugins.Running, int(p.PID), p.StartedAt, starts, int(p.Executions), int(p.Retired), p.Error})
	}
	return all
}

// one returns the plugin of a host that has one.
func (h *Host) one(t *testing.T) plugins.Plugin {
	t.Helper()
	all := h.Plugins()
	if len(all) != 1 {
		t.Fatalf("%d plugins", len(all))
	}
	return all[0]
}

func TestAPluginsStateIsKnownFromItsFileToItsProcess(t *testing.T) {
	h := hosted(t, "dkron-executor-kit", "dkron-executor-shell")
	all := h.Plugins()
	if len(all) != 2 || all[0].State != plugins.Idle || all[0].PID != 0 || all[0].Kind != "executor" || !strings.HasSuffix(all[0].Path, "/dkron-executor-kit") {
		t.Fatalf("%+v", all)
	}
	if p := all[1]; p.Name != "shell" || p.State != plugins.Refused || !strings.Contains(p.Reason, "is built in") {
		t.Errorf("%+v", p)
	}
	began := time.Now()
	if _, err := h.Executors()["kit"].Execute(t.Context(), request("echo"), new(report)); err != nil {
		t.Fatal(err)
	}
	p := h.Plugins()[0]
	if p.State != plugins.Running || p.Version != "1.2.3" || p.PID == 0 || p.StartedAt.Before(began) || p.Restarts != 0 || p.Executions != 0 || p.Error != "" {
		t.Errorf("%+v", p)
	}
	if runtime.GOOS == "linux" && p.Memory < 1<<20 {
		t.Errorf("%d bytes of memory", p.Memory)
	}
}

func TestMemoryIsThatOfAllThatThePluginHasStarted(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("memory is not read here")
	}
	group := measure().tree(os.Getpid())
	own, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	pages, _ := strconv.ParseUint(strings.Fields(string(own))[1], 10, 64)
	if self := pages * uint64(os.Getpagesize()); group < self/2 {
		t.Errorf("the tree has %d bytes, its first process %d", group, self)
	}
}

func TestAFailedPluginSaysWhyAndWhenItIsStartedAgain(t *testing.T) {
	h := hosted(t, "dkron-executor-crash")
	if _, err := h.Executors()["crash"].Execute(t.Context(), request("echo"), new(report)); err == nil {
		t.Fatal("it ran")
	}
	if p := h.one(t); p.State != plugins.Failed || !strings.Contains(p.Error, "exit status 7") || !strings.HasSuffix(p.Error, "; it wrote to standard error: no license found") || p.FailedAt.IsZero() || p.PID != 0 {
		t.Errorf("%+v", p)
	}
	ended := make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer close(ended)
		for ctx.Err() == nil { // a busy machine may miss the first pause, and each is longer than the one before
			_, _ = h.Executors()["crash"].Execute(ctx, request("echo"), new(report))
		}
	}()
	eventually(t, "it waits for the pause", func() bool {
		p := h.one(t)
		return p.State == plugins.Restarting && time.Until(p.Next) > 0
	})
	cancel()
	<-ended
}

func TestARestartEndsThePauseOfAPluginThatWorksAgain(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "dkron-executor-kit")
	if err := os.WriteFile(path, []byte("#!/bin/sh\nexit 9\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	h := hostOf(t, dir)
	if p, err := h.Restart(t.Context(), plugins.Restart{Kind: "executor", Name: "kit"}); err != nil || p.State != plugins.Failed || !strings.Contains(p.Error, "exit status 9") {
		t.Fatalf("%+v, %v", p, err)
	}
	s := h.plugins[0]
	s.mu.Lock()
	s.next = time.Now().Add(time.Hour) // as after many failures
	s.start()
	s.mu.Unlock()
	if p := h.one(t); p.State != plugins.Restarting {
		t.Errorf("%+v", p)
	}
	self, err := os.Executable()
	if err == nil {
		err = errors.Join(os.Remove(path), os.Symlink(self, path))
	}
	if err != nil {
		t.Fatal(err)
	}
	p, err := h.Restart(t.Context(), plugins.Restart{Kind: "executor", Name: "kit"})
	if err != nil || p.State != plugins.Running || p.PID == 0 || !strings.Contains(p.Error, "exit status 9") {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestARestartLetsRunningExecutionsEndInTheOldProcess(t *testing.T) {
	h := hosted(t, "dkron-executor-kit")
	ctx, stop := context.WithCancelCause(t.Context())
	out, ended := new(report), make(chan error, 1)
	go func() {
		_, err := h.Executors()["kit"].Execute(ctx, request("wait"), out)
		ended <- err
	}()
	eventually(t, "it runs", func() bool { return strings.HasPrefix(out.String(), "pid ") })
	before := h.one(t)
	after, err := h.Restart(t.Context(), plugins.Restart{Kind: "executor", Name: "kit"})
	if err != nil || after.State != plugins.Running || after.PID == before.PID || after.Retired != 1 || after.Executions != 1 || after.Restarts != 1 {
		t.Fatalf("%+v, %v", after, err)
	}
	if !alive(int(before.PID)) {
		t.Error("the old process was killed under its execution")
	}
	stop(plugin.ErrStopped)
	if err := <-ended; err != nil {
		t.Error(err)
	}
	eventually(t, "the old process ends", func() bool { return !alive(int(before.PID)) && h.one(t).Retired == 0 })
	if again, err := h.Restart(t.Context(), plugins.Restart{Kind: "executor", Name: "kit"}); err != nil || again.PID == after.PID {
		t.Errorf("%+v, %v", again, err)
	}
	eventually(t, "an idle process ends at once", func() bool { return !alive(int(after.PID)) })
	if p := h.one(t); p.Error != "" {
		t.Errorf("a restart is no failure: %+v", p)
	}
}

func TestWhatCantBeRestartedSaysWhy(t *testing.T) {
	h := hosted(t, "dkron-executor-kit", "dkron-executor-shell")
	for _, tt := range []struct {
		kind, name, want string
		is               error
	}{
		{"executor", "none", `this node has no "executor" plugin of the name "none"`, dkron.ErrNotFound},
		{"processor", "kit", `no "processor" plugin`, dkron.ErrNotFound},
		{"executor", "shell", "is built in", dkron.ErrConflict},
	} {
		if _, err := h.Restart(t.Context(), plugins.Restart{Kind: tt.kind, Name: tt.name}); !errors.Is(err, tt.is) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v", err)
		}
	}
	path := h.plugins[0].file.path
	if err := errors.Join(os.Remove(path), os.WriteFile(path, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Restart(t.Context(), plugins.Restart{Kind: "executor", Name: "kit"}); !errors.Is(err, dkron.ErrConflict) || !strings.Contains(err.Error(), "chmod +x") {
		t.Errorf("%v", err)
	}
	if p := h.Plugins()[0]; p.State != plugins.Refused || !strings.Contains(p.Reason, "chmod +x") {
		t.Errorf("%+v", p)
	}
}

func TestWhatAFailedStartWroteIsShownWithinBounds(t *testing.T) {
	w := new(words)
	w.add([]byte("a long story\n"))
	w.add([]byte(strings.Repeat("x", 2*keptWords) + "\nfirst\n{\"@level\":\"debug\",\"@message\":\"plugin address\"}\n  second\tpart \n"))
	w.add([]byte("{\"@level\":\"error\",\"@message\":\"plugin init error\",\"error\":\"no socket\"}\nlast \xff"))
	if got := w.String(); got != "second part; plugin init error: no socket; last ?" {
		t.Errorf("%q", got)
	}
	w.add([]byte("\n" + strings.Repeat("y", 5000)))
	if got := w.String(); len(got) > shownWords+5 || !strings.HasPrefix(got, "…y") {
		t.Errorf("%d bytes: %.20q", len(got), got)
	}
	if w.end(); w.String() != "" {
		t.Error("it is kept")
	}
}
