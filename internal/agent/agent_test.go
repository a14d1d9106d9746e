package agent

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"dkron"
	"dkron/plugin"
)

func TestOrderRunsAndItsResultIsReported(t *testing.T) {
	bubble(t, func(t *testing.T) {
		code := 0
		var asked *plugin.ExecuteRequest
		e := &executor{do: func(_ context.Context, r *plugin.ExecuteRequest, s plugin.Status) (*plugin.ExecuteResponse, error) {
			asked = r
			time.Sleep(3 * time.Second)
			s.Write([]byte("done\n"), false)
			return &plugin.ExecuteResponse{ExitCode: &code}, nil
		}}
		a := open(t, t.TempDir(), e)
		l := attach(t, a, 1)
		began := time.Now().UTC()
		o := order("job", 7)
		l.order(o)
		time.Sleep(time.Second)
		if rs := l.results(); len(rs) != 0 || a.Running() != 1 {
			t.Fatalf("it runs, yet %d run and the results are %s", a.Running(), summary(rs))
		}
		time.Sleep(3 * time.Second)
		r := l.only()
		want := dkron.Result{
			Key: o.Key, JobName: "job", Group: 7000, Attempt: 1, NodeName: "n1", StartedAt: began, FinishedAt: began.Add(3 * time.Second),
			Outcome: dkron.Success, ExitCode: &dkron.ExitCode{}, Output: []byte("done\n"), OutputSize: 5,
		}
		if fmt.Sprint(r.ExitCode) != fmt.Sprint(want.ExitCode) {
			t.Errorf("exit code %v", r.ExitCode)
		}
		r.ExitCode, want.ExitCode = nil, nil
		if fmt.Sprintf("%+v", r) != fmt.Sprintf("%+v", want) {
			t.Errorf("got  %+v\nwant %+v", r, want)
		}
		if asked.LaunchID != "job.7000" || asked.ExecutionID != "7000-n1" || asked.NodeName != "n1" || asked.Attempt != 1 || !asked.ScheduledAt.Equal(o.Nominal) || asked.Config["k"] != "v" {
			t.Errorf("the executor was asked %+v", asked)
		}
		l.accepted(o.Ref())
		synctest.Wait()
		if !a.idle() {
			t.Error("a result that is accepted is kept")
		}
	})
}

func TestOutcomes(t *testing.T) {
	three := 3
	for name, c := range map[string]struct {
		resp *plugin.ExecuteResponse
		err  error
		want dkron.Outcome
		text string
	}{
		"success":            {&plugin.ExecuteResponse{}, nil, dkron.Success, ""},
		"failure":            {&plugin.ExecuteResponse{Error: "exit status 3", ExitCode: &three}, nil, dkron.Failed, "exit status 3"},
		"timeout":            {&plugin.ExecuteResponse{Error: "too long", TimedOut: true}, nil, dkron.TimedOut, "too long"},
		"the executor fails": {nil, errors.New("no shell"), dkron.Failed, "no shell"},
		"unknown":            {nil, plugin.ErrUnknownOutcome, dkron.Lost, plugin.ErrUnknownOutcome.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				a := open(t, t.TempDir(), &executor{do: func(context.Context, *plugin.ExecuteRequest, plugin.Status) (*plugin.ExecuteResponse, error) {
					return c.resp, c.err
				}})
				l := attach(t, a, 1)
				l.order(order("job", 1))
				if r := l.only(); r.Outcome != c.want || r.Error != c.text || (r.ExitCode != nil) != (c.resp != nil && c.resp.ExitCode != nil) {
					t.Errorf("%s %q %v", r.Outcome, r.Error, r.ExitCode)
				}
			})
		})
	}
}

func TestPanicOfAnExecutorIsAFailedResult(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := open(t, t.TempDir(), &executor{do: func(context.Context, *plugin.ExecuteRequest, plugin.Status) (*plugin.ExecuteResponse, error) {
			panic("oh")
		}})
		l := attach(t, a, 1)
		l.order(order("job", 1))
		if r := l.only(); r.Outcome != dkron.Failed || !strings.Contains(r.Error, "oh") {
			t.Fatalf("%+v", r)
		}
		l.order(order("job", 2))
		l.only()
	})
}

