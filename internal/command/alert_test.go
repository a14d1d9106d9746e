package command

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dkron"
	"dkron/internal/state"
)

// newRuled is a ledger with the job a, the channel c and rules that use it.
func newRuled(t *testing.T, rules ...dkron.Rule) ledger {
	t.Helper()
	l := newNotifying(t)
	must[*dkron.Channel](t, l.machine, &SetChannel{Channel: dkron.Channel{Name: "c", Type: "webhook"}, Now: noon})
	for _, r := range rules {
		r.Channels = []string{"c"}
		must[*dkron.Rule](t, l.machine, &SetRule{Rule: r, Now: noon, By: "me"})
	}
	return l
}

func on(name string, events ...dkron.AlertEvent) dkron.Rule {
	return dkron.Rule{Name: name, On: events}
}

// runs runs the job a once, with this outcome, a minute later each time.
func (l ledger) runs(outcome dkron.Outcome, after time.Duration) {
	l.t.Helper()
	at := noon.Add(after)
	must[*dkron.Launched](l.t, l.machine, &Run{Name: "a", Cause: dkron.CauseManual, Targets: []string{"n1"}, Now: at})
	c := &Finish{Now: at.Add(10 * time.Second)}
	for _, e := range l.open() {
		r := result(e, outcome, c.Now)
		r.Output = []byte("much text\nout of memory\n")
		c.Results = append(c.Results, r)
	}
	must[any](l.t, l.machine, c)
}

// waits is what is still to be told, a line each: "rule event count".
func (l ledger) waits() (lines []string) {
	l.view(func(tx *state.Tx) error {
		all, err := tx.WaitingOccurrences("c", nil, 1000)
		for _, o := range all {
			lines = append(lines, fmt.Sprintf("%s %s %d", o.Rule, o.Event, o.Count))
		}
		return err
	})
	slices.Sort(lines)
	return lines
}

func (l ledger) wantWaits(want ...string) {
	l.t.Helper()
	if is := l.waits(); !slices.Equal(is, want) {
		l.t.Errorf("waits to be told: %q, want %q", is, want)
	}
}

func (l ledger) compose(after time.Duration) *dkron.Message {
	l.t.Helper()
	var before uint64
	l.view(func(tx *state.Tx) error {
		s, err := tx.ChannelStat("c")
		before = s.Message
		return err
	})
	must[any](l.t, l.machine, &Compose{Channel: "c", After: before, Now: noon.Add(after)})
	var m *dkron.Message
	l.view(func(tx *state.Tx) error {
		return tx.Messages(func(newest *dkron.Message) bool {
			if newest.Number != before {
				m = newest
			}
			return false
		})
	})
	return m
}

func TestRulesNoticeWhatTheyName(t *testing.T) {
	third, long, short, prints := on("nth", dkron.AlertNthFailure), on("long", dkron.AlertRanLong), on("short", dkron.AlertRanShort), on("prints", dkron.AlertOutput)
	third.InARow, long.Longer, short.Short, prints.Output = 3, 9*time.Second, time.Minute, "(?i)OUT of memory"
	other := on("other", dkron.AlertFailed)
	other.Match.Jobs = []string{"b*"}
	off := on("off", dkron.AlertFailed)
	off.Disabled = true
	l := newRuled(t, on("each", dkron.AlertFailed), on("first", dkron.AlertFirstFailure), on("over", dkron.AlertFailed, dkron.AlertRecovered),
		on("well", dkron.AlertRecovered), third, long, short, prints, other, off)
	l.runs(dkron.Success, 0)
	l.wantWaits("long ran_long 1", "prints output 1", "short ran_short 1")
	l.runs(dkron.Failed, time.Minute)
	l.runs(dkron.TimedOut, 2*time.Minute)
	l.wantWaits("each failed 2", "first first_failure 1", "long ran_long 3", "over failed 2", "prints output 3", "short ran_short 1")
	l.runs(dkron.Failed, 3*time.Minute)
	l.runs(dkron.Failed, 4*time.Minute)
	l.wantWaits("each failed 4", "first first_failure 1", "long ran_long 5", "nth nth_failure 1", "over failed 4", "prints output 5", "short ran_short 1")
	l.runs(dkron.Success, 5*time.Minute)
	l.wantWaits("each failed 4", "first first_failure 1", "long ran_long 6", "nth nth_failure 1", "over failed 4", "over recovered 1", "prints output 6",
		"short ran_short 2", "well recovered 1")
}

