package dkron

import (
	"fmt"
	"testing"
	"time"
)

// row is what a progress says after launches ended one after another, due and ended a minute apart.
func row(states ...LaunchState) *Progress {
	p, at := new(Progress), time.Date(2026, 11, 29, 3, 0, 0, 0, time.UTC)
	for _, s := range states {
		at = at.Add(time.Minute)
		p.Note(&Launch{State: s, Nominal: at, CreatedAt: at, ReadyAt: at, EndedAt: at.Add(time.Second), Nodes: 1})
	}
	return p
}

func TestARowOfFailuresEndsWithASuccessOnly(t *testing.T) {
	for _, c := range []struct {
		states []LaunchState
		want   string // failures in a row, when the first ended, whether the last due time led to a run
	}{
		{[]LaunchState{LaunchSuccess}, "0 00:00:00 false"},
		{[]LaunchState{LaunchSuccess, LaunchFailed, LaunchTimedOut}, "2 03:02:01 false"},
		{[]LaunchState{LaunchFailed, LaunchStopped}, "1 03:01:01 false"},
		{[]LaunchState{LaunchStopped}, "0 00:00:00 false"},
		{[]LaunchState{LaunchFailed, LaunchStopped, LaunchFailed}, "2 03:01:01 false"},
		{[]LaunchState{LaunchFailed, LaunchNoTarget, LaunchMissed, LaunchLost}, "1 03:01:01 true"},
		{[]LaunchState{LaunchNoTarget, LaunchSkipped}, "0 00:00:00 true"},
		{[]LaunchState{LaunchLost, LaunchStopped}, "0 00:00:00 false"},
		{[]LaunchState{LaunchFailed, LaunchSuccess, LaunchMissed}, "0 00:00:00 true"},
		{[]LaunchState{LaunchFailed, LaunchSuccess, LaunchFailed}, "1 03:03:01 false"},
	} {
		p := row(c.states...)
		streak, since := p.Failing()
		if got := fmt.Sprintf("%d %s %v", streak, since.Format(time.TimeOnly), p.NotRun); got != c.want {
			t.Errorf("%v: %s, want %s", c.states, got, c.want)
		}
		if last := c.states[len(c.states)-1]; p.Last.State != last {
			t.Errorf("%v: the last ended as %s", c.states, p.Last.State)
		}
	}
}

func TestAnEarlierLaunchThatEndsLateSaysNothingOfTheLastDueTime(t *testing.T) {
	p, at := row(LaunchSuccess, LaunchNoTarget), time.Date(2026, 11, 29, 3, 1, 30, 0, time.UTC)
	p.Note(&Launch{State: LaunchSuccess, Nominal: at, ReadyAt: at, EndedAt: at.Add(time.Hour), Nodes: 1})
	if !p.NotRun {
		t.Error("the launch of 03:01:30 has ended, the one of 03:02 still has not run")
	}
	p.Note(&Launch{State: LaunchMissed, Nominal: at.Add(time.Hour), Until: at.Add(2 * time.Hour), EndedAt: at.Add(3 * time.Hour), Count: 2})
	if !p.Due.Equal(at.Add(2 * time.Hour)) {
		t.Errorf("missed until %v", p.Due)
	}
	ahead := at.AddDate(1, 0, 0) // a clock was ahead
	p.Note(&Launch{State: LaunchNoTarget, Nominal: ahead, EndedAt: ahead})
	p.Note(&Launch{State: LaunchSuccess, Nominal: at.Add(4 * time.Hour), ReadyAt: at.Add(4 * time.Hour), EndedAt: at.Add(5 * time.Hour), Nodes: 1})
	if p.NotRun {
		t.Error("a due time of a clock that was ahead hides the later ones")
	}
}

func TestTheUsualDurationIsOfTheLastTwentySuccesses(t *testing.T) {
	p, at := new(Progress), time.Date(2026, 11, 29, 3, 0, 0, 0, time.UTC)
	if p.Usual() != 0 {
		t.Error("without a success nothing is usual")
	}
	for i := range 30 {
		p.Note(&Launch{State: LaunchSuccess, ReadyAt: at, EndedAt: at.Add(time.Duration(30-i) * time.Second), Nodes: 1})
	}
	if len(p.Durations) != 20 || p.Usual() != 19*time.Second {
		t.Errorf("%d are kept, usual is %v", len(p.Durations), p.Usual())
	}
	p.Note(&Launch{State: LaunchFailed, ReadyAt: at, EndedAt: at.Add(time.Hour), Nodes: 1})
	p.Note(&Launch{State: LaunchSuccess, ReadyAt: at, EndedAt: at.Add(-time.Hour), Nodes: 1}) // a leader's clock was slow
	if len(p.Durations) != 20 || p.Durations[19] != 0 || p.Usual() > 19*time.Second {
		t.Errorf("%v", p.Durations)
	}
}
