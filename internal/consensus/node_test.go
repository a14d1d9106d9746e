package consensus

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func quick(c *Config) {
	c.SnapshotThreshold, c.TrailingLogs = 100, 10
}

func TestProposalsReturnTheMachinesResultInLogOrder(t *testing.T) {
	t.Parallel()
	for _, store := range []string{LogWAL, LogBolt} {
		t.Run(store, func(t *testing.T) {
			s := single(t, func(c *Config) { c.LogStore = store })
			for i := range 5 {
				r, index, err := s.node.Propose(t.Context(), fmt.Append(nil, i))
				if err != nil || r != i+1 {
					t.Fatalf("result %v, error %v", r, err)
				}
				if got := s.node.Applied(); got < index {
					t.Errorf("applied %d after the proposal at %d", got, index)
				}
			}
			if got := strings.Join(s.machine.values(), ""); got != "01234" {
				t.Errorf("applied %s", got)
			}
		})
	}
}

func TestConcurrentProposalsAreAppliedInBatches(t *testing.T) {
	t.Parallel()
	s := single(t)
	const n = 2000
	proposeMany(t, s, "v", n)
	if got := len(s.machine.values()); got != n {
		t.Errorf("applied %d of %d", got, n)
	}
	if s.machine.biggest < 2 || s.machine.calls >= n {
		t.Errorf("%d calls, the biggest of %d entries", s.machine.calls, s.machine.biggest)
	}
}

func TestFollowersApplyTheSameInTheSameOrder(t *testing.T) {
	t.Parallel()
	all := cluster(t, 3, func(c *Config) { c.Multiplier = 10 }) // a busy machine must not change the leader meanwhile
	proposeMany(t, waitLeader(t, all...), "v", 500)
	sameValues(t, all...)
}

func TestFollowerNamesTheLeader(t *testing.T) {
	t.Parallel()
	all := cluster(t, 3)
	leader := waitLeader(t, all...)
	for _, s := range all {
		if s == leader {
			continue
		}
		var nl *NotLeaderError
		_, _, err := s.node.Propose(t.Context(), []byte("x"))
		if !errors.Is(err, ErrNotLeader) || !errors.As(err, &nl) {
			t.Fatalf("error %v", err)
		}
		if nl.LeaderID != leader.cfg.ID || nl.LeaderAddr != leader.cfg.AdvertiseAddr {
			t.Errorf("names %s at %s", nl.LeaderID, nl.LeaderAddr)
		}
		if errors.Is(err, ErrOutcomeUnknown) {
			t.Error("a refusal has a known outcome")
		}
	}
}

func TestLeaderStopsAndAnotherTermBeginsWithin3s(t *testing.T) {
	all := cluster(t, 3, func(c *Config) { c.Multiplier = 1 })
	leader := waitLeader(t, all...)
	old := receive(t, leader.node.Terms(t.Context()))
	began := make(chan Term, 2)
	for _, s := range all {
		if s != leader {
			go func(terms <-chan Term) {
				if term, ok := <-terms; ok {
					began <- term
				}
			}(s.node.Terms(t.Context()))
		}
	}
	start := time.Now()
	leader.stop()
	if old.Ctx.Err() == nil {
		t.Error("the old term continues after Close")
	}
	term := receive(t, began)
	if d := time.Since(start); d > 3*time.Second {
		t.Errorf("next term after %v", d)
	}
	if term.Number <= old.Number {
		t.Errorf("term %d after %d", term.Number, old.Number)
	}
}

func receive(t *testing.T, c <-chan Term) Term {
	t.Helper()
	select {
	case term, ok := <-c:
		if !ok {
			t.Fatal("no term: channel closed")
		}
		return term
	case <-time.After(time.Minute):
		t.Fatal("no term")
	}
	return Term{}
}