func TestSkippedMissedLostNoTargetAndChangedAreNoticed(t *testing.T) {
	l := newRuled(t, on("all", dkron.AlertLost, dkron.AlertMissed, dkron.AlertSkipped), on("changed", dkron.AlertChanged))
	must[*dkron.Record](t, l.machine, job("a", func(j *dkron.Job) { j.Concurrency, j.UpdatedBy = dkron.Forbid, "ann" }, func(*dkron.Job) {}, func(j *dkron.Job) {
		j.Retries = 0
	}).on(1))
	l.wantWaits("changed changed 1")
	l.runs(dkron.Lost, 0)
	l.wantWaits("all lost 1", "changed changed 1")
	must[*dkron.Record](t, l.machine, &DeleteJob{Name: "a"})
	l.wantWaits("all lost 1", "changed changed 2")
}

// on sets the revision that the writer saw.
func (c *SetJob) on(base uint64) *SetJob {
	c.Base = base
	return c
}

func TestRepetitionsAreCountedAndOneMessageHasThem(t *testing.T) {
	l := newRuled(t, on("each", dkron.AlertFailed))
	for i := range 5 {
		l.runs(dkron.Failed, time.Duration(i)*time.Minute)
	}
	m := l.compose(time.Hour)
	if m == nil || m.Total != 5 || len(m.Occurrences) != 1 || m.Occurrences[0].Count != 5 || m.Occurrences[0].First.Equal(m.Occurrences[0].Last) {
		t.Fatalf("%+v", m)
	}
	l.wantWaits()
	l.runs(dkron.Failed, time.Hour)
	if m := l.compose(time.Hour + dkron.MessagePause - 1); m != nil {
		t.Errorf("a message within the pause: %+v", m)
	}
	if m := l.compose(time.Hour + dkron.MessagePause); m == nil || m.Total != 1 {
		t.Errorf("%+v", m)
	}
}

func TestASecondProposalComposesNothing(t *testing.T) {
	l := newRuled(t, on("each", dkron.AlertFailed))
	l.runs(dkron.Failed, 0)
	m := l.compose(time.Minute)
	l.runs(dkron.Failed, time.Minute)
	must[any](t, l.machine, &Compose{Channel: "c", After: 0, Now: noon.Add(time.Hour)}) // of the leader before
	l.wantWaits("each failed 1")
	if m.Number != 1 {
		t.Errorf("number %d", m.Number)
	}
}

func TestAMessageHasFiftyAndCountsTheOthers(t *testing.T) {
	l := newRuled(t, on("changed", dkron.AlertChanged))
	for i := range 130 {
		must[*dkron.Record](t, l.machine, job(fmt.Sprint("j", i)))
	}
	m := l.compose(time.Minute)
	if m == nil || len(m.Occurrences) != 50 || m.More != 80 || m.Total != 130 {
		t.Fatalf("%+v", m)
	}
	l.wantWaits()
}

func TestQuietRulesWaitAndOthersAreTold(t *testing.T) {
	l := newRuled(t, on("loud", dkron.AlertFailed), on("quiet", dkron.AlertFailed))
	l.runs(dkron.Failed, 0)
	must[any](t, l.machine, &Compose{Channel: "c", Quiet: []string{"quiet"}, Now: noon.Add(time.Minute)})
	l.wantWaits("quiet failed 1")
}

func TestASilenceHolds(t *testing.T) {
	l := newRuled(t, on("each", dkron.AlertFailed), on("over", dkron.AlertFailed, dkron.AlertRecovered))
	l.runs(dkron.Failed, 0)
	s := must[*dkron.Silence](t, l.machine, &AddSilence{Now: noon, Silence: dkron.Silence{
		From: noon.Add(time.Minute), Until: noon.Add(time.Hour), Match: dkron.Match{Jobs: []string{"a"}},
	}})
	l.runs(dkron.Failed, time.Minute)
	l.wantWaits("each failed 1", "over failed 1")
	l.runs(dkron.Success, 2*time.Minute) // what people were told of is over
	l.wantWaits("each failed 1", "over failed 1", "over recovered 1")
	must[*dkron.Silence](t, l.machine, &EndSilence{Number: s.Number, Now: noon.Add(10 * time.Minute), By: "ann"})
	l.runs(dkron.Failed, 11*time.Minute)
	l.wantWaits("each failed 2", "over failed 2", "over recovered 1")
}