func TestOrderForAnExecutorThatIsNotThereFails(t *testing.T) {
	bubble(t, func(t *testing.T) {
		l := attach(t, open(t, t.TempDir(), &executor{}), 1)
		for executor, text := range map[string]string{
			"other": "grpc_agent: Specified executor is not present",
			"":      "grpc_agent: No executor defined, nothing to do",
		} {
			o := order("job"+executor, 1)
			o.Executor = executor
			l.order(o)
			if r := l.only(); r.Outcome != dkron.Failed || r.Error != text {
				t.Errorf("%+v", r)
			}
		}
	})
}

func TestSameOrderTwiceRunsOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		dir := t.TempDir()
		e := &executor{do: func(context.Context, *plugin.ExecuteRequest, plugin.Status) (*plugin.ExecuteResponse, error) {
			time.Sleep(5 * time.Second)
			return &plugin.ExecuteResponse{}, nil
		}}
		a := open(t, dir, e)
		l := attach(t, a, 1)
		o := order("job", 1)
		l.order(o, o) // in one message
		l.order(o)    // while it runs
		time.Sleep(time.Second)
		next := attach(t, a, 2)
		next.order(o) // by another leader
		time.Sleep(5 * time.Second)
		next.only()
		next.order(o) // when it has ended: answered with the result
		next.only()
		next.accepted(o.Ref())
		next.order(o) // when its result is accepted
		if r := next.results(); len(r) != 0 {
			t.Errorf("an accepted result is sent again: %s", summary(r))
		}
		again := attach(t, open(t, crash(t, dir), e), 3)
		again.order(o) // after a restart
		if r := again.results(); len(r) != 0 {
			t.Errorf("an accepted result is sent again after a restart: %s", summary(r))
		}
		time.Sleep(10 * time.Second)
		if s := e.started(); len(s) != 1 {
			t.Fatalf("started %v", s)
		}
		other := o
		other.Attempt, other.Key.Slot = 2, 0
		again.order(other)
		time.Sleep(6 * time.Second)
		if s := e.started(); len(s) != 2 {
			t.Fatalf("another attempt is another execution; started %v", s)
		}
	})
}

func TestAcceptedExecutionsAreNotRememberedForEver(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := open(t, t.TempDir(), &executor{})
		l := attach(t, a, 1)
		for n := range uint64(100) {
			l.order(order("job", n))
			l.results()
			o := order("job", n)
			l.accepted(o.Ref())
			time.Sleep(time.Second)
		}
		synctest.Wait()
		a.mu.Lock()
		defer a.mu.Unlock()
		if n := len(a.ended); n < 25 || n > 35 || len(a.endings) != n {
			t.Fatalf("%d are remembered, in %d entries; one ended each second and 30 s count", n, len(a.endings))
		}
	})
}

func TestOlderTermIsRefusedAndTheNewerStreamStays(t *testing.T) {
	bubble(t, func(t *testing.T) {
		dir := t.TempDir()
		e := &executor{}
		a := open(t, dir, e)
		newer := attach(t, a, 5)
		synctest.Wait()
		older := attach(t, a, 4)
		older.order(order("old", 1))
		if err := older.ended(); !errors.Is(err, errTerm) {
			t.Errorf("the older leader's stream ended with %v", err)
		}
		if m := older.messages(); len(m) != 1 || m[0].Term != 5 {
			t.Errorf("the older leader got %+v, want term 5", m)
		}
		newer.goesOn()
		newer.order(order("new", 2))
		newer.only()

		// The term is known after a restart, also if nothing was ordered in it.
		attach(t, a, 6)
		synctest.Wait()
		b := open(t, crash(t, dir), e)
		attach(t, b, 5).ended()
		if s := e.started(); len(s) != 1 {
			t.Errorf("started %v", s)
		}
	})
}

