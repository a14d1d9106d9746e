package command

import (
	"errors"
	"slices"
	"testing"
	"time"

	"dkron"
	"dkron/internal/state"
)

func rec(name string, change ...func(*dkron.Record)) dkron.Record {
	r := dkron.Record{Job: job(name).Job}
	for _, f := range change {
		f(&r)
	}
	return r
}

func under(parent string) func(*dkron.Record) {
	return func(r *dkron.Record) { r.Job.ParentJob = parent }
}

func TestRestoreStoresParentsFirstAndBringsCountersBack(t *testing.T) {
	l := newLedger(t)
	must[*dkron.Record](t, l.machine, job("stored"))
	done := must[*Restored](t, l.machine, &Restore{Now: noon, Jobs: []dkron.Record{
		rec("c", under("b")), rec("b", under("stored")),
		rec("a", func(r *dkron.Record) {
			r.Job.DependentJobs = []string{"bogus"}
			r.Progress = dkron.Progress{SuccessCount: 7, LastSuccess: noon, Status: dkron.StatusSuccess, Next: noon.Add(time.Hour)}
		}),
	}})
	if !slices.Equal(done.Names, []string{"b", "c", "a"}) {
		t.Errorf("order is %v", done.Names)
	}
	a := l.record("a")
	if p := a.Progress; p.SuccessCount != 7 || !p.LastSuccess.Equal(noon) || p.Status != dkron.StatusSuccess || !p.Next.Equal(noon.Add(time.Hour)) {
		t.Errorf("progress is %+v", p)
	}
	if len(a.Job.DependentJobs) != 0 || !slices.Equal(l.record("b").Job.DependentJobs, []string{"c"}) {
		t.Error("children are not rebuilt from parent_job")
	}
}

func TestRestoreKeepsTheLargerCounters(t *testing.T) {
	l := newLedger(t)
	restore := func(n uint64) *Restore {
		return &Restore{Now: noon, Jobs: []dkron.Record{rec("a", func(r *dkron.Record) { r.Progress.ErrorCount = n })}}
	}
	must[*Restored](t, l.machine, restore(5))
	must[*Restored](t, l.machine, restore(3))
	if n := l.record("a").Progress.ErrorCount; n != 5 {
		t.Errorf("error count is %d", n)
	}
}

func TestARestoreThatIsWrongAnywhereChangesNothing(t *testing.T) {
	l := newLedger(t)
	must[*dkron.Record](t, l.machine, job("stored"))
	child := job("kid")
	child.Job.ParentJob = "stored"
	must[*dkron.Record](t, l.machine, child)
	for name, jobs := range map[string][]dkron.Record{
		"missing parent":       {rec("a"), rec("b", under("none"))},
		"twice":                {rec("a"), rec("a")},
		"cycle in the file":    {rec("x"), rec("a", under("b")), rec("b", under("a"))},
		"cycle through stored": {rec("x"), rec("stored", under("kid"))},
	} {
		if err, _ := l.apply(&Restore{Now: noon.Add(time.Hour), Jobs: jobs})[0].(error); !errors.Is(err, dkron.ErrInvalid) {
			t.Errorf("%s: got %v", name, err)
		}
		l.view(func(tx *state.Tx) error {
			if _, err := tx.Job("x"); err == nil {
				t.Errorf("%s: something was stored", name)
			}
			return nil
		})
	}
	if n := l.store.Index().Len(); n != 2 {
		t.Errorf("%d jobs", n)
	}
}

func TestVersionsAreKeptInBounds(t *testing.T) {
	l := newLedger(t)
	must[*dkron.Record](t, l.machine, job("a", func(j *dkron.Job) { j.Owner = "0" }))
	for i := range uint64(state.KeepVersions + 4) {
		c := job("a", func(j *dkron.Job) { j.Owner, j.UpdatedBy = string(rune('a'+i)), "ann" })
		c.Base = i + 1
		must[*dkron.Record](t, l.machine, c)
	}
	number := l.record("a").Job.Number
	l.view(func(tx *state.Tx) error {
		list, err := tx.Versions(number)
		if err != nil || len(list) != state.KeepVersions || list[0].Revision != state.KeepVersions+4 || list[0].UpdatedBy != "ann" {
			t.Errorf("%d versions, newest %+v, %v", len(list), list[0], err)
		}
		if _, err := tx.Version(number, 1); !errors.Is(err, dkron.ErrNotFound) {
			t.Errorf("the first version is still there: %v", err)
		}
		return nil
	})
	must[*dkron.Record](t, l.machine, &DeleteJob{Name: "a"})
	l.view(func(tx *state.Tx) error {
		if list, _ := tx.Versions(number); len(list) != 0 {
			t.Error("a deleted job has versions")
		}
		return nil
	})
}