func TestRemindersUntilAcknowledgedOrOver(t *testing.T) {
	r := on("each", dkron.AlertFailed)
	r.Remind = time.Hour
	l := newRuled(t, r)
	l.runs(dkron.Failed, 0)
	remind := func(after time.Duration) { must[any](t, l.machine, &Remind{Alerts: []uint64{1}, Now: noon.Add(after)}) }
	remind(time.Minute) // not due yet
	l.wantWaits("each failed 1")
	remind(61 * time.Minute)
	remind(62 * time.Minute)
	l.wantWaits("each failed 1", "each reminder 1")
	a := must[*dkron.Alert](t, l.machine, &Ack{Alert: 1, Note: "on it", Now: noon.Add(63 * time.Minute), By: "ann"})
	if a.AckedBy != "ann" || a.Count != 1 {
		t.Errorf("%+v", a)
	}
	remind(5 * time.Hour)
	l.wantWaits("each failed 1", "each reminder 1")
	l.runs(dkron.Success, 6*time.Hour)
	l.view(func(tx *state.Tx) error {
		if all, err := tx.Alerts(); err != nil || len(all) != 0 {
			t.Errorf("still open: %v, %v", all, err)
		}
		return nil
	})
	l.wantWaits("each failed 1", "each reminder 1") // the rule does not name recovered
}

func TestASilenceLeavesOutReminders(t *testing.T) {
	r := on("each", dkron.AlertFailed)
	r.Remind = time.Hour
	l := newRuled(t, r)
	must[*dkron.Record](t, l.machine, job("a", func(j *dkron.Job) { j.Owner = "ann" }).on(1))
	l.runs(dkron.Failed, 0)
	must[*dkron.Silence](t, l.machine, &AddSilence{Now: noon, Silence: dkron.Silence{
		From: noon.Add(time.Minute), Until: noon.Add(90 * time.Minute), Match: dkron.Match{Owner: "ann"},
	}})
	remind := func(after time.Duration) { must[any](t, l.machine, &Remind{Alerts: []uint64{1}, Now: noon.Add(after)}) }
	remind(61 * time.Minute)
	remind(100 * time.Minute) // not due: the one of the silence is not made up for
	l.wantWaits("each failed 1")
	remind(121 * time.Minute)
	l.wantWaits("each failed 1", "each reminder 1")
}

