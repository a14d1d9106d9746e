package consensus

import (
	"errors"
	"strings"
	"testing"
)

func TestAServerUnderAnotherNameOnItsOldDataDoesNotStart(t *testing.T) {
	all := cluster(t, 3)
	s := all[2]
	s.stop()
	own := s.cfg.ID
	s.cfg.ID = "renamed"
	err := s.open()
	var name *NameError
	if !errors.As(err, &name) || len(name.Names) != 3 || !strings.Contains(err.Error(), own) || !strings.Contains(err.Error(), "--node-name") {
		t.Fatalf("it ended with %v", err)
	}
	s.cfg.ID = own
	s.start()
}

func TestAServerThatHasLeftIsNotTakenForARenamedOne(t *testing.T) {
	all := cluster(t, 3)
	leader := waitLeader(t, all...)
	s := all[0]
	if s == leader {
		s = all[1]
	}
	if err := leader.node.RemoveServer(t.Context(), s.cfg.ID); err != nil {
		t.Fatal(err)
	}
	s.stop()
	s.start()
}
