package command

import (
	"strings"
	"testing"
	"time"

	"dkron"
	"dkron/internal/state"
)

func (l ledger) openLaunches(name string) (out []*dkron.Launch) {
	l.t.Helper()
	l.view(func(tx *state.Tx) error {
		return tx.OpenLaunches(0, func(x *dkron.Launch) bool {
			if x.Job == name {
				out = append(out, x)
			}
			return true
		})
	})
	return out
}

// states lists the states of a job's launches, oldest first, open ones after ended ones.
func (l ledger) states(name string) string {
	var words []string
	for _, x := range l.launches(name) {
		words = append([]string{string(x.State)}, words...)
	}
	for _, x := range l.openLaunches(name) {
		words = append(words, string(x.State))
	}
	return strings.Join(words, " ")
}

func (l ledger) wantStates(name, want string) {
	l.t.Helper()
	if got := l.states(name); got != want {
		l.t.Fatalf("launches of %s are %q, want %q", name, got, want)
	}
}

// place gives every launch that waits the node.
func (l ledger) place(node string) {
	c := &Assign{Now: noon}
	for _, x := range l.waiting() {
		c.Targets = append(c.Targets, dkron.Assignment{Launch: x.Number, Nodes: []string{node}})
	}
	must[any](l.t, l.machine, c)
}

func TestQueuedLaunchesRunOneByOneInOrderAndTheQueueIsBounded(t *testing.T) {
	l := newLedger(t)
	must[*dkron.Record](t, l.machine, job("a", func(j *dkron.Job) { j.Concurrency, j.QueueLimit = dkron.Queue, 2 }))
	for range 4 {
		l.fire("a", "n1")
	}
	l.wantStates("a", "skipped running queued queued")
	if h := l.launches("a"); !strings.Contains(h[0].Reason, "queue is full") {
		t.Errorf("reason is %q", h[0].Reason)
	}
	l.finish("a", dkron.Failed) // a failure also starts the next one
	l.wantStates("a", "skipped failed waiting queued")
	l.place("n1")
	l.finish("a", dkron.Success)
	l.place("n1")
	l.finish("a", dkron.Success)
	l.wantStates("a", "skipped failed success success")
	h := l.launches("a")
	if !h[0].Nominal.After(h[1].Nominal) || !h[1].Nominal.After(h[2].Nominal) {
		t.Error("not in order of their times")
	}
	if p := l.record("a").Progress; p.Active != 0 || len(p.Queued) != 0 {
		t.Errorf("progress is %+v", p)
	}
}

func TestAManualRunQueuesToo(t *testing.T) {
	l := newLedger(t)
	must[*dkron.Record](t, l.machine, job("a", func(j *dkron.Job) { j.Concurrency = dkron.Queue }))
	l.fire("a", "n1")
	r := must[*dkron.Launched](t, l.machine, &Run{Name: "a", Cause: dkron.CauseManual, Targets: []string{"n1"}, Now: noon, By: "ann"})
	if r.Launch.State != dkron.LaunchQueued || r.Launch.By != "ann" {
		t.Errorf("launch is %+v", r.Launch)
	}
}

func TestAJobThatNoLongerQueuesLetsItsQueueGo(t *testing.T) {
	l := newLedger(t)
	must[*dkron.Record](t, l.machine, job("a", func(j *dkron.Job) { j.Concurrency = dkron.Queue }))
	for range 3 {
		l.fire("a", "n1")
	}
	c := job("a")
	c.Base = 1
	must[*dkron.Record](t, l.machine, c)
	l.wantStates("a", "running waiting waiting")
}

func TestADeletedJobsQueueIsDropped(t *testing.T) {
	l := newLedger(t)
	must[*dkron.Record](t, l.machine, job("a", func(j *dkron.Job) { j.Concurrency = dkron.Queue }))
	l.fire("a", "n1")
	l.fire("a", "n1")
	must[*dkron.Record](t, l.machine, &DeleteJob{Name: "a"})
	if open := l.openLaunches("a"); len(open) != 1 || open[0].State != dkron.LaunchRunning {
		t.Errorf("open launches: %+v", open)
	}
}

func TestNothingWaitsForANodeOfADeletedJob(t *testing.T) {
	l := newLedger(t)
	must[*dkron.Record](t, l.machine, job("a"))
	l.fire("a")
	must[*dkron.Record](t, l.machine, &DeleteJob{Name: "a"})
	must[*dkron.Record](t, l.machine, job("b", func(j *dkron.Job) { j.Concurrency, j.Ephemeral = dkron.Queue, true }))
	l.fire("b", "n1")
	l.fire("b", "n1")
	l.finish("b", dkron.Success) // the next in the queue starts, and then the job is deleted
	if open := append(l.openLaunches("a"), l.openLaunches("b")...); len(open) != 0 {
		t.Errorf("open launches: %+v", open[0])
	}
}

