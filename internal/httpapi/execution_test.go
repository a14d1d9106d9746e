package httpapi

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"dkron"
	"dkron/internal/launchform"
	"dkron/internal/state"
)

func newRunServer(t *testing.T) *server {
	s := newServer(t)
	s.create(`{"name":"a","schedule":"@hourly"}`, `{"name":"ab","schedule":"@hourly"}`, `{"name":"zone","schedule":"@hourly","timezone":"America/Bogota"}`)
	return s
}

func done(output string) dkron.Execution {
	return dkron.Execution{Outcome: dkron.Success, Output: []byte(output)}
}

func failed(line, output string) dkron.Execution {
	return dkron.Execution{Outcome: dkron.Failed, Error: line, Output: []byte(output), ExitCode: &dkron.ExitCode{Code: 3}}
}

func TestExecutionReads(t *testing.T) {
	s := newRunServer(t)
	s.ran("a", noon, done("12345678"), failed("exit status 3", "oops\n"))
	s.get("/v1/jobs/a/executions?output_size_limit=4&_order=ASC&_end=1").want(200).wantHeader("X-Total-Count", "2").wantBody(
		`[{"id":"1795435200000000000-n1","job_name":"a","started_at":"2026-11-23T12:00:00.005Z","finished_at":"2026-11-23T12:00:01Z",` +
			`"success":true,"output":"5678","node_name":"n1","group":1795435200000000000,"attempt":1,"output_truncated":true,` +
			`"launch_id":"a.1795435200000000000","outcome":"success","output_size":8,"scheduled_at":"2026-11-23T12:00:00Z","lateness_ms":5,` +
			`"cpu_seconds":null,"max_rss":null,"memory_limit":null}]`)
	s.get("/v1/jobs/a/executions/1795435201000000000-n1?output_size_limit=1").want(200).wantBody(
		`{"id":"1795435201000000000-n1","job_name":"a","started_at":"2026-11-23T12:00:01.005Z","finished_at":"2026-11-23T12:00:02Z",` +
			`"success":false,"output":"exit status 3\noops\n","node_name":"n1","group":1795435201000000000,"attempt":1,` +
			`"launch_id":"a.1795435201000000000","outcome":"failed","error":"exit status 3","exit_code":3,"output_size":5,` +
			`"scheduled_at":"2026-11-23T12:00:01Z","lateness_ms":5,"cpu_seconds":null,"max_rss":null,"memory_limit":null}`)
}

func TestWhatARunUsedIsReadOfItAndOfItsLaunch(t *testing.T) {
	s := newRunServer(t)
	first, second := failed("exit status 3", ""), done("")
	first.Usage = &dkron.Usage{CPU: 1200 * time.Millisecond, MaxRSS: 48 << 20, MemoryLimit: 100 << 20}
	second.Usage = &dkron.Usage{CPU: 300 * time.Millisecond}
	s.ran("a", noon, first, second, done(""))
	s.get("/v1/jobs/a/executions/1795435200000000000-n1").want(200).wantPart(`"cpu_seconds":1.2,"max_rss":50331648,"memory_limit":104857600`)
	s.get("/v1/jobs/a/executions/1795435201000000000-n1").want(200).wantPart(`"cpu_seconds":0.3,"max_rss":null,"memory_limit":null`)
	s.get("/v1/launches/a.1795435200000000000").want(200).wantPart(`"cpu_seconds":1.2,"max_rss":50331648}`)
	s.get("/v1/launches/a.1795435202000000000").want(200).wantPart(`"cpu_seconds":null,"max_rss":null}`)
}

