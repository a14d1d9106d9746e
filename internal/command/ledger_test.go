package command

import (
	"errors"
	"testing"
	"time"

	"dkron"
	"dkron/internal/state"
)

// ledger is a machine whose content can be read.
type ledger struct {
	*machine
	t *testing.T
}

func newLedger(t *testing.T) ledger {
	m := newMachine(t, t.TempDir())
	t.Cleanup(func() { m.store.Close() })
	return ledger{m, t}
}

func (l ledger) view(fn func(tx *state.Tx) error) {
	l.t.Helper()
	if err := l.store.View(fn); err != nil {
		l.t.Fatal(err)
	}
}

func (l ledger) record(name string) (r dkron.Record) {
	l.t.Helper()
	l.view(func(tx *state.Tx) error {
		j, err := tx.Job(name)
		if err != nil {
			return err
		}
		p, err := tx.Progress(j.Number)
		if err == nil {
			r = dkron.Record{Job: *j, Progress: *p}
		}
		return err
	})
	return r
}

func (l ledger) open() (out []*dkron.Execution) {
	l.t.Helper()
	l.view(func(tx *state.Tx) error {
		return tx.OpenExecutions(func(e *dkron.Execution) bool { out = append(out, e); return true })
	})
	return out
}

func (l ledger) waiting() (out []*dkron.Launch) {
	l.t.Helper()
	l.view(func(tx *state.Tx) error {
		return tx.OpenLaunches(0, func(x *dkron.Launch) bool {
			if x.State == dkron.LaunchWaiting {
				out = append(out, x)
			}
			return true
		})
	})
	return out
}

func (l ledger) launches(name string) (out []*dkron.Launch) {
	l.t.Helper()
	p := l.record(name).Progress
	l.view(func(tx *state.Tx) error {
		return tx.LaunchHistory(&p, func(x *dkron.Launch) bool { out = append(out, x); return true })
	})
	return out
}

func (l ledger) executions(name string) (out []*dkron.Execution) {
	l.t.Helper()
	p := l.record(name).Progress
	l.view(func(tx *state.Tx) error {
		return tx.History(&p, func(e *dkron.Execution) bool { out = append(out, e); return true })
	})
	return out
}

// fire fires the next instant of a job on the nodes.
func (l ledger) fire(name string, nodes ...string) {
	l.t.Helper()
	r := l.record(name)
	at := r.Progress.Next
	must[any](l.t, l.machine, &Fire{Now: at, Due: []dkron.Due{{
		Job: r.Job.Number, Revision: r.Job.Revision, Nominal: at, Cause: dkron.CauseSchedule,
		Targets: nodes, Next: at.Add(10 * time.Second),
	}}})
}

// finish ends all open executions of a job with the same outcome.
func (l ledger) finish(name string, o dkron.Outcome) {
	l.t.Helper()
	c := &Finish{Now: noon.Add(time.Minute)}
	for _, e := range l.open() {
		if e.JobName == name {
			c.Results = append(c.Results, result(e, o, noon))
		}
	}
	must[any](l.t, l.machine, c)
}

func TestForbidSkipsWhileTheJobRunsAndSaysSo(t *testing.T) {
	l := newLedger(t)
	must[*dkron.Record](t, l.machine, job("a", func(j *dkron.Job) { j.Concurrency = dkron.Forbid }))
	l.fire("a", "n1")
	l.fire("a", "n1")
	if n := len(l.open()); n != 1 {
		t.Fatalf("%d executions are open, want 1", n)
	}
	if h := l.launches("a"); len(h) != 1 || h[0].State != dkron.LaunchSkipped || h[0].Reason == "" {
		t.Fatalf("the skipped launch is recorded as %+v", h)
	}
	l.finish("a", dkron.Success)
	l.fire("a", "n1")
	if n := len(l.open()); n != 1 {
		t.Errorf("after the end %d executions are open, want 1", n)
	}
}

