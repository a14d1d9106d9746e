//go:build unix

package pluginhost

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"dkron/internal/plugins"
)

// later makes the host look at its folders again, as after a pause.
func (h *Host) later() {
	h.looking.Lock()
	defer h.looking.Unlock()
	h.looked = time.Now().Add(-lookPause)
}

func TestAPluginWhoseFileIsNewIsFound(t *testing.T) {
	dir := t.TempDir()
	var mu sync.Mutex
	var found []string
	h := New(Config{
		Dirs: []string{dir}, Builtin: []string{"shell"}, Logger: slog.New(slog.NewTextHandler(t.Output(), nil)), Guard: true, Grace: 300 * time.Millisecond,
		Found: func(kind Kind, name string) {
			mu.Lock()
			defer mu.Unlock()
			found = append(found, string(kind)+" "+name)
		},
	})
	t.Cleanup(h.Close)
	if h.FindExecutor("kit") != nil || h.FindProcessor("kit") != nil {
		t.Fatal("there is one")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"dkron-executor-kit", "dkron-processor-kit", "dkron-executor-shell"} {
		if err := os.Symlink(self, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if h.FindExecutor("kit") != nil {
		t.Error("the folder is looked at each time")
	}
	h.later()
	if _, err := h.FindExecutor("kit").Execute(t.Context(), request("echo"), new(report)); err != nil {
		t.Error(err)
	}
	if _, err := h.FindProcessor("kit").Process(t.Context(), result("move")); err != nil {
		t.Error(err)
	}
	all := h.Plugins()
	if len(all) != 3 || all[0].State != plugins.Running || all[1].Kind != "processor" || all[2].Name != "shell" || all[2].State != plugins.Refused {
		t.Errorf("%+v", all)
	}
	if len(found) != 2 || found[0] != "executor kit" || found[1] != "processor kit" {
		t.Errorf("%q", found)
	}
	if h.FindExecutor("shell") != nil {
		t.Error("a plugin replaces what is built in")
	}
}

func TestAFileThatIsReplacedIsRunByNewExecutions(t *testing.T) {
	dir := t.TempDir()
	self, err := os.Executable()
	path := filepath.Join(dir, "dkron-executor-kit")
	if err = errors.Join(err, os.Symlink(self, path)); err != nil {
		t.Fatal(err)
	}
	h := hostOf(t, dir)
	e := h.FindExecutor("kit")
	if _, err := e.Execute(t.Context(), request("echo"), new(report)); err != nil {
		t.Fatal(err)
	}
	before := h.one(t)
	h.later()
	if same := h.one(t); same.PID != before.PID {
		t.Error("the same file is run again")
	}
	program, err := os.ReadFile(self)
	write := func(path string, mode os.FileMode, age time.Duration) {
		err = errors.Join(err, os.WriteFile(path+".new", program, mode), os.Chtimes(path+".new", time.Time{}, time.Now().Add(-age)), os.Rename(path+".new", path))
	}
	write(path, 0o755, 0)
	h.later()
	if same := h.one(t); same.PID != before.PID {
		t.Error("a file that may still be written is run")
	}
	write(path, 0o755, time.Minute)
	h.later()
	if p := h.one(t); p.State.Up() == false || p.PID == before.PID {
		t.Errorf("%+v", p)
	}
	if _, e := e.Execute(t.Context(), request("echo"), new(report)); errors.Join(err, e) != nil {
		t.Error(err, e)
	}
	write(path, 0o757, time.Minute)
	if err = errors.Join(err, os.Chmod(path, 0o757)); err != nil {
		t.Fatal(err)
	}
	h.later()
	if p := h.one(t); p.State != plugins.Refused {
		t.Errorf("others may write it: %+v", p)
	}
	if err := os.Chmod(path, 0o755); err != nil {
		t.Fatal(err)
	}
	h.later()
	if p := h.one(t); p.State == plugins.Refused {
		t.Errorf("it was fixed: %+v", p)
	}
}
