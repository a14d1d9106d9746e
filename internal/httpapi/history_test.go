package httpapi

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"dkron"
	"dkron/internal/launchform"
	"dkron/internal/state"
)

// pages reads a list to its end, following the links, and returns some fields of all elements, with a bar between pages.
func (s *server) pages(path string, fields ...string) string {
	s.t.Helper()
	var out []string
	for range 200 {
		a := s.get(path).want(200).wantHeader("X-Total-Count", "")
		var list []map[string]any
		a.decode(&list)
		for _, m := range list {
			var words []string
			for _, f := range fields {
				words = append(words, fmt.Sprint(m[f]))
			}
			out = append(out, strings.ReplaceAll(strings.Join(words, "-"), "<nil>", "open"))
		}
		next, link := a.header.Get("X-Next-Cursor"), a.header.Get("Link")
		if next == "" {
			if link != "" {
				s.t.Errorf("a last page has Link %s", link)
			}
			return strings.Join(out, " ")
		}
		path = strings.TrimSuffix(strings.TrimPrefix(link, "<"), `>; rel="next"`)
		if u, err := url.Parse(path); err != nil || u.Query().Get("after") != next || u.Host != "" {
			s.t.Fatalf("Link %s, cursor %s", link, next)
		}
		out = append(out, "|")
	}
	s.t.Fatal("a list without end")
	return ""
}

// newPastServer has jobs with a past, and launches that have not ended.
func newPastServer(t *testing.T) *server {
	s := newServer(t)
	s.api.now = func() time.Time { return noon.Add(12 * time.Hour) }
	s.must(func(tx *state.Tx) error {
		tx.Tick(noon)
		for _, name := range []string{"a", "b"} {
			j := &dkron.Job{Name: name, Schedule: "@manually", Number: tx.NewJobNumber(), Concurrency: dkron.Queue}
			if err := tx.PutJob(j, new(dkron.Progress)); err != nil {
				return err
			}
		}
		return nil
	})
	s.ran("a", noon, done("a0"), failed("exit status 1", "a1"))
	s.ran("b", noon.Add(time.Hour), done("b0"))
	s.ran("a", noon.Add(2*time.Hour), dkron.Execution{Outcome: dkron.Lost})
	s.open("a", noon.Add(11*time.Hour), "n1", "n2")
	s.open("b", noon.Add(11*time.Hour), "n2", "n3")
	s.open("a", noon.Add(13*time.Hour), "n9") // a retry that waits
	s.do("POST", "/v1/jobs/b/run", "").wantHeader("X-Launch-State", "queued")
	return s
}

func TestExecutionsOfAllJobs(t *testing.T) {
	s := newPastServer(t)
	const open, ended = "b-n3-open b-n2-open a-n2-open a-n1-open", "a-n1-lost b-n1-success a-n1-failed a-n1-success"
	for query, want := range map[string]string{
		"":                                 open + " " + ended,
		"job=&node=&status=&since=&limit=": open + " " + ended,
		"limit=3":                          "b-n3-open b-n2-open a-n2-open | a-n1-open a-n1-lost b-n1-success | a-n1-failed a-n1-success",
		"limit=4":                          open + " | " + ended,
		"limit=8":                          open + " " + ended,
		"limit=1&status=running":           strings.ReplaceAll(open, " ", " | "),
		"job=a":                            "a-n2-open a-n1-open a-n1-lost a-n1-failed a-n1-success",
		"job=a&limit=2":                    "a-n2-open a-n1-open | a-n1-lost a-n1-failed | a-n1-success",
		"job=a&job=b&limit=5":              open + " a-n1-lost | b-n1-success a-n1-failed a-n1-success",
		"job=none":                         "",
		"job=none&job=b&status=success":    "b-n1-success",
		"status=success&status=lost":       "a-n1-lost b-n1-success a-n1-success",
		"status=success&limit=1":           "b-n1-success | a-n1-success",
		"status=timed_out":                 "",
		"node=n3&node=n2&job=b":            "b-n3-open b-n2-open",
		"node=n1&limit=2":                  "a-n1-open a-n1-lost | b-n1-success a-n1-failed | a-n1-success",
		"since=2026-11-23T13:00:00Z":       open + " a-n1-lost b-n1-success",
		"until=2026-11-23T13:00:00Z":       "a-n1-failed a-n1-success",
		"until=2026-11-23T12:00:02Z":       "a-n1-success", // the next one ended then
		"until=2026-11-24T00:00:01Z":       open + " " + ended,
		"since=2026-11-23T12:00:02Z&job=a": "a-n2-open a-n1-open a-n1-lost a-n1-failed",
		"since=2026-11-23T12:00:02Z&until=2026-11-23T15:00:00%2B01:00": "b-n1-success a-n1-failed",
		"since=2099-01-01T00:00:00Z":                                   "",
	} {
		if got := s.pages("/v1/executions?"+query, "job_name", "node_name", "outcome"); got != want {
			t.Errorf("%s:\n got %s\nwant %s", query, got, want)
		}
	}
	tag := s.get("/v1/executions").header.Get("Etag")
	s.do("GET", "/v1/executions", "", header{"If-None-Match", tag}).want(304)
	s.do("HEAD", "/v1/executions?limit=1", "").want(200).wantHeader("X-Next-Cursor", "o6.1") // behind b-n3
}

