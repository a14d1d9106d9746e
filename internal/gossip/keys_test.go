package gossip

import (
	"bytes"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/memberlist"

	"dkron/internal/roster"
)

func testKeys(text string) (all [][]byte) {
	for _, c := range text {
		all = append(all, []byte(strings.Repeat(string(c), 32)))
	}
	return all
}

// withKeys gives a node keys, and a mode of encryption if there is one.
func withKeys(text, mode string) func(*Config) {
	return func(c *Config) { c.EncryptKeys, c.EncryptMode = testKeys(text), mode }
}

func TestKeysChangeWhileGossipRuns(t *testing.T) {
	dir := t.TempDir()
	a, b := start(t, "a", withKeys("1", ""), talkative), start(t, "b", withKeys("1", ""), talkative)
	n := start(t, "n", withKeys("1", ""), talkative, func(c *Config) { c.SnapshotPath = filepath.Join(dir, "snapshot") })
	b.join(t, a)
	n.join(t, a)
	for _, step := range []string{"12", "21", "2"} {
		for _, one := range []*node{a, b, n} {
			if err := one.SetKeys(testKeys(step)); err != nil {
				t.Fatal(err)
			}
			one.news(t, a) // also while others are not that far
			one.news(t, b)
		}
	}
	old := start(t, "old", withKeys("1", ""))
	if _, err := old.Join([]string{a.cfg.BindAddr}); !errors.Is(err, ErrKey) {
		t.Errorf("a node with the old key alone joins: %v", err)
	}
	start(t, "new", withKeys("2", "")).join(t, a)

	// A node that was killed announces from its new address that it has left the old one, with the keys that it has by then.
	_ = n.Close()
	n.cfg.EncryptKeys = testKeys("2")
	n.moved(t)
	if err := n.SetKeys(testKeys("23")); err != nil {
		t.Fatal(err)
	}
	if err := n.SetKeys(testKeys("2")); err != nil {
		t.Fatal(err)
	}
	if _, err := n.Join([]string{a.cfg.BindAddr}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "both see it elsewhere", func() bool { return a.at(n) && b.at(n) })
}

// A node that moves says goodbye for its former self by a gossip of its own, which must have the present keys.
func TestAFormerSelfIsUnderstoodAfterTheKeysHaveChanged(t *testing.T) {
	dir := t.TempDir()
	a := start(t, "a", withKeys("1", ""))
	n := start(t, "n", withKeys("1", ""), func(c *Config) { c.SnapshotPath = filepath.Join(dir, "snapshot") })
	n.join(t, a)
	eventually(t, "a sees it", func() bool { return a.at(n) })
	for _, step := range []string{"12", "21"} {
		for _, one := range []*node{a, n} {
			if err := one.SetKeys(testKeys(step)); err != nil {
				t.Fatal(err)
			}
		}
	}
	n.cfg.EncryptKeys = testKeys("12") // its setting was not changed
	log := new(notes)
	n.cfg.Logger = slog.New(slog.NewTextHandler(log, nil))
	n.moved(t)
	for _, one := range []*node{n, a} {
		if err := one.SetKeys(testKeys("2")); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := n.Join([]string{a.cfg.BindAddr}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a sees it elsewhere", func() bool { return a.at(n) })
	eventually(t, "it has said where it is", func() bool {
		over := log.has("the others see this node at an address that it no longer has") && n.taking.TryLock()
		if over {
			n.taking.Unlock()
		}
		return over
	})
	if log.has("could not tell the others") {
		t.Error("its former self was not understood")
	}
}

func TestARemovedKeyLeavesTheOthersToReaders(t *testing.T) {
	all := testKeys("1234")
	ring, err := memberlist.NewKeyring(all, all[0])
	if err != nil {
		t.Fatal(err)
	}
	p := &Pool{ring: ring}
	done := make(chan struct{})
	go func() { // as the library reads them for each message
		defer close(done)
		for range 1000 {
			for _, k := range ring.GetKeys() {
				if len(k) != 32 {
					t.Error("a reader sees a key that is none")
				}
			}
		}
	}()
	for range 100 {
		for _, step := range []string{"134", "1234"} {
			if err := p.SetKeys(testKeys(step)); err != nil {
				t.Fatal(err)
			}
			if got := len(ring.GetKeys()); got != len(step) || !bytes.Equal(ring.GetPrimaryKey(), all[0]) {
				t.Fatalf("%d keys, want %d", got, len(step))
			}
		}
	}
	<-done
}

func TestEncryptionCanNotBeginOrEndWithoutARestart(t *testing.T) {
	if start(t, "plain").SetKeys(testKeys("1")) == nil {
		t.Error("a key for a node without encryption seems to have an effect")
	}
	if start(t, "a", withKeys("1", "")).SetKeys(nil) == nil {
		t.Error("the last key was removed")
	}
	if _, err := Open(Config{NodeName: "x", BindAddr: "127.0.0.1:0", EncryptMode: "maybe"}); err == nil {
		t.Error("an unknown mode is accepted")
	}
}

// The steps of the guide: each works with the one before and the one after it.
func TestEncryptionBeginsStepByStep(t *testing.T) {
	steps := []struct {
		name   string
		change func(*Config)
	}{{"plain", func(*Config) {}}, {"accept", withKeys("1", Accept)}, {"send", withKeys("1", Send)}, {"require", withKeys("1", Require)}}
	for i, from := range steps {
		for j, to := range steps {
			if i >= j {
				continue
			}
			t.Run(from.name+" and "+to.name, func(t *testing.T) {
				a, b := start(t, "a", from.change, talkative), start(t, "b", to.change, talkative)
				if j == i+1 {
					b.join(t, a)
					a.news(t, b)
					b.news(t, a)
					return
				}
				if _, err := b.Join([]string{a.cfg.BindAddr}); !errors.Is(err, ErrKey) {
					t.Errorf("b joins a: %v", err)
				}
				if b.status("a") != roster.None {
					t.Error("b knows a")
				}
			})
		}
	}
}
