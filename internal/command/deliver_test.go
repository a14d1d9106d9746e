package command

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dkron"
	"dkron/internal/state"
)

// deliver draws what an attempt to deliver came to.
func (h *history) deliver() Command {
	c := &Deliver{Now: h.now}
	h.m.store.View(func(tx *state.Tx) error {
		return tx.EachDelivery(0, func(d *dkron.Delivery) bool {
			for _, t := range d.Targets {
				if !rapid.Bool().Draw(h.t, "served") {
					continue
				}
				states := []dkron.DeliveryState{dkron.Undelivered, dkron.DeliveryDone, dkron.DeliveryDone, dkron.DeliveryFailed, dkron.DeliveryDropped}
				r := dkron.Delivered{Number: d.Number, Target: t.Name, State: rapid.SampledFrom(states).Draw(h.t, "came")}
				if r.Replaces = rapid.Bool().Draw(h.t, "replaces"); r.Replaces {
					r.Output = []byte(strings.Repeat("p", rapid.SampledFrom([]int{0, 3, 2000}).Draw(h.t, "length")))
				}
				c.Results = append(c.Results, r)
			}
			return true
		})
	})
	return c
}

// processed is a fleet with the job a, which has the processors files and log, in this order.
func processed(t *testing.T, change ...func(*dkron.Job)) *fleet {
	t.Helper()
	f := newFleet(t, t.TempDir())
	t.Cleanup(func() { f.store.Close() })
	must[any](t, f.machine, &Agree{Protocol: 2, Release: "0.2.0"})
	must[*dkron.Record](t, f.machine, job("a", append([]func(*dkron.Job){func(j *dkron.Job) {
		j.Processors = map[string]map[string]string{"log": {"order": "2"}, "files": {"order": "10"}}
	}}, change...)...))
	return f
}

