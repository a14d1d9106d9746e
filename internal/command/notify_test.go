package command

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"dkron"
	"dkron/internal/state"
)

var allChannels = Notifying{Channels: []string{dkron.ChannelCronitor, dkron.ChannelMail, dkron.ChannelPreWebhook, dkron.ChannelWebhook}}

// told is what is to be told, a line each: "start n1/1 cronitor pre-webhook".
func (l ledger) told() (lines []string) {
	l.view(func(tx *state.Tx) error {
		return tx.EachDelivery(0, func(d *dkron.Delivery) bool {
			line := fmt.Sprintf("%s %s/%d", d.Kind, d.Copy.NodeName, d.Copy.Attempt)
			for _, target := range d.Targets {
				line += " " + target.Name
			}
			lines = append(lines, line)
			return true
		})
	})
	return lines
}

func (l ledger) wantTold(want ...string) {
	l.t.Helper()
	if is := l.told(); !slices.Equal(is, want) {
		l.t.Errorf("to be told:\n%s\nwant\n%s", strings.Join(is, "\n"), strings.Join(want, "\n"))
	}
	if wrong := l.wrong(); wrong != "" {
		l.t.Error(wrong)
	}
}

// newNotifying is a ledger with the job a, on protocol 2.
func newNotifying(t *testing.T, change ...func(*dkron.Job)) ledger {
	t.Helper()
	l := newLedger(t)
	must[any](t, l.machine, &Agree{Protocol: 2, Release: "0.2.0"})
	must[*dkron.Record](t, l.machine, job("a", append([]func(*dkron.Job){func(j *dkron.Job) { j.OwnerEmail = "ops@example.com" }}, change...)...))
	return l
}

func (l ledger) launch(nodes ...string) {
	l.t.Helper()
	must[*dkron.Launched](l.t, l.machine, &Run{Name: "a", Cause: dkron.CauseManual, Targets: nodes, Now: noon, Notifying: allChannels})
}

// ends ends the open executions of the job a.
func (l ledger) ends(o dkron.Outcome, after time.Duration) {
	l.t.Helper()
	c := &Finish{Now: noon.Add(after), Notifying: allChannels}
	for _, e := range l.open() {
		r := result(e, o, c.Now)
		r.Output = []byte("the output")
		c.Results = append(c.Results, r)
	}
	must[any](l.t, l.machine, c)
}

func TestPeopleAreNotifiedOfEachStartAndOfTheLastEnd(t *testing.T) {
	l := newNotifying(t, func(j *dkron.Job) { j.Retries = 1 })
	l.launch("n1")
	start := "start n1/1 cronitor pre-webhook"
	l.wantTold(start)
	l.ends(dkron.Failed, time.Second)
	l.wantTold(start, "start n1/2 cronitor pre-webhook")
	l.view(func(tx *state.Tx) error {
		d, err := tx.Delivery(2)
		if err != nil {
			return err
		}
		if next := d.Targets[0].Next; !next.Equal(l.open()[0].Due) || !next.After(noon.Add(time.Second)) {
			t.Errorf("the second start is told at %v, and due at %v", next, l.open()[0].Due)
		}
		return nil
	})
	l.ends(dkron.Failed, time.Minute)
	l.wantTold(start, "start n1/2 cronitor pre-webhook", "end n1/2 cronitor mail webhook")
	l.view(func(tx *state.Tx) error {
		d, err := tx.Delivery(3)
		if err != nil {
			return err
		}
		if d.Copy.Output != nil || d.Execution != 2 || d.Owner != "ops@example.com" || d.Copy.Outcome != dkron.Failed {
			t.Errorf("%+v of %+v", d, d.Copy)
		}
		return nil
	})
}

func TestEachNodeIsToldOfAndAResultOnlyOnce(t *testing.T) {
	l := newNotifying(t, func(j *dkron.Job) { j.OwnerEmail = "" })
	l.launch("n1", "n2")
	c := &Finish{Now: noon, Notifying: allChannels}
	for _, e := range l.open() {
		c.Results = append(c.Results, result(e, dkron.Success, noon))
	}
	must[any](t, l.machine, c)
	must[any](t, l.machine, c)
	l.wantTold("start n1/1 cronitor pre-webhook", "start n2/1 cronitor pre-webhook", "end n1/1 cronitor webhook", "end n2/1 cronitor webhook")
}

func TestNobodyIsToldByAnEntryWithoutChannels(t *testing.T) {
	l := newNotifying(t)
	l.launch("n1")
	c := &Finish{Now: noon}
	for _, e := range l.open() {
		c.Results = append(c.Results, result(e, dkron.Success, noon))
	}
	run := &Run{Name: "a", Cause: dkron.CauseManual, Targets: []string{"n1"}, Now: noon}
	l.apply(c, run) // in one batch with others
	l.wantTold("start n1/1 cronitor pre-webhook")
}

