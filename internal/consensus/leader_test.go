package consensus

import (
	"testing"
	"time"
)

func TestEveryServerHearsOfTheLeader(t *testing.T) {
	t.Parallel()
	all := cluster(t, 3)
	leader := waitLeader(t, all...)
	heard := make(chan string, 100)
	for _, s := range all {
		if s != leader {
			s.node.WatchLeader(func() { heard <- s.cfg.ID })
		}
	}
	leader.stop()
	missing := map[string]bool{}
	for _, s := range all {
		missing[s.cfg.ID] = s != leader
	}
	delete(missing, leader.cfg.ID)
	limit := time.After(time.Minute)
	for len(missing) > 0 {
		select {
		case id := <-heard:
			delete(missing, id)
		case <-limit:
			t.Fatalf("not heard by %v", missing)
		}
	}
}

// Followers must notice a lost leader as soon as ever, also one that led until now.
func TestOnlyALeaderHasLongPausesBetweenHeartbeats(t *testing.T) {
	t.Parallel()
	all := cluster(t, 3)
	leader := waitLeader(t, all...)
	timeout := func(s *server) time.Duration {
		return s.node.raft.ReloadableConfig().HeartbeatTimeout / time.Duration(s.cfg.Multiplier)
	}
	paced := func() bool {
		for _, s := range all {
			want := baseElection
			if s == leader {
				want = leadingElection
			}
			if timeout(s) != want {
				return false
			}
		}
		return true
	}
	eventually(t, 10*time.Second, "the leader alone has the longer timeout", paced)
	for _, s := range all {
		if s != leader {
			if err := leader.node.TransferLeadershipTo(t.Context(), s.self()); err != nil {
				t.Fatal(err)
			}
			leader = s
			break
		}
	}
	eventually(t, 10*time.Second, "the new leader alone has the longer timeout", paced)
}