func TestListsOfAllNameJobsForPeople(t *testing.T) {
	s := newPastServer(t)
	s.do("PUT", "/v1/jobs/b", `{"displayname":"Nightly backup","schedule":"@manually","concurrency":"queue"}`).want(201)
	for path, want := range map[string]string{
		"/v1/launches?state=success":                  "b-Nightly backup a-open",
		"/v1/executions?status=success&node=n1&job=b": "b-Nightly backup",
		"/v1/executions?status=running&node=n2":       "b-Nightly backup a-open", // open: it has none
	} {
		field := "job"
		if strings.Contains(path, "executions") {
			field = "job_name"
		}
		if got := s.pages(path, field, "displayname"); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}

func TestLaunchesOfAllJobs(t *testing.T) {
	s := newPastServer(t)
	const all = "b-queued a-running b-running a-running a-lost b-success a-failed a-success"
	for query, want := range map[string]string{
		"":                            all,
		"limit=3":                     "b-queued a-running b-running | a-running a-lost b-success | a-failed a-success",
		"limit=4":                     "b-queued a-running b-running a-running | a-lost b-success a-failed a-success",
		"job=a&limit=1":               "a-running | a-running | a-lost | a-failed | a-success",
		"job=b":                       "b-queued b-running b-success",
		"state=queued&state=failed":   "b-queued a-failed",
		"state=waiting":               "",
		"cause=schedule":              "a-lost b-success a-failed a-success",
		"cause=manual&state=queued":   "b-queued",
		"cause=parent&cause=create":   "",
		"since=2026-11-23T13:00:00Z":  "b-queued a-running b-running a-running a-lost b-success",
		"until=2026-11-23T13:00:00Z":  "a-failed a-success",
		"job=none&limit=1000&after=":  "",
		"state=success&limit=1&job=a": "a-success",
	} {
		if got := s.pages("/v1/launches?"+query, "job", "state"); got != want {
			t.Errorf("%s:\n got %s\nwant %s", query, got, want)
		}
	}
}

func TestAPageGoesOnWhateverHappensMeanwhile(t *testing.T) {
	s := newPastServer(t)
	first := s.get("/v1/executions?limit=6").want(200).header.Get("X-Next-Cursor")
	running := s.get("/v1/executions?limit=1").want(200).header.Get("X-Next-Cursor")
	s.ran("b", noon.Add(3*time.Hour), done(""), done(""))
	s.finish("b", dkron.Result{Outcome: dkron.TimedOut})
	if got := s.pages("/v1/executions?after="+first, "job_name", "outcome"); got != "a-failed a-success" {
		t.Error(got)
	}
	// What ended meanwhile is among what has ended.
	if got := s.pages("/v1/executions?status=running&status=timed_out&after="+running, "job_name", "outcome"); got != "a-open a-open b-timed_out b-timed_out" {
		t.Error(got)
	}
}

func TestOutputInAListIsOnlyWhatIsAskedFor(t *testing.T) {
	s := newPastServer(t)
	for limit, want := range map[string]string{
		"":   "false false false true", // running executions are not even checked
		"0":  "false false false true",
		"1":  "5 true 5 true false 1 true",
		"2":  "_5 true _5 true false a1 true",
		"16": "live_5 false live_5 false false exit_status_1/a1 false",
	} {
		var list []launchform.Execution
		s.get("/v1/executions?job=a&limit=4&output_size_limit=" + limit).want(200).decode(&list)
		var out []string
		for _, e := range list {
			if e.Output != "" {
				out = append(out, strings.NewReplacer(" ", "_", "\n", "/").Replace(e.Output))
			}
			out = append(out, fmt.Sprint(*e.OutputTruncated))
		}
		if got := strings.Join(out, " "); got != want {
			t.Errorf("limit %s: %s, want %s", limit, got, want)
		}
	}
}

func TestBadParametersOfAListAreNamed(t *testing.T) {
	s := newServer(t)
	const executions, launches = "/v1/executions?", "/v1/launches?"
	for _, c := range [][2]string{
		{executions + "status=runs", `status must be one of running, success, failed, timed_out, stopped, lost, not "runs"`},
		{launches + "state=open", `state must be one of queued, waiting, running, success, failed, timed_out, stopped, lost, skipped, missed, no_target, not "open"`},
		{launches + "cause=retry", `cause must be one of schedule, catchup, manual, create, parent, checkin, not "retry"`},
		{executions + "limit=0", `limit must be a number from 1 to 1000, not "0"`},
		{launches + "limit=1001", `limit must be a number from 1 to 1000, not "1001"`},
		{launches + "limit=x", `limit must be a number from 1 to 1000, not "x"`},
		{executions + "since=yesterday", `since must be an RFC 3339 time such as "2026-01-31T08:00:00Z", not "yesterday"`},
		{launches + "until=2026-01-31", `until must be an RFC 3339 time such as "2026-01-31T08:00:00Z", not "2026-01-31"`},
		{launches + "since=2026-01-31T08:00:00Z&until=2026-01-31T07:00:00Z", `until must not be before since`},
		{executions + "output_size_limit=-1", `output_size_limit must be a number of bytes, 0 or more, not "-1"`},
	} {
		s.get(c[0]).want(400).wantBody(c[1])
	}
	for _, after := range []string{"5", "r", "r0", "o1", "o0.0", "o1.2x", "r5.1", "r+5", "r99999999999999999999"} {
		for _, path := range []string{executions, launches} {
			s.get(path + "after=" + url.QueryEscape(after)).want(400).wantBody(`after must be the X-Next-Cursor of the page before, not "` + after + `"`)
		}
	}
}

// history records many executions of a job, of which every nth ran on n2.
func (s *server) history(job string, count, nth int, output []byte) {
	s.t.Helper()
	s.must(func(tx *state.Tx) error {
		r, err := readRecord(tx, job)
		if err != nil {
			return err
		}
		for i := range count {
			at := noon.Add(time.Duration(i) * time.Millisecond)
			e := &dkron.Execution{
				JobName: job, JobNumber: r.Job.Number, Group: at.UnixNano(), Attempt: 1, NodeName: "n1", FinishedAt: at,
				Outcome: dkron.Success, Output: output, OutputSize: uint64(len(output)),
			}
			if i%nth == 0 {
				e.NodeName = "n2"
			}
			if err := tx.RecordExecution(e, &r.Progress); err != nil {
				return err
			}
		}
		tx.PutProgress(r.Job.Number, &r.Progress)
		return nil
	})
}

func TestAPageThatLooksAtTooMuchEndsEarly(t *testing.T) {
	s := newServer(t)
	s.create(`{"name":"busy","schedule":"@manually","history":{"count":100000}}`, `{"name":"rare","schedule":"@manually","history":{"count":100000}}`)
	s.history("rare", 1, 1, nil)
	s.history("busy", 2*20_000, 20_000/2, nil)
	for query, want := range map[string]string{
		"node=n2":           "busy busy | busy busy | rare",
		"node=n2&job=busy":  "busy busy | busy busy",
		"job=rare":          "rare",
		"job=rare&job=none": "| | rare",
		"node=n2&limit=1":   "busy | busy | busy | busy | rare",
	} {
		if got := s.pages("/v1/executions?"+query, "job_name"); strings.TrimSpace(got) != want {
			t.Errorf("%s: %s", query, got)
		}
	}
}

func TestAPageWithMuchOutputEndsEarly(t *testing.T) {
	s := newServer(t)
	s.create(`{"name":"a","schedule":"@manually"}`)
	s.history("a", 50, 100, []byte(strings.Repeat("x", dkron.MaxOutput)))
	a := s.get("/v1/executions?output_size_limit=256000")
	if n := strings.Count(a.body, `"job_name"`); n != 8<<20/dkron.MaxOutput+1 || a.header.Get("X-Next-Cursor") == "" {
		t.Errorf("%d executions in a page of %d bytes", n, len(a.body))
	}
	if got := strings.Fields(s.pages("/v1/executions?output_size_limit=256000", "job_name")); len(got) != 51 {
		t.Errorf("%d", len(got))
	}
	if a := s.get("/v1/executions"); strings.Count(a.body, `"job_name"`) != 50 || strings.Contains(a.body, "xx") || !strings.Contains(a.body, `"output_truncated":true`) {
		t.Error("without output all are in a page")
	}
}