func TestExecutionListSortsAndCuts(t *testing.T) {
	s := newRunServer(t)
	s.get("/v1/jobs/a/executions").want(200).wantBody("[]").wantHeader("X-Total-Count", "0")
	s.get("/v1/jobs/none/executions").want(404).wantBody("")
	s.ran("a", noon, done("0"), done("1"), done("2"))
	for query, want := range map[string]string{
		"":                                "2 1 0",
		"_order=DESC":                     "2 1 0",
		"_order=ASC":                      "0 1 2",
		"_order=desc":                     "0 1 2",
		"_sort=id&_start=1":               "1 0",
		"_sort=started_at&_end=1":         "2",
		"_sort=finished_at&_order=ASC":    "0 1 2",
		"_sort=attempt&_order=ASC":        "0 1 2",
		"_start=7":                        "",
		"output_size_limit=-1":            "2 1 0",
		"output_size_limit=x&_order=up":   "0 1 2",
		"output_size_limit=0&_end=1":      "<nil>",
		"output_size_limit=1&_start=2":    "0",
		"_sort=attempt&_start=1&_end=2":   "1",
		"_sort=started_at&_order=&_end=1": "0",
	} {
		if got := s.get("/v1/jobs/a/executions?"+query).each("output", 3); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	if got := s.get("/v1/jobs/ab/executions").each("id", 0); got != "" {
		t.Error("another job's history")
	}
}

func TestExecutionTimesInTheJobsZone(t *testing.T) {
	s := newRunServer(t)
	s.ran("zone", noon, done("x"))
	if got := s.get("/v1/jobs/zone/executions").each("started_at", 1); got != "2026-11-23T07:00:00.005-05:00" {
		t.Error(got)
	}
	id := s.get("/v1/jobs/zone/executions").each("id", 1)
	if got := s.get("/v1/jobs/zone/executions/" + id).object()["started_at"]; got != "2026-11-23T12:00:00.005Z" {
		t.Error(got)
	}
}

// open starts a launch of a job and returns its id.
func (s *server) open(job string, at time.Time, nodes ...string) (id string) {
	s.must(func(tx *state.Tx) error {
		r, err := readRecord(tx, job)
		if err == nil {
			id = start(tx, r, at, dkron.CauseManual, nodes...).ID()
		}
		return err
	})
	return id
}

func TestRunningExecutionsComeFirstAndAreBusy(t *testing.T) {
	s := newRunServer(t)
	past := time.Now().Add(-time.Hour).UTC()
	s.ran("a", noon.AddDate(-1, 0, 0), done("old"))
	s.open("ab", past.Add(-time.Minute), "n1")
	s.open("a", past, "n1", "n2")
	s.get("/v1/jobs/a/executions").each("id", 3)
	var list []launchform.Execution
	s.get("/v1/jobs/a/executions").decode(&list)
	if list[0].NodeName != "n2" || list[1].NodeName != "n1" || list[2].Output != "old" || !list[0].FinishedAt.IsZero() || list[0].Output != "" {
		t.Errorf("%+v", list)
	}
	if got := s.get("/v1/busy").each("job_name", 3); got != "ab a a" {
		t.Error(got)
	}
	if got := s.get("/v1/busy?_start=1&_end=2").each("output", 3); got != "live 3" {
		t.Error(got)
	}
	if got := s.get("/v1/busy?output_size_limit=1&_end=1").each("output", 3); got != "2" {
		t.Error(got)
	}
	if a := s.get("/v1/busy"); strings.Contains(a.body, "output_truncated") {
		t.Error(a.body)
	}
	if got := s.get("/v1/jobs/a/executions/" + list[0].ID).want(200).object()["output"]; got != "live 3" {
		t.Error(got)
	}
	s.get("/v1/jobs/a/executions/1-n1").want(404).wantBody("")
	s.get("/v1/jobs/x/executions/1-n1").want(404).wantBody("")
}

func TestARetryThatWaitsDoesNotRun(t *testing.T) {
	s := newRunServer(t)
	s.open("a", time.Now().Add(time.Hour), "n1")
	s.get("/v1/busy").each("id", 0)
	s.get("/v1/jobs/a/executions").each("id", 0)
	s.get("/v1/jobs/a/launches").each("id", 1)
}

func TestOutputThatIsNotTextIsReadable(t *testing.T) {
	s := newRunServer(t)
	s.ran("a", noon, done("a\xffb\x00"))
	if got := s.get("/v1/jobs/a/executions").each("output", 1); got != "a\ufffdb\x00" {
		t.Errorf("%q", got)
	}
}

func TestClearForgetsHistoryAndCounters(t *testing.T) {
	s := newRunServer(t)
	s.ran("a", noon, done("1"))
	s.ran("ab", noon, done("2"))
	s.do("DELETE", "/v1/jobs/a/executions", "").want(200)
	s.get("/v1/jobs/a/executions").each("id", 0)
	s.get("/v1/jobs/ab/executions").each("id", 1)
	s.do("DELETE", "/v1/jobs/none/executions", "").want(404).wantBody("")
}

func TestLaunches(t *testing.T) {
	s := newRunServer(t)
	s.get("/v1/jobs/a/launches").want(200).wantBody("[]").wantHeader("X-Total-Count", "0")
	s.ran("a", noon, done("1"), failed("exit status 3", ""))
	s.open("ab", noon.Add(time.Minute), "n1")
	s.open("a", noon.Add(time.Hour), "n1")
	id := s.open("a", noon.Add(2*time.Hour), "n1", "n2")
	if got := s.get("/v1/jobs/a/launches").each("state", 4); got != "running running failed success" {
		t.Error(got)
	}
	if got := s.get("/v1/jobs/a/launches?_end=1").each("id", 4); got != id {
		t.Error(got)
	}
	s.get("/v1/jobs/a/launches?state=failed").want(200).wantHeader("X-Total-Count", "1").wantBody(
		`[{"id":"a.1795435201000000000","job":"a","group":1795435201000000000,"scheduled_at":"2026-11-23T12:00:01Z","cause":"schedule",` +
			`"state":"failed","reason":"","created_at":"2026-11-23T12:00:01Z","ended_at":"2026-11-23T12:00:02Z","nodes":1,"succeeded":0,` +
			`"failed":0,"count":1,"until":null,"parent":""}]`)
	s.get("/v1/jobs/a/launches?state=nonsense").each("id", 0)
	s.get("/v1/jobs/x/launches").want(404).wantBody("")

	got := s.get("/v1/launches/" + id).want(200).object()
	if list, _ := got["executions"].([]any); got["ended_at"] != nil || got["nodes"] != 2.0 || len(list) != 2 {
		t.Error(got)
	}
	got = s.get("/v1/launches/a.1795435201000000000").want(200).object()
	if list, _ := got["executions"].([]any); len(list) != 1 {
		t.Error(got)
	}
	s.get("/v1/launches/a.1").want(404).wantBody("")
	s.get("/v1/launches/x.1").want(404).wantBody("")
	s.get("/v1/launches/nonsense").want(400).wantBody(`launch id "nonsense" is not of the form <job>.<group>`)
}

func TestMissedLaunchesTellHowMany(t *testing.T) {
	s := newRunServer(t)
	s.must(func(tx *state.Tx) error {
		r, err := readRecord(tx, "a")
		if err != nil {
			return err
		}
		l := &dkron.Launch{Number: 1, Job: "a", JobNumber: r.Job.Number, Group: 1, Nominal: noon, Until: noon.Add(time.Hour), Count: 61,
			Cause: dkron.CauseCatchup, State: dkron.LaunchMissed, Reason: "too late"}
		if err := tx.CloseLaunch(l, &r.Progress); err != nil {
			return err
		}
		tx.PutProgress(r.Job.Number, &r.Progress)
		return nil
	})
	got := s.get("/v1/launches/a.1").want(200).object()
	if got["count"] != 61.0 || got["until"] != "2026-11-23T13:00:00Z" || fmt.Sprint(got["executions"]) != "[]" || got["reason"] != "too late" {
		t.Error(got)
	}
}

func TestStatsPerDay(t *testing.T) {
	s := newRunServer(t)
	now := time.Now().UTC()
	s.ran("a", now.AddDate(0, 0, -1), done(""), failed("x", ""))
	var got struct{ Stats []statJSON }
	s.get("/v1/stats?days=2").want(200).decode(&got)
	yesterday := got.Stats[0]
	if len(got.Stats) != 2 || yesterday.SuccessCount+got.Stats[1].SuccessCount != 1 || !strings.HasPrefix(got.Stats[1].Date, now.Format(time.DateOnly)) {
		t.Errorf("%+v", got)
	}
	for days, want := range map[string]int{"": 30, "x": 30, "0": 30, "-4": 30, "7": 7, "365": 365, "9999": 365, fmt.Sprint(uint64(math.MaxUint64)): 30} {
		s.get("/v1/stats?days=" + days).want(200).decode(&got)
		if len(got.Stats) != want {
			t.Errorf("days=%s: %d", days, len(got.Stats))
		}
	}
}
