package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"dkron"
	"dkron/internal/httpserver"
	"dkron/internal/jobform"
	"dkron/internal/request"
)

// upload restores a file as a form.
func (s *server) upload(query, part, file string) *answer {
	s.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	_ = form.WriteField("comment", "first")
	w, err := form.CreateFormFile(part, "jobs.json")
	if err != nil {
		s.t.Fatal(err)
	}
	_, _ = w.Write([]byte(file))
	_ = form.Close()
	return s.do("POST", "/v1/restore"+query, body.String(), header{"Content-Type", form.FormDataContentType()})
}

var asJSON = header{"Content-Type", "application/json; charset=utf-8"}

const family = `[{"name":"c","parent_job":"b"},{"name":"b","parents":[{"job":"a","on":"failure"}],"schedule":""},
	{"name":"a","schedule":"@hourly","success_count":7,"error_count":2,"last_success":"2026-11-23T12:00:00Z","status":"failed",
	"dependent_jobs":["b","b","bogus"],"owner":"ann","next":"2020-01-01T00:00:00Z","id":"x"}]`

func TestRestoreStoresParentsBeforeChildrenWithTheirCounters(t *testing.T) {
	for name, restore := range map[string]func(s *server) *answer{
		"form": func(s *server) *answer { return s.upload("", "file", family+" \r\n\t") },
		"body": func(s *server) *answer { return s.do("POST", "/v1/restore", family, asJSON) },
	} {
		s := newServer(t)
		s.do("POST", "/v1/pause", "") // does not concern a restore
		restore(s).want(200).wantHeader("Warning", "").wantBody(`"[\"success create a\",\"success create b\",\"success create c\"]"`)
		a := s.get("/v1/jobs/a").want(200).object()
		if a["success_count"] != 7.0 || a["error_count"] != 2.0 || a["last_success"] != "2026-11-23T12:00:00Z" || a["last_error"] != nil || a["status"] != "failed" {
			t.Errorf("%s: counters %v", name, a)
		}
		if fmt.Sprint(a["dependent_jobs"]) != "[b]" || a["concurrency"] != "" || a["updated_by"] != "192.0.2.1" || fmt.Sprint(a["next"])[:4] == "2020" {
			t.Errorf("%s: %v", name, a)
		}
		again := s.upload("", "file", `[{"name":"a","schedule":"@hourly","success_count":3,"error_count":9,"status":"success"}]`).want(200)
		again.wantBody(`"[\"success create a\"]"`)
		if a := s.get("/v1/jobs/a").object(); a["success_count"] != 7.0 || a["error_count"] != 9.0 || a["status"] != "failed" || a["owner"] != "" {
			t.Errorf("%s: restored again: %v", name, a)
		}
		s.upload("", "file", `[]`).want(200).wantBody(`"[]"`)
	}
}

// withoutCondition drops what a list says of how jobs are doing, which no file has.
func withoutCondition(body string) string {
	return regexp.MustCompile(`"health":.*?("schedule_text":)`).ReplaceAllString(body, "$1")
}

func TestWhatIsExportedRestoresToTheSame(t *testing.T) {
	from, to := newServer(t), newServer(t)
	from.create(`{"name":"p","schedule":"@manually","history":{"count":5,"age":"24h"}}`, `{"name":"q","schedule":"@every 90s","tags":{"role":"dkron:1"}}`,
		`{"name":"ñ","parents":[{"job":"p","on":"always"},{"job":"q"}],"parents_join":"any","retry_on":"any","retry_backoff":{"initial":"0s","factor":1.5},
		"queue_limit":3,"concurrency":"queue","catchup":{"policy":"last","window":"90s"},"dst":{"gap":"skip"},"retry_lost":true,"metadata":{"a":"<b>"},
		"processors":{"log":{"x":"y"}},"starts_at":"2096-12-01T10:00","ephemeral":true,"executor":"shell","executor_config":{"command":"true"}}`)
	from.runs("p")
	from.finish("p", dkron.Result{Outcome: dkron.Failed})
	file := from.get("/v1/export").want(200).wantHeader("Content-Disposition", `attachment; filename="jobs.json"`).wantHeader("X-Total-Count", "3")
	file.wantBody(withoutCondition(from.get("/v1/jobs").body))
	to.upload("", "file", file.body).want(200).wantHeader("Warning", "")
	definition := func(s *server) (list []map[string]any) {
		s.get("/v1/export").decode(&list)
		for _, m := range list {
			for _, key := range []string{"created_at", "updated_at", "updated_by", "revision", "next"} {
				delete(m, key)
			}
		}
		return list
	}
	if a, b := fmt.Sprint(definition(from)), fmt.Sprint(definition(to)); a != b {
		t.Errorf("restored\n%s\nexported\n%s", b, a)
	}
	plan := `{"create":[],"update":[],"unchanged":["p","q","ñ"]}`
	to.upload("?dry_run", "file", to.get("/v1/export").body).want(200).wantBody(plan)
	from.upload("?dry_run", "file", file.body).want(200).wantBody(plan)
	from.do("HEAD", "/v1/export", "").want(200).wantHeader("X-Total-Count", "3")
}

