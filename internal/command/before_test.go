package command

import (
	"bytes"
	"testing"
	"time"

	"dkron"
	"dkron/internal/state"
)

// again deletes a running job and creates another of the same name.
func (l ledger) again(name string, policy dkron.Concurrency, stop *dkron.Stop) {
	l.t.Helper()
	must[*dkron.Record](l.t, l.machine, job(name))
	l.fire(name, "n1", "n2")
	must[*dkron.Record](l.t, l.machine, &DeleteJob{Name: name, Stop: stop})
	must[*dkron.Record](l.t, l.machine, job(name, func(j *dkron.Job) { j.Concurrency = policy }))
}

// end ends one open execution.
func (l ledger) end(e *dkron.Execution, o dkron.Outcome) {
	l.t.Helper()
	must[any](l.t, l.machine, &Finish{Results: []dkron.Result{result(e, o, noon)}, Now: noon.Add(time.Minute)})
}

func TestForbidHoldsWhileADeletedJobOfTheNameRuns(t *testing.T) {
	l := newLedger(t)
	l.again("a", dkron.Forbid, nil)
	l.fire("a", "n1")
	old := l.open()
	l.end(old[0], dkron.Success)
	l.fire("a", "n1")
	if got := l.launches("a"); len(got) != 2 || got[0].State != dkron.LaunchSkipped || got[1].Reason != "overlap: a launch of the deleted job of this name still ran and the concurrency is forbid" {
		t.Fatalf("while the deleted job runs: %+v", got)
	}
	l.end(old[1], dkron.Failed)
	l.fire("a", "n3")
	if open := l.open(); len(open) != 1 || open[0].NodeName != "n3" {
		t.Errorf("after its end open are %+v", open)
	}
	if p := l.record("a").Progress; p.SuccessCount+p.ErrorCount != 0 || len(p.Before) != 0 || p.Active != 1 {
		t.Errorf("the successor has %+v", p)
	}
}

func TestAQueueWaitsForADeletedJobOfTheName(t *testing.T) {
	l := newLedger(t)
	l.again("a", dkron.Queue, nil)
	l.fire("a", "n3")
	l.wantStates("a", "running queued")
	for _, e := range l.open() {
		l.end(e, dkron.Success)
	}
	l.wantStates("a", "waiting") // for a node
}

func TestReplaceStopsADeletedJobOfTheName(t *testing.T) {
	l := newLedger(t)
	l.again("a", dkron.Replace, nil)
	l.fire("a", "n3")
	for _, e := range l.open() {
		if e.Stop == nil {
			t.Errorf("%s is not stopped", e.ID())
		}
		l.end(e, dkron.Stopped)
	}
	l.wantStates("a", "waiting")
}

func TestADeletionStopsWhatRunsIfItIsAskedTo(t *testing.T) {
	l := newLedger(t)
	wish := &dkron.Stop{At: noon.Add(time.Hour), By: "ann", Reason: "no longer needed"}
	l.again("a", dkron.Forbid, wish)
	open := l.open()
	if len(open) != 2 {
		t.Fatalf("%d open", len(open))
	}
	for _, e := range open {
		if e.Stop == nil || *e.Stop != *wish {
			t.Errorf("%s has the stop %+v", e.ID(), e.Stop)
		}
	}
	must[*dkron.Record](t, l.machine, &DeleteJob{Name: "a"})
	if n := len(l.open()); n != 2 {
		t.Errorf("a deletion without a stop leaves %d open", n)
	}
}

// An execution that has not begun can't be one that still runs.
func TestARetryThatWaitsGoesWithItsJob(t *testing.T) {
	l := newLedger(t)
	must[*dkron.Record](t, l.machine, job("a", func(j *dkron.Job) {
		j.Retries, j.Backoff.Initial, j.Backoff.Max = 3, time.Hour, time.Hour
	}))
	l.fire("a", "n1")
	l.end(l.open()[0], dkron.Failed)
	from := l.store.Events().Last()
	must[*dkron.Record](t, l.machine, &DeleteJob{Name: "a"})
	if len(l.open()) != 0 || len(l.openLaunches("a")) != 0 {
		t.Errorf("open are %+v", l.open())
	}
	list, _, _ := l.store.Events().After(from, 100)
	if len(list) != 3 || list[2].Type != state.LaunchEnded || list[2].State != dkron.LaunchStopped {
		t.Errorf("events are %+v", list)
	}
}

// The launches of many lives of a name are found by it, and only those.
func TestOpenLaunchesAreFoundByTheNameOfTheirJobAlsoAfterARestart(t *testing.T) {
	l := newLedger(t)
	for range 3 {
		l.again("a", dkron.Allow, nil)
		must[*dkron.Record](t, l.machine, &DeleteJob{Name: "a"})
	}
	l.again("ab", dkron.Allow, nil)
	count := func(m *machine) (a, ab int) {
		_ = m.store.View(func(tx *state.Tx) error {
			a, ab = len(tx.OpenLaunchesNamed("a")), len(tx.OpenLaunchesNamed("ab"))
			return nil
		})
		return a, ab
	}
	if a, ab := count(l.machine); a != 3 || ab != 1 {
		t.Errorf("%d of a, %d of ab", a, ab)
	}
	dir := t.TempDir()
	copyOf := newMachine(t, dir)
	defer copyOf.store.Close()
	if err := copyOf.Restore(bytes.NewReader(l.snapshot(t))); err != nil {
		t.Fatal(err)
	}
	if a, ab := count(copyOf); a != 3 || ab != 1 {
		t.Errorf("restored: %d of a, %d of ab", a, ab)
	}
	for _, e := range l.open() {
		l.end(e, dkron.Success)
	}
	if a, ab := count(l.machine); a+ab != 0 {
		t.Errorf("after their end %d of a, %d of ab", a, ab)
	}
}
