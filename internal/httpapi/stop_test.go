package httpapi

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"dkron"
)

// runs launches a job and returns the ids of the launch and of its first execution.
func (s *server) runs(job string) (launch, execution string) {
	s.t.Helper()
	launch = s.do("POST", "/v1/jobs/"+job+"/run", "").want(200).header.Get("X-Launch-Id")
	for _, e := range s.get("/v1/launches/" + launch).object()["executions"].([]any) {
		execution = fmt.Sprint(e.(map[string]any)["id"])
		break
	}
	return launch, execution
}

func TestStopAnswersBeforeTheEnd(t *testing.T) {
	s := newServer(t)
	s.create(`{"name":"a","schedule":"@manually"}`)
	launch, execution := s.runs("a")
	got := s.do("POST", "/v1/jobs/a/executions/"+execution+"/stop?reason=too+slow", "").want(202).object()
	if got["id"] != execution || got["stop_reason"] != "too slow" || got["stop_requested_by"] != "192.0.2.1" || got["stop_requested_at"] == nil || got["outcome"] != nil {
		t.Error(got)
	}
	got = s.do("POST", "/v1/launches/"+launch+"/stop", "").want(202).object()
	if got["id"] != launch || got["state"] != "running" || got["stopped_by"] != "192.0.2.1" {
		t.Error(got)
	}
	s.runs("a")
	s.do("POST", "/v1/jobs/a/stop", "").want(202).wantBody(`{"stopped":2}`)
	s.finish("a", dkron.Result{Outcome: dkron.Stopped})
	s.do("POST", "/v1/jobs/a/stop", "").want(202).wantBody(`{"stopped":0}`)
	s.do("POST", "/v1/jobs/a/stop?wait", "").want(200).wantBody(`{"stopped":0}`)
	s.do("POST", "/v1/launches/"+launch+"/stop", "").want(409).wantBody("the launch has ended already: stopped")
	s.do("POST", "/v1/jobs/a/executions/"+execution+"/stop", "").want(409).wantBody("the execution has ended already: stopped")
	if got := s.get("/v1/jobs/a/executions/" + execution).object(); got["outcome"] != "stopped" || got["stop_reason"] != "too slow" {
		t.Error(got)
	}
}

func TestStopWaitsForTheEnd(t *testing.T) {
	inTime(t, func(t *testing.T, s *server) {
		for _, c := range []struct{ path, want string }{
			{"/v1/jobs/a/executions/{execution}/stop?wait", `"outcome":"stopped"`},
			{"/v1/launches/{launch}/stop?wait", `"state":"stopped"`},
			{"/v1/jobs/a/stop?wait", `{"stopped":1}`},
		} {
			s.create(`{"name":"a","schedule":"@manually"}`)
			path := func() string {
				launch, execution := s.runs("a")
				return strings.NewReplacer("{launch}", launch, "{execution}", execution).Replace(c.path)
			}
			first, began := path(), time.Now()
			s.do("POST", first, "").want(202) // no node reports an end
			if took := time.Since(began); took != 40*time.Second {
				t.Errorf("%s took %s", first, took)
			}
			coming := s.later("POST", first, "")
			synctest.Wait()
			s.finish("a", dkron.Result{Outcome: dkron.Stopped})
			if a := (<-coming).want(200); !strings.Contains(a.body, c.want) {
				t.Errorf("%s answers %s", first, a.body)
			}
			coming = s.later("POST", path(), "")
			synctest.Wait()
			s.do("DELETE", "/v1/jobs/a", "").want(200)
			s.finish("a", dkron.Result{Outcome: dkron.Stopped})
			(<-coming).want(200) // its end is not recorded, but known
		}
	})
}

func TestStopEndsWhatHasNotBegun(t *testing.T) {
	s := newServer(t)
	s.create(`{"name":"a","schedule":"@manually","retries":3,"retry_backoff":{"initial":"1m"}}`, `{"name":"q","schedule":"@manually","concurrency":"queue"}`)
	_, execution := s.runs("a")
	s.finish("a", dkron.Result{Outcome: dkron.Failed})
	group, node, _ := strings.Cut(execution, "-")
	retry := strings.TrimSuffix(group, "0") + "1-" + node // half a millisecond, and one nanosecond per attempt
	got := s.do("POST", "/v1/jobs/a/executions/"+retry+"/stop", "").want(202).object()
	if got["outcome"] != "stopped" || got["attempt"] != 2.0 {
		t.Error(got)
	}
	s.runs("q")
	waiting := s.do("POST", "/v1/jobs/q/run", "").wantHeader("X-Launch-State", "queued").header.Get("X-Launch-Id")
	if got := s.do("POST", "/v1/launches/"+waiting+"/stop?wait&reason=never+mind", "").want(200).object(); got["reason"] != "stopped on request of 192.0.2.1: never mind" {
		t.Error(got)
	}
}

func TestStopRefusesWhatIsNotThere(t *testing.T) {
	s := newServer(t)
	s.create(`{"name":"a","schedule":"@manually"}`)
	launch, execution := s.runs("a")
	for _, path := range []string{"/v1/jobs/x/stop", "/v1/jobs/x/executions/" + execution + "/stop", "/v1/jobs/a/executions/1-n1/stop", "/v1/launches/x.1/stop", "/v1/launches/a.1/stop", "/v1/launches/a.0/stop"} {
		s.do("POST", path, "").want(404).wantBody("")
	}
	s.do("POST", "/v1/launches/nonsense/stop", "").want(400)
	long := "?reason=" + url.QueryEscape(strings.Repeat("é", 201))
	for _, path := range []string{"/v1/jobs/a/stop", "/v1/jobs/a/executions/" + execution + "/stop", "/v1/launches/" + launch + "/stop"} {
		s.do("POST", path+long, "").want(400).wantBody("reason has 201 characters, use at most 200")
		s.do("GET", path, "").want(405)
	}
	if got := s.get("/v1/launches/" + launch).object(); got["stopped_by"] != nil {
		t.Error("a request that was refused changed something")
	}
	s.do("POST", "/v1/launches/"+launch+"/stop?reason="+url.QueryEscape(strings.Repeat("é", 200)), "").want(202)
}