// A receiver such as PagerDuty closes an incident by the last that it hears of a job.
func TestAMessageHasTheWorstFirstAndWhatHappenedToAJobInItsOrder(t *testing.T) {
	urgent := on("urgent", dkron.AlertFailed, dkron.AlertRecovered)
	urgent.Severity = dkron.SeverityCritical
	note := on("a note", dkron.AlertChanged)
	note.Severity = dkron.SeverityInfo
	l := newRuled(t, note, on("plain", dkron.AlertFailed), urgent)
	for i := range 60 {
		must[*dkron.Record](t, l.machine, job(fmt.Sprint("j", i)))
	}
	for i, o := range []dkron.Outcome{dkron.Failed, dkron.Success, dkron.Failed} {
		l.runs(o, time.Duration(i)*time.Minute)
	}
	m := l.compose(time.Hour)
	var got []string
	for _, o := range m.Occurrences[:4] {
		got = append(got, o.Rule+" "+string(o.Event))
	}
	if want := []string{"urgent recovered", "urgent failed", "plain failed", "a note changed"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestAChannelThatRulesNameStays(t *testing.T) {
	l := newRuled(t, on("each", dkron.AlertFailed), on("other", dkron.AlertLost))
	l.runs(dkron.Failed, 0)
	l.compose(time.Minute)
	l.runs(dkron.Failed, time.Minute)
	err, _ := l.apply(&DeleteChannel{Name: "c", Now: noon})[0].(error)
	if err == nil || !strings.Contains(err.Error(), "used by the rules each, other;") {
		t.Fatal(err)
	}
	if err, _ := l.apply(&SetRule{Rule: dkron.Rule{Name: "x", On: []dkron.AlertEvent{"failed"}, Channels: []string{"c", "d"}}})[0].(error); err == nil ||
		!strings.Contains(err.Error(), `channels[1]: there is no channel "d"`) {
		t.Error(err)
	}
	must[any](t, l.machine, &DeleteRule{Name: "each", Now: noon})
	must[any](t, l.machine, &DeleteRule{Name: "other", Now: noon})
	must[any](t, l.machine, &DeleteChannel{Name: "c", Now: noon})
	l.wantWaits()
	l.view(func(tx *state.Tx) error {
		if m, err := tx.Message(1); err != nil || m.State != dkron.MessageFailed || m.Error == "" {
			t.Errorf("%+v, %v", m, err)
		}
		return nil
	})
}

func TestADeadLetterIsSentAgainWithItsNumber(t *testing.T) {
	l := newRuled(t, on("each", dkron.AlertFailed))
	l.runs(dkron.Failed, 0)
	l.compose(time.Minute)
	attempt := func(s dkron.MessageState) {
		must[any](t, l.machine, &Sent{Attempts: []dkron.Attempt{{Number: 1, State: s, Error: "no"}}, Now: noon.Add(time.Hour)})
	}
	unsent := func() (n int) {
		l.view(func(tx *state.Tx) error {
			all, err := tx.Unsent()
			n = len(all)
			return err
		})
		return n
	}
	attempt(dkron.MessageWaiting)
	if unsent() != 1 {
		t.Error("it does not wait")
	}
	attempt(dkron.MessageFailed)
	if unsent() != 0 {
		t.Error("it waits although it was given up")
	}
	m := must[*dkron.Message](t, l.machine, &Resend{Number: 1, Now: noon.Add(2 * time.Hour), By: "ann"})
	if m.State != dkron.MessageWaiting || m.Attempts != 0 || unsent() != 1 {
		t.Errorf("%+v, %d", m, unsent())
	}
	attempt(dkron.MessageSent)
	attempt(dkron.MessageFailed) // of an earlier leader: it comes too late
	l.view(func(tx *state.Tx) error {
		s, err := tx.ChannelStat("c")
		if m, err := tx.Message(1); err != nil || m.State != dkron.MessageSent || s.Sent != 1 || s.Failed != 1 {
			t.Errorf("%+v %+v %v", m, s, err)
		}
		return err
	})
}

func TestOldMessagesGo(t *testing.T) {
	l := newRuled(t, on("each", dkron.AlertFailed))
	must[*dkron.Message](t, l.machine, &TryChannel{Channel: "c", Now: noon})
	must[*dkron.Message](t, l.machine, &TryChannel{Channel: "c", Now: noon.Add(dkron.MaxMessageAge)})
	must[*dkron.Message](t, l.machine, &TryChannel{Channel: "c", Now: noon.Add(dkron.MaxMessageAge + time.Second)})
	l.view(func(tx *state.Tx) error {
		n := 0
		err := tx.Messages(func(*dkron.Message) bool { n++; return true })
		if unsent, _ := tx.Unsent(); n != 2 || len(unsent) != 2 {
			t.Errorf("%d are kept, %d to be sent", n, len(unsent))
		}
		return err
	})
}

// A server that gets a snapshot has no rules decoded, and must notice the same.
func TestAServerThatWasRestoredNoticesTheSame(t *testing.T) {
	l := newRuled(t, on("each", dkron.AlertFailed))
	l.runs(dkron.Failed, 0)
	other := newMachine(t, filepath.Join(t.TempDir(), "b"))
	t.Cleanup(func() { other.store.Close() })
	if err := other.Restore(bytes.NewReader(l.snapshot(t))); err != nil {
		t.Fatal(err)
	}
	other.index = l.index
	b := ledger{other, t}
	for _, x := range []ledger{l, b} {
		r := on("second", dkron.AlertFailed)
		r.Channels = []string{"c"}
		x.runs(dkron.Failed, time.Minute)
		must[*dkron.Rule](t, x.machine, &SetRule{Rule: r, Now: noon})
		x.runs(dkron.Failed, 2*time.Minute)
		x.wantWaits("each failed 3", "second failed 1")
	}
	if l.store.Dump() != b.store.Dump() {
		t.Error("the two states differ")
	}
}

// alert makes a command about channels, rules and messages.
func (h *history) alert() Command {
	channel := rapid.SampledFrom([]string{"c", "d"}).Draw(h.t, "channel")
	number := uint64(rapid.IntRange(1, 5).Draw(h.t, "number"))
	match := dkron.Match{Jobs: rapid.SampledFrom([][]string{nil, {"a*"}, {"b"}}).Draw(h.t, "match")}
	switch rapid.IntRange(0, 9).Draw(h.t, "about") {
	case 0, 1:
		return &SetChannel{Channel: dkron.Channel{Name: channel, Type: "webhook"}, Now: h.now}
	case 2, 3:
		r := on(rapid.SampledFrom([]string{"r", "s"}).Draw(h.t, "rule"), dkron.AlertFailed, dkron.AlertSkipped, dkron.AlertChanged, dkron.AlertRecovered, dkron.AlertOutput,
			dkron.AlertLate, dkron.AlertLongRunning)
		r.Longer = time.Second
		r.Channels, r.Match, r.Output, r.Remind, r.Disabled = []string{channel}, match, ".", time.Minute, rapid.IntRange(0, 4).Draw(h.t, "off") == 0
		return &SetRule{Rule: r, Now: h.now}
	case 4:
		if rapid.Bool().Draw(h.t, "channel or rule") {
			return &DeleteChannel{Name: channel, Now: h.now}
		}
		return &DeleteRule{Name: "r", Now: h.now}
	case 5:
		if rapid.Bool().Draw(h.t, "ends") {
			return &EndSilence{Number: number, Now: h.now}
		}
		return &AddSilence{Silence: dkron.Silence{Match: match, From: h.now, Until: h.now.Add(time.Hour)}, Now: h.now}
	case 6:
		return &Sent{Attempts: []dkron.Attempt{{Number: number, State: rapid.SampledFrom([]dkron.MessageState{dkron.MessageSent, dkron.MessageFailed, dkron.MessageWaiting}).Draw(h.t, "state")}}, Now: h.now}
	case 7:
		return rapid.SampledFrom([]Command{
			&Resend{Number: number, Now: h.now}, &TryChannel{Channel: channel, Now: h.now}, &Ack{Alert: number, Now: h.now}, &Remind{Alerts: []uint64{1, 2, 3}, Now: h.now},
			&Overdue{Launches: []uint64{1, 2, 3, 4, 5, 6}, Now: h.now},
		}).Draw(h.t, "small")
	}
	var after uint64
	_ = h.m.store.View(func(tx *state.Tx) error {
		s, err := tx.ChannelStat(channel)
		after = s.Message
		return err
	})
	return &Compose{Channel: channel, After: after, Now: h.now}
}

func BenchmarkApplyRunsWithRules(b *testing.B) {
	for _, n := range []int{0, 1, 20, 200} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			m := newMachine(b, b.TempDir())
			b.Cleanup(func() { m.store.Close() })
			m.apply(&Agree{Protocol: 2, Release: "0.2.0"}, job("a"), &SetChannel{Channel: dkron.Channel{Name: "c", Type: "webhook"}, Now: noon})
			for i := range n {
				r := on(fmt.Sprint("r", i), dkron.AlertLost, dkron.AlertMissed)
				r.Channels = []string{"c"}
				m.apply(&SetRule{Rule: r, Now: noon})
			}
			at := noon
			for b.Loop() {
				at = at.Add(time.Second)
				l := must[*dkron.Launched](b, m, &Run{Name: "a", Cause: dkron.CauseManual, Targets: []string{"n1"}, Now: at})
				e := &dkron.Execution{JobName: "a", JobNumber: l.Launch.JobNumber, NodeName: "n1", Group: l.Launch.Group, Attempt: 1, Key: dkron.ExecutionKey{Launch: l.Launch.Number}}
				m.apply(&Finish{Results: []dkron.Result{result(e, dkron.Success, at)}, Now: at})
			}
		})
	}
}