func TestReadersOfEventsLearnHowLaunchesOfADeletedJobEnd(t *testing.T) {
	l := newLedger(t)
	must[*dkron.Record](t, l.machine, job("a", func(j *dkron.Job) { j.Concurrency = dkron.Queue }))
	l.fire("a", "n1")
	l.fire("a", "n1")
	e := l.open()[0]
	from := l.store.Events().Last()
	must[*dkron.Record](t, l.machine, &DeleteJob{Name: "a"})
	must[any](t, l.machine, &Finish{Results: []dkron.Result{result(e, dkron.Success, noon)}, Now: noon})
	list, _, _ := l.store.Events().After(from, 100)
	var got []string
	for _, e := range list {
		got = append(got, strings.Trim(string(e.Type)+" "+string(e.State)+string(e.Outcome), " "))
	}
	want := "launch.ended skipped, job.deleted, execution.ended success, launch.ended success"
	if strings.Join(got, ", ") != want {
		t.Errorf("events are %q, want %q", got, want)
	}
}

func TestReplaceStopsWhatRunsAndKeepsOnlyTheNewestWaiting(t *testing.T) {
	l := newLedger(t)
	must[*dkron.Record](t, l.machine, job("a", func(j *dkron.Job) { j.Concurrency, j.Retries = dkron.Replace, 5 }))
	l.fire("a", "n1", "n2")
	l.fire("a", "n1")
	for _, e := range l.open() {
		if e.Stop == nil || !strings.Contains(e.Stop.Reason, "replaced") {
			t.Errorf("no stop is recorded for the execution on %s: %+v", e.NodeName, e.Stop)
		}
	}
	l.wantStates("a", "running queued")
	l.fire("a", "n1")
	l.wantStates("a", "skipped running queued")
	l.finish("a", dkron.Stopped)
	l.wantStates("a", "skipped stopped waiting")
	l.place("n2")
	l.finish("a", dkron.Success)
	l.wantStates("a", "skipped stopped success")
}

func TestReplaceOfALaunchThatHasNoNodeYet(t *testing.T) {
	l := newLedger(t)
	must[*dkron.Record](t, l.machine, job("a", func(j *dkron.Job) { j.Concurrency = dkron.Replace }))
	l.fire("a") // waits for a node
	l.fire("a")
	l.wantStates("a", "stopped waiting")
	if p := l.record("a").Progress; p.Active != 1 || len(p.Queued) != 0 {
		t.Errorf("progress is %+v", p)
	}
}

func TestStopOfALaunchEndsItInAnyState(t *testing.T) {
	l := newLedger(t)
	must[*dkron.Record](t, l.machine, job("a", func(j *dkron.Job) { j.Concurrency, j.Retries = dkron.Queue, 3 }))
	l.fire("a", "n1", "n2")
	l.fire("a", "n1")
	open := l.openLaunches("a")
	wish := dkron.Stop{At: noon.Add(time.Minute), By: "ann", Reason: "wrong data"}
	first := must[*Stopped](t, l.machine, &Stop{Launches: []uint64{open[0].Number, open[1].Number, 99}, Wish: wish})
	if first.Count != 2 {
		t.Errorf("%d were stopped", first.Count)
	}
	l.wantStates("a", "stopped running") // the queued launch at once, the running one when its nodes report
	l.finish("a", dkron.Failed)          // a failure during a stop is not retried
	l.wantStates("a", "stopped failed")
	h := l.launches("a")[1]
	if h.StoppedBy != "ann" || h.Reason != "stopped on request of ann: wrong data" {
		t.Errorf("launch is %+v", h)
	}
}

func TestStopOfARetryThatWaitsEndsItAtOnce(t *testing.T) {
	l := newLedger(t)
	must[*dkron.Record](t, l.machine, job("a", func(j *dkron.Job) { j.Retries, j.Backoff.Initial = 3, time.Hour }))
	l.fire("a", "n1")
	l.finish("a", dkron.Failed)
	e := l.open()[0]
	must[*Stopped](t, l.machine, &Stop{Executions: []dkron.ExecutionKey{e.Key}, Wish: dkron.Stop{At: e.Due.Add(-time.Minute)}})
	if n := len(l.open()); n != 0 {
		t.Fatalf("%d executions are open", n)
	}
	if h := l.executions("a"); len(h) != 2 || h[0].Outcome != dkron.Stopped || h[0].Attempt != 2 {
		t.Errorf("history is %+v", h)
	}
	l.wantStates("a", "stopped")
}