func TestADryRunTellsWhatARestoreWouldDo(t *testing.T) {
	s := newServer(t)
	s.create(`{"name":"a","schedule":"@hourly"}`, `{"name":"b","schedule":"@hourly"}`, `{"name":"c","schedule":"@hourly"}`)
	const file = `[{"name":"new","parent_job":"a"},{"name":"a","schedule":"@daily","concurrency":"allow"},` +
		`{"name":"b","schedule":"@hourly","concurrency":"allow","x":1},{"name":"c","schedule":"@hourly","concurrency":"allow","error_count":1}]`
	before := s.get("/v1/export").body
	s.do("POST", "/v1/restore?dry_run=true", file, asJSON).want(200).wantHeader("Warning", `299 dkron "unknown fields ignored: x"`).
		wantBody(`{"create":["new"],"update":["a","c"],"unchanged":["b"]}`)
	s.do("POST", "/v1/restore?dry_run", `[]`, asJSON).want(200).wantBody(`{"create":[],"update":[],"unchanged":[]}`)
	s.get("/v1/export").wantBody(before)
	s.do("POST", "/v1/restore", file, asJSON).want(200).wantBody(`"[\"success create a\",\"success create new\",\"success create b\",\"success create c\"]"`)
}

func TestARestoreThatIsWrongSaysWhichJobAndWhyAndStoresNothing(t *testing.T) {
	s := newServer(t)
	s.create(`{"name":"stored","schedule":"@hourly"}`, `{"name":"kid","parent_job":"stored"}`)
	before := s.get("/v1/export").body
	const parse, refused = "Unable to parse payload: ", "Unable to restore: "
	for file, want := range map[string]string{
		``:                    parse + `EOF.`,
		`nonsense`:            parse + `invalid character 'o' in literal null (expecting 'u').`,
		`{"name":"a"}`:        parse + `the jobs must be an array of objects.`,
		`"a"`:                 parse + `the jobs must be an array of objects.`,
		`[{"name":"a"`:        parse + `unexpected EOF.`,
		`[{"name":"a","x":1}`: parse + `EOF.`,
		`[] []`:               parse + `the jobs must be one array, and more follows it; send each in a request of its own.`,
		`[{"name":"a","schedule":"@hourly"}] trailing`: parse + `the jobs must be one array, and more follows it; send each in a request of its own.`,
		`[null]`:                      parse + `job number 1: it must be an object, not null.`,
		`[{"retries":-1,"name":"a"}]`: parse + `job "a": retries must be an integer from 0 to 4294967295, not -1.`,
		`[{"name":"a","schedule":"@hourly"},{"tags":5}]`:                           parse + `job number 2: tags must be an object of strings, not 5.`,
		`[{"name":"a","schedule":"@hourly","success_count":-1}]`:                   parse + `job "a": success_count must not be negative, got -1.`,
		`[{"name":"a","schedule":"@hourly","status":"fine"}]`:                      parse + `job "a": status must be "success", "failed", "partially_failed" or empty, not "fine".`,
		`[{"name":"x","schedule":"@hourly"},{"name":"A","schedule":"@hourly"}]`:    refused + `job "A": name contains illegal character 'A'. Use lower-case letters, digits, _ and -.`,
		`[{"name":"x","schedule":"@hourly"},{"name":"a","schedule":"nope"}]`:       refused + `job "a": can't parse job schedule: …`,
		`[{"name":"x","schedule":"@hourly"},{"name":"x","schedule":"@daily"}]`:     refused + `job "x" appears twice.`,
		`[{"name":"x","schedule":"@hourly"},{"name":"a","parent_job":"none"}]`:     refused + `job "a": parent "none" is neither in the file nor stored.`,
		`[{"name":"x","parent_job":"y"},{"name":"y","parents":[{"job":"x"}]}]`:     refused + `job "x" would be its own ancestor.`,
		`[{"name":"x","schedule":"@hourly"},{"name":"stored","parent_job":"kid"}]`: refused + `job "stored" would be its own ancestor.`,
		`[{"schedule":"@hourly"}]`:                                                 refused + `job "": name cannot be empty.`,
		`[{"name":"a","parent_job":"a"}]`:                                          refused + `job "a": the job can not have itself as parent.`,
	} {
		for _, query := range []string{"", "?dry_run"} {
			for _, a := range []*answer{s.upload(query, "file", file), s.do("POST", "/v1/restore"+query, file, asJSON)} {
				begin, open := strings.CutSuffix(want, "…")
				if a.want(400); a.body != want && (!open || !strings.HasPrefix(a.body, begin)) {
					t.Errorf("%s: %s\nwant %s", file, a.body, want)
				}
			}
		}
	}
	s.get("/v1/export").wantBody(before)
}

