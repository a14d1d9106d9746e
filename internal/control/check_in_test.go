package control

import (
	"errors"
	"strings"
	"testing"

	"dkron"
	"dkron/internal/clock"
	"dkron/internal/request"
)

func newChecked(t *testing.T) (*Control, *leader) {
	t.Helper()
	c, l := newControl(t)
	l.nodes, l.lowest = nodes(true, "n1"), 2
	for _, job := range []dkron.Job{
		{Name: "a", Schedule: "@manually", Executor: dkron.ExecutorCheckIn},
		{Name: "b", Schedule: "@manually", Executor: "shell"},
	} {
		if _, _, err := c.setJob(t.Context(), &request.SetJob{Record: dkron.Record{Job: job}}); err != nil {
			t.Fatal(err)
		}
	}
	return c, l
}

func report(state dkron.CheckInState) dkron.CheckIn { return dkron.CheckIn{State: state, From: "db1"} }

func TestAJobThatChecksInCannotBeAskedToRun(t *testing.T) {
	c, l := newChecked(t)
	ended, _, err := c.checkIn(t.Context(), &request.CheckIn{Job: "a", Report: report(dkron.CheckInFail)})
	if err != nil || ended.Launch.State != dkron.LaunchFailed || ended.Launch.Reason != "failed on db1" {
		t.Fatalf("%+v, %v", ended, err)
	}
	_, _, run := c.runJob(t.Context(), &request.RunJob{Job: "a", Cause: dkron.CauseManual})
	_, _, launch := c.launchJob(t.Context(), &request.LaunchJob{Job: "a"})
	_, _, rerun := c.rerunLaunch(t.Context(), &request.RerunLaunch{Job: "a", Group: ended.Launch.Group})
	for what, err := range map[string]error{"run": run, "launch": launch, "rerun": rerun} {
		if !errors.Is(err, dkron.ErrConflict) || err.Error() != "dkron does not run this job: it checks in at /v1/checkins/a" {
			t.Errorf("%s: %v", what, err)
		}
	}
	if open := l.open(c); len(open) != 0 {
		t.Errorf("%+v", open)
	}
}

func TestACheckInThatCannotBeIsRefusedInWords(t *testing.T) {
	c, _ := newChecked(t)
	late := report(dkron.CheckInSuccess)
	late.StartedAt = clock.Now().AddDate(0, -2, 0)
	for _, x := range []struct {
		job    string
		report dkron.CheckIn
		kind   error
		says   string
	}{
		{"none", report(dkron.CheckInStart), dkron.ErrNotFound, "not found"},
		{"b", report(dkron.CheckInStart), dkron.ErrConflict, "job b is run by dkron, with executor shell; only jobs with executor checkin check in"},
		{"a", late, dkron.ErrInvalid, "started_at"},
	} {
		_, _, err := c.checkIn(t.Context(), &request.CheckIn{Job: x.job, Report: x.report})
		if !errors.Is(err, x.kind) || !strings.Contains(err.Error(), x.says) {
			t.Errorf("%s: %v", x.job, err)
		}
	}
	fresh, old := newControl(t)
	old.lowest = 1
	if _, _, err := fresh.setJob(t.Context(), &request.SetJob{Record: dkron.Record{Job: dkron.Job{Name: "a", Schedule: "@manually", Executor: dkron.ExecutorCheckIn}}}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := fresh.checkIn(t.Context(), &request.CheckIn{Job: "a", Report: report(dkron.CheckInStart)}); !errors.Is(err, dkron.ErrUnavailable) {
		t.Errorf("with a server that does not know check-ins: %v", err)
	}
}
