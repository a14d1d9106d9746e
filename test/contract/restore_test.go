package contract

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"slices"
	"strings"
	"testing"
)

// restore sends a file to be restored.
func (s *site) restore(content string) *answer {
	s.t.Helper()
	return s.upload("file", content)
}

func (s *site) upload(part, content string) *answer {
	s.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	f, err := w.CreateFormFile(part, "jobs.json")
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := f.Write([]byte(content)); err != nil {
		s.t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		s.t.Fatal(err)
	}
	return s.send("POST", "/v1/restore", &body, "Content-Type: "+w.FormDataContentType())
}

// outcome returns a restore's result for each job: a JSON string that contains a JSON array.
func (a *answer) outcome() []string {
	a.s.t.Helper()
	a.want(200).wantJSON()
	var text string
	a.decode(&text)
	var list []string
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		a.s.t.Fatalf("%s: %v in %q", a.what, err, text)
	}
	for i := range list {
		list[i] = strings.ReplaceAll(list[i], a.s.prefix, "")
	}
	return list
}

// file is jobs as a file to restore. Their names and parents get the test's prefix.
func (s *site) file(jobs ...job) string {
	s.t.Helper()
	var out []job
	for _, j := range jobs {
		j = j.with(job{"name": s.name(j["name"].(string))})
		if p, ok := j["parent_job"].(string); ok {
			j["parent_job"] = s.name(p)
		}
		out = append(out, j)
	}
	data, err := json.Marshal(out)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(data)
}

func TestRestoreStoresAFamilyParentsFirst(t *testing.T) {
	all(t, func(t *testing.T, s *site) {
		a := s.restore(s.file(
			job{"name": "g", "parent_job": "c"}, job{"name": "c", "parent_job": "p"}, job{"name": "p", "schedule": "@manually"}, job{"name": "x", "schedule": "@manually"},
		))
		list := a.outcome()
		at := func(n string) int { return slices.Index(list, "success create "+n) }
		if len(list) != 4 || at("x") < 0 || at("p") < 0 || at("p") > at("c") || at("c") > at("g") {
			t.Errorf("%v", list)
		}
		s.get(s.path("p", "")).golden("restored_parent", jobKeys...)
	})
}

func TestRestoreOfNothing(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.restore("[]").want(200).wantJSON().wantBody(`"[]"`)
	})
}

func TestRestoreBringsBackWhatAListingHas(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.create("p", shell("true").with(job{"owner": "o"}))
		s.create("c", s.child("p", "true"))
		s.run("p")
		s.finished("c", 1)
		listing := s.get("/v1/jobs?q=" + s.prefix).want(200).body
		s.del(s.path("c", "")).want(200)
		s.del(s.path("p", "")).want(200)
		if got := s.restore(listing).outcome(); len(got) != 2 {
			t.Errorf("%v", got)
		}
		p := s.read("p")
		if p.SuccessCount != 1 || p.Status != "success" || p.LastSuccess == nil { // only a restore may set them
			t.Errorf("%+v", p)
		}
		if len(p.DependentJobs) != 1 { // Q35
			t.Errorf("dependent_jobs %v", p.DependentJobs)
		}
		s.run("p")
		s.until("the child has run", func() bool { return s.read("c").SuccessCount == 2 })
		if got := len(s.finished("c", 1)); got != 1 {
			t.Errorf("the child ran %d times", got)
		}
	})
}

func TestRestoreOverwritesByTheRulesOfAnUpdate(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.ran("a", shell("true").with(job{"owner": "o"}))
		s.restore(s.file(job{"name": "a", "schedule": "@daily"})).outcome()
		if j := s.read("a"); j.Schedule != "@daily" || j.SuccessCount != 1 || j.Status != "success" {
			t.Errorf("%+v", j)
		}
		o := s.get(s.path("a", "")).object()
		if o["owner"] != "" || o["concurrency"] != "" { // a file without it keeps ""
			t.Errorf("owner %v, concurrency %v", o["owner"], o["concurrency"])
		}
		if got := len(s.executions("a")); got != 1 {
			t.Errorf("%d executions", got)
		}
	})
}

// Q34
func TestRestoreTakesAChildOfAJobThatIsThere(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.create("p", job{})
		if got := s.restore(s.file(job{"name": "c", "parent_job": "p"})).outcome(); len(got) != 1 || got[0] != "success create c" {
			t.Errorf("%v", got)
		}
		if got := s.read("p").DependentJobs; len(got) != 1 {
			t.Errorf("dependent_jobs %v", got)
		}
	})
}

func TestARestoreWithAFaultStoresNothingAndSaysWhy(t *testing.T) {
	all(t, func(t *testing.T, s *site) {
		good := job{"name": "good", "schedule": "@manually"}
		for _, content := range []string{
			"", "nonsense", `{"name":"x"}`, `"x"`, `[5]`,
			`[null]`, // Q11
			s.file(good, job{"name": "bad", "schedule": "nonsense"}),
			s.file(good, job{"name": "Bad", "schedule": "@manually"}),
			s.file(good, job{"name": "bad", "parent_job": "nowhere"}),
			s.file(good, job{"name": "a", "parent_job": "b"}, job{"name": "b", "parent_job": "a"}), // Q25
		} {
			a := s.restore(content).wantText(400, "") // with the reason: Q34
			if strings.Contains(content, "bad") && !strings.Contains(a.body, s.name("bad")) {
				a.fail("body %q does not name the job", a.body)
			}
		}
		s.get(s.path("good", "")).wantEmpty(404)
	})
}

func TestARestoreWithoutAFileIsRefused(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.upload("other", "[]").want(400)
		s.do("POST", "/v1/restore", "a=b", "Content-Type: application/x-www-form-urlencoded").want(400)
		s.post("/v1/restore", "").want(400)
	})
}

// Not in parallel with other tests: no one can store jobs in the meantime.
func TestRestoreWorksWhilePaused(t *testing.T) {
	alone(t, func(t *testing.T, s *site) {
		s.post("/v1/pause", "").want(200)
		defer func() { s.post("/v1/unpause", "").want(200) }()
		s.restore(s.file(job{"name": "a", "schedule": "@manually"})).outcome()
		s.get(s.path("a", "")).want(200)
	})
}
