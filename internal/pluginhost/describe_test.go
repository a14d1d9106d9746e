//go:build unix

package pluginhost

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"dkron/internal/plugins"
	"dkron/plugin"
)

// learned is the descriptions that were learned.
type learned struct {
	mu  sync.Mutex
	all map[string]Description
}

func (l *learned) learn(_ Kind, name string, d Description) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all == nil {
		l.all = make(map[string]Description)
	}
	l.all[name] = d
}

func (l *learned) of(name string) (Description, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	d, ok := l.all[name]
	return d, ok
}

func TestPluginsDescribeThemselvesAndTheirProcessesEndAgain(t *testing.T) {
	h := hosted(t, "dkron-executor-crash", "dkron-executor-garbage", "dkron-executor-kit", "dkron-executor-old")
	l := new(learned)
	h.describe(l.learn)
	eventually(t, "the last one is known", func() bool { _, ok := l.of("old"); return ok })
	if d, _ := l.of("old"); d.Schema != nil || d.Check != nil {
		t.Errorf("old: %+v", d)
	}
	d, _ := l.of("kit")
	if !strings.Contains(string(d.Schema), "Does what it says.") {
		t.Errorf("kit: %s", d.Schema)
	}
	for _, broken := range []string{"crash", "garbage"} {
		if _, ok := l.of(broken); ok {
			t.Errorf("%s has described itself", broken)
		}
	}
	eventually(t, "nothing runs", func() bool {
		for _, p := range h.Plugins() {
			if p.PID != 0 || p.Retired != 0 || p.Restarts != 0 {
				return false
			}
		}
		return true
	})
	if all := h.Plugins(); all[0].State != plugins.Failed || all[2].State != plugins.Idle || all[2].Version != "1.2.3" {
		t.Errorf("%+v", all)
	}

	if got := d.Check(map[string]string{"do": "echo"}); len(got) != 0 {
		t.Errorf("%v", got)
	}
	if got := d.Check(nil); len(got) != 1 || got[0] != (plugin.Problem{Key: "do", Text: "is missing", Severity: plugin.Hopeless}) {
		t.Errorf("%v", got)
	}
	if got := d.Check(map[string]string{"do": "check exit"}); len(got) != 1 || got[0].Severity != plugin.Odd || !strings.HasPrefix(got[0].Text, "could not be checked: plugin kit: ") {
		t.Errorf("%v", got)
	}
}

func TestASlowCheckDelaysFewWritesAndRefusesNone(t *testing.T) {
	h := hosted(t, "dkron-executor-kit")
	s := h.plugins[0]
	began := time.Now()
	for range 20 {
		if got := s.check(map[string]string{"do": "check hang"}); len(got) != 1 || got[0].Severity != plugin.Odd || !strings.HasPrefix(got[0].Text, "could not be checked: plugin kit: ") {
			t.Fatalf("%v", got)
		}
	}
	if took := time.Since(began); took < checkLimit || took > 2*checkLimit {
		t.Errorf("20 checks took %v", took)
	}
	p := patience{spent: checkLimit, at: began}
	if p.left(began) != 0 || p.left(began.Add(checkLimit)) != checkLimit/checkShare || p.left(began.Add(time.Hour)) != checkLimit {
		t.Error("patience does not come back")
	}
}

func TestAPluginIsAskedAgainAfterItsFileHasChanged(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "dkron-executor-kit")
	if err := os.WriteFile(path, []byte("#!/bin/sh\nexit 9\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	h := hostOf(t, dir)
	s := h.plugins[0]
	for range 2 {
		if s.news(t.Context()) != nil || s.failures != 1 {
			t.Errorf("%d attempts", s.failures)
		}
	}
	self, err := os.Executable()
	if err == nil {
		err = errors.Join(os.Remove(path), os.Symlink(self, path))
	}
	if err != nil {
		t.Fatal(err)
	}
	if d := s.news(t.Context()); d == nil || d.Schema == nil {
		t.Errorf("%+v", d)
	}
	if d := s.news(t.Context()); d != nil {
		t.Error("it is asked twice")
	}
}
