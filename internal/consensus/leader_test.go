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
	limit := time.After(20 * time.Second)
	for len(missing) > 0 {
		select {
		case id := <-heard:
			delete(missing, id)
		case <-limit:
			t.Fatalf("not heard by %v", missing)
		}
	}
}