func TestAnInstantIsFiredOnceHoweverOftenItIsProposed(t *testing.T) {
	l := newLedger(t)
	r := must[*dkron.Record](t, l.machine, job("a"))
	due := dkron.Due{Job: r.Job.Number, Revision: 1, Nominal: r.Progress.Next, Cause: dkron.CauseSchedule, Targets: []string{"n1"}, Next: r.Progress.Next.Add(time.Second)}
	for range 3 {
		must[any](t, l.machine, &Fire{Now: noon, Due: []dkron.Due{due, due}})
	}
	if n := len(l.open()); n != 1 {
		t.Errorf("%d executions, want 1", n)
	}
}

func TestAnEditDropsTheInstantsOfTheOldRevision(t *testing.T) {
	l := newLedger(t)
	old := must[*dkron.Record](t, l.machine, job("a"))
	edit := job("a", func(j *dkron.Job) { j.Owner = "x" })
	edit.Base = 1
	must[*dkron.Record](t, l.machine, edit)
	must[any](t, l.machine, &Fire{Now: noon, Due: []dkron.Due{{Job: old.Job.Number, Revision: 1, Nominal: old.Progress.Next, Targets: []string{"n1"}}}})
	if n := len(l.open()); n != 0 {
		t.Errorf("an instant of the old definition was launched")
	}
}

func TestAnUnchangedWriteChangesNothing(t *testing.T) {
	l := newLedger(t)
	must[*dkron.Record](t, l.machine, job("a"))
	again := job("a")
	again.Base, again.Now, again.Next = 1, noon.Add(time.Hour), noon.Add(2*time.Hour)
	r := must[*dkron.Record](t, l.machine, again)
	if r.Job.Revision != 1 || !r.Progress.Next.Equal(noon.Add(10*time.Second)) {
		t.Errorf("revision %d, next %s after an unchanged write", r.Job.Revision, r.Progress.Next)
	}
}

func TestAWriteOnAnOldRevisionIsRefused(t *testing.T) {
	l := newLedger(t)
	must[*dkron.Record](t, l.machine, job("a"))
	if err, _ := l.apply(job("a"))[0].(error); !errors.Is(err, ErrChanged) {
		t.Errorf("got %v, want ErrChanged", err)
	}
}

func TestAFailedExecutionIsRetriedOnItsNodeAfterAPauseThatGrows(t *testing.T) {
	l := newLedger(t)
	must[*dkron.Record](t, l.machine, job("a", func(j *dkron.Job) { j.Retries = 2 }))
	l.fire("a", "n1")
	var pauses []time.Duration
	for range 2 {
		l.finish("a", dkron.Failed)
		e := l.open()[0]
		pauses = append(pauses, e.Due.Sub(noon.Add(time.Minute)))
		if e.NodeName != "n1" {
			t.Errorf("retried on %s", e.NodeName)
		}
	}
	if first := dkron.DefaultBackoffInitial; pauses[0] < first || pauses[1] < 2*first || pauses[1] > 3*first {
		t.Errorf("pauses are %v", pauses)
	}
	l.finish("a", dkron.Success)
	r := l.record("a")
	if r.Progress.Status != dkron.StatusSuccess || r.Progress.ErrorCount != 2 || r.Progress.SuccessCount != 1 || r.Progress.Active != 0 {
		t.Errorf("progress is %+v", r.Progress)
	}
	if h := l.launches("a"); h[0].State != dkron.LaunchSuccess {
		t.Errorf("launch ended as %s", h[0].State)
	}
	if e := l.executions("a"); len(e) != 3 || e[0].Attempt != 3 || e[0].ID() == e[1].ID() {
		t.Errorf("history is %+v", e)
	}
}

func TestAResultCountsOnce(t *testing.T) {
	l := newLedger(t)
	must[*dkron.Record](t, l.machine, job("a"))
	l.fire("a", "n1")
	r := result(l.open()[0], dkron.Success, noon)
	for range 3 {
		must[any](t, l.machine, &Finish{Results: []dkron.Result{r, r}, Now: noon})
	}
	if p := l.record("a").Progress; p.SuccessCount != 1 || p.Active != 0 {
		t.Errorf("progress is %+v", p)
	}
}

