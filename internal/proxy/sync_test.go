package proxy_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"dkron"
)

func TestSyncWaitsForWhatTheLeaderHas(t *testing.T) {
	p, local, _ := newProxy()
	if err := p.Sync(t.Context()); err != nil || !slices.Equal(local.asked, []string{"local ReadIndex", "wait for 1"}) {
		t.Errorf("the leader itself: %v, asked %v", err, local.asked)
	}
	p, local, _ = newProxy()
	local.err = fmt.Errorf("propose: %w", dkron.ErrNoLeader)
	want := []string{"local ReadIndex", "who leads", "leader ReadIndex", "wait for 42"}
	if err := p.Sync(t.Context()); err != nil || !slices.Equal(local.asked, want) {
		t.Errorf("another: %v, asked %v", err, local.asked)
	}
}

func TestSyncFailsWithoutALeaderAndWithoutCatchingUp(t *testing.T) {
	p, local, _ := newProxy()
	local.err = dkron.ErrUnavailable
	if err := p.Sync(t.Context()); !errors.Is(err, dkron.ErrUnavailable) || len(local.asked) != 1 {
		t.Errorf("%v, asked %v", err, local.asked)
	}
	p, local, c := newProxy()
	local.err, c.none = dkron.ErrNoLeader, dkron.ErrNoLeader
	if err := p.Sync(t.Context()); !errors.Is(err, dkron.ErrNoLeader) || len(local.asked) != 2 {
		t.Errorf("%v, asked %v", err, local.asked)
	}
	p, local, c = newProxy()
	local.err, c.leader.err = dkron.ErrNoLeader, dkron.ErrNoLeader
	if err := p.Sync(t.Context()); !errors.Is(err, dkron.ErrNoLeader) || len(local.asked) != 3 {
		t.Errorf("%v, asked %v", err, local.asked)
	}
	p, _, c = newProxy()
	c.applied = context.DeadlineExceeded
	if err := p.Sync(t.Context()); !errors.Is(err, dkron.ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}
