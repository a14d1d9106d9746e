package httpapi

import (
	"testing"
	"time"

	"dkron"
	"dkron/internal/launchform"
)

// A script that writes ?dry_run=$DRY_RUN with DRY_RUN=false means what it says.
func TestAParameterThatIsSaidToBeFalseIsAsGoodAsLeftOut(t *testing.T) {
	up := new(syncs)
	s := newServer(t, func(c *Config) { c.Syncer = up })
	s.create(`{"name":"a","schedule":"@hourly"}`)
	const file = `[{"name":"a","schedule":"@daily"}]`
	for _, no := range []string{"false", "False", "0", "no"} {
		s.do("POST", "/v1/restore?dry_run="+no, file, asJSON).want(200).wantBody(`"[\"success create a\"]"`)
		a := s.do("PUT", "/v1/jobs/a?runoncreate="+no, `{"schedule":"@hourly"}`).want(201).wantHeader("X-Launch-Id", "")
		if a.object()["launch_id"] != nil {
			t.Errorf("runoncreate=%s ran it", no)
		}
		began := time.Now()
		run := s.do("POST", "/v1/jobs/a/run?wait="+no, "").want(200).wantHeader("X-Launch-State", "running")
		s.do("POST", "/v1/launches/"+run.header.Get("X-Launch-Id")+"/stop?wait="+no, "").want(202)
		var list []launchform.Execution
		s.get("/v1/jobs/a/executions?consistent=" + no).decode(&list)
		s.get("/v1/jobs/a/executions/"+list[0].ID+"/output?follow="+no).want(200).wantHeader("Content-Type", "text/plain; charset=utf-8")
		if took := time.Since(began); took > waitTime/2 {
			t.Errorf("%s: took %v", no, took)
		}
		s.finish("a", dkron.Result{Outcome: dkron.Stopped})
		s.get("/v1/jobs/a?pretty=" + no).wantBody(s.get("/v1/jobs/a?pretty").body)
	}
	if up.n > 0 {
		t.Errorf("%d reads waited for the leader", up.n)
	}
	for _, yes := range []string{"", "=", "=true", "=1", "=yes", "=on", "=anything"} {
		s.do("POST", "/v1/restore?dry_run"+yes, file, asJSON).want(200).wantBody(`{"create":[],"update":["a"],"unchanged":[]}`)
	}
}
