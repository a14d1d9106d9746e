package command

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dkron"
	"dkron/internal/state"
)

// checkIn draws a report of a run.
func (h *history) checkIn(name string) Command {
	c := &CheckIn{Name: name, Now: h.now, By: "ann", Report: dkron.CheckIn{
		State:    rapid.SampledFrom([]dkron.CheckInState{dkron.CheckInStart, dkron.CheckInSuccess, dkron.CheckInFail}).Draw(h.t, "reported"),
		From:     rapid.SampledFrom([]string{"n1", "db1"}).Draw(h.t, "from"),
		ID:       rapid.SampledFrom([]string{"", "x", "y"}).Draw(h.t, "id"),
		Output:   []byte("out"),
		ExitCode: &dkron.ExitCode{Code: 1},
	}}
	if rapid.Bool().Draw(h.t, "timed") {
		c.Report.StartedAt = h.now.Add(time.Duration(rapid.IntRange(-100, 1).Draw(h.t, "began")) * time.Hour)
	}
	return c
}

func checked(name string, change ...func(*dkron.Job)) *SetJob {
	c := job(name, func(j *dkron.Job) { j.Executor, j.Schedule = dkron.ExecutorCheckIn, "@manually" })
	for _, f := range change {
		f(&c.Job)
	}
	c.Next = time.Time{}
	return c
}

// reports reports a run of a from db1.
func (l ledger) reports(after time.Duration, state dkron.CheckInState, change ...func(*dkron.CheckIn)) *dkron.Launched {
	l.t.Helper()
	c := &CheckIn{Name: "a", Report: dkron.CheckIn{State: state, From: "db1"}, Now: noon.Add(after), By: "ann"}
	if state == dkron.CheckInFail {
		c.Report.ExitCode, c.Reason = &dkron.ExitCode{Code: 2}, "exit code 2 on db1"
	}
	for _, f := range change {
		f(&c.Report)
	}
	return must[*dkron.Launched](l.t, l.machine, c)
}

func newChecked(t *testing.T, rules ...dkron.Rule) ledger {
	t.Helper()
	l := newRuled(t, rules...)
	must[*dkron.Record](t, l.machine, &DeleteJob{Name: "a"})
	must[*dkron.Record](t, l.machine, checked("a", func(j *dkron.Job) { j.Processors = map[string]map[string]string{"log": nil} }))
	return l
}

func TestAnEndThatChecksInHasAllThatFollowsFromALaunch(t *testing.T) {
	l := newChecked(t, on("r", dkron.AlertFailed, dkron.AlertRecovered, dkron.AlertLate))
	must[*dkron.Record](t, l.machine, child("c", "", dkron.Parent{Job: "a", On: dkron.OnFailure}))
	done := l.reports(time.Hour, dkron.CheckInFail, func(c *dkron.CheckIn) { c.Output = []byte("oops\n"); c.StartedAt = noon.Add(50 * time.Minute) })
	if x := done.Launch; x.State != dkron.LaunchFailed || x.Cause != dkron.CauseCheckIn || x.By != "ann" || x.Reason != "exit code 2 on db1" || x.Nodes != 1 {
		t.Errorf("%+v", x)
	}
	if open := l.open(); len(open) != 0 {
		t.Errorf("dispatch would send %+v", open)
	}
	runs := l.executions("a")
	if len(runs) != 1 {
		t.Fatalf("%d executions", len(runs))
	}
	e := runs[0]
	if e.NodeName != "db1" || string(e.Output) != "oops\n" || e.OutputSize != 5 || e.ExitCode.Code != 2 || e.Outcome != dkron.Failed || e.Lateness() != 0 ||
		!e.StartedAt.Equal(noon.Add(50*time.Minute)) || !e.FinishedAt.Equal(noon.Add(time.Hour)) {
		t.Errorf("%+v", e)
	}
	l.wantWaits("r failed 1")
	l.wantStates("c", "waiting")
	if w := l.waiting()[0]; w.ParentID != done.Launch.ID() {
		t.Errorf("%+v", w)
	}
	deliveries := 0
	l.view(func(tx *state.Tx) error {
		return tx.EachDelivery(0, func(d *dkron.Delivery) bool {
			if d.Kind == dkron.DeliverOutput {
				deliveries++
			}
			return true
		})
	})
	if deliveries != 1 {
		t.Errorf("the processors get %d outputs", deliveries)
	}
	l.reports(2*time.Hour, dkron.CheckInSuccess, func(c *dkron.CheckIn) { c.StartedAt = noon.Add(90 * time.Minute) })
	l.wantWaits("r failed 1", "r recovered 1")
	p := l.record("a").Progress
	if p.SuccessCount != 1 || p.ErrorCount != 1 || p.Active != 0 || p.Streak != 0 || p.Status != dkron.StatusSuccess || p.Usual() != 30*time.Minute {
		t.Errorf("%+v", p)
	}
	if wrong := l.wrong(); wrong != "" {
		t.Error(wrong)
	}
}