func TestALostExecutionIsNotRetriedUnlessTheJobAsksForIt(t *testing.T) {
	for _, ask := range []bool{false, true} {
		l := newLedger(t)
		must[*dkron.Record](t, l.machine, job("a", func(j *dkron.Job) { j.Retries, j.RetryLost = 1, ask }))
		l.fire("a", "n1")
		l.finish("a", dkron.Lost)
		if n := len(l.open()); n != map[bool]int{true: 1}[ask] {
			t.Errorf("retry_lost %v: %d executions are open", ask, n)
		}
		if !ask && l.launches("a")[0].State != dkron.LaunchLost {
			t.Errorf("launch ended as %s", l.launches("a")[0].State)
		}
	}
}

func TestChildrenStartOnceWhenTheLastNodeOfTheParentHasSucceeded(t *testing.T) {
	l := newLedger(t)
	must[*dkron.Record](t, l.machine, job("p"))
	for _, c := range []string{"c1", "c2"} {
		must[*dkron.Record](t, l.machine, job(c, func(j *dkron.Job) { j.ParentJob, j.Schedule = "p", "" }))
	}
	l.fire("p", "n1", "n2")
	first := result(l.open()[0], dkron.Success, noon)
	must[any](t, l.machine, &Finish{Results: []dkron.Result{first}, Now: noon})
	if n := len(l.waiting()); n != 0 {
		t.Fatalf("%d children started before the parent ended", n)
	}
	l.finish("p", dkron.Success)
	w := l.waiting()
	if len(w) != 2 || w[0].Cause != dkron.CauseParent || w[0].ParentID != l.launches("p")[0].ID() {
		t.Fatalf("children: %+v", w)
	}
	l.fire("p", "n1")
	l.finish("p", dkron.Failed)
	if n := len(l.waiting()); n != 2 {
		t.Errorf("a failed parent started children")
	}
}

func TestAParentThatIsMissingOrADescendantIsRefused(t *testing.T) {
	l := newLedger(t)
	child := func(name, parent string, base uint64) error {
		c := job(name, func(j *dkron.Job) { j.ParentJob = parent })
		c.Base = base
		err, _ := l.apply(c)[0].(error)
		return err
	}
	if err := child("a", "nobody", 0); !errors.Is(err, dkron.ErrNoParent) {
		t.Errorf("missing parent: %v", err)
	}
	must[*dkron.Record](t, l.machine, job("a"))
	if err := errors.Join(child("b", "a", 0), child("c", "b", 0)); err != nil {
		t.Fatal(err)
	}
	if err := child("a", "c", 1); !errors.Is(err, dkron.ErrInvalid) {
		t.Errorf("cycle: %v", err)
	}
	if l.record("a").Job.ParentJob != "" {
		t.Error("a refused write changed the job")
	}
}

func TestAnEphemeralJobGoesWithItsFirstSuccess(t *testing.T) {
	l := newLedger(t)
	must[*dkron.Record](t, l.machine, job("a", func(j *dkron.Job) { j.Ephemeral = true }))
	l.fire("a", "n1")
	l.finish("a", dkron.Failed)
	l.fire("a", "n1")
	l.finish("a", dkron.Success)
	if l.store.Index().Name("a") != nil {
		t.Error("the job still exists")
	}
}

func TestDeletingAJobTouchesNoOtherWhoseNameBeginsAlike(t *testing.T) {
	l := newLedger(t)
	for _, name := range []string{"a", "ab", "a-1"} {
		must[*dkron.Record](t, l.machine, job(name))
		l.fire(name, "n1")
		l.finish(name, dkron.Success)
	}
	must[*dkron.Record](t, l.machine, &DeleteJob{Name: "a"})
	must[*dkron.Record](t, l.machine, job("x"))
	for range 50 { // gives the sweep time for a full pass
		l.fire("x", "n1")
		l.finish("x", dkron.Success)
	}
	for _, name := range []string{"ab", "a-1"} {
		if n := len(l.executions(name)); n != 1 {
			t.Errorf("%s has %d executions, want 1", name, n)
		}
	}
}