func TestNewerTermEndsTheOlderStream(t *testing.T) {
	bubble(t, func(t *testing.T) {
		e := &executor{}
		a := open(t, t.TempDir(), e)
		older := attach(t, a, 1)
		synctest.Wait()
		newer := attach(t, a, 2)
		if err := older.ended(); !errors.Is(err, errTerm) {
			t.Errorf("the older stream ended with %v", err)
		}
		newer.goesOn()
		// An order that the older stream had read when the newer leader came.
		if err := a.accept(1, []dkron.Order{order("old", 1)}); !errors.Is(err, errTerm) {
			t.Errorf("an order of term 1 is taken in term 2: %v", err)
		}
		synctest.Wait()
		if s := e.started(); len(s) != 0 {
			t.Errorf("started %v", s)
		}
	})
}

func TestTermMustNotChangeWithinAStream(t *testing.T) {
	bubble(t, func(t *testing.T) {
		e := &executor{}
		l := attach(t, open(t, t.TempDir(), e), 1)
		synctest.Wait()
		l.term = 2
		l.order(order("job", 1))
		l.ended()
		if len(e.started()) != 0 {
			t.Error("started")
		}
	})
}

func TestLateOrdersAreRefusedWhateverTheClocksShow(t *testing.T) {
	for _, skew := range []time.Duration{-time.Hour, -time.Second, 0, time.Second, time.Hour} {
		for late, refused := range map[time.Duration]bool{0: false, 9 * time.Second: false, 11 * time.Second: true, time.Minute: true} {
			t.Run(fmt.Sprint(skew, late), func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					e := &executor{}
					l := attachSkewed(t, open(t, t.TempDir(), e), 1, skew)
					synctest.Wait()
					sent := time.Now()
					time.Sleep(late)
					l.say(&dkron.ToNode{SentAt: sent, Orders: []dkron.Order{order("job", 1)}})
					if refused {
						l.ended()
					} else {
						l.goesOn()
					}
					if got := len(e.started()) == 0; got != refused {
						t.Fatalf("refused: %t, want %t", got, refused)
					}
				})
			})
		}
	}
}

func TestOrdersAreTakenAfterTheLeadersWallClockWasSet(t *testing.T) {
	for _, step := range []time.Duration{-time.Hour, -11 * time.Second, 11 * time.Second, time.Hour} {
		t.Run(step.String(), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				e := &executor{}
				l := attach(t, open(t, t.TempDir(), e), 1)
				l.order(order("job", 1))
				synctest.Wait()
				l.skew = step
				l.order(order("job", 2))
				synctest.Wait()
				l.skew = 0
				l.order(order("job", 3))
				l.goesOn()
				if got := len(e.started()); got != 3 {
					t.Errorf("%d of 3 orders were started", got)
				}
			})
		})
	}
}

func TestLateBeatIsNoReasonToEndAStream(t *testing.T) {
	bubble(t, func(t *testing.T) {
		l := attach(t, open(t, t.TempDir(), &executor{}), 1)
		l.say(&dkron.ToNode{SentAt: time.Now().Add(-time.Hour)})
		l.goesOn()
	})
}

func TestResultIsKeptUntilItIsAccepted(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := open(t, t.TempDir(), &executor{do: func(context.Context, *plugin.ExecuteRequest, plugin.Status) (*plugin.ExecuteResponse, error) {
			time.Sleep(2 * time.Second)
			return &plugin.ExecuteResponse{Output: []byte("x")}, nil
		}})
		first := attach(t, a, 1)
		o := order("job", 1)
		first.order(o)
		synctest.Wait()
		first.cut() // while it runs
		time.Sleep(3 * time.Second)
		for term := uint64(2); term < 6; term++ {
			l := attach(t, a, term)
			if r := l.only(); r.Outcome != dkron.Success || string(r.Output) != "x" || r.Ref() != o.Ref() {
				t.Fatalf("%+v", r)
			}
			time.Sleep(time.Minute)
			if term%2 == 0 {
				l.cut()
			}
		}
		l := attach(t, a, 6)
		l.only()
		l.accepted(o.Ref())
		synctest.Wait()
		if r := attach(t, a, 7).results(); len(r) != 0 {
			t.Fatalf("sent again although it was accepted: %s", summary(r))
		}
	})
}