func TestAStartIsNotedUntilTheEndAndSaysWhenTheRunBegan(t *testing.T) {
	l := newChecked(t)
	if done := l.reports(0, dkron.CheckInStart); done.Launch.Number != 0 || !done.Before.Progress.CheckIn.At.Equal(noon) {
		t.Errorf("%+v", done)
	}
	l.reports(time.Minute, dkron.CheckInStart, func(c *dkron.CheckIn) { c.From = "db2" })
	r := l.record("a")
	if at := r.Progress.CheckedInAt(&r.Job); !at.Equal(noon.Add(time.Minute)) || r.Progress.CheckIn.From != "db2" || r.Progress.Launches != 0 {
		t.Errorf("%s %+v", at, r.Progress)
	}
	l.reports(time.Hour, dkron.CheckInSuccess)
	if x := l.launches("a")[0]; !x.Began().Equal(noon.Add(time.Minute)) || !x.EndedAt.Equal(noon.Add(time.Hour)) {
		t.Errorf("%+v", x)
	}
	r = l.record("a")
	if at := r.Progress.CheckedInAt(&r.Job); !at.IsZero() {
		t.Errorf("it runs since %s", at)
	}
	l.reports(2*time.Hour, dkron.CheckInSuccess, func(c *dkron.CheckIn) { c.StartedAt = noon.Add(2*time.Hour + time.Second) }) // a clock that is ahead
	if x := l.launches("a")[0]; !x.Began().Equal(noon.Add(2 * time.Hour)) {
		t.Errorf("%+v", x)
	}
}

func TestAnEndWithTheIDOfTheLastOneChangesNothing(t *testing.T) {
	l := newChecked(t)
	named := func(id string) func(*dkron.CheckIn) { return func(c *dkron.CheckIn) { c.ID = id } }
	first := l.reports(0, dkron.CheckInSuccess, named("x"))
	l.reports(time.Minute, dkron.CheckInStart, named("x")) // the next run: a start is no end
	before := l.record("a").Progress
	if again := l.reports(2*time.Minute, dkron.CheckInFail, named("x")); again.Launch.ID() != first.Launch.ID() || again.Launch.State != dkron.LaunchSuccess {
		t.Errorf("%+v", again.Launch)
	}
	if after := l.record("a").Progress; !reflect.DeepEqual(after, before) || len(l.launches("a")) != 1 {
		t.Errorf("a repetition has changed something: %+v", after)
	}
	l.reports(3*time.Minute, dkron.CheckInSuccess, named("y"))
	l.reports(4*time.Minute, dkron.CheckInSuccess)
	l.reports(4*time.Minute, dkron.CheckInSuccess) // without an id each one counts
	if n := len(l.launches("a")); n != 4 {
		t.Errorf("%d launches", n)
	}
}

func TestOnlyAJobThatDkronDoesNotRunChecksIn(t *testing.T) {
	l := newRuled(t)
	for _, name := range []string{"a", "gone"} {
		want := map[string]error{"a": dkron.ErrConflict, "gone": dkron.ErrNotFound}[name]
		r := l.apply(&CheckIn{Name: name, Report: dkron.CheckIn{State: dkron.CheckInSuccess, From: "h"}, Now: noon})[0]
		if err, _ := r.(error); !errors.Is(err, want) {
			t.Errorf("%s: %v", name, r)
		}
	}
}

func TestALaunchOfAJobThatChecksInByNowIsNotRunAgain(t *testing.T) {
	l := newRuled(t)
	l.runs(dkron.Failed, 0)
	r := must[*dkron.Rerun](t, l.machine, &Rerun{Launches: []uint64{l.record("a").Progress.LastLaunch}, Filter: "x", Now: noon})
	c := checked("a")
	c.Base = l.record("a").Job.Revision
	must[*dkron.Record](t, l.machine, c)
	must[any](t, l.machine, &Relaunch{Rerun: r.Number, Launches: []Relaunched{{Record: r.Pending[0], Targets: []string{"n1"}}}, Now: noon})
	l.view(func(tx *state.Tx) error {
		done, err := tx.Rerun(r.Number)
		if err == nil && (done.Gone != 1 || done.Launched != 0 || len(done.Pending) != 0) {
			t.Errorf("%+v", done)
		}
		return err
	})
	if open := l.open(); len(open) != 0 {
		t.Errorf("%+v", open)
	}
}
