package agent

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"dkron"
	"dkron/plugin"
)

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
			l := newLink(term, "")
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
	for deadline := time.Now().Add(time.Minute); runtime.NumGoroutine() > before+strangers; time.Sleep(time.Millisecond) {
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