func TestAParentWithChildrenIsNotDeleted(t *testing.T) {
	l := newLedger(t)
	must[*dkron.Record](t, l.machine, job("p"))
	must[*dkron.Record](t, l.machine, job("c", func(j *dkron.Job) { j.ParentJob = "p" }))
	if err, _ := l.apply(&DeleteJob{Name: "p"})[0].(error); !errors.Is(err, dkron.ErrConflict) {
		t.Errorf("got %v", err)
	}
	must[*dkron.Record](t, l.machine, &DeleteJob{Name: "c"})
	must[*dkron.Record](t, l.machine, &DeleteJob{Name: "p"})
}

func TestHistoryKeepsTheNewestAndTheStoreStaysBounded(t *testing.T) {
	l := newLedger(t)
	must[*dkron.Record](t, l.machine, job("a"))
	for range 1000 {
		l.fire("a", "n1")
		l.finish("a", dkron.Success)
	}
	if n := len(l.executions("a")); n != dkron.DefaultKeepExecutions {
		t.Errorf("%d executions, want %d", n, dkron.DefaultKeepExecutions)
	}
	l.view(func(tx *state.Tx) error {
		if n := tx.HistorySize(); n > 2*dkron.DefaultKeepExecutions+4*dkron.DefaultKeepExecutions {
			t.Errorf("%d records are stored", n)
		}
		return nil
	})
}

func TestALaunchWaitsForATargetOrIsGivenUp(t *testing.T) {
	l := newLedger(t)
	must[*dkron.Record](t, l.machine, job("a"))
	l.fire("a")
	l.fire("a")
	w := l.waiting()
	if len(w) != 2 {
		t.Fatalf("%d launches wait, want 2", len(w))
	}
	assign := &Assign{Now: noon, Targets: []dkron.Assignment{{Launch: w[0].Number, Nodes: []string{"n1"}}, {Launch: w[1].Number}}}
	must[any](t, l.machine, assign)
	must[any](t, l.machine, assign)
	if n := len(l.open()); n != 1 {
		t.Errorf("%d executions, want 1", n)
	}
	if h := l.launches("a"); len(h) != 1 || h[0].State != dkron.LaunchNoTarget || h[0].Reason == "" {
		t.Errorf("given up as %+v", h)
	}
}

func TestAnExecutionOfADeletedJobEndsWithoutATrace(t *testing.T) {
	l := newLedger(t)
	must[*dkron.Record](t, l.machine, job("a"))
	l.fire("a", "n1")
	must[*dkron.Record](t, l.machine, &DeleteJob{Name: "a"})
	must[*dkron.Record](t, l.machine, job("a")) // another job of that name
	l.finish("a", dkron.Success)
	if len(l.open()) != 0 || l.record("a").Progress.SuccessCount != 0 || len(l.executions("a")) != 0 {
		t.Error("the result of the deleted job went to its successor")
	}
}

func TestClearForgetsHistoryAndStatus(t *testing.T) {
	l := newLedger(t)
	must[*dkron.Record](t, l.machine, job("a"))
	l.fire("a", "n1")
	l.finish("a", dkron.Success)
	r := must[*dkron.Record](t, l.machine, &Clear{"a"})
	if p := r.Progress; p.SuccessCount != 0 || p.Status != "" || len(l.executions("a")) != 0 {
		t.Errorf("left: %+v", p)
	}
	l.fire("a", "n1")
	l.finish("a", dkron.Success)
	if n := len(l.executions("a")); n != 1 {
		t.Errorf("%d executions after a clear, want 1", n)
	}
}

// A leader whose clock is slower than its predecessor's must hide neither the earlier records nor its own.
func TestLaunchesAreKeptByTheStatesClockWhateverLeadersClocksShow(t *testing.T) {
	l := newLedger(t)
	must[any](t, l.machine, &Configure{dkron.Settings{History: dkron.Retention{Count: 100, Age: time.Minute}}})
	must[*dkron.Record](t, l.machine, job("a"))
	for i := range 6 {
		now := noon.Add(time.Hour)
		if i > 2 {
			now = noon // another leader
		}
		must[*dkron.Launched](t, l.machine, &Run{Name: "a", Cause: dkron.CauseManual, Targets: []string{"n1"}, Now: now})
		e := l.open()[0]
		must[any](t, l.machine, &Finish{Results: []dkron.Result{result(e, dkron.Success, now)}, Now: now})
	}
	l.wantStates("a", "success success success success success success")
}