func TestRetentionByCountAgeAndBytes(t *testing.T) {
	at := noon
	run := func(l ledger, name string, times int) {
		for range times {
			l.fire(name, "n1")
			at = at.Add(time.Minute)
			c := &Finish{Now: at}
			for _, e := range l.open() {
				c.Results = append(c.Results, result(e, dkron.Success, at)) // three bytes of output
			}
			must[any](t, l.machine, c)
		}
	}
	for name, c := range map[string]struct {
		keep  dkron.Retention
		total uint64
		want  int
	}{
		"cluster's count": {dkron.Retention{}, 0, 6},
		"own count":       {dkron.Retention{Count: 3}, 0, 3},
		"age":             {dkron.Retention{Age: 4 * time.Minute}, 0, 5},
		"bytes":           {dkron.Retention{Bytes: 8}, 0, 2},
		"newest always":   {dkron.Retention{Bytes: 1}, 0, 1},
		"all jobs":        {dkron.Retention{}, 13, 4},
	} {
		l := newLedger(t)
		must[any](t, l.machine, &Configure{dkron.Settings{History: dkron.Retention{Count: 6}, TotalBytes: c.total}})
		must[*dkron.Record](t, l.machine, job("a", func(j *dkron.Job) { j.History = c.keep }))
		run(l, "a", 40)
		if got := len(l.executions("a")); got != c.want {
			t.Errorf("%s: %d executions are kept, want %d", name, got, c.want)
		}
		l.view(func(tx *state.Tx) error {
			if n := tx.HistorySize(); n > 2*(c.want+12)+4 {
				t.Errorf("%s: %d records on disk", name, n)
			}
			return nil
		})
	}
}

func TestTheNewestExecutionStaysHoweverOldItIs(t *testing.T) {
	l := newLedger(t)
	must[*dkron.Record](t, l.machine, job("a", func(j *dkron.Job) { j.History.Age = time.Minute }))
	l.run("a", dkron.Success)
	l.run("a", dkron.Failed)
	must[any](t, l.machine, &Fire{Now: noon.Add(24 * time.Hour)}) // time goes on
	if got := l.executions("a"); len(got) != 1 || got[0].Outcome != dkron.Failed {
		t.Errorf("%d executions are kept", len(got))
	}
}

func TestALargeRestoreIsStoredAtOnceFromItsParts(t *testing.T) {
	l := newLedger(t)
	must[any](t, l.machine, &Stage{ID: 7, Part: 0, Jobs: []dkron.Record{rec("b", under("a"))}})
	must[any](t, l.machine, &Stage{ID: 7, Part: 1, Jobs: []dkron.Record{rec("a")}})
	if n := l.store.Index().Len(); n != 0 {
		t.Fatalf("%d jobs before the restore", n)
	}
	done := must[*Restored](t, l.machine, &Restore{Stage: 7, Parts: 2, Now: noon})
	if !slices.Equal(done.Names, []string{"a", "b"}) {
		t.Errorf("restored %v", done.Names)
	}
	if err, _ := l.apply(&Restore{Stage: 7, Parts: 2, Now: noon})[0].(error); !errors.Is(err, dkron.ErrConflict) {
		t.Errorf("parts that are used up: %v", err)
	}
}

func TestALargeRestoreGivesWayToAnother(t *testing.T) {
	l := newLedger(t)
	must[any](t, l.machine, &Stage{ID: 7, Part: 0, Jobs: []dkron.Record{rec("a")}})
	must[any](t, l.machine, &Stage{ID: 8, Part: 0, Jobs: []dkron.Record{rec("b")}})
	for _, c := range []Command{&Stage{ID: 7, Part: 1, Jobs: []dkron.Record{rec("c")}}, &Restore{Stage: 7, Parts: 1, Now: noon}} {
		if err, _ := l.apply(c)[0].(error); !errors.Is(err, dkron.ErrConflict) {
			t.Errorf("%T: %v", c, err)
		}
	}
	must[*Restored](t, l.machine, &Restore{Stage: 8, Parts: 1, Now: noon})
	if n := l.store.Index().Len(); n != 1 {
		t.Errorf("%d jobs", n)
	}
}
