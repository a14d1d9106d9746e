package standing

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"dkron"
	"dkron/internal/clock"
	"dkron/internal/roster"
)

// world is the log of s1, and the other servers.
type world struct {
	mu            sync.Mutex
	leader        string
	applied, last uint64
	leaderApplied uint64
	silent        error // of the leader
	sick          error // of the log
	state         error
	leaving       error
	servers       []roster.Server
	skew          map[string]time.Duration // of the servers that answer
	moved         chan struct{}            // closed and replaced when the fields above change
}

func newWorld() *world { return &world{moved: make(chan struct{})} }

func (w *world) change(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f()
	close(w.moved)
	w.moved = make(chan struct{})
}

func (w *world) until(ctx context.Context, ok func() bool) error {
	for {
		w.mu.Lock()
		done, moved := ok(), w.moved
		w.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (w *world) Leader() (id, addr string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.leader, ""
}

func (w *world) Term() uint64 { return 7 }

func (w *world) Applied() uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.applied
}

func (w *world) LastIndex() uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return max(w.last, w.applied)
}

func (w *world) Health() error { return w.sick }

func (w *world) AwaitLeader(ctx context.Context) error {
	return w.until(ctx, func() bool { return w.leader != "" })
}

func (w *world) WaitApplied(ctx context.Context, index uint64) error {
	return w.until(ctx, func() bool { return w.applied >= index })
}

func (w *world) Servers() ([]roster.Server, error) { return w.servers, nil }

func (w *world) LeaderApplied(context.Context) (uint64, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.leaderApplied, w.silent
}

func (w *world) Report(_ context.Context, sv roster.Server) (*Report, error) {
	skew, ok := w.skew[sv.ID]
	if !ok {
		return nil, errors.New("nobody answers")
	}
	return &Report{Now: clock.Now().Add(skew)}, nil
}

type counts struct{}

func (counts) Fired([]dkron.Due)      {}
func (counts) ClockJumped()           {}
func (counts) ClockDoubtful(bool)     {}
func (counts) CursorsBroughtBack(int) {}
func (counts) SchedulerStalled(int)   {}

func (w *world) standing() *Standing {
	return New(Config{
		Name: "s1", Cluster: func() string { return "x" }, Log: w, Waiter: w, Servers: w,
		View:  roster.NewView(new(roster.Roster), "r", func(roster.Member) bool { return false }),
		State: func() error { return w.state }, Leaving: func() error { return w.leaving }, Progress: new(Progress),
		Notices: NewNotices(counts{}, func() time.Duration { return 0 }, func() []string { return nil }), Logger: slog.New(slog.DiscardHandler),
	})
}

func TestAServerIsReadyOnceItHasWhatTheLeaderHad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		s := w.standing()
		caughtUp := make(chan struct{})
		go func() { s.CatchUp(t.Context()); close(caughtUp) }()
		say := func(what, want string) {
			t.Helper()
			synctest.Wait()
			if err := s.Ready(); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v", what, err)
			}
		}
		say("alone", "no cluster leader")
		w.change(func() { w.leader, w.leaderApplied, w.silent = "s2", 100, errors.New("no network") })
		say("the leader does not answer", "does not know yet how far it is behind")
		w.change(func() { w.silent = nil })
		time.Sleep(askAgain)
		say("nothing yet", "100 entries behind")
		w.change(func() { w.applied, w.leaderApplied = 60, 200 })
		say("some", "40 entries behind") // of what the leader had at first
		w.change(func() { w.applied = 100 })
		<-caughtUp
		if err := s.Ready(); err != nil || !s.Progress.CaughtUp() {
			t.Error("caught up:", err)
		}
		w.change(func() { w.leaderApplied = 100 + readyWithin + 1 })
		say("left behind", "1001 entries behind")
		w.change(func() { w.leader = "s1" })
		if err := s.Ready(); err != nil {
			t.Error("leads:", err)
		}
	})
}

func TestWhatKeepsAServerFromItsPartIsSaid(t *testing.T) {
	w := newWorld()
	w.leader = "s1"
	s := w.standing()
	if err := s.Ready(); err == nil {
		t.Error("ready before there is a goal") // its log is empty: it knows nothing about the cluster yet
	}
	w.applied = 1
	if err := s.Ready(); err != nil || len(s.Issues()) != 0 {
		t.Error(err, s.Issues())
	}
	for _, c := range []struct {
		field  *error
		text   string
		issues int
	}{{&w.sick, "disk full", 1}, {&w.state, "torn", 1}, {&w.leaving, "this node is stopping", 0}} {
		*c.field = errors.New(c.text)
		if err := s.Ready(); err == nil || !strings.Contains(err.Error(), c.text) || len(s.Issues()) != c.issues {
			t.Errorf("%s: %v, %v", c.text, err, s.Issues())
		}
		*c.field = nil
	}
	w.leader = ""
	if err := s.Ready(); !errors.Is(err, dkron.ErrNoLeader) || s.Report().Reason == "" {
		t.Error(err)
	}
}

func TestCatchUpEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { w.standing().CatchUp(ctx); close(done) }()
		synctest.Wait()
		cancel()
		<-done
	})
}

func TestClocksAgreeWhenThoseOfMostVotersDo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		for _, name := range []string{"s1", "s2", "s3", "s4", "s5"} {
			w.servers = append(w.servers, roster.Server{ID: name, Voter: true})
		}
		for _, c := range []struct {
			skew map[string]time.Duration
			want bool
		}{
			{map[string]time.Duration{"s2": 0, "s3": time.Second}, true},
			{map[string]time.Duration{"s2": 0, "s3": -3 * time.Second}, false},
			{map[string]time.Duration{"s2": 0}, false},
			{map[string]time.Duration{"s2": 3 * time.Second, "s3": 0, "s4": 0, "s5": 0}, true},
		} {
			w.skew = c.skew
			if got := w.standing().Agree(t.Context(), 2*time.Second); got != c.want {
				t.Errorf("%v: %v", c.skew, got)
			}
			synctest.Wait() // for answers that came too late to matter
		}
		w.servers = w.servers[:1]
		if !w.standing().Agree(t.Context(), time.Second) {
			t.Error("one server does not agree with itself")
		}
	})
}

func TestNoticesAreShownForAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		skew := time.Duration(0)
		n := NewNotices(counts{}, func() time.Duration { return skew }, func() []string { return []string{"foreign"} })
		n.ClockJumped(time.Minute)
		n.CursorsBroughtBack(3, time.Hour)
		n.ClockDoubtful(true)
		skew = 2 * time.Second
		if got := n.List(); len(got) != 5 || got[0] != "foreign" || !strings.Contains(got[1], "jumped by 1 min") {
			t.Errorf("%q", got)
		}
		time.Sleep(noticeFor + 1)
		n.ClockDoubtful(false)
		skew = 0
		if got := n.List(); len(got) != 1 {
			t.Errorf("%q", got)
		}
		for range 3 * maxNotices {
			n.ClockJumped(time.Second)
		}
		if got := n.List(); len(got) != 1+maxNotices {
			t.Errorf("%d notices", len(got))
		}
	})
}
