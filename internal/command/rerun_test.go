package command

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dkron"
	"dkron/internal/state"
)

// record draws the number of a record of the launch history.
func (h *history) record() uint64 { return uint64(rapid.IntRange(1, 20).Draw(h.t, "record")) }

// rerun draws a command of reruns.
func (h *history) rerun() Command {
	var all []*dkron.Rerun
	h.m.store.View(func(tx *state.Tx) (err error) {
		all, err = tx.Reruns()
		return err
	})
	all = slices.DeleteFunc(all, func(r *dkron.Rerun) bool { return !r.EndedAt.IsZero() && rapid.IntRange(0, 9).Draw(h.t, "ended") > 0 })
	if len(all) == 0 || rapid.IntRange(0, 3).Draw(h.t, "begin") == 0 {
		c := &Rerun{Filter: rapid.SampledFrom([]string{"x", "y"}).Draw(h.t, "filter"), Alone: rapid.Bool().Draw(h.t, "alone"), By: "ann", Now: h.now}
		for range rapid.IntRange(0, 4).Draw(h.t, "records") {
			c.Launches = append(c.Launches, h.record())
		}
		return c
	}
	r := rapid.SampledFrom(all).Draw(h.t, "rerun")
	if rapid.IntRange(0, 5).Draw(h.t, "stops") == 0 {
		return &StopRerun{Rerun: r.Number, Wish: dkron.Stop{At: h.now, By: "ann"}}
	}
	c := &Relaunch{Rerun: r.Number, Now: h.now}
	for _, n := range append(r.Pending, h.record()) {
		if rapid.Bool().Draw(h.t, "now") {
			c.Launches = append(c.Launches, Relaunched{Record: n, Targets: h.nodes()})
		}
	}
	return c
}

// failed gives a job launches that failed, and returns their records, oldest first.
func (l ledger) failed(name string, n int) (records []uint64) {
	l.t.Helper()
	for i := range n {
		l.must(&Run{Name: name, Cause: dkron.CauseManual, Targets: []string{"n1"}, Now: noon.Add(time.Duration(i) * time.Second)})
		l.finish(name, dkron.Failed)
	}
	l.view(func(tx *state.Tx) error {
		j, p, err := tx.Record(name)
		if err != nil {
			return err
		}
		return tx.LaunchHistoryFrom(p, j.Number, 1<<62, func(number uint64, _ *dkron.Launch) bool {
			records = append(records, number)
			return true
		})
	})
	slices.Reverse(records)
	return records
}

func (l ledger) must(c Command) any {
	l.t.Helper()
	r := l.apply(c)[0]
	if err, ok := r.(error); ok {
		l.t.Fatalf("%T: %v", c, err)
	}
	return r
}

// runAgain returns the ids of the launches that a job has run again, one for each new launch.
func (l ledger) runAgain(name string) (of []string) {
	for _, one := range append(l.openLaunches(name), l.launches(name)...) {
		if one.RerunOf != "" {
			of = append(of, one.RerunOf)
		}
	}
	slices.Sort(of)
	return of
}

func relaunch(number uint64, records ...uint64) *Relaunch {
	c := &Relaunch{Rerun: number, Now: noon.Add(time.Hour)}
	for _, n := range records {
		c.Launches = append(c.Launches, Relaunched{Record: n, Targets: []string{"n1"}})
	}
	return c
}

func TestARerunLaunchesEachOnceHoweverOftenItIsProposed(t *testing.T) {
	l := newLedger(t)
	l.must(job("a"))
	records := l.failed("a", 5)
	r := l.must(&Rerun{Launches: records, Filter: "f", By: "ann", Now: noon.Add(time.Hour), Alone: true}).(*dkron.Rerun)
	if r.Number != 1 || r.Total != 5 || r.State() != dkron.RerunRunning {
		t.Fatalf("%+v", r)
	}
	l.must(relaunch(1, records[:3]...))
	l.must(relaunch(1, records[:4]...)) // by a leader that did not see the first
	if n := len(l.runAgain("a")); n != 4 {
		t.Errorf("%d launches, want 4", n)
	}
	same := l.must(&Rerun{Launches: records, Filter: "f", By: "ann", Now: noon.Add(2 * time.Hour)}).(*dkron.Rerun)
	if same.Number != 1 {
		t.Errorf("the request repeated made rerun %d", same.Number)
	}
	if err, _ := l.apply(&Rerun{Launches: records, Filter: "other", Now: noon})[0].(error); !errors.Is(err, dkron.ErrConflict) {
		t.Errorf("another rerun of the same launches: %v", err)
	}
	l.must(relaunch(1, records...))
	of := l.runAgain("a")
	if len(of) != 5 || len(slices.Compact(of)) != 5 {
		t.Errorf("launches of %v", of)
	}
	if r := l.rerun(1); r.State() != dkron.RerunDone || r.Launched != 5 || r.Gone != 0 || len(r.Pending) != 0 {
		t.Errorf("at its end %+v", r)
	}
	for _, one := range l.openLaunches("a") {
		if one.Cause != dkron.CauseManual || one.By != "ann" || !one.Alone || one.Rerun != 1 || one.RerunDue.IsZero() {
			t.Errorf("launch %+v", one)
		}
	}
}

func (l ledger) rerun(number uint64) (r *dkron.Rerun) {
	l.view(func(tx *state.Tx) (err error) {
		r, err = tx.Rerun(number)
		return err
	})
	return r
}

