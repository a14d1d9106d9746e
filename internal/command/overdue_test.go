package command

import (
	"strings"
	"testing"
	"time"

	"dkron"
	"dkron/internal/state"
)

// requested launches the job a on targets, and returns the launch's number.
func (l ledger) requested(after time.Duration, targets ...string) uint64 {
	l.t.Helper()
	return must[*dkron.Launched](l.t, l.machine, &Run{Name: "a", Cause: dkron.CauseManual, Targets: targets, Now: noon.Add(after)}).Launch.Number
}

func (l ledger) overdue(number uint64, after time.Duration) {
	l.t.Helper()
	must[any](l.t, l.machine, &Overdue{Launches: []uint64{number, 999}, Now: noon.Add(after)})
}

// finishes ends all that runs.
func (l ledger) finishes(outcome dkron.Outcome, after time.Duration) {
	l.t.Helper()
	c := &Finish{Now: noon.Add(after)}
	for _, e := range l.open() {
		c.Results = append(c.Results, result(e, outcome, c.Now))
	}
	must[any](l.t, l.machine, c)
}

func TestALaunchThatHasNotStartedAMinuteAfterItWasDueIsNoticedOnce(t *testing.T) {
	l := newRuled(t, on("all", dkron.AlertLate, dkron.AlertRecovered), on("failed", dkron.AlertFailed))
	n := l.requested(0)
	l.overdue(n, dkron.LateAfter-1)
	l.wantWaits()
	l.overdue(n, dkron.LateAfter)
	l.overdue(n, dkron.LateAfter) // by another leader
	l.overdue(n, time.Hour)
	l.wantWaits("all late 1")
	l.view(func(tx *state.Tx) error {
		all, err := tx.WaitingOccurrences("c", nil, 10)
		if len(all) != 1 || !strings.Contains(all[0].Reason, "1 min after it was due") || all[0].Group == 0 {
			t.Errorf("%+v", all)
		}
		return err
	})
	must[any](t, l.machine, &Assign{Targets: []dkron.Assignment{{Launch: n, Nodes: []string{"n1"}}}, Now: noon.Add(2 * time.Hour)})
	l.wantWaits("all late 1") // it starts late, which is known
	l.finishes(dkron.Success, 3*time.Hour)
	l.overdue(n, 4*time.Hour)
	l.wantWaits("all late 1", "all recovered 1")
}

// While there was no leader, nobody could look.
func TestALaunchThatStartsLateIsNoticedByItsStart(t *testing.T) {
	l := newRuled(t, on("all", dkron.AlertLate))
	n := l.requested(0)
	must[any](t, l.machine, &Assign{Targets: []dkron.Assignment{{Launch: n, Nodes: []string{"n1"}}}, Now: noon.Add(5 * time.Minute)})
	l.wantWaits("all late 1")
	l.overdue(n, time.Hour)
	l.wantWaits("all late 1")
	l.finishes(dkron.Success, time.Hour)

	n = l.requested(2 * time.Hour)
	must[any](t, l.machine, &Assign{Targets: []dkron.Assignment{{Launch: n, Nodes: []string{"n1"}}}, Now: noon.Add(2*time.Hour + 59*time.Second)})
	l.wantWaits("all late 1")
}

func TestALaunchThatRunsLongIsNoticedWhileItRuns(t *testing.T) {
	limit := on("limit", dkron.AlertLongRunning)
	limit.Longer = 10 * time.Minute
	l := newRuled(t, limit, on("usual", dkron.AlertLongRunning, dkron.AlertRecovered))
	n := l.requested(0, "n1")
	l.overdue(n, 10*time.Minute)
	l.wantWaits() // not longer yet, and nothing is usual
	l.overdue(n, 10*time.Minute+1)
	l.overdue(n, time.Hour)
	l.wantWaits("limit long_running 1")
	l.finishes(dkron.Success, 2*time.Hour) // now two hours are usual

	n = l.requested(3*time.Hour, "n1")
	l.overdue(n, 7*time.Hour)
	l.wantWaits("limit long_running 2")
	l.overdue(n, 7*time.Hour+1)
	l.wantWaits("limit long_running 2", "usual long_running 1")
	l.finishes(dkron.Failed, 8*time.Hour)
	l.wantWaits("limit long_running 2", "usual long_running 1")
	l.runs(dkron.Success, 9*time.Hour)
	l.wantWaits("limit long_running 2", "usual long_running 1", "usual recovered 1")
}

func TestWhatASilenceKeptBackIsNotReportedWhenItIsOverAndTheLaunchStillWaits(t *testing.T) {
	l := newRuled(t, on("a", dkron.AlertLate), on("b", dkron.AlertLate))
	must[*dkron.Silence](t, l.machine, &AddSilence{Silence: dkron.Silence{From: noon, Until: noon.Add(time.Hour)}, Now: noon})
	n := l.requested(0)
	l.overdue(n, 5*time.Minute)
	l.overdue(n, 2*time.Hour)
	l.wantWaits()
}

func TestTheHistoryDoesNotKeepWhichRulesNoticed(t *testing.T) {
	l := newRuled(t, on("all", dkron.AlertLate))
	n := l.requested(0)
	l.overdue(n, time.Hour)
	must[any](t, l.machine, &Assign{Targets: []dkron.Assignment{{Launch: n}}, Now: noon.Add(2 * time.Hour)})
	l.view(func(tx *state.Tx) error {
		_, p, err := tx.Record("a")
		if err != nil {
			return err
		}
		return tx.LaunchHistory(p, func(l *dkron.Launch) bool {
			if l.State != dkron.LaunchNoTarget || len(l.Late) > 0 {
				t.Errorf("%+v", l)
			}
			return true
		})
	})
}

func TestAJobsOwnChannelsReportWhatRulesNotice(t *testing.T) {
	l := newRuled(t, on("each", dkron.AlertFailed, dkron.AlertRecovered))
	must[*dkron.Record](t, l.machine, job("a", func(j *dkron.Job) { j.Channels = []string{"team", "c", "nobody"} }).on(1))
	must[*dkron.Channel](t, l.machine, &SetChannel{Channel: dkron.Channel{Name: "team", Type: "webhook"}, Now: noon})
	of := func(channel string) (n int, count uint64) {
		l.view(func(tx *state.Tx) error {
			all, err := tx.WaitingOccurrences(channel, nil, 10)
			for _, o := range all {
				n, count = n+1, count+o.Count
			}
			return err
		})
		return n, count
	}
	l.runs(dkron.Failed, 0)
	l.runs(dkron.Success, time.Minute)
	for channel, want := range map[string]int{"c": 2, "team": 2, "nobody": 0} {
		if n, count := of(channel); n != want || count != uint64(want) {
			t.Errorf("%d wait for %s, %d times; want %d", n, channel, count, want)
		}
	}
	must[*dkron.Record](t, l.machine, job("a", func(j *dkron.Job) { j.Channels = []string{"team"} }).on(2))
	must[*dkron.Rule](t, l.machine, &SetRule{Rule: on("each", dkron.AlertFailed), Now: noon}) // names no channel
	l.runs(dkron.Failed, 2*time.Minute)
	for channel, want := range map[string]uint64{"c": 2, "team": 3} {
		if _, count := of(channel); count != want {
			t.Errorf("%d wait for %s after a rule without channels noticed another; want %d", count, channel, want)
		}
	}
}
