package httpapi

import (
	"strings"
	"testing"
	"testing/synctest"

	"dkron"
)

// orphan starts a job, deletes it, and creates another of the same name if asked to.
func (s *server) orphan(again bool) (launch, execution string) {
	s.t.Helper()
	s.create(`{"name":"a","schedule":"@manually"}`)
	launch, execution = s.runs("a")
	s.do("DELETE", "/v1/jobs/a", "").want(200)
	if again {
		s.create(`{"name":"a","schedule":"@manually","concurrency":"queue"}`)
	}
	return launch, execution
}

func TestWhatRunsOfADeletedJobCanBeReachedUntilItEnds(t *testing.T) {
	for _, again := range []bool{false, true} {
		s := newServer(t)
		launch, execution := s.orphan(again)
		path := "/v1/jobs/a/executions/" + execution
		for _, list := range []string{"/v1/busy", "/v1/executions", "/v1/executions?job=a&status=running"} {
			if a := s.get(list).want(200); !strings.Contains(a.body, execution) {
				t.Errorf("%s has %s", list, a.body)
			}
		}
		for _, list := range []string{"/v1/launches", "/v1/launches?job=a&state=running"} {
			if a := s.get(list).want(200); !strings.Contains(a.body, launch) {
				t.Errorf("%s has %s", list, a.body)
			}
		}
		if got := s.get("/v1/launches/" + launch).want(200).object(); got["state"] != "running" || len(got["executions"].([]any)) != 1 {
			t.Errorf("%v", got)
		}
		if got := s.get(path).want(200).object(); got["output"] != "live 1" {
			t.Errorf("%v", got)
		}
		s.get(path+"/output").want(200).wantBody("live 1").wantHeader("X-Execution-State", "running")
		if got := s.do("POST", path+"/stop?reason=late", "").want(202).object(); got["stop_reason"] != "late" {
			t.Errorf("%v", got)
		}
		if got := s.do("POST", "/v1/launches/"+launch+"/stop", "").want(202).object(); got["stopped_by"] != "192.0.2.1" {
			t.Errorf("%v", got)
		}
		s.do("POST", "/v1/jobs/a/stop", "").want(202).wantBody(`{"stopped":1}`)
		s.finish("a", dkron.Result{Outcome: dkron.Stopped})
		for _, gone := range []string{"/v1/launches/" + launch, path, path + "/output"} {
			s.get(gone).want(404)
		}
		for _, gone := range []string{"/v1/launches/" + launch + "/stop", path + "/stop"} {
			s.do("POST", gone, "").want(404)
		}
		for _, list := range []string{"/v1/busy", "/v1/executions", "/v1/launches"} {
			s.get(list).want(200).wantBody("[]")
		}
		if !again {
			s.do("POST", "/v1/jobs/a/stop", "").want(404)
		}
	}
}

func TestTheOutputOfADeletedJobIsFollowedToItsEnd(t *testing.T) {
	followed(t, func(t *testing.T, s *server, path string) {
		s.do("DELETE", "/v1/jobs/a", "").want(200)
		coming := s.later("GET", path+"?follow", "")
		synctest.Wait()
		s.live.hold(0, "one\n")
		tick()
		s.finish("a", dkron.Result{Outcome: dkron.Failed})
		end := (<-coming).wantEvents(`output 4 "one\n"`, `end  {"id":…`).events()[1]
		if !strings.Contains(end, `"outcome":"failed"`) || strings.Contains(end, `"finished_at":"0001`) || !strings.Contains(end, `"output_size":4`) {
			t.Error(end)
		}
	})
}

func TestADeletionCanStopWhatRuns(t *testing.T) {
	inTime(t, func(t *testing.T, s *server) {
		s.create(`{"name":"a","schedule":"@manually"}`)
		_, execution := s.runs("a")
		s.do("DELETE", "/v1/jobs/a?stop=false", "").want(200)
		if got := s.get("/v1/jobs/a/executions/" + execution).want(200).object(); got["stop_requested_at"] != nil {
			t.Errorf("it is stopped: %v", got)
		}
		s.create(`{"name":"a","schedule":"@manually"}`)
		_, execution = s.runs("a")
		s.do("DELETE", "/v1/jobs/a?stop&reason="+strings.Repeat("x", maxReason+1), "").want(400)
		coming := s.later("DELETE", "/v1/jobs/a?stop&wait&reason=old", "")
		synctest.Wait()
		got := s.get("/v1/jobs/a/executions/" + execution).want(200).object()
		if got["stop_reason"] != "old" || got["stop_requested_by"] != "192.0.2.1" || len(coming) > 0 {
			t.Errorf("%v", got)
		}
		s.finish("a", dkron.Result{Outcome: dkron.Stopped})
		if got := (<-coming).want(200).object(); got["name"] != "a" || got["running"] != 1.0 {
			t.Errorf("%v", got)
		}
	})
}
