package agent

import (
	"context"
	"errors"
	"fmt"
	"strings"
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
			return &plugin.ExecuteResponse{ExitCode: &code, Usage: &plugin.Usage{CPU: time.Second, MaxRSS: 9, MemoryLimit: 10}}, nil
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
		if r.Usage == nil || *r.Usage != (dkron.Usage{CPU: time.Second, MaxRSS: 9, MemoryLimit: 10}) {
			t.Errorf("usage %v", r.Usage)
		}
		r.ExitCode, want.ExitCode, r.Usage = nil, nil, nil
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

func TestAnExecutorThatTheNodeDoesNotAllowIsNotStarted(t *testing.T) {
	bubble(t, func(t *testing.T) {
		e, asked := new(executor), ""
		cfg := Config{NodeName: "n1", DataDir: t.TempDir(), Executors: map[string]plugin.Executor{"test": e, "http": e}, AllowExecutors: []string{"shell", "http"}, Logger: quiet}
		cfg.More = func(name string) plugin.Executor { // would start a plugin
			asked = name
			return e
		}
		a, err := Open(cfg)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { a.Close() })
		l := attach(t, a, 1)
		for i, name := range []string{"test", "docker"} {
			o := order("job", uint64(i+1))
			o.Executor = name
			l.order(o)
			r := l.only()
			if want := "this node does not run executor " + name + ": allow-executors is shell,http"; r.Outcome != dkron.Failed || r.Error != want || r.StartedAt.IsZero() {
				t.Errorf("%s %q at %s, want %q", r.Outcome, r.Error, r.StartedAt, want)
			}
		}
		if len(e.started()) > 0 || asked != "" {
			t.Errorf("%v was started, plugin %q looked for", e.started(), asked)
		}
		o := order("job", 3)
		o.Executor = "http"
		l.order(o)
		if r := l.only(); r.Outcome != dkron.Success {
			t.Errorf("%s %q", r.Outcome, r.Error)
		}
	})
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
			if r := l.only(); r.Outcome != dkron.Failed || r.Error != text || executor != "" && !strings.Contains(r.Explain(), "install the plugin dkron-executor-other: there is no such executor on ") {
				t.Errorf("%+v %s", r, r.Explain())
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
