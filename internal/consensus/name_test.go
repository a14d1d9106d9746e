package consensus

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
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

func TestOpenReportsWhetherThereIsStateAndAsksWhetherToGoOn(t *testing.T) {
	var said []bool
	s := single(t, func(c *Config) {
		c.Begin = func(hasState bool) error {
			said = append(said, hasState)
			return nil
		}
	})
	s.stop()
	s.start()
	s.stop()
	if len(said) != 2 || said[0] || !said[1] {
		t.Errorf("it was a new server, then one with state, but said %v", said)
	}
	refused := errors.New("another node's data")
	s.cfg.Begin = func(bool) error { return refused }
	err := s.open()
	s.node = nil // what a failed Open returns is no node
	if !errors.Is(err, refused) {
		t.Errorf("it ended with %v", err)
	}
}

func TestANodeWaitsForALeader(t *testing.T) {
	all := cluster(t, 3)
	for _, s := range all {
		if err := s.node.AwaitLeader(t.Context()); err != nil {
			t.Error(err)
		}
	}
	alone := newServer(t, "alone").start()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := alone.node.AwaitLeader(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	ended, node := make(chan error, 1), alone.node
	go func() { ended <- node.AwaitLeader(t.Context()) }()
	alone.stop()
	if err := <-ended; !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}