func TestPeopleAreNotifiedOfALaunchThatHadNoNode(t *testing.T) {
	l := newNotifying(t)
	must[*dkron.Launched](t, l.machine, &Run{Name: "a", Cause: dkron.CauseManual, Now: noon, Notifying: allChannels})
	must[any](t, l.machine, &Assign{Targets: []dkron.Assignment{{Launch: l.waiting()[0].Number}}, Now: noon.Add(time.Second), Notifying: allChannels})
	l.wantTold("end /1 mail webhook")
	l.view(func(tx *state.Tx) error {
		d, err := tx.Delivery(1)
		if err == nil && (!strings.Contains(d.Copy.Error, "no ") || d.Copy.Outcome != dkron.Failed || d.Execution != 0) {
			t.Errorf("%+v", d.Copy)
		}
		return err
	})
}

func TestPeopleAreNotifiedOfAnEphemeralJobThatIsGoneAndOfADeletedOne(t *testing.T) {
	l := newNotifying(t, func(j *dkron.Job) { j.Ephemeral = true })
	l.launch("n1")
	l.ends(dkron.Success, time.Second)
	l.view(func(tx *state.Tx) error {
		if _, err := tx.Job("a"); err == nil {
			t.Error("the job is still there")
		}
		d, err := tx.Delivery(2)
		if err == nil && (string(d.Copy.Output) != "the output" || d.Owner != "ops@example.com" || len(d.Targets) != 3) {
			t.Errorf("%+v of %+v", d, d.Copy)
		}
		return err
	})
	must[*dkron.Record](t, l.machine, job("a", func(j *dkron.Job) { j.OwnerEmail = "other@example.com" }))
	l.launch("n1")
	must[*dkron.Record](t, l.machine, &DeleteJob{Name: "a", Notifying: allChannels})
	l.ends(dkron.Success, time.Second)
	l.wantTold("start n1/1 cronitor pre-webhook", "end n1/1 cronitor mail webhook", "start n1/1 cronitor pre-webhook", "end n1/1 cronitor webhook")
}

func TestChannelsDoNotCountAsProcessors(t *testing.T) {
	l := newNotifying(t)
	l.launch("n1")
	must[any](t, l.machine, &Deliver{Now: noon, Results: []dkron.Delivered{
		{Number: 1, Target: dkron.ChannelCronitor, State: dkron.DeliveryDone},
		{Number: 1, Target: dkron.ChannelPreWebhook, State: dkron.DeliveryFailed, Error: "no"},
	}})
	l.wantTold()
	l.view(func(tx *state.Tx) error {
		stats, err := tx.DeliveryStats(l.record("a").Job.Number)
		if err == nil && len(stats.List) > 0 {
			t.Errorf("%+v", stats)
		}
		return err
	})
}

// BenchmarkApplyNotifiedRuns is BenchmarkApplyRuns with all channels, and the record of what came of each.
func BenchmarkApplyNotifiedRuns(b *testing.B) {
	const jobs = 1000
	m := newMachine(b, b.TempDir())
	b.Cleanup(func() { m.store.Close() })
	m.apply(&Agree{Protocol: 2, Release: "0.2.0"})
	for i := range jobs {
		m.apply(job(fmt.Sprintf("job-%07d", i), func(j *dkron.Job) { j.OwnerEmail = "ops@example.com" }))
	}
	launch, number, now, runs := uint64(0), uint64(0), noon, 0
	for b.Loop() {
		now = now.Add(10 * time.Second)
		fire, finish, deliver := &Fire{Now: now, Notifying: allChannels}, &Finish{Now: now, Notifying: allChannels}, &Deliver{Now: now}
		for i := range jobs {
			launch++
			fire.Due = append(fire.Due, dkron.Due{Job: uint64(i + 1), Revision: 1, Nominal: now, Targets: []string{"n1"}, Next: now.Add(10 * time.Second)})
			finish.Results = append(finish.Results, dkron.Result{
				JobName: fmt.Sprintf("job-%07d", i), Key: dkron.ExecutionKey{Launch: launch}, Group: now.UnixNano(), Attempt: 1,
				NodeName: "n1", StartedAt: now, FinishedAt: now, Outcome: dkron.Success, Output: []byte("ok\n"),
			})
		}
		for range 2 * jobs {
			number++
			for _, c := range allChannels.Channels {
				deliver.Results = append(deliver.Results, dkron.Delivered{Number: number, Target: c, State: dkron.DeliveryDone})
			}
		}
		m.apply(fire)
		m.apply(finish)
		m.apply(deliver)
		runs += jobs
	}
	b.ReportMetric(float64(runs)/b.Elapsed().Seconds(), "runs/s")
}
