package httpapi

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"dkron"
	"dkron/internal/command"
	"dkron/internal/state"
)

// fire has the leader launch a job's next due instant at that time, on the nodes that are there, or record it as missed.
func (s *server) fire(job string, missed uint64, nodes ...string) {
	s.t.Helper()
	r := s.record(job)
	d := dkron.Due{Job: r.Job.Number, Revision: r.Job.Revision, Nominal: r.Progress.Next, Next: r.Progress.Next.Add(time.Hour), Cause: dkron.CauseSchedule, Targets: nodes}
	if missed > 0 {
		d.Missed, d.Until, d.Reason = missed, d.Nominal, "there was no leader"
	}
	s.apply(&command.Fire{Due: []dkron.Due{d}, Now: d.Nominal})
}

func (s *server) record(job string) (r *dkron.Record) {
	s.t.Helper()
	err := s.store.View(func(tx *state.Tx) (err error) {
		r, err = readRecord(tx, job)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

func (s *server) apply(c command.Command) {
	s.t.Helper()
	if result, _, err := s.log.Propose(s.t.Context(), command.Encode(c)); err != nil || result != nil {
		s.t.Fatal(result, err)
	}
}

// is checks what the API says of a job's health, in the job and in the list.
func (s *server) is(job, health string, streak int) map[string]any {
	s.t.Helper()
	a := s.get("/v1/jobs/" + job).want(200).object()
	if a["health"] != health || a["failure_streak"] != float64(streak) {
		s.t.Errorf("%s is %v, with %v failures in a row, want %s, %d", job, a["health"], a["failure_streak"], health, streak)
	}
	for _, word := range []string{"failing", "ok", "did_not_run", "late"} {
		listed := strings.Contains(s.get("/v1/jobs?health=waiting,"+word).want(200).body, `"id":"`+job+`"`)
		if want := health == word || health == "waiting"; listed != want {
			s.t.Errorf("%s in the list of %s: %v", job, word, listed)
		}
	}
	return a
}

func TestHealthOfAJobFromItsFirstLaunchOn(t *testing.T) {
	s := newServer(t)
	now := time.Now().UTC().Truncate(time.Second)
	s.api.now = func() time.Time { return now }
	s.create(`{"name":"a","schedule":"@hourly","concurrency":"replace"}`)
	if a := s.is("a", "ok", 0); a["last_launch"] != nil || a["health_since"] != nil {
		t.Errorf("it has not run: %v", a)
	}
	due := s.record("a").Progress.Next
	now = due.Add(59 * time.Second)
	s.is("a", "ok", 0)
	now = due.Add(time.Minute)
	if a := s.is("a", "late", 0); a["health_since"] != due.Format(time.RFC3339) {
		t.Errorf("late since %v", a["health_since"])
	}
	s.fire("a", 3)
	a := s.is("a", "did_not_run", 0)
	if last := a["last_launch"].(map[string]any); last["state"] != "missed" || last["reason"] == "" || last["cause"] != "schedule" || a["health_since"] != due.Format(time.RFC3339) {
		t.Errorf("missed: %v", a)
	}
	for range 2 {
		s.fire("a", 0, "n1")
		s.finish("a", dkron.Result{Outcome: dkron.Failed, ExitCode: &dkron.ExitCode{Code: 17}, Output: []byte("ERROR 503\n")})
	}
	a = s.is("a", "failing", 2)
	if last := a["last_launch"].(map[string]any); last["reason"] != "exit code 17 on n1: ERROR 503" || last["state"] != "failed" || a["status"] != "failed" {
		t.Errorf("failed: %v", a)
	}
	since := a["health_since"]

	s.fire("a", 0, "n1") // stopped by a person
	s.do("POST", "/v1/jobs/a/stop", "").want(202)
	s.finish("a", dkron.Result{Outcome: dkron.Stopped})
	a = s.is("a", "failing", 2)
	if last := a["last_launch"].(map[string]any); last["state"] != "stopped" || a["health_since"] != since || a["error_count"] != 3.0 || a["stopped_count"] != 1.0 {
		t.Errorf("stopped: %v", a)
	}
	s.fire("a", 0) // waits for a node
	s.apply(&command.Assign{Targets: []dkron.Assignment{{Launch: s.openLaunch("a")}}, Now: now})
	if a = s.is("a", "failing", 2); a["last_launch"].(map[string]any)["state"] != "no_target" {
		t.Errorf("no node: %v", a["last_launch"])
	}
	s.fire("a", 0, "n1")
	s.finish("a", dkron.Result{Outcome: dkron.Success})
	s.is("a", "ok", 0)
	s.fire("a", 0)
	s.apply(&command.Assign{Targets: []dkron.Assignment{{Launch: s.openLaunch("a")}}, Now: now})
	s.is("a", "did_not_run", 0)
	s.do("POST", "/v1/jobs/a/toggle", "").want(200)
	s.is("a", "disabled", 0)
	s.get("/v1/jobs/a/stats").want(200).wantField("executions", 4.0).wantField("stopped", 1.0)
	s.get("/v1/stats?days=1").want(200).wantField("health", map[string]any{
		"disabled": 1.0, "failing": 0.0, "did_not_run": 0.0, "late": 0.0, "long_running": 0.0, "waiting": 0.0, "never_due": 0.0, "ok": 0.0,
	})
}

// openLaunch returns the number of the only open launch of a job.
func (s *server) openLaunch(job string) uint64 {
	open := s.store.Index().OpenLaunchesOf(s.record(job).Job.Number)
	if len(open) != 1 {
		s.t.Fatalf("%d launches are open", len(open))
	}
	return open[0]
}

func TestAReplacedLaunchIsNeitherASuccessNorAFailure(t *testing.T) {
	s := newServer(t)
	s.create(`{"name":"a","schedule":"@hourly","concurrency":"replace"}`)
	s.fire("a", 0, "n1")
	s.fire("a", 0, "n1")
	s.finish("a", dkron.Result{Outcome: dkron.Stopped})
	a := s.get("/v1/jobs/a").want(200).object()
	if a["failure_streak"] != 0.0 || a["health"] == "failing" || a["status"] != "failed" || a["error_count"] != 1.0 || a["stopped_count"] != 1.0 {
		t.Errorf("replaced: %v", a)
	}
	s.get("/v1/jobs/a/stats").want(200).wantField("success_rate", nil).wantField("stopped", 1.0)
}

func TestRecentLaunchesAreInTheRowsOfAList(t *testing.T) {
	s := newServer(t)
	s.create(`{"name":"a","schedule":"@hourly"}`, `{"name":"b","schedule":"@hourly"}`)
	for i := range 4 {
		s.fire("a", 0, "n1")
		s.finish("a", dkron.Result{Outcome: []dkron.Outcome{dkron.Success, dkron.Failed}[i%2]})
	}
	s.fire("a", 0, "n1")
	states := func(path string) (out string) {
		for _, l := range s.get(path).want(200).object()["recent_launches"].([]any) {
			l := l.(map[string]any)
			out += fmt.Sprintf("%v %v %v, ", l["state"], l["ended_at"] == nil, l["started_at"] == nil)
		}
		return out
	}
	if got := states("/v1/jobs/a?recent=3"); got != "running true false, failed false false, success false false, " {
		t.Error(got)
	}
	if got := states("/v1/jobs/b?recent=20"); got != "" {
		t.Error(got)
	}
	if list := s.get("/v1/jobs?recent=2").want(200).body; strings.Count(list, `"recent_launches":[`) != 2 || strings.Count(list, `"scheduled_at"`) != 2+1 {
		t.Error(list)
	}
	for _, bad := range []string{"0", "21", "x", "-1"} {
		s.get("/v1/jobs?recent=" + bad).want(400).wantBody(fmt.Sprintf("recent must be a number from 1 to 20, got %q", bad))
	}
	s.get("/v1/jobs?health=failing,bad").want(400).
		wantBody(`health must be one or more of disabled, failing, did_not_run, late, long_running, waiting, never_due, ok, got "bad"`)
}

// What an earlier version has stored has no last launch and no row of failures.
func TestHealthOfAJobOfAnEarlierVersion(t *testing.T) {
	s := newServer(t)
	s.create(`{"name":"a","schedule":"@hourly"}`)
	s.fire("a", 0, "n1")
	s.finish("a", dkron.Result{Outcome: dkron.Failed})
	s.must(func(tx *state.Tx) error {
		r, err := readRecord(tx, "a")
		if err != nil {
			return err
		}
		r.Progress.Forget()
		r.Progress.Last = nil
		tx.PutProgress(r.Job.Number, &r.Progress)
		return nil
	})
	a := s.is("a", "failing", 1)
	if a["health_since"] != a["last_error"] || a["last_launch"].(map[string]any)["state"] != "failed" {
		t.Errorf("%v", a)
	}
	s.fire("a", 1)
	s.is("a", "failing", 1) // what did not run says nothing else
	s.fire("a", 0, "n1")
	s.finish("a", dkron.Result{Outcome: dkron.Success})
	s.is("a", "ok", 0)
}

func (a *answer) wantField(name string, want any) *answer {
	a.t.Helper()
	if got := a.object()[name]; !reflect.DeepEqual(got, want) {
		a.t.Errorf("%s is %v, want %v", name, got, want)
	}
	return a
}

func readRecord(tx *state.Tx, name string) (*dkron.Record, error) {
	j, p, err := tx.Record(name)
	if err != nil {
		return nil, err
	}
	return &dkron.Record{Job: *j, Progress: *p}, nil
}

func TestJobsWithOpenLaunchesAreFound(t *testing.T) {
	s := newServer(t)
	for _, name := range []string{"idle", "runs", "waits"} {
		s.create(`{"name":"` + name + `","schedule":"@hourly"}`)
	}
	s.fire("runs", 0, "n1")
	s.fire("waits", 0)
	names := func(query string) (names []string) {
		var list []map[string]any
		s.get("/v1/jobs?" + query).want(200).decode(&list)
		for _, j := range list {
			names = append(names, j["name"].(string))
		}
		return names
	}
	if got := names("_open=true"); !reflect.DeepEqual(got, []string{"runs", "waits"}) {
		t.Errorf("with open launches: %v", got)
	}
	if got := names("_open=false"); !reflect.DeepEqual(got, []string{"idle"}) {
		t.Errorf("without: %v", got)
	}
	s.finish("runs", dkron.Result{Outcome: dkron.Success})
	if got := names("_open=true"); !reflect.DeepEqual(got, []string{"waits"}) {
		t.Errorf("after one has ended: %v", got)
	}
	s.get("/v1/jobs?_open=maybe").want(400)
}
