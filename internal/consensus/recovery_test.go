package consensus

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func writePeers(t *testing.T, s *server, text string) string {
	t.Helper()
	path := filepath.Join(s.cfg.DataDir, "raft", peersFile)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func peersOf(s *server) string {
	return fmt.Sprintf(`[{"id": %q, "address": %q}]`, s.cfg.ID, s.cfg.AdvertiseAddr)
}

func TestLastServerRecoversWithPeersFile(t *testing.T) {
	t.Parallel()
	for _, store := range []string{LogWAL, LogBolt} {
		for name, change := range map[string]func(*Config){"log only": func(*Config) {}, "snapshot and log": quick} {
			t.Run(store+"/"+name, func(t *testing.T) {
				all := cluster(t, 3, change, func(c *Config) { c.LogStore = store })
				leader := waitLeader(t, all...)
				proposeMany(t, leader, "v", 250)
				if name != "log only" {
					eventually(t, 30*time.Second, "snapshot", func() bool { return all[2].node.Stats()["last_snapshot_index"] != "0" })
				}
				proposeMany(t, waitLeader(t, all...), "w", 5)
				sameValues(t, all...)
				for _, s := range all {
					s.stop()
				}
				s := all[2]
				want := s.machine.values()
				for round := range 2 { // the second time with nothing but a snapshot
					path := writePeers(t, s, peersOf(s))
					s.start()
					if _, err := os.Stat(path); err == nil {
						t.Error("peers.json is still there")
					}
					waitLeader(t, s)
					if round == 0 {
						s.stop()
					}
				}
				if !slices.Equal(s.machine.values(), want) {
					t.Errorf("%d values, want %d", len(s.machine.values()), len(want))
				}
				propose(t, s, "more")
				noneTwice(t, s)
				servers, _, _ := s.node.Servers()
				if len(servers) != 1 || servers[0].ID != "c" {
					t.Errorf("servers %v", servers)
				}
				b := newServer(t, "new").start() // the cluster can grow again
				if err := s.node.AddServer(t.Context(), "new", b.cfg.AdvertiseAddr, true); err != nil {
					t.Fatal(err)
				}
				sameValues(t, s, b)
			})
		}
	}
}

func TestRecoveryRebuildsAStateThatTheLogStillHas(t *testing.T) {
	t.Parallel()
	s := single(t)
	proposeMany(t, s, "v", 250)
	want := s.machine.values()
	s.stop()
	s.machine = &ledger{}
	writePeers(t, s, peersOf(s))
	s.start()
	if !slices.Equal(s.machine.values(), want) {
		t.Errorf("%d values, want %d", len(s.machine.values()), len(want))
	}
	waitLeader(t, s)
	noneTwice(t, s)
}

func TestUnusablePeersFileIsRefusedAndStays(t *testing.T) {
	t.Parallel()
	s := single(t)
	s.stop()
	for _, text := range []string{`nonsense`, `[]`, `[{"id": "a"}]`} {
		path := writePeers(t, s, text)
		if err := s.open(); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v", text, err)
		}
		if _, err := os.Stat(path); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}