func TestRestartTakesUpWhatWasLeft(t *testing.T) {
	bubble(t, func(t *testing.T) {
		dir := t.TempDir()
		end := make(chan struct{})
		e := &adopter{}
		e.do = func(ctx context.Context, r *plugin.ExecuteRequest, s plugin.Status) (*plugin.ExecuteResponse, error) {
			s.Write([]byte("before "), false)
			switch r.JobName {
			case "done":
				return &plugin.ExecuteResponse{}, nil
			case "handle":
				if err := s.Started([]byte("pid 1")); err != nil {
					t.Error(err)
				}
			}
			<-end
			return nil, errors.New("this process is dead")
		}
		a := open(t, dir, e)
		l := attach(t, a, 1)
		began := time.Now()
		l.order(order("done", 1), order("bare", 2), order("handle", 3))
		time.Sleep(time.Second)
		left := crash(t, dir)
		time.Sleep(time.Second)
		defer close(end)

		e2 := &adopter{adopt: func(_ context.Context, r *plugin.ExecuteRequest, handle []byte, s plugin.Status) (*plugin.ExecuteResponse, error) {
			if string(handle) != "pid 1" || r.JobName != "handle" || r.ExecutionID != "3000-n1" {
				t.Errorf("adopts %q with handle %q", r.JobName, handle)
			}
			time.Sleep(time.Minute)
			s.Write([]byte("after"), false)
			return &plugin.ExecuteResponse{}, nil
		}}
		b := open(t, left, e2)
		l = attach(t, b, 2)
		got := map[string]dkron.Result{}
		for _, r := range l.results() {
			got[r.JobName] = r
		}
		if r := got["done"]; r.Outcome != dkron.Success || string(r.Output) != "before " {
			t.Errorf("the finished one: %+v", r)
		}
		if r := got["bare"]; r.Outcome != dkron.Lost || r.Error == "" || r.StartedAt.IsZero() {
			t.Errorf("the one without a handle: %+v", r)
		}
		if len(got) != 2 || b.Running() != 1 {
			t.Errorf("results %v, %d run", got, b.Running())
		}
		l.order(order("done", 1), order("bare", 2), order("handle", 3))
		l.results()
		time.Sleep(2 * time.Minute)
		if r := l.only(); r.JobName != "handle" || r.Outcome != dkron.Success || string(r.Output) != "after" || !r.StartedAt.Equal(began) {
			t.Errorf("the adopted one: %+v", r)
		}
		if s := e2.started(); len(s) != 0 {
			t.Errorf("started again: %v", s)
		}
		// Their results survive a further crash.
		got = map[string]dkron.Result{}
		for _, r := range attach(t, open(t, crash(t, left), &executor{}), 3).results() {
			got[r.JobName] = r
		}
		if len(got) != 3 || got["done"].Outcome != dkron.Success || got["bare"].Outcome != dkron.Lost || got["handle"].Outcome != dkron.Success {
			t.Errorf("after a second crash: %v", got)
		}
	})
}

func TestHandleOfAnExecutorThatCannotAdoptIsLost(t *testing.T) {
	bubble(t, func(t *testing.T) {
		dir := t.TempDir()
		a := open(t, dir, &executor{do: func(ctx context.Context, _ *plugin.ExecuteRequest, s plugin.Status) (*plugin.ExecuteResponse, error) {
			s.Started([]byte("pid 1"))
			<-ctx.Done()
			return nil, ctx.Err()
		}})
		attach(t, a, 1).order(order("job", 1))
		synctest.Wait()
		if r := attach(t, open(t, crash(t, dir), &executor{}), 2).only(); r.Outcome != dkron.Lost {
			t.Fatalf("%+v", r)
		}
	})
}

func TestCloseEndsWhatRunsAndStartsNothingMore(t *testing.T) {
	bubble(t, func(t *testing.T) {
		dir := t.TempDir()
		e := &executor{do: func(ctx context.Context, _ *plugin.ExecuteRequest, _ plugin.Status) (*plugin.ExecuteResponse, error) {
			<-ctx.Done()
			time.Sleep(2 * time.Second) // its grace period
			return nil, ctx.Err()
		}}
		a := open(t, dir, e)
		l := attach(t, a, 1)
		l.order(order("job", 1))
		synctest.Wait()
		closed := make(chan error, 1)
		go func() { closed <- a.Close() }()
		time.Sleep(time.Second)
		l.order(order("job", 2))
		l.ended()
		if err := <-closed; err != nil {
			t.Fatal(err)
		}
		if s := e.started(); len(s) != 1 {
			t.Errorf("started %v", s)
		}
		rs := attach(t, open(t, dir, e), 2).results()
		if len(rs) != 1 || rs[0].Outcome != dkron.Failed {
			t.Errorf("after a clean restart: %s", summary(rs))
		}
	})
}

