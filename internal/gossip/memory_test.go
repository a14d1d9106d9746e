package gossip

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"dkron/internal/roster"
)

// Serf keeps its last events in memory: a node that was killed has a snapshot without them.
func TestANodeThatWasKilledBeforeItsSnapshotWasWrittenFindsTheOthersAgain(t *testing.T) {
	snapshot := filepath.Join(t.TempDir(), "snapshot")
	a, b := start(t, "a"), start(t, "b", func(c *Config) { c.SnapshotPath = snapshot })
	b.join(t, a)
	eventually(t, "b has saved the address of a", func() bool {
		return slices.Contains(openMemory(snapshot).saved, a.cfg.BindAddr)
	})
	_ = b.Close()
	if err := os.Remove(snapshot); err != nil {
		t.Fatal(err)
	}
	b.restart(t)
	eventually(t, "b finds a", func() bool { return b.status("a") == roster.Alive })
	_ = b.Close()
	if err := Forget(snapshot); err != nil || len(openMemory(snapshot).saved) > 0 {
		t.Errorf("not forgotten: %v", err)
	}
}

func TestAMemberThatSerfChangesWithoutAnEventIsReported(t *testing.T) {
	a, b := start(t, "a"), start(t, "b")
	b.join(t, a)
	handed := func() bool {
		a.history.mu.Lock()
		defer a.history.mu.Unlock()
		return a.hints == 2
	}
	eventually(t, "the members are handed over with b", handed) // else that would be taken for what follows
	m := a.member(t, "b")
	m.Status = roster.Leaving // as serf says of one that left and is back, until it forgets that without an event
	a.roll.note(Event{Kind: MemberUpdated, Member: m})
	a.Set(nil)
	eventually(t, "the members are handed over again", handed)
	if m, _ := a.Member("b"); m.Status != roster.Alive {
		t.Errorf("b is %s", m.Status)
	}
}
