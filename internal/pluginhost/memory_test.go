//go:build linux

package pluginhost

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"dkron/internal/plugins"
)

// limited returns a host whose plugins may use 256 MiB: this binary alone uses a fraction of that.
func limited(t *testing.T, names ...string) *Host {
	t.Helper()
	dir := t.TempDir()
	self, err := os.Executable()
	for _, n := range names {
		err = errors.Join(err, os.Symlink(self, filepath.Join(dir, n)))
	}
	if err != nil {
		t.Fatal(err)
	}
	h := New(Config{Dirs: []string{dir}, Logger: slog.New(slog.NewTextHandler(t.Output(), nil)), Guard: true, MemoryLimit: 256 << 20})
	t.Cleanup(h.Close)
	return h
}

func TestAPluginThatLeaksIsEndedWithAClearResultAndStartedAgain(t *testing.T) {
	h := limited(t, "dkron-executor-kit", "dkron-executor-old")
	e := h.Executors()["kit"]
	var others sync.WaitGroup
	other := new(report)
	others.Go(func() {
		if resp, err := e.Execute(t.Context(), request("wait"), other); err != nil || resp.Error != "the plugin used more than its limit of memory, 256 MiB" {
			t.Errorf("another execution in that process: %+v, %v", resp, err)
		}
	})
	eventually(t, "the other one runs", func() bool { return other.String() != "" })
	got := new(report)
	resp, err := e.Execute(t.Context(), request("leak"), got)
	if err != nil || resp.Error != "the plugin used more than its limit of memory, 256 MiB" {
		t.Errorf("%+v, %v", resp, err)
	}
	others.Wait()
	p := h.Plugins()[0]
	if p.State.Up() && p.State != plugins.Starting || p.Error != "the plugin used more than its limit of memory, 256 MiB" {
		t.Errorf("%+v", p)
	}
	if resp, err := e.Execute(t.Context(), request("echo"), new(report)); err != nil || resp.Error != "" {
		t.Errorf("after a pause: %+v, %v", resp, err)
	}
	if p := h.Plugins()[0]; p.State != plugins.Running || p.Restarts != 1 || p.Retired != 0 || p.Memory == 0 {
		t.Errorf("%+v", p)
	}
	if _, err := h.Executors()["old"].Execute(t.Context(), request("echo"), new(report)); err != nil {
		t.Errorf("other plugins: %v", err)
	}
}

func TestMemoryOfWhatAPluginHasStartedCounts(t *testing.T) {
	h := limited(t, "dkron-executor-kit")
	got := new(report)
	resp, err := h.Executors()["kit"].Execute(t.Context(), request("breed", "mark", "mark-of-memory", "also", "(head -c 400000000 /dev/zero; sleep 1000) | tail"), got)
	if err != nil || !strings.HasPrefix(resp.Error, "the plugin used more than its limit of memory") {
		t.Errorf("%+v, %v", resp, err)
	}
	eventually(t, "nothing is left", func() bool { return len(marked("mark-of-memory")) == 0 })
}
