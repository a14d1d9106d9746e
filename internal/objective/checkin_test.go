package objective

import (
	"strings"
	"testing"
	"time"

	"dkron"
)

// A crontab runs it: the servers do not know when it is due, and only of its start that it runs.
func TestAJobThatChecksInIsJudgedByItsReports(t *testing.T) {
	j := &dkron.Job{
		Name: "a", Schedule: "@manually", Executor: dkron.ExecutorCheckIn, CreatedAt: at(t, "2026-11-01 00:00"),
		Objectives: &dkron.Objectives{Deadline: "06:00", ExpectedDuration: time.Hour, MaxSilence: 26 * time.Hour},
	}
	judge := func(p *dkron.Progress, now string) string {
		var all []string
		for _, f := range Judge(j, p, nil, at(t, now)) {
			all = append(all, strings.TrimSuffix(string(f.State)+": "+f.Reason, ": "))
		}
		return strings.Join(all, "\n")
	}
	good := dkron.Progress{LastSuccess: at(t, "2026-11-23 03:30"), Durations: []uint64{uint64((30 * time.Minute).Milliseconds())}}
	started := good
	started.CheckIn = &dkron.CheckedIn{At: at(t, "2026-11-24 03:00")}
	for _, c := range []struct {
		p         *dkron.Progress
		now, want string
	}{
		{new(dkron.Progress), "2026-11-01 01:00", "unknown: it has not succeeded yet\nunknown: it has not succeeded yet\nunknown: it has not succeeded yet"},
		{&good, "2026-11-23 12:00", "met\nmet\nmet"},
		{&good, "2026-11-24 05:00", "met\nmet\nmet"}, // it may well run, and nobody has said so
		{&started, "2026-11-24 03:10", "met\nmet\nmet"},
		{&started, "2026-11-24 03:50", "met\nat_risk: it has been running for 50 min\nmet"},
		{&started, "2026-11-24 04:00", "met\nbroken: it has been running for 1 h\nmet"},
		{&started, "2026-11-24 06:00", "broken: it did not succeed between 2026-11-23 06:00:00 UTC and 2026-11-24 06:00:00 UTC; its last success was at 2026-11-23 03:30:00 UTC\n" +
			"broken: it has been running for 3 h\nbroken: its last success was at 2026-11-23 03:30:00 UTC"},
	} {
		if is := judge(c.p, c.now); is != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.now, is, c.want)
		}
	}
	j.Executor = "shell" // it was moved while that run had no end
	if is := judge(&started, "2026-11-24 05:00"); strings.Contains(is, "running") {
		t.Error(is)
	}
}
