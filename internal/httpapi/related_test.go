package httpapi

import (
	"fmt"
	"strings"
	"testing"

	"dkron"
	"dkron/internal/state"
)

func TestRelatedJobsAreToldNearestFirst(t *testing.T) {
	s := newServer(t)
	s.create(`{"name":"root","schedule":"@daily"}`, `{"name":"b","parent_job":"root"}`, `{"name":"a","parent_job":"root"}`,
		`{"name":"both","parents":[{"job":"a"},{"job":"b"}]}`, `{"name":"other","schedule":"@daily"}`)
	for job, want := range map[string]string{
		"root": "root a b both", "a": "a both root b", "both": "both a b root", "other": "other",
	} {
		if got := s.get("/v1/jobs/"+job+"/related").each("name", len(strings.Fields(want))); got != want {
			t.Errorf("%s: %q, want %q", job, got, want)
		}
	}
	a := s.get("/v1/jobs/other/related")
	if want := "[" + s.get("/v1/jobs/other").body + "]"; a.body != want {
		t.Errorf("%s differs from the job's own endpoint: %s", a.body, want)
	}
	s.do("GET", "/v1/jobs/other/related", "", header{"If-None-Match", a.header.Get("Etag")}).want(304)
	s.get("/v1/jobs/none/related").want(404).wantBody("")
	s.create(`{"name":"b","schedule":"@daily"}`) // has no parent any more
	if got := s.get("/v1/jobs/root/related").each("name", 4); got != "root a both b" {
		t.Errorf("%q", got)
	}
}

func TestRelatedJobsAreBounded(t *testing.T) {
	s := newServer(t)
	s.must(func(tx *state.Tx) error {
		root := dkron.Job{Name: "root", Number: tx.NewJobNumber()}
		for i := range countRelated + 5 {
			j := dkron.Job{Name: fmt.Sprintf("c%05d", i), Number: tx.NewJobNumber(), ParentJob: "root"}
			root.DependentJobs = append(root.DependentJobs, j.Name)
			if err := tx.PutJob(&j, &dkron.Progress{}); err != nil {
				return err
			}
		}
		return tx.PutJob(&root, &dkron.Progress{})
	})
	var list []map[string]any
	a := s.get("/v1/jobs/root/related").want(200).wantHeader("X-Total-Count", "10000")
	if a.decode(&list); len(list) != maxRelated || list[0]["name"] != "root" || list[maxRelated-1]["name"] != "c00498" {
		t.Errorf("%d jobs", len(list))
	}
}