func TestARerunWaitsForAJobWhoseLaunchesMayNotOverlap(t *testing.T) {
	for _, policy := range []dkron.Concurrency{dkron.Forbid, dkron.Queue, dkron.Replace} {
		l := newLedger(t)
		l.must(job("a", func(j *dkron.Job) { j.Concurrency = policy }))
		records := l.failed("a", 3)
		l.must(&Rerun{Launches: records, Now: noon})
		for done := 1; done <= 3; done++ {
			l.must(relaunch(1, records...))
			if n := len(l.openLaunches("a")); n != 1 {
				t.Fatalf("%s: %d are open, want 1", policy, n)
			}
			if r := l.rerun(1); r.Launched != uint64(done) {
				t.Errorf("%s: %+v", policy, r)
			}
			l.finish("a", dkron.Success)
		}
	}
}

func TestAStoppedRerunLaunchesNoMoreAndTheRestCanBeRunAgain(t *testing.T) {
	l := newLedger(t)
	l.must(job("a"))
	records := l.failed("a", 4)
	l.must(&Rerun{Launches: records, Filter: "f", Now: noon})
	l.must(relaunch(1, records[0]))
	r := l.must(&StopRerun{Rerun: 1, Wish: dkron.Stop{At: noon.Add(time.Minute), By: "bob", Reason: "wrong ones"}}).(*dkron.Rerun)
	if r.State() != dkron.RerunStopped || r.StoppedBy != "bob" || r.Launched != 1 {
		t.Errorf("%+v", r)
	}
	l.must(relaunch(1, records...))
	if n := len(l.runAgain("a")); n != 1 {
		t.Errorf("%d launches after the stop", n)
	}
	if err, _ := l.apply(&StopRerun{Rerun: 1})[0].(error); !errors.Is(err, dkron.ErrConflict) {
		t.Errorf("stopped twice: %v", err)
	}
	if r := l.must(&Rerun{Launches: records, Filter: "f", Now: noon}).(*dkron.Rerun); r.Number != 2 || r.Total != 3 {
		t.Errorf("the rest: %+v", r)
	}
}

func TestARerunOfADeletedJobEnds(t *testing.T) {
	l := newLedger(t)
	l.must(job("a"))
	records := l.failed("a", 2)
	l.must(&Rerun{Launches: records, Now: noon})
	l.must(&DeleteJob{Name: "a"})
	l.must(relaunch(1, records...))
	if r := l.rerun(1); r.State() != dkron.RerunDone || r.Gone != 2 {
		t.Errorf("%+v", r)
	}
}

func TestARunAgainKeepsTheChangeAndTheFirstDueTime(t *testing.T) {
	l := newLedger(t)
	l.must(job("a"))
	change := &dkron.Change{Env: map[string]string{"A": "b"}, Payload: &dkron.Payload{Text: "p"}}
	l.must(&Run{Name: "a", Cause: dkron.CauseManual, Targets: []string{"n1"}, Now: noon, Change: change})
	l.finish("a", dkron.Failed)
	for record := uint64(1); record <= 2; record++ {
		l.must(&Run{Name: "a", Cause: dkron.CauseManual, Targets: []string{"n1"}, Now: noon.Add(time.Hour), Of: record})
		l.finish("a", dkron.Failed)
	}
	all := l.launches("a") // newest first
	if len(all) != 3 || all[0].RerunOf != all[1].ID() || all[1].RerunOf != all[2].ID() || all[2].RerunAs != all[1].ID() {
		t.Fatalf("%+v", all)
	}
	if last := all[0]; !last.RerunDue.Equal(noon) || last.Change.Env["A"] != "b" || last.Change.Payload.Text != "p" {
		t.Errorf("%+v %+v", last, last.Change)
	}
	if err, _ := l.apply(&Run{Name: "a", Cause: dkron.CauseManual, Now: noon, Of: 99})[0].(error); !errors.Is(err, dkron.ErrNotFound) {
		t.Errorf("of a record that is not there: %v", err)
	}
}

func TestChildrenFollowALaunchUnlessItRunsAlone(t *testing.T) {
	for _, alone := range []bool{false, true} {
		l := newLedger(t)
		l.must(job("a"))
		l.must(job("b", func(j *dkron.Job) { j.ParentJob, j.Schedule = "a", "" }))
		l.must(&Run{Name: "a", Cause: dkron.CauseManual, Targets: []string{"n1"}, Now: noon, Alone: alone})
		l.finish("a", dkron.Success)
		if n := len(l.openLaunches("b")); (n == 0) != alone {
			t.Errorf("alone %v: %d launches of the child", alone, n)
		}
	}
}

func TestOnlyTheLatestRerunsAreKept(t *testing.T) {
	l := newLedger(t)
	l.must(job("a", func(j *dkron.Job) { j.History.Count = 100 }))
	records := l.failed("a", dkron.MaxReruns+5)
	for i, n := range records {
		l.must(&Rerun{Launches: []uint64{n}, Filter: fmt.Sprint(i), Now: noon})
		if i > 0 {
			l.must(relaunch(uint64(i+1), n)) // the first stays open
		}
	}
	l.view(func(tx *state.Tx) error {
		all, err := tx.Reruns()
		if err == nil && (len(all) != dkron.MaxReruns || all[0].Number != 1 || all[len(all)-1].Number != uint64(len(records))) {
			t.Errorf("%d are kept", len(all))
		}
		return err
	})
}