func TestStopEndsWhatRunsAndStillTellsTheLeader(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := open(t, t.TempDir(), &executor{do: untilStopped})
		l := attach(t, a, 1)
		l.order(order("job", 1))
		synctest.Wait()
		a.Retire()
		a.Stop()
		if r := l.only(); r.Outcome != dkron.Failed {
			t.Errorf("%+v", r)
		}
		l.goesOn()
	})
}

func TestDrainWaitsForWhatRunsButNotLongForALeaderThatIsGone(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := open(t, t.TempDir(), &executor{do: func(context.Context, *plugin.ExecuteRequest, plugin.Status) (*plugin.ExecuteResponse, error) {
			time.Sleep(time.Minute)
			return &plugin.ExecuteResponse{}, nil
		}})
		attach(t, a, 1).order(order("job", 1))
		synctest.Wait()
		began := time.Now()
		a.Drain(t.Context())
		if d := time.Since(began); d < time.Minute+acceptLimit || d > time.Minute+acceptLimit+time.Second {
			t.Errorf("drained for %v", d)
		}
	})
}

func TestRetiredNodeSaysSoAtOnceAndGoesOn(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := open(t, t.TempDir(), &executor{})
		l := attach(t, a, 1)
		for _, m := range l.messages() {
			if m.Draining {
				t.Fatal("it does not drain yet")
			}
		}
		a.Retire()
		if m := l.messages(); len(m) != 1 || !m[0].Draining {
			t.Fatalf("reported at once: %+v", m)
		}
		l.order(order("job", 1))
		r := l.only()
		drained := make(chan struct{})
		go func() { a.Drain(context.Background()); close(drained) }()
		time.Sleep(time.Second)
		select {
		case <-drained:
			t.Fatal("drained with a result that was not accepted")
		default:
		}
		l.accepted(r.Ref())
		<-drained
		if m := attach(t, a, 2).messages(); !m[0].Draining {
			t.Fatal("the first message to a new leader does not say that the node drains")
		}
	})
}

func TestNodeShowsThatItIsAlive(t *testing.T) {
	bubble(t, func(t *testing.T) {
		l := attach(t, open(t, t.TempDir(), &executor{do: untilStopped}), 1)
		l.messages()
		time.Sleep(10*time.Second + time.Millisecond)
		if n := len(l.messages()); n < 18 || n > 22 {
			t.Fatalf("%d messages in 10 s without a run, want 20", n)
		}
		l.order(order("job", 1))
		time.Sleep(time.Second)
		l.messages()
		time.Sleep(10 * time.Second)
		if n := len(l.messages()); n < 38 || n > 42 {
			t.Fatalf("%d messages in 10 s with a run, want 40", n)
		}
	})
}

func TestNoMoreRunAtOnceThanAllowed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var now, most atomic.Int32
		a, err := Open(Config{NodeName: "n1", DataDir: t.TempDir(), Logger: quiet, MaxRunning: 3, Executors: map[string]plugin.Executor{
			"test": &executor{do: func(context.Context, *plugin.ExecuteRequest, plugin.Status) (*plugin.ExecuteResponse, error) {
				most.Store(max(most.Load(), now.Add(1)))
				time.Sleep(time.Second)
				now.Add(-1)
				return &plugin.ExecuteResponse{}, nil
			}},
		}})
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		l := attach(t, a, 1)
		var orders []dkron.Order
		for n := range uint64(10) {
			orders = append(orders, order("job", n))
		}
		l.order(orders...)
		time.Sleep(5 * time.Second)
		if r := l.results(); len(r) != 10 || most.Load() != 3 {
			t.Fatalf("%d results, %d at once", len(r), most.Load())
		}
	})
}