func TestTermEndsWhenTheLeaderLosesItsFollowers(t *testing.T) {
	t.Parallel()
	all := cluster(t, 3)
	leader := waitLeader(t, all...)
	term := receive(t, leader.node.Terms(t.Context()))
	for _, s := range all {
		if s != leader {
			s.stop()
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if _, _, err := leader.node.Propose(ctx, []byte("x")); !errors.Is(err, ErrOutcomeUnknown) && !errors.Is(err, ErrNotLeader) {
		t.Errorf("error %v", err)
	}
	select {
	case <-term.Ctx.Done():
	case <-time.After(time.Minute):
		t.Error("the term continues without followers")
	}
}

func TestTermsNeverOverlapAndAscend(t *testing.T) {
	t.Parallel()
	all := cluster(t, 3)
	var mu sync.Mutex
	var numbers []uint64
	numbersOf := func() []uint64 { mu.Lock(); defer mu.Unlock(); return slices.Clone(numbers) }
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for _, s := range all {
		terms := s.node.Terms(ctx)
		wg.Go(func() {
			for term := range terms {
				mu.Lock()
				numbers = append(numbers, term.Number)
				mu.Unlock()
				select {
				case <-term.Ctx.Done():
				case <-ctx.Done():
				}
			}
		})
	}
	for range 3 {
		leader, before := waitLeader(t, all...), len(numbersOf())
		eventually(t, 20*time.Second, "transfer", func() bool {
			_ = leader.node.TransferLeadership(t.Context())
			return len(numbersOf()) > before
		})
	}
	waitLeader(t, all...)
	eventually(t, 30*time.Second, "four terms", func() bool { return len(numbersOf()) >= 4 })
	cancel()
	wg.Wait()
	if !slices.IsSorted(numbers) || len(slices.Compact(slices.Clone(numbers))) != len(numbers) {
		t.Errorf("terms %v", numbers)
	}
}

func TestNoAcknowledgedWriteIsLostOverLeaderStops(t *testing.T) {
	t.Parallel()
	all := cluster(t, 3)
	var mu sync.Mutex
	acked := map[string]bool{}
	stop := make(chan struct{})
	var wg sync.WaitGroup
	nodes := make([]*Node, len(all))
	lockNode := func(i int) *Node { mu.Lock(); defer mu.Unlock(); return nodes[i] }
	for i, s := range all {
		nodes[i] = s.node
	}
	for w := range 4 {
		wg.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				v := fmt.Sprintf("%d/%d", w, i)
				ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
				_, _, err := lockNode((i+w)%3).Propose(ctx, []byte(v))
				cancel()
				if err == nil {
					mu.Lock()
					acked[v] = true
					mu.Unlock()
				}
			}
		})
	}
	for range 3 {
		leader := waitLeader(t, all...)
		leader.stop()
		leader.start()
		mu.Lock()
		nodes[slices.Index(all, leader)] = leader.node
		mu.Unlock()
	}
	waitLeader(t, all...)
	close(stop)
	wg.Wait()
	sameValues(t, all...)
	have := map[string]bool{}
	for _, v := range all[0].machine.values() {
		have[v] = true
	}
	for v := range acked {
		if !have[v] {
			t.Errorf("%s was acknowledged and is lost", v)
		}
	}
	if len(acked) == 0 {
		t.Error("nothing was acknowledged")
	}
}

func TestWaitAppliedCoversEntriesThatNoMachineSees(t *testing.T) {
	t.Parallel()
	all := cluster(t, 3)
	leader := waitLeader(t, all...)
	propose(t, leader, "x")
	if err := leader.node.Barrier(t.Context()); err != nil {
		t.Fatal(err)
	}
	index := leader.node.LastIndex() // the barrier's
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for _, s := range all {
		if err := s.node.WaitApplied(ctx, index); err != nil {
			t.Errorf("%s: %v, applied %d of %d", s.cfg.ID, err, s.node.Applied(), index)
		}
	}
	short, cancel2 := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel2()
	if err := leader.node.WaitApplied(short, index+100); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("waiting for the future: %v", err)
	}
}