func (f *fleet) deliveries() (all []*dkron.Delivery) {
	f.t.Helper()
	err := f.store.View(func(tx *state.Tx) error {
		return tx.EachDelivery(0, func(d *dkron.Delivery) bool { all = append(all, d); return true })
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return all
}

func (f *fleet) stat(target string) (s dkron.DeliveryStat) {
	f.t.Helper()
	err := f.store.View(func(tx *state.Tx) error {
		j, err := tx.Job("a")
		if err != nil {
			return err
		}
		stats, err := tx.DeliveryStats(j.Number)
		s = *stats.Of(target)
		return err
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return s
}

func (f *fleet) came(results ...dkron.Delivered) {
	f.t.Helper()
	f.now = f.now.Add(time.Second)
	must[any](f.t, f.machine, &Deliver{Results: results, Now: f.now})
}

func TestEachEndedExecutionOfAJobWithProcessorsIsADelivery(t *testing.T) {
	f := processed(t, func(j *dkron.Job) { j.Retries = 1 })
	must[*dkron.Record](t, f.machine, job("plain"))
	f.run("plain", 2, 5)
	f.run("a", 2, 5) // n000 fails and is tried again
	f.end("a", 1, 5)
	all := f.deliveries()
	if len(all) != 3 {
		t.Fatalf("%d deliveries: %+v", len(all), all)
	}
	for i, d := range all {
		var names []string
		for _, target := range d.Targets {
			names = append(names, target.Name)
		}
		if d.Number != uint64(i+1) || d.Job != "a" || d.Kind != dkron.DeliverOutput || !slices.Equal(names, []string{"log", "files"}) || d.Copy != nil {
			t.Errorf("%+v", d)
		}
	}
	if s := f.stat("log"); s.Pending != 3 {
		t.Errorf("%+v", s)
	}
	if wrong := f.wrong(); wrong != "" {
		t.Error(wrong)
	}
}

func TestUntilAllServersKnowDeliveriesThereAreNone(t *testing.T) {
	f := newFleet(t, t.TempDir())
	defer f.store.Close()
	must[*dkron.Record](t, f.machine, job("a", func(j *dkron.Job) { j.Processors = map[string]map[string]string{"log": nil} }))
	if f.run("a", 1, 5); len(f.deliveries()) > 0 {
		t.Error("a server of 0.1.0 would not have written it")
	}
	must[any](t, f.machine, &Agree{Protocol: 2, Release: "0.2.0"})
	if f.run("a", 1, 5); len(f.deliveries()) != 1 {
		t.Error("no delivery")
	}
}

// output returns the newest output of the job a.
func (f *fleet) output() string { return string(f.history("a")[0].Text()) }

func TestTheOutputIsReplacedOnceAllProcessorsHaveSucceeded(t *testing.T) {
	f := processed(t)
	f.run("a", 1, 5000)
	was, held := f.output(), f.size().Output
	f.came(dkron.Delivered{Number: 1, Target: "files", State: dkron.DeliveryDone, Replaces: true, Output: []byte("/tmp/x.log")})
	f.came(dkron.Delivered{Number: 1, Target: "log", Error: "disk full", Next: noon})
	if f.output() != was || f.size().Output != held {
		t.Error("it was replaced although one has failed")
	}
	if s := f.stat("log"); s.Pending != 1 || s.Attempts != 1 || s.LastError != "disk full" || !s.LastErrorAt.Equal(f.now) {
		t.Errorf("%+v", s)
	}
	f.came(dkron.Delivered{Number: 1, Target: "log", State: dkron.DeliveryDone, Replaces: true, Output: []byte("in the log")})
	if f.output() != "/tmp/x.log" || f.size().Output != 10 || len(f.deliveries()) > 0 {
		t.Errorf("%q, %d bytes held", f.output(), f.size().Output)
	}
	if s := f.stat("log"); s.Pending != 0 || s.Attempts != 0 || s.Delivered != 1 || !s.DeliveredAt.Equal(f.now) {
		t.Errorf("%+v", s)
	}
	f.came(dkron.Delivered{Number: 1, Target: "log", State: dkron.DeliveryDone, Replaces: true, Output: []byte("twice")})
	if f.output() != "/tmp/x.log" || f.stat("log").Delivered != 1 {
		t.Error("the second leader's result counted too")
	}
	if wrong := f.wrong(); wrong != "" {
		t.Error(wrong)
	}
}

func TestAnOutputThatAProcessorGaveUpIsKept(t *testing.T) {
	f := processed(t)
	f.run("a", 1, 50)
	was := f.output()
	f.came(dkron.Delivered{Number: 1, Target: "log", State: dkron.DeliveryDone, Replaces: true, Output: []byte("in the log")},
		dkron.Delivered{Number: 1, Target: "files", State: dkron.DeliveryFailed, Error: "disk full"})
	if f.output() != was || len(f.deliveries()) > 0 || f.stat("files").Failed != 1 {
		t.Errorf("%q %+v", f.output(), f.stat("files"))
	}
}

// A longer replacement must not make an older record outlive a younger one.
func TestAReplacedOutputIsKeptAsLongAsTheOriginal(t *testing.T) {
	f := processed(t, func(j *dkron.Job) { j.History.Bytes = 100 })
	for i := range 30 {
		f.run("a", 1, 30)
		text := strings.Repeat("x", 20+(i%3)*60)
		var results []dkron.Delivered
		for _, target := range []string{"log", "files"} {
			results = append(results, dkron.Delivered{Number: uint64(i + 1), Target: target, State: dkron.DeliveryDone, Replaces: true, Output: []byte(text)})
		}
		f.came(results...)
	}
	f.clean()
	if wrong := f.wrong(true); wrong != "" {
		t.Error(wrong)
	}
	if n := len(f.history("a")); n != 3 {
		t.Errorf("%d executions are kept", n)
	}
}

func TestAnEphemeralJobsDeliveryOutlivesTheJob(t *testing.T) {
	f := processed(t, func(j *dkron.Job) { j.Ephemeral = true })
	f.start("a", 2)
	f.now = f.now.Add(time.Second)
	var results []dkron.Result
	f.store.View(func(tx *state.Tx) error {
		return tx.OpenExecutions(func(e *dkron.Execution) bool {
			results = append(results, result(e, dkron.Success, f.now))
			return true
		})
	})
	must[any](t, f.machine, &Finish{Results: results, Now: f.now})
	if f.store.Index().Len() != 0 {
		t.Fatal("the job is still there")
	}
	all := f.deliveries()
	if len(all) != 2 || all[0].Copy == nil || all[0].Copy.NodeName != "n000" || all[0].Processors["log"]["order"] != "2" {
		t.Fatalf("%+v", all)
	}
	for _, target := range []string{"log", "files"} {
		f.came(dkron.Delivered{Number: 1, Target: target, State: dkron.DeliveryDone, Replaces: true})
	}
	if wrong := f.wrong(); wrong != "" || len(f.deliveries()) != 1 {
		t.Error(wrong)
	}
}

func TestDeliveriesAreBounded(t *testing.T) {
	f := processed(t)
	f.run("a", 1, 5)
	err := f.store.Update(f.index+1, func(tx *state.Tx) error {
		j, err := tx.Job("a")
		for range dkron.MaxDeliveries {
			if err == nil {
				err = tx.AddDelivery(&dkron.Delivery{Job: "a", JobNumber: j.Number, At: f.now, Targets: []dkron.DeliveryTarget{{Name: "log"}}})
			}
		}
		return err
	})
	f.index++
	if err != nil {
		t.Fatal(err)
	}
	all := f.deliveries()
	if len(all) != dkron.MaxDeliveries || all[0].Number != 2 {
		t.Errorf("%d are kept, from %d on", len(all), all[0].Number)
	}
	if l, s := f.stat("log"), f.stat("files"); l.Dropped != 1 || l.Pending != dkron.MaxDeliveries || s.Dropped != 1 || s.Pending != 0 {
		t.Errorf("%+v %+v", l, s)
	}
	f.now = f.now.Add(dkron.MaxDeliveryAge + time.Hour)
	f.run("a", 1, 5)
	if all = f.deliveries(); len(all) != 1 {
		t.Errorf("%d are kept after a week", len(all))
	}
	if wrong := f.wrong(); wrong != "" {
		t.Error(wrong)
	}
}

// BenchmarkApplyProcessedRuns is BenchmarkApplyRuns for jobs with two processors, with the record of what these came to.
func BenchmarkApplyProcessedRuns(b *testing.B) {
	const jobs = 1000
	m := newMachine(b, b.TempDir())
	b.Cleanup(func() { m.store.Close() })
	m.apply(&Agree{Protocol: 2, Release: "0.2.0"})
	for i := range jobs {
		m.apply(job(fmt.Sprintf("job-%07d", i), func(j *dkron.Job) { j.Processors = map[string]map[string]string{"log": nil, "files": nil} }))
	}
	launch, delivery, now, runs := uint64(0), uint64(0), noon, 0
	for b.Loop() {
		now = now.Add(10 * time.Second)
		fire, finish, deliver := &Fire{Now: now}, &Finish{Now: now}, &Deliver{Now: now}
		for i := range jobs {
			launch++
			delivery++
			fire.Due = append(fire.Due, dkron.Due{Job: uint64(i + 1), Revision: 1, Nominal: now, Targets: []string{"n1"}, Next: now.Add(10 * time.Second)})
			finish.Results = append(finish.Results, dkron.Result{
				JobName: fmt.Sprintf("job-%07d", i), Key: dkron.ExecutionKey{Launch: launch}, Group: now.UnixNano(), Attempt: 1,
				NodeName: "n1", StartedAt: now, FinishedAt: now, Outcome: dkron.Success, Output: []byte("ok\n"),
			})
			for _, target := range []string{"files", "log"} {
				deliver.Results = append(deliver.Results, dkron.Delivered{Number: delivery, Target: target, State: dkron.DeliveryDone})
			}
		}
		m.apply(fire)
		m.apply(finish)
		m.apply(deliver)
		runs += jobs
	}
	b.ReportMetric(float64(runs)/b.Elapsed().Seconds(), "runs/s")
}