func TestResultsAreSentInBoundedMessages(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := open(t, t.TempDir(), &executor{do: func(context.Context, *plugin.ExecuteRequest, plugin.Status) (*plugin.ExecuteResponse, error) {
			return &plugin.ExecuteResponse{Output: make([]byte, 200_000)}, nil
		}})
		first := attach(t, a, 1)
		for n := range uint64(60) {
			first.order(order("job", n))
		}
		synctest.Wait()
		var all int
		for _, m := range attach(t, a, 2).messages() {
			size := 0
			for _, r := range m.Results {
				size += len(r.Output)
			}
			if size > maxResultBytes+dkron.MaxOutput {
				t.Errorf("a message of %d bytes", size)
			}
			all += len(m.Results)
		}
		if all != 60 {
			t.Errorf("%d results", all)
		}
	})
}

func TestChunksAreSentInBoundedMessages(t *testing.T) {
	bubble(t, func(t *testing.T) {
		const n = 200
		a := open(t, t.TempDir(), &executor{do: func(ctx context.Context, r *plugin.ExecuteRequest, s plugin.Status) (*plugin.ExecuteResponse, error) {
			s.Write(make([]byte, maxPending), false)
			return untilStopped(ctx, r, s)
		}})
		l := attach(t, a, 1)
		for i := range uint64(n) {
			l.order(order("job", i))
			synctest.Wait()
		}
		time.Sleep(5 * time.Second)
		all := 0
		for _, m := range l.messages() {
			size := 0
			for _, c := range m.Chunks {
				size += len(c.Data)
			}
			if size > maxChunkBytes+maxPending {
				t.Errorf("a message of %d bytes", size)
			}
			all += size
		}
		if all != n*maxPending {
			t.Errorf("%d bytes of %d have come", all, n*maxPending)
		}
	})
}

// Rotation reads the tasks while it holds the journal; a new leader, and results, come at the same time.
func TestJournalRewrittenDuringResultsAndNewLeadersLosesNothing(t *testing.T) {
	dir := t.TempDir()
	const n = 400
	gate := make(chan struct{})
	var ended sync.WaitGroup
	ended.Add(n)
	a := open(t, dir, &executor{do: func(context.Context, *plugin.ExecuteRequest, plugin.Status) (*plugin.ExecuteResponse, error) {
		<-gate
		ended.Done()
		return &plugin.ExecuteResponse{}, nil
	}})
	var orders []dkron.Order
	for i := range uint64(n) {
		orders = append(orders, order("job", i))
	}
	if err := a.accept(0, orders); err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	var parts sync.WaitGroup
	parts.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				if err := a.journal.rewrite(a.live); err != nil {
					t.Error(err)
				}
			}
		}
	})
	parts.Go(func() {
		for term := uint64(1); ; term++ {
			l := &link{term: term, wake: make(chan struct{}, 1), gone: make(chan struct{})}
			if err := a.bind(l); err != nil {
				t.Error(err)
			}
			select {
			case <-stop:
				return
			default:
			}
		}
	})
	close(gate)
	ended.Wait()
	a.running.Wait()
	close(stop)
	parts.Wait()
	e := &executor{}
	b := open(t, crash(t, dir), e)
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, o := range orders {
		if k := b.tasks[o.Ref()]; k == nil || k.result == nil || k.result.Outcome != dkron.Success {
			t.Fatalf("after a crash the result of %v is lost", o.Ref())
		}
	}
	if b.term != a.term {
		t.Errorf("term %d, was %d", b.term, a.term)
	}
}

func TestUnreadableDirectoryIsAnErrorThatNamesIt(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/agent", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(Config{DataDir: dir, Logger: quiet}); err == nil || !strings.Contains(err.Error(), dir) {
		t.Fatal(err)
	}
}

