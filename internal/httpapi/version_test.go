package httpapi

import (
	"fmt"
	"strings"
	"testing"
)

func TestVersionsOfAJob(t *testing.T) {
	s := newServer(t)
	s.create(`{"name":"p","schedule":"@manually"}`, `{"name":"a","schedule":"@hourly","owner":"ann"}`, `{"name":"a","schedule":"@daily","parents":[{"job":"p"}]}`)
	var list []struct {
		Revision  int
		UpdatedAt string `json:"updated_at"`
		UpdatedBy string `json:"updated_by"`
		Job       map[string]any
	}
	s.get("/v1/jobs/a/versions").want(200).wantHeader("X-Total-Count", "2").decode(&list)
	if len(list) != 2 || list[0].Revision != 2 || list[1].Revision != 1 || list[1].UpdatedBy != "192.0.2.1" || list[1].UpdatedAt == "" {
		t.Fatalf("%+v", list)
	}
	if list[0].Job["schedule"] != "@daily" || list[1].Job["schedule"] != "@hourly" || list[1].Job["owner"] != "ann" {
		t.Errorf("%+v", list)
	}
	for _, key := range []string{
		"id", "success_count", "error_count", "last_success", "last_error", "status", "next", "dependent_jobs", "running", "queued",
		"created_at", "updated_at", "updated_by", "revision", "schedule_text", "launch_id",
	} {
		if _, ok := list[0].Job[key]; ok {
			t.Errorf("%s is no part of a definition", key)
		}
	}
	one := s.get("/v1/jobs/a/versions/1").want(200)
	_, definition, _ := strings.Cut(strings.TrimSuffix(one.body, "}"), `"job":`)
	s.do("PUT", "/v1/jobs/a", definition).want(201).wantHeader("Warning", "")
	if got := s.get("/v1/jobs/a").object(); got["owner"] != "ann" || got["revision"] != 3.0 {
		t.Errorf("sent back: %v", got)
	}
	s.get("/v1/jobs/a/versions/3").want(200)
	s.get("/v1/jobs/p/versions").each("revision", 1)
}

func TestRevertMakesAnEarlierDefinitionCurrent(t *testing.T) {
	s := newServer(t)
	s.create(`{"name":"a","schedule":"@hourly","owner":"ann"}`, `{"name":"a","schedule":"@daily"}`)
	a := s.do("POST", "/v1/jobs/a/versions/1/revert", "").want(200).wantHeader("Location", "/v1/jobs/a")
	if got := a.object(); got["owner"] != "ann" || got["revision"] != 3.0 || got["schedule"] != "@hourly" {
		t.Error(got)
	}
	s.get("/v1/jobs/a").wantBody(a.body)
	s.do("POST", "/v1/jobs/a/versions/3/revert", "").want(200).wantBody(a.body) // it is that already
	if got := s.get("/v1/jobs/a/versions").each("revision", 3); got != "3 2 1" {
		t.Error(got)
	}
	s.do("POST", "/v1/pause", "")
	s.do("POST", "/v1/jobs/a/versions/1/revert", "").want(503).wantBody("New job submissions are currently paused")
}

func TestVersionsThatAreNotThere(t *testing.T) {
	s := newServer(t)
	s.create(`{"name":"p","schedule":"@hourly"}`, `{"name":"a","parent_job":"p"}`, `{"name":"a","schedule":"@daily"}`)
	s.do("DELETE", "/v1/jobs/p", "").want(200)
	s.do("POST", "/v1/jobs/a/versions/1/revert", "").want(404).wantBody("specified parent job not found")
	for path, method := range map[string]string{"/v1/jobs/%s/versions/%s": "GET", "/v1/jobs/%s/versions/%s/revert": "POST"} {
		s.do(method, fmt.Sprintf(path, "a", "9"), "").want(404).
			wantBody(`job "a" has no revision 9, or it is no longer kept; /v1/jobs/{job}/versions lists those that are`)
		s.do(method, fmt.Sprintf(path, "none", "1"), "").want(404).wantBody("")
		for _, bad := range []string{"0", "-1", "x", "1.0"} {
			s.do(method, fmt.Sprintf(path, "a", bad), "").want(400).wantBody(`the revision must be a positive number, not "` + bad + `"`)
		}
	}
	s.get("/v1/jobs/none/versions").want(404).wantBody("")
}
