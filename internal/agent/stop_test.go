package agent

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"dkron"
	"dkron/plugin"
)

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
