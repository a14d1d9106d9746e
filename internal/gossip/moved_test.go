package gossip

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dkron/internal/porttest"
	"dkron/internal/roster"
)

// at reports whether a node sees the named member alive where it is now.
func (n *node) at(other *node) bool {
	for _, m := range n.Members() {
		if m.Name == other.cfg.NodeName {
			return m.Status == roster.Alive && m.Endpoint() == other.cfg.BindAddr
		}
	}
	return false
}

// moved stops a node without a word and starts it with the same data elsewhere.
func (n *node) moved(t *testing.T) {
	t.Helper()
	_ = n.Close()
	n.cfg.BindAddr = porttest.Addr(t)
	n.restart(t)
}

func TestNodeThatWasKilledIsKnownAtItsNewAddressAtOnce(t *testing.T) {
	key := func(c *Config) { c.EncryptKeys = [][]byte{[]byte(strings.Repeat("k", 32))} }
	plain := func(*Config) {}
	for name, option := range map[string]func(*Config){"plain": plain, "encrypted": key} {
		for _, known := range []string{"alive", "failed"} {
			t.Run(name+", still "+known, func(t *testing.T) {
				dir := t.TempDir()
				a, b := start(t, "a", option), start(t, "b", option)
				n := start(t, "n", option, func(c *Config) { c.SnapshotPath = filepath.Join(dir, "snapshot") })
				b.join(t, a)
				n.join(t, a)
				eventually(t, "both see it", func() bool { return a.at(n) && b.at(n) })
				if known == "failed" {
					_ = n.Close()
					eventually(t, "it counts as failed", func() bool { return a.status("n") == roster.Failed && b.status("n") == roster.Failed })
				}
				n.moved(t)
				began := time.Now()
				if _, err := n.Join([]string{a.cfg.BindAddr}); err != nil {
					t.Fatal(err)
				}
				eventually(t, "both see it elsewhere", func() bool { return a.at(n) && b.at(n) })
				if took := time.Since(began); took > 15*time.Second {
					t.Errorf("that took %v", took)
				}
				eventually(t, "it has said where it is", func() bool { // what was said of its former self must not come back
					if !a.at(n) || !b.at(n) {
						t.Fatalf("it is lost again: %+v", a.Members())
					}
					over := n.taking.TryLock()
					if over {
						n.taking.Unlock()
					}
					return over
				})
				n.news(t, a)
				n.news(t, b)
				if !a.at(n) || !b.at(n) {
					t.Fatalf("it is lost again: %+v", a.Members())
				}
			})
		}
	}
}

func TestNodeThatMovesAgainAndAgainIsKnown(t *testing.T) {
	dir := t.TempDir()
	a, b := start(t, "a"), start(t, "b")
	n := start(t, "n", func(c *Config) { c.SnapshotPath = filepath.Join(dir, "snapshot") })
	b.join(t, a)
	for range 4 {
		if _, err := n.Join([]string{a.cfg.BindAddr, b.cfg.BindAddr}); err != nil {
			t.Fatal(err)
		}
		eventually(t, "both see it", func() bool { return a.at(n) && b.at(n) })
		n.moved(t)
	}
}

// Its name was another node's, which is gone for good without having left: a container whose data was not kept.
func TestNameOfANodeThatIsGoneIsTakenOverByAnother(t *testing.T) {
	a, gone := start(t, "a"), start(t, "n")
	gone.join(t, a)
	eventually(t, "a sees it", func() bool { return a.at(gone) })
	_ = gone.Close()
	n := start(t, "n")
	began := time.Now()
	if _, err := n.Join([]string{a.cfg.BindAddr}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a sees the other", func() bool { return a.at(n) })
	if took := time.Since(began); took > 18*time.Second {
		t.Errorf("that took %v", took)
	}
}

// A copy of a data directory knows the former addresses too.
func TestCopyOfANodeThatIsAliveIsRefused(t *testing.T) {
	a := start(t, "a")
	first, second := t.TempDir(), t.TempDir()
	n := start(t, "n", func(c *Config) { c.SnapshotPath = filepath.Join(first, "snapshot") })
	n.join(t, a)
	data, err := os.ReadFile(filepath.Join(first, "addresses"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(second, "addresses"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	twin := start(t, "n", func(c *Config) { c.SnapshotPath = filepath.Join(second, "snapshot") })
	var conflict *ConflictError
	if _, err := twin.Join([]string{a.cfg.BindAddr}); !errors.As(err, &conflict) {
		t.Errorf("join: %v", err)
	}
	if !a.at(n) {
		t.Error("the first was harmed")
	}
}

func TestFormerAddressesAreKeptInOrderAndBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "snapshot")
	f := openFormer(path)
	for i := range 2 * formerLimit {
		if err := f.add(fmt.Sprintf("10.0.0.1:%d", i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.add("last"); err != nil {
		t.Fatal(err)
	}
	again := openFormer(path)
	if n := len(again.addrs); n != formerLimit || again.addrs[n-1] != "last" || !again.has("last") {
		t.Errorf("%d addresses, the last is %s", n, again.addrs[n-1])
	}
	if again.has("10.0.0.1:0") {
		t.Error("the oldest is kept")
	}
}