func TestARestoreNeedsAFile(t *testing.T) {
	s := newServer(t)
	s.upload("", "other", `[]`).want(400).wantBody(`the form has no part named "file"`)
	const how = `send the jobs as the part "file" of multipart/form-data, or as a body of type application/json or application/yaml`
	s.do("POST", "/v1/restore", `[]`).want(400).wantBody(how)
	s.do("POST", "/v1/restore", `[]`, header{"Content-Type", "application/x-www-form-urlencoded"}).want(400).wantBody(how)
	s.do("POST", "/v1/restore", `x`, header{"Content-Type", "multipart/form-data"}).want(400)
	s.do("POST", "/v1/restore", `x`, header{"Content-Type", "multipart/form-data; boundary=b"}).want(400)
	s.fail = dkron.ErrNoLeader
	s.do("POST", "/v1/restore", family, asJSON).want(503).wantBody("no cluster leader; try again shortly")
	s.do("POST", "/v1/restore?dry_run", family, asJSON).want(200)
}

func TestARestoreMayBeLarge(t *testing.T) {
	s := newServer(t)
	job := func(i int) string {
		return fmt.Sprintf(`{"name":"j%d","schedule":"@hourly","metadata":{"text":"%s"}}`, i, strings.Repeat("x", 5000))
	}
	var jobs []string
	for i := range 2500 { // more than a log entry may hold, and larger than other endpoints' bodies may be
		jobs = append(jobs, job(i))
	}
	jobs = append(jobs, `{"name":"child","parent_job":"last"}`, `{"name":"last","schedule":"@hourly"}`)
	s.do("POST", "/v1/restore", "["+strings.Join(jobs, ",")+"]", asJSON).want(200)
	if n := s.store.Index().Len(); n != 2502 {
		t.Errorf("%d jobs", n)
	}
	r := httptest.NewRequest("POST", "/v1/restore", unread{t})
	r.ContentLength = httpserver.LargestBody + 1
	s.serveRaw(t, r).want(413).wantBody("the body must not be larger than 67108864 bytes")
	endless := httptest.NewRequest("POST", "/v1/restore", &spaces{left: httpserver.LargestBody + 1})
	endless.ContentLength = -1
	endless.Header.Set("Content-Type", "application/json")
	s.serveRaw(t, endless).want(413)
}

// spaces is a body of nothing but spaces.
type spaces struct{ left int }

func (s *spaces) Read(p []byte) (int, error) {
	n := min(len(p), s.left)
	for i := range p[:n] {
		p[i] = ' '
	}
	s.left -= n
	return n, nil
}

func TestALargeRestoreThatBreaksOffStoresNothingAndCanBeDoneAgain(t *testing.T) {
	s := newServer(t)
	var jobs []dkron.Record
	for i := range 2500 {
		config := map[string]string{"command": strings.Repeat("x", 2000)}
		jobs = append(jobs, dkron.Record{Job: dkron.Job{Name: fmt.Sprintf("j%04d", i), Schedule: "@hourly", ExecutorConfig: config}})
	}
	s.log.refuse = 3 // the third entry, and those after it
	restored, err := request.Do(context.Background(), s, &request.Restore{Jobs: jobs})
	if n := s.store.Index().Len(); !errors.Is(err, dkron.ErrNoLeader) || restored != nil || n != 0 {
		t.Errorf("%v, %d jobs, %v", restored, n, err)
	}
	s.log.refuse = 0
	if restored, err = request.Do(context.Background(), s, &request.Restore{Jobs: jobs}); err != nil || len(restored.Names) != len(jobs) {
		t.Errorf("%+v, %v", restored, err)
	}
}

func FuzzDecodeRecords(f *testing.F) {
	for _, seed := range []string{family, `[]`, `[null]`, `[{"status":"success","success_count":1e3}]`, `[1,`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		jobs, _, err := jobform.DecodeRecords(bytes.NewReader(file))
		if err != nil {
			return
		}
		var list []*jobform.Job
		for i := range jobs {
			list = append(list, jobform.New(&jobs[i]))
		}
		text, err := json.Marshal(list)
		if err != nil {
			t.Fatal(err)
		}
		if list == nil {
			text = []byte("[]")
		}
		again, unknown, err := jobform.DecodeRecords(bytes.NewReader(text))
		if err != nil || len(again) != len(jobs) || len(unknown) > 0 {
			t.Fatalf("%s reads back as %s: %v", file, text, err)
		}
		for i := range jobs {
			if !jobs[i].Job.SameDefinition(&again[i].Job) || jobs[i].Progress.SuccessCount != again[i].Progress.SuccessCount {
				t.Fatalf("%s reads back as %s", file, text)
			}
		}
	})
}