func TestAStoppedExecutionEndsAndSaysSo(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := open(t, t.TempDir(), &executor{do: func(ctx context.Context, r *plugin.ExecuteRequest, s plugin.Status) (*plugin.ExecuteResponse, error) {
			<-ctx.Done()
			return &plugin.ExecuteResponse{Error: "signal: terminated"}, nil
		}})
		l := attach(t, a, 1)
		runs, never := order("job", 1), order("job", 2)
		l.order(runs)
		time.Sleep(time.Second)
		l.say(&dkron.ToNode{Term: 1, SentAt: time.Now(), Stops: []dkron.Order{runs, never}})
		time.Sleep(time.Second)
		l.order(never) // which was on its way
		time.Sleep(time.Second)
		got := map[int64]dkron.Result{}
		for _, m := range l.messages() {
			for _, r := range m.Results {
				got[r.Group] = r
			}
		}
		if r := got[runs.Group]; r.Outcome != dkron.Stopped || r.Error != "signal: terminated" {
			t.Errorf("the one that ran ended as %+v", r)
		}
		if r := got[never.Group]; r.Outcome != dkron.Stopped || r.Error != errNeverBegan.Error() {
			t.Errorf("the one that had not begun ended as %+v", r)
		}
	})
}

// A new leader can't know whether the node has begun an execution whose job was deleted meanwhile.
func TestAnExecutionOfADeletedJobGoesOnIfItHasBegunAndElseNeverBegins(t *testing.T) {
	bubble(t, func(t *testing.T) {
		end := make(chan struct{})
		x := &executor{do: func(context.Context, *plugin.ExecuteRequest, plugin.Status) (*plugin.ExecuteResponse, error) {
			<-end
			return &plugin.ExecuteResponse{}, nil
		}}
		a := open(t, t.TempDir(), x)
		runs, never := order("job", 1), order("job", 2)
		attach(t, a, 1).order(runs)
		time.Sleep(time.Second)
		l := attach(t, a, 2)
		for _, o := range []dkron.Order{runs, never} {
			o.Executor, o.Config, o.Void = "", nil, true
			l.order(o)
		}
		time.Sleep(time.Second)
		l.order(never) // which was on its way
		time.Sleep(time.Second)
		close(end)
		time.Sleep(time.Second)
		got := map[int64]dkron.Result{}
		for _, m := range l.messages() {
			for _, r := range m.Results {
				got[r.Group] = r
			}
		}
		if r := got[runs.Group]; r.Outcome != dkron.Success {
			t.Errorf("the one that ran ended as %+v", r)
		}
		if r := got[never.Group]; r.Outcome != dkron.Stopped || r.Error != errDeleted.Error() || len(x.started()) != 1 {
			t.Errorf("the one that had not begun ended as %+v; started were %v", r, x.started())
		}
	})
}

func TestANewLeaderGetsTheOutputFromTheBeginning(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := open(t, t.TempDir(), &executor{do: func(ctx context.Context, r *plugin.ExecuteRequest, s plugin.Status) (*plugin.ExecuteResponse, error) {
			s.Write([]byte("one "), false)
			time.Sleep(2 * time.Second)
			s.Write([]byte("two "), false)
			time.Sleep(time.Minute)
			return &plugin.ExecuteResponse{}, nil
		}})
		first := attach(t, a, 1)
		first.order(order("job", 1))
		time.Sleep(time.Second)
		second := attach(t, a, 2)
		time.Sleep(3 * time.Second)
		var text []byte
		for _, m := range second.messages() {
			for _, c := range m.Chunks {
				if c.Offset != uint64(len(text)) {
					t.Errorf("chunk at %d after %d", c.Offset, len(text))
				}
				text = append(text, c.Data...)
			}
		}
		if string(text) != "one two " {
			t.Errorf("the second leader got %q", text)
		}
	})
}

// opaque is a context that the context package watches with a goroutine for each of those that derive from it, so that
// they can be counted.
type opaque struct {
	context.Context
	done chan struct{}
}

func (o opaque) Done() <-chan struct{} { return o.done }

func (o opaque) Value(any) any { return nil }

func (o opaque) Err() error {
	select {
	case <-o.done:
		return context.Canceled
	default:
		return nil
	}
}

// strangers is how many goroutines other than ours may start in the meantime; a leak would be fifty.
const strangers = 10

