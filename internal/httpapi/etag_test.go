package httpapi

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"dkron"
	"dkron/internal/request"
	"dkron/internal/state"
)

func TestReadsAnswer304ToAClientThatIsUpToDate(t *testing.T) {
	s := newListServer(t)
	s.must(func(tx *state.Tx) error {
		r, err := readRecord(tx, "a")
		start(tx, r, noon, dkron.CauseManual, "n1")
		return err
	})
	id := s.get("/v1/jobs/a/launches").want(200)
	var launches []launchJSON
	id.decode(&launches)
	for _, path := range []string{
		"/v1/jobs", "/v1/jobs?_end=1", "/v1/jobs/a", "/v1/jobs/a/executions", "/v1/jobs/a/launches", "/v1/launches/" + launches[0].ID,
		"/v1/members", "/v1/stats", "/v1/stats/minutes?since=2099-11-23T12:00:00Z", "/v1/jobs/a/stats", "/v1/jobs/a/preview?from=2026-11-23T12:00:00Z",
		"/v1/due?from=2099-11-23T12:00:00Z", "/v1/due/minutes?from=2099-11-23T12:00:00Z",
	} {
		first := s.get(path).want(200)
		tag := first.header.Get("Etag")
		if len(tag) < 20 || tag[0] != '"' {
			t.Errorf("%s: ETag %s", path, tag)
		}
		for _, method := range []string{"GET", "HEAD"} {
			a := s.do(method, path, "", header{"If-None-Match", tag}).want(304).wantBody("").wantHeader("Etag", tag)
			a.wantHeader("X-Whom", "n1").wantHeader("Cache-Control", "no-cache").wantVary("Accept-Encoding").
				wantHeader("Content-Type", "").wantHeader("Content-Length", "").
				wantHeader("X-Total-Count", first.header.Get("X-Total-Count"))
			s.do(method, path, "", header{"If-None-Match", `"other"`}).want(200).wantHeader("Etag", tag)
		}
	}
}

func TestIfNoneMatchIsReadAsAList(t *testing.T) {
	s := newListServer(t)
	tag := s.get("/v1/jobs/a").header.Get("Etag")
	name := strings.Trim(tag, `"`)
	for list, want := range map[string]string{
		"*": tag, `"x", ` + tag: tag, `W/"a,b" , W/` + tag + `,"z"`: "W/" + tag,
		`"` + name + `-gzip"`: `"` + name + `-gzip"`, `W/"` + name + `-zstd"`: `W/"` + name + `-zstd"`,
	} {
		s.do("GET", "/v1/jobs/a", "", header{"If-None-Match", list}).want(304).wantHeader("Etag", want)
	}
	for _, list := range []string{"", ",", "x", `"`, `W/`, `"` + name, name, `"` + name + `x"`, `"` + name + `-br"`, `"x" "y"`} {
		s.do("GET", "/v1/jobs/a", "", header{"If-None-Match", list}).want(200)
	}
}

func TestTagChangesWithWhateverTheAnswerSays(t *testing.T) {
	s := newListServer(t)
	changes := func(path, what string, change func()) {
		t.Helper()
		tag := s.get(path).want(200).header.Get("Etag")
		change()
		s.do("GET", path, "", header{"If-None-Match", tag}).want(200)
		if t.Failed() {
			t.Fatal(path, what)
		}
	}
	toggle := func() { s.do("POST", "/v1/jobs/a/toggle", "").want(200) }
	changes("/v1/jobs/a", "definition", toggle)
	changes("/v1/jobs", "definition", toggle)
	changes("/v1/jobs?_end=1", "only the total", func() { s.create(`{"name":"zz","schedule":"@hourly"}`) })
	changes("/v1/jobs/a/stats", "history", func() { s.ran("a", noon, dkron.Execution{Outcome: dkron.Failed}) })
	changes("/v1/stats", "counts", func() { s.ran("a", s.api.now(), dkron.Execution{Outcome: dkron.Failed}) })
	changes("/v1/stats/minutes", "counts", func() { s.ran("a", s.api.now(), dkron.Execution{Outcome: dkron.Failed}) })
	changes("/v1/members", "status", func() { s.cluster.members = []Member{{Name: "n1", Status: MemberFailed}} })
	s.do("POST", "/v1/jobs/a/run", "").want(200)
	var launches []launchJSON
	s.get("/v1/jobs/a/launches").decode(&launches)
	changes("/v1/launches/"+launches[0].ID, "live output", func() { s.live.text = "more" })
	if s.get("/v1/jobs/a").header.Get("Etag") == s.get("/v1/jobs/a?pretty").header.Get("Etag") {
		t.Error("the indented form has the same tag")
	}
}

func TestWritesHaveNoTag(t *testing.T) {
	s := newServer(t)
	s.do("POST", "/v1/jobs", `{"name":"a","schedule":"@hourly"}`, header{"If-None-Match", "*"}).want(201).wantHeader("Etag", "")
	s.do("POST", "/v1/jobs/a/toggle", "", header{"If-None-Match", "*"}).want(200).wantHeader("Etag", "")
	s.get("/v1/jobs/none").want(404).wantHeader("Etag", "")
}

// many stores n jobs at once.
func (s *server) many(n int) {
	s.must(func(tx *state.Tx) error {
		for i := range n {
			r := dkron.Record{Job: dkron.Job{Name: fmt.Sprintf("job%05d", i), Schedule: "@hourly", Number: tx.NewJobNumber()}}
			if err := tx.PutJob(&r.Job, &r.Progress); err != nil {
				return err
			}
		}
		return nil
	})
}

func TestTagOfALongListIsThatOfTheStateAndTheChoice(t *testing.T) {
	s := newServer(t)
	s.many(1200)
	first := s.get("/v1/jobs").want(200)
	tag := first.header.Get("Etag")
	if !strings.HasPrefix(tag, `W/"`) {
		t.Fatal(tag)
	}
	s.do("GET", "/v1/jobs", "", header{"If-None-Match", tag}).want(304).wantBody("").wantHeader("X-Total-Count", "1200")
	for _, other := range []string{"?pretty", "?_order=DESC", "?_end=1150", "?_start=100"} {
		s.do("GET", "/v1/jobs"+other, "", header{"If-None-Match", tag}).want(200)
	}
	if _, err := request.Do(context.Background(), s, &request.ToggleJob{Job: "job00007"}); err != nil {
		t.Fatal(err)
	}
	s.do("GET", "/v1/jobs", "", header{"If-None-Match", tag}).want(200)
	tag = s.get("/v1/jobs").header.Get("Etag")
	s.handler = New(Config{NodeName: "n1", Controller: s, Cluster: s.cluster, Store: s.store}) // as after a restart of the process
	s.do("GET", "/v1/jobs", "", header{"If-None-Match", tag}).want(200)
}