// The proposer of a stop may have been slow, or its clock may be behind that of the leader that sent the execution:
// only its node knows whether it has begun.
func TestStopOfWhatIsDueSoonIsLeftToItsNode(t *testing.T) {
	l := newLedger(t)
	must[*dkron.Record](t, l.machine, job("a", func(j *dkron.Job) { j.Retries = 3 }))
	l.fire("a", "n1")
	first := l.open()[0]
	wish := dkron.Stop{At: first.Due.Add(-time.Minute)}
	must[*Stopped](t, l.machine, &Stop{Executions: []dkron.ExecutionKey{first.Key}, Wish: wish})
	if open := l.open(); len(open) != 1 || open[0].Stop == nil {
		t.Fatal("a first attempt was ended although its node may run it")
	}
	l.finish("a", dkron.Stopped)
	l.fire("a", "n1")
	l.finish("a", dkron.Failed)
	retry := l.open()[0]
	wish.At = retry.Due.Add(-time.Millisecond)
	must[*Stopped](t, l.machine, &Stop{Executions: []dkron.ExecutionKey{retry.Key}, Wish: wish})
	if open := l.open(); len(open) != 1 || open[0].Stop == nil {
		t.Fatal("a retry was ended although its node may have begun it")
	}
}

func TestWhoStoppedALaunchIsKeptWhenAnotherReplacesIt(t *testing.T) {
	l := newLedger(t)
	must[*dkron.Record](t, l.machine, job("a", func(j *dkron.Job) { j.Concurrency = dkron.Replace }))
	l.fire("a", "n1")
	must[*Stopped](t, l.machine, &Stop{Launches: []uint64{l.openLaunches("a")[0].Number}, Wish: dkron.Stop{At: noon, By: "ann"}})
	l.fire("a", "n1")
	l.finish("a", dkron.Stopped)
	if h := l.launches("a")[0]; h.StoppedBy != "ann" {
		t.Errorf("stopped by %q: %+v", h.StoppedBy, h)
	}
}

func TestTwoRetriesOfALaunchNeverGetOneNode(t *testing.T) {
	l := newLedger(t)
	must[*dkron.Record](t, l.machine, job("a", func(j *dkron.Job) { j.Retries, j.RetryOn = 1, dkron.OtherNode }))
	l.fire("a", "n1", "n2")
	l.finish("a", dkron.Failed)
	c := &Assign{Now: noon}
	for _, e := range l.open() { // each was placed without regard to the other
		c.Places = append(c.Places, dkron.Placement{Key: e.Key, Attempt: e.Attempt, Node: "n3"})
	}
	must[any](t, l.machine, c)
	open := l.open()
	if open[0].Unplaced == open[1].Unplaced {
		t.Fatalf("executions are %s and %s", open[0].ID(), open[1].ID())
	}
	c.Places = []dkron.Placement{{Key: open[1].Key, Attempt: 2, Node: "n4"}}
	must[any](t, l.machine, c)
	if open = l.open(); open[1].Unplaced || open[1].NodeName != "n4" {
		t.Errorf("the other is %+v", open[1])
	}
}

func TestARetryOnAnotherNodeWaitsUntilOneIsChosen(t *testing.T) {
	l := newLedger(t)
	must[*dkron.Record](t, l.machine, job("a", func(j *dkron.Job) { j.Retries, j.RetryOn = 1, dkron.OtherNode }))
	l.fire("a", "n1")
	l.finish("a", dkron.Failed)
	e := l.open()[0]
	if !e.Unplaced || e.NodeName != "n1" {
		t.Fatalf("retry is %+v", e)
	}
	must[any](t, l.machine, &Assign{Now: noon, Places: []dkron.Placement{{Key: e.Key, Attempt: 1, Node: "old"}, {Key: e.Key, Attempt: 2, Node: "n2"}}})
	must[any](t, l.machine, &Assign{Now: noon, Places: []dkron.Placement{{Key: e.Key, Attempt: 2, Node: "n3"}}})
	if e = l.open()[0]; e.Unplaced || e.NodeName != "n2" {
		t.Fatalf("retry is %+v", e)
	}
	l.finish("a", dkron.Success)
	l.wantStates("a", "success")
}