func TestWhatNeverRunsLeavesNothingBehind(t *testing.T) {
	bubble(t, func(t *testing.T) {
		dir := t.TempDir()
		a := open(t, dir, new(executor))
		end := make(chan struct{})
		defer close(end)
		a.ctx = opaque{a.ctx, end}
		l := attach(t, a, 1)
		l.results()
		before := runtime.NumGoroutine()
		var stops []dkron.Order
		var refs []dkron.ExecutionRef
		for n := range uint64(50) {
			o := order("never", n+1)
			stops, refs = append(stops, o), append(refs, o.Ref())
		}
		l.say(&dkron.ToNode{Stops: stops})
		if got := len(l.results()); got != 50 {
			t.Fatalf("%d results", got)
		}
		l.accepted(refs...)
		l.goesOn()
		if after := runtime.NumGoroutine(); after > before+strangers {
			t.Errorf("%d contexts of executions that were refused are left", after-before)
		}
		a.journal.file.Close()
		if err := os.RemoveAll(filepath.Join(dir, "agent")); err != nil {
			t.Fatal(err)
		}
		before = runtime.NumGoroutine()
		for range 50 {
			if err := a.accept(1, []dkron.Order{order("unwritten", 99)}); err == nil {
				t.Fatal("accepted without a journal")
			}
		}
		synctest.Wait()
		if after := runtime.NumGoroutine(); after > before+strangers {
			t.Errorf("%d contexts of executions that could not be journalled are left", after-before)
		}
		a.tasks = nil
	})
}

func TestReplayLeavesNothingOfWhatWasAccepted(t *testing.T) {
	a := &Agent{tasks: make(map[dkron.ExecutionRef]*task), ended: make(map[dkron.ExecutionRef]struct{})}
	end := make(chan struct{})
	defer close(end)
	a.ctx = opaque{context.Background(), end}
	before := runtime.NumGoroutine()
	for n := range uint64(50) {
		o := order("job", n+1)
		a.replay(&record{Accepted: []dkron.Order{o}})
		a.replay(&record{Forget: []dkron.ExecutionRef{o.Ref()}, At: time.Now()})
	}
	for deadline := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before+strangers; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d contexts are left", runtime.NumGoroutine()-before)
		}
	}
}

func TestAClosedJournalIsNotRewritten(t *testing.T) {
	bubble(t, func(t *testing.T) {
		dir := t.TempDir()
		a := open(t, dir, new(executor))
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
		next := []byte("of the next process")
		write(t, dir, next)
		for range 2 {
			if err := a.refuse(1, []dkron.Order{order("job", 1)}); err == nil {
				t.Error("a stop was journalled after Close")
			}
			a.forget([]dkron.ExecutionRef{{JobName: "job"}})
		}
		if data, err := os.ReadFile(journalOf(dir)); err != nil || string(data) != string(next) {
			t.Errorf("the journal is %q, %v", data, err)
		}
	})
}

func TestAdoptedExecutionsCountAsRunning(t *testing.T) {
	bubble(t, func(t *testing.T) {
		e := &adopter{adopt: func(ctx context.Context, r *plugin.ExecuteRequest, _ []byte, s plugin.Status) (*plugin.ExecuteResponse, error) {
			time.Sleep(time.Minute)
			return &plugin.ExecuteResponse{}, nil
		}}
		e.do = func(ctx context.Context, r *plugin.ExecuteRequest, s plugin.Status) (*plugin.ExecuteResponse, error) {
			if err := s.Started([]byte("pid")); err != nil {
				return nil, err
			}
			return untilStopped(ctx, r, s)
		}
		dir := t.TempDir()
		first := open(t, dir, e)
		attach(t, first, 1).order(order("old", 1))
		synctest.Wait()
		cfg := first.cfg
		cfg.DataDir, cfg.MaxRunning = crash(t, dir), 1
		second, err := Open(cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer second.Close()
		attach(t, second, 2).order(order("new", 2))
		time.Sleep(30 * time.Second)
		if got := e.started(); len(got) != 1 {
			t.Fatalf("%v were started although one runs", got)
		}
		time.Sleep(time.Minute)
		if got := e.started(); len(got) != 2 {
			t.Fatalf("%v were started", got)
		}
	})
}
