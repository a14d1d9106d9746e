package consensus

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"
)

func TestReadIndexCoversWhatWasAcknowledged(t *testing.T) {
	t.Parallel()
	all := cluster(t, 3)
	leader := waitLeader(t, all...)
	for i := range 30 {
		value := fmt.Sprint("v", i)
		acknowledged := propose(t, leader, value)
		index, err := leader.node.ReadIndex(t.Context())
		if err != nil || index < acknowledged {
			t.Fatalf("index %d is less than %d: %v", index, acknowledged, err)
		}
		for _, s := range all {
			if err := s.node.WaitApplied(t.Context(), index); err != nil {
				t.Fatal(err)
			}
			if got := s.machine.values(); len(got) != i+1 || got[i] != value {
				t.Fatalf("%s holds %d values after index %d", s.cfg.ID, len(got), index)
			}
		}
	}
}

func TestReadIndexIsTheLeadersOnly(t *testing.T) {
	t.Parallel()
	all := cluster(t, 3)
	leader := waitLeader(t, all...)
	for _, s := range all {
		var nl *NotLeaderError
		if _, err := s.node.ReadIndex(t.Context()); s != leader && (!errors.As(err, &nl) || nl.LeaderID != leader.cfg.ID) {
			t.Errorf("%s: %v", s.cfg.ID, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := leader.node.ReadIndex(ctx); !errors.Is(err, context.Canceled) || errors.Is(err, ErrOutcomeUnknown) {
		t.Error(err)
	}
	for _, s := range all {
		if s != leader {
			s.stop()
		}
	}
	limit, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	if _, err := leader.node.ReadIndex(limit); !errors.Is(err, ErrNotLeader) {
		t.Errorf("alone: %v", err)
	}
}
