package objective

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"dkron"
)

func at(t *testing.T, text string) time.Time {
	t.Helper()
	when, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

// story is what is known of a job, with instants as "2006-01-02 15:04" in UTC.
type story struct {
	zone      string
	want      dkron.Objectives
	success   string // the last one
	failing   string // since when
	next      string
	usual     time.Duration
	running   [2]string // due and begun
	waiting   string    // due
	last      [2]string // due and ended
	lastState dkron.LaunchState
	notRun    bool
}

func (s story) judge(t *testing.T, now string) string {
	t.Helper()
	when := func(text string) time.Time {
		if text == "" {
			return time.Time{}
		}
		return at(t, text)
	}
	j := &dkron.Job{Name: "a", Schedule: "0 2 * * *", Timezone: s.zone, Objectives: &s.want, CreatedAt: at(t, "2026-01-01 00:00")}
	p := &dkron.Progress{LastSuccess: when(s.success), Next: when(s.next), NotRun: s.notRun}
	if s.usual > 0 {
		p.Durations = []uint64{uint64(s.usual.Milliseconds())}
	}
	if s.failing != "" {
		p.Streak, p.FailingSince = 1, when(s.failing)
	}
	if s.last[0] != "" {
		p.Last = &dkron.LaunchEnd{Nominal: when(s.last[0]), EndedAt: when(s.last[1]), State: s.lastState}
		p.Due = p.Last.Nominal
	}
	var open []*dkron.Launch
	if s.running[0] != "" {
		open = append(open, &dkron.Launch{State: dkron.LaunchRunning, Nodes: 1, Nominal: when(s.running[0]), ReadyAt: when(s.running[1])})
	}
	if s.waiting != "" {
		open = append(open, &dkron.Launch{State: dkron.LaunchWaiting, Nominal: when(s.waiting)})
	}
	var lines []string
	for _, f := range Judge(j, p, open, at(t, now)) {
		line := string(f.State)
		if !f.At.IsZero() {
			line += " " + f.At.UTC().Format("01-02 15:04")
		}
		lines = append(lines, strings.TrimSuffix(line+": "+f.Reason, ": "))
	}
	return strings.Join(lines, "\n")
}

// verdict is a story, and how its objective stands at an instant.
type verdict struct {
	story
	now, want string
}

func judged(t *testing.T, all map[string]verdict) {
	t.Helper()
	for name, x := range all {
		if is := x.judge(t, x.now); is != x.want {
			t.Errorf("%s:\n  is   %s\n  want %s", name, is, x.want)
		}
	}
}

// with returns a changed copy.
func with(s story, change func(*story)) story {
	change(&s)
	return s
}

func TestADeadlineIsATimeOfDayInTheJobsZone(t *testing.T) {
	nightly := story{want: dkron.Objectives{Deadline: "mon-fri 06:00"}, success: "2026-11-23 02:30", next: "2026-11-24 02:00", usual: 30 * time.Minute}
	judged(t, map[string]verdict{
		// 2026-11-23 is a Monday.
		"deadline met":              {nightly, "2026-11-23 12:00", "met 11-24 06:00"},
		"deadline met for the next": {with(nightly, func(s *story) { s.success, s.next = "2026-11-24 02:30", "2026-11-25 02:00" }), "2026-11-24 05:00", "met"},
		"deadline broken": {nightly, "2026-11-24 06:00",
			"broken 11-24 06:00: it did not succeed between 2026-11-23 06:00:00 UTC and 2026-11-24 06:00:00 UTC; its last success was at 2026-11-23 02:30:00 UTC"},
		"Saturday's success is not Monday's": {with(nightly, func(s *story) { s.success, s.next = "2026-11-28 02:30", "2026-12-01 02:00" }), "2026-11-30 07:00",
			"broken 11-30 06:00: it did not succeed between 2026-11-29 06:00:00 UTC and 2026-11-30 06:00:00 UTC; its last success was at 2026-11-28 02:30:00 UTC"},
		"a late success ends it": {with(nightly, func(s *story) { s.success, s.next = "2026-11-24 07:10", "2026-11-25 02:00" }), "2026-11-24 07:11", "met"},
		"deadline at risk": {with(nightly, func(s *story) { s.running, s.usual = [2]string{"2026-11-24 02:00", "2026-11-24 02:00"}, 5*time.Hour }), "2026-11-24 03:00",
			"at_risk 11-24 06:00: its next run will end about 2026-11-24 07:00:00 UTC, after 2026-11-24 06:00:00 UTC"},
		"one node's success among failures does not count": {with(nightly, func(s *story) {
			s.success, s.failing = "2026-11-24 02:30", "2026-11-23 02:00"
			s.last, s.lastState = [2]string{"2026-11-24 02:00", "2026-11-24 02:30"}, "failed"
		}), "2026-11-24 06:00",
			"broken 11-24 06:00: it did not succeed between 2026-11-23 06:00:00 UTC and 2026-11-24 06:00:00 UTC; its last success was at 2026-11-23 02:00:00 UTC"},
		"no deadline before it existed": {with(nightly, func(s *story) { s.success, s.next = "", "2026-01-01 02:00" }), "2026-01-01 01:00", "unknown 01-01 06:00: it has not succeeded yet"},
		// In Berlin the clocks went back on 2026-10-25 and forward on 2026-03-29.
		"deadline in winter": {with(nightly, func(s *story) {
			s.zone, s.success, s.next = "Europe/Berlin", "2026-10-26 01:00", "2026-10-27 01:00"
		}), "2026-10-26 05:30", "met 10-27 05:00"},
		"deadline after the clocks went forward": {with(nightly, func(s *story) {
			s.zone, s.want, s.success, s.next = "Europe/Berlin", dkron.Objectives{Deadline: "06:00"}, "2026-03-28 01:30", "2026-03-30 00:00"
		}), "2026-03-29 04:00", "broken 03-29 04:00: it did not succeed between 2026-03-28 06:00:00 CET and 2026-03-29 06:00:00 CEST; its last success was at 2026-03-28 02:30:00 CET"},
	})
}

func TestADeadlineFollowsEachDueTime(t *testing.T) {
	within := story{want: dkron.Objectives{Deadline: "+2h"}, success: "2026-11-23 02:30", next: "2026-11-24 02:00", usual: 30 * time.Minute, last: [2]string{"2026-11-23 02:00", "2026-11-23 02:30"}, lastState: "success"}
	judged(t, map[string]verdict{
		"in time":            {within, "2026-11-23 12:00", "met 11-24 04:00"},
		"runs, in time":      {with(within, func(s *story) { s.running = [2]string{"2026-11-24 02:00", "2026-11-24 02:00"} }), "2026-11-24 02:10", "met 11-24 04:00"},
		"runs, will be late": {with(within, func(s *story) { s.running, s.usual = [2]string{"2026-11-24 02:00", "2026-11-24 02:00"}, 3*time.Hour }), "2026-11-24 02:10", "at_risk 11-24 04:00: it was due at 2026-11-24 02:00:00 UTC; its last success was at 2026-11-23 02:30:00 UTC; its next run will end about 2026-11-24 05:00:00 UTC"},
		"failed, no more time": {with(within, func(s *story) {
			s.last, s.lastState = [2]string{"2026-11-24 02:00", "2026-11-24 02:05"}, "failed"
			s.next = "2026-11-25 02:00"
		}), "2026-11-24 04:00", "broken 11-24 04:00: it was due at 2026-11-24 02:00:00 UTC; its last success was at 2026-11-23 02:30:00 UTC"},
		"ended too late": {with(within, func(s *story) {
			s.success = "2026-11-23 05:00"
			s.last = [2]string{"2026-11-23 02:00", "2026-11-23 05:00"}
		}), "2026-11-23 12:00", "broken 11-23 04:00: its last run ended 3 h after it was due"},
	})
}

func TestTheLastSuccessIsNotTooOld(t *testing.T) {
	silent := story{want: dkron.Objectives{MaxSilence: 26 * time.Hour}, success: "2026-11-23 02:30", next: "2026-11-24 02:00", usual: 30 * time.Minute}
	judged(t, map[string]verdict{
		"silence met":     {silent, "2026-11-23 12:00", "met 11-24 04:30"},
		"silence broken":  {silent, "2026-11-24 04:30", "broken 11-24 04:30: its last success was at 2026-11-23 02:30:00 UTC"},
		"silence at risk": {with(silent, func(s *story) { s.next = "2026-11-25 02:00" }), "2026-11-23 12:00", "at_risk 11-24 04:30: its next run will end about 2026-11-25 02:30:00 UTC"},
		"never succeeded": {with(silent, func(s *story) { s.success = "" }), "2026-11-23 12:00", "broken 01-02 02:00: it has never succeeded"},
	})
}

func TestAJobStartsInTime(t *testing.T) {
	late := story{want: dkron.Objectives{MaxLateness: 10 * time.Minute}, success: "2026-11-23 02:30", next: "2026-11-24 02:00"}
	judged(t, map[string]verdict{
		"not late": {with(late, func(s *story) {
			s.last, s.lastState = [2]string{"2026-11-23 02:00", "2026-11-23 02:30"}, "success"
			s.usual = 25 * time.Minute
		}), "2026-11-23 12:00", "met 11-24 02:10"},
		"late":             {with(late, func(s *story) { s.waiting = "2026-11-23 11:00" }), "2026-11-23 11:10", "broken 11-23 11:10: it has not started, and was due at 2026-11-23 11:00:00 UTC"},
		"nobody launched":  {late, "2026-11-24 02:20", "broken 11-24 02:10: it has not started, and was due at 2026-11-24 02:00:00 UTC"},
		"about to be late": {late, "2026-11-24 02:06", "at_risk 11-24 02:10: it has not started, and was due at 2026-11-24 02:00:00 UTC"},
		"started late":     {with(late, func(s *story) { s.running = [2]string{"2026-11-23 11:00", "2026-11-23 11:30"} }), "2026-11-23 11:40", "broken 11-23 11:10: it started 30 min after it was due"},
		"had started late": {with(late, func(s *story) {
			s.last, s.lastState = [2]string{"2026-11-23 02:00", "2026-11-23 02:30"}, "success"
			s.usual = 5 * time.Minute
		}), "2026-11-23 12:00", "broken 11-23 02:10: its last run started 25 min after it was due"},
		"found no node": {with(late, func(s *story) {
			s.last, s.lastState, s.notRun = [2]string{"2026-11-23 02:00", "2026-11-23 02:01"}, "no_target", true
		}), "2026-11-23 12:00", "broken 11-23 02:10: its last due time did not lead to a run"},
		"found no node, and is due again": {with(late, func(s *story) {
			s.last, s.lastState, s.notRun, s.waiting = [2]string{"2026-11-23 02:00", "2026-11-23 02:01"}, "no_target", true, "2026-11-23 12:00"
		}), "2026-11-23 12:00", "broken 11-23 02:10: its last due time did not lead to a run"},
		"found no node, and does not start either": {with(late, func(s *story) {
			s.last, s.lastState, s.notRun, s.waiting = [2]string{"2026-11-23 02:00", "2026-11-23 02:01"}, "no_target", true, "2026-11-23 12:00"
		}), "2026-11-23 12:10", "broken 11-23 12:10: it has not started, and was due at 2026-11-23 12:00:00 UTC"},
		"has not run": {late, "2026-11-23 12:00", "unknown: it has not run yet"},
	})
}

func TestAJobRunsNoLongerThanExpected(t *testing.T) {
	long := story{want: dkron.Objectives{ExpectedDuration: time.Hour}, success: "2026-11-23 02:30", usual: 30 * time.Minute}
	judged(t, map[string]verdict{
		"short enough":      {long, "2026-11-23 12:00", "met"},
		"runs too long":     {with(long, func(s *story) { s.running = [2]string{"2026-11-23 11:00", "2026-11-23 11:00"} }), "2026-11-23 12:00", "broken 11-23 12:00: it has been running for 1 h"},
		"will run too long": {with(long, func(s *story) { s.running, s.usual = [2]string{"2026-11-23 11:00", "2026-11-23 11:00"}, 2*time.Hour }), "2026-11-23 11:10", "at_risk 11-23 12:00: it has been running for 10 min, and usually takes 2 h"},
		"ran too long": {with(long, func(s *story) {
			s.usual = 90 * time.Minute
			s.last, s.lastState = [2]string{"2026-11-23 01:00", "2026-11-23 02:30"}, "success"
		}), "2026-11-23 12:00", "broken 11-23 02:00: its last run took 1 h 30 min"},
	})
}

func TestNothingIsExpectedOfADisabledOrExpiredJob(t *testing.T) {
	j := dkron.Job{Name: "a", Objectives: &dkron.Objectives{MaxSilence: time.Hour}, CreatedAt: at(t, "2026-01-01 00:00")}
	now := at(t, "2026-11-23 12:00")
	if is := Judge(&j, new(dkron.Progress), nil, now); len(is) != 1 {
		t.Fatal(fmt.Sprint(is))
	}
	off, expired := j, j
	off.Disabled, expired.ExpiresAt = true, at(t, "2026-11-01 00:00")
	for _, one := range []*dkron.Job{&off, &expired} {
		if is := Judge(one, new(dkron.Progress), nil, now); len(is) != 0 {
			t.Error(is)
		}
	}
}