func TestMembership(t *testing.T) {
	t.Parallel()
	s := single(t)
	b := newServer(t, "b").start()
	c := newServer(t, "c").start()
	for _, x := range []*server{b, c} {
		for range 2 { // the second time nothing is to be done
			if err := s.node.AddServer(t.Context(), x.cfg.ID, x.cfg.AdvertiseAddr, true); err != nil {
				t.Fatal(err)
			}
		}
	}
	want := []Server{s.self(), b.self(), c.self()}
	want[0].Leader = true
	got, index, err := s.node.Servers()
	if err != nil || index == 0 || !slices.Equal(got, want) {
		t.Errorf("servers %v at %d, error %v", got, index, err)
	}
	if err := s.node.RemoveServer(t.Context(), "nobody"); err == nil || !strings.Contains(err.Error(), `"nobody" was not found`) {
		t.Errorf("removing an unknown server: %v", err)
	}
	if err := b.node.RemoveServer(t.Context(), "c"); !errors.Is(err, ErrNotLeader) {
		t.Errorf("removing on a follower: %v", err)
	}
	// A server that comes back under another name takes the place of the old one.
	if err := s.node.AddServer(t.Context(), "d", c.cfg.AdvertiseAddr, false); err != nil {
		t.Fatal(err)
	}
	got, _, _ = s.node.Servers()
	if len(got) != 3 || got[2].ID != "d" || got[2].Voter {
		t.Errorf("servers %v", got)
	}
	if err := s.node.RemoveServer(t.Context(), "d"); err != nil {
		t.Fatal(err)
	}
	if err := s.node.AddServer(t.Context(), "b", b.cfg.AdvertiseAddr, false); err != nil {
		t.Fatal(err)
	}
	if got, _, _ = s.node.Servers(); len(got) != 2 || got[1].Voter {
		t.Errorf("servers %v after taking b's vote", got)
	}
}

func TestMachineThatCannotApplyStopsTheNode(t *testing.T) {
	t.Parallel()
	for name, bad := range map[string]func(Entry) any{
		"fatal error": func(e Entry) any { return &FatalError{Index: e.Index, Err: errNever} },
		"panic":       func(Entry) any { panic(errNever) },
	} {
		t.Run(name, func(t *testing.T) {
			s := single(t)
			propose(t, s, "good")
			term := receive(t, s.node.Terms(t.Context()))
			s.machine.mu.Lock()
			s.machine.onApply = func(e Entry) any {
				if string(e.Data) == "bad" {
					return bad(e)
				}
				return nil
			}
			s.machine.mu.Unlock()
			_, _, err := s.node.Propose(t.Context(), []byte("bad"))
			var fatal *FatalError
			if !errors.As(err, &fatal) || !strings.Contains(err.Error(), "never") {
				t.Fatalf("error %v", err)
			}
			<-s.node.Done()
			<-term.Ctx.Done()
			if err := s.node.Err(); !errors.As(err, &fatal) {
				t.Errorf("node's error %v", err)
			}
			if _, _, err := s.node.Propose(t.Context(), []byte("after")); err == nil {
				t.Error("the node keeps running")
			}
			if got := s.machine.values(); !slices.Equal(got, []string{"good"}) {
				t.Errorf("applied %v", got)
			}
		})
	}
}

func TestOversizedEntryIsRefusedAndTheLeaderStays(t *testing.T) {
	t.Parallel()
	s := single(t)
	term := s.node.Term()
	if _, _, err := s.node.Propose(t.Context(), make([]byte, MaxEntry+1)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("error %v", err)
	}
	if r, _, err := s.node.Propose(t.Context(), make([]byte, MaxEntry)); err != nil {
		t.Errorf("result %v, error %v", r, err)
	}
	if s.node.Term() != term {
		t.Error("leadership was lost")
	}
}

func TestCloseAnswersWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	all := cluster(t, 3)
	leader := waitLeader(t, all...)
	for _, s := range all {
		if s != leader {
			s.stop()
		}
	}
	before := leader.node.raft.LastIndex()
	errs := make(chan error, 50)
	for range cap(errs) {
		go func() {
			_, _, err := leader.node.Propose(context.Background(), []byte("x"))
			errs <- err
		}()
	}
	eventually(t, 10*time.Second, "some are in the leader's log", func() bool { return leader.node.raft.LastIndex() > before })
	node := leader.node
	leader.stop()
	for range cap(errs) {
		if err := <-errs; err == nil {
			t.Error("acknowledged without a majority")
		}
	}
	if _, _, err := node.Propose(context.Background(), []byte("x")); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}
