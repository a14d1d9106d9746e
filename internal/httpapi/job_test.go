package httpapi

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"dkron"
	"dkron/internal/respond"
)

func TestJobReadsBackWithAllKeys(t *testing.T) {
	s := newServer(t)
	a := s.do("POST", "/v1/jobs", `{"name":"min","schedule":"@every 1h"}`).want(201)
	a.wantHeader("Location", "/v1/jobs/min").wantHeader("X-Whom", "n1").wantHeader("Content-Type", "application/json; charset=utf-8")
	want := `{"id":"min","name":"min","displayname":"","timezone":"","schedule":"@every 1h","owner":"",` +
		`"owner_email":"","success_count":0,"error_count":0,"last_success":null,"last_error":null,` +
		`"disabled":false,"tags":null,"metadata":null,"retries":0,"dependent_jobs":null,"parent_job":"",` +
		`"processors":{},"concurrency":"allow","executor":"","executor_config":null,"status":"",` +
		`"next":"now","ephemeral":false,"starts_at":null,"expires_at":null,` +
		`"catchup":{"policy":"","window":""},"dst":{"gap":"","overlap":""},"retry_lost":false,` +
		`"retry_on":"","retry_backoff":null,"queue_limit":0,"parents":[],"parents_join":"","history":null,"confirm":false,"notes":"","running":0,"queued":0,` +
		`"created_at":"now","updated_at":"now","updated_by":"192.0.2.1","revision":1,"health":"ok","health_since":null,` +
		`"failure_streak":0,"stopped_count":0,"last_launch":null,"schedule_text":"Every 1 hour from the job's creation"}`
	a.wantJob(want)
	s.get("/v1/jobs/min").want(200).wantJob(want)
	s.get("/v1/jobs").want(200).wantJob("[" + want + "]")
}

func TestJobRoundTrip(t *testing.T) {
	s := newServer(t)
	const noTeam = `299 dkron "channels has team, which does not exist: nothing is sent through it until somebody creates it"`
	full := `{"NAME":"ñandú","displayname":"<b>&","timezone":"America/Bogota","schedule":"0 0 3 * * *","owner":"o",` +
		`"owner_email":"o@x","disabled":true,"tags":{"role":"web:2"},"metadata":{"a":"1"},"retries":4294967295,` +
		`"processors":{"log":{},"files":{"dir":"/x"}},"concurrency":"forbid","executor":"shell",` +
		`"executor_config":{"command":"true"},"ephemeral":true,"starts_at":"2096-12-01T10:00","expires_at":"2097-01-01T00:00:00+02:00",` +
		`"catchup":{"policy":"last","window":"90s"},"dst":{"gap":"skip","overlap":"both"},"retry_lost":true,` +
		`"retry_on":"any","retry_backoff":{"initial":"0s","max":"1h","factor":1.5},"queue_limit":3,"parents_join":"any",` +
		`"history":{"count":5,"age":"24h","bytes":1000},"confirm":true,"notes":"# Call\n<b>ops</b>","channels":["team"],` +
		`"id":"other","success_count":7,"status":"failed","dependent_jobs":["x"],"next":"2030-01-01T00:00:00Z"}` + "\r\n\t "
	a := s.do("POST", "/v1/jobs", full).want(201).wantHeader("Location", "/v1/jobs/%C3%B1and%C3%BA").wantHeader("Warning", noTeam)
	for _, part := range []string{
		`"displayname":"\u003cb\u003e\u0026"`, `"success_count":7`, `"status":""`, `"dependent_jobs":null`, `"retries":4294967295`,
		`"processors":{"files":{"dir":"/x"},"log":{}}`, `"starts_at":"2096-12-01T10:00:00Z"`,
		`"expires_at":"2096-12-31T22:00:00Z"`, `"catchup":{"policy":"last","window":"1m30s"}`, `"id":"ñandú"`,
	} {
		if !strings.Contains(a.body, part) {
			t.Errorf("%s is not in %s", part, a.body)
		}
	}
	again := s.do("PUT", "/v1/jobs/%C3%B1and%C3%BA", a.body).want(201).wantHeader("Warning", noTeam)
	again.wantBody(a.body) // nothing has changed, so it is the same revision
}

func TestUpdateReplacesTheWholeDefinition(t *testing.T) {
	s := newServer(t)
	s.create(`{"name":"a","schedule":"@hourly","owner":"me","concurrency":"forbid"}`)
	s.do("PATCH", "/v1/jobs", `{"name":"a","schedule":"@daily"}`).want(201)
	got := s.get("/v1/jobs/a").want(200).object()
	if got["owner"] != "" || got["concurrency"] != "allow" || got["schedule"] != "@daily" {
		t.Errorf("%v", got)
	}
	s.do("PATCH", "/v1/jobs", `{"name":"a"}`).want(400)
}

func TestPutTakesTheNameFromThePath(t *testing.T) {
	s := newServer(t)
	s.do("PUT", "/v1/jobs/a", `{"schedule":"@hourly"}`).want(201).wantHeader("Location", "/v1/jobs/a")
	s.do("PUT", "/v1/jobs/a", `{"name":"b","schedule":"@hourly"}`).want(400).
		wantBody(`Job validation failed: name "b" differs from "a" in the path.`)
	s.get("/v1/jobs/b").want(404).wantBody("")
}

func TestBadJobsAreRefusedWithAReason(t *testing.T) {
	const parse, valid = "Unable to parse payload: ", "Job validation failed: "
	for _, c := range []struct{ body, want string }{
		{``, parse + `EOF.`},
		{`{"name":"a",`, parse + `unexpected EOF.`},
		{`nope`, parse + `invalid character 'o' in literal null (expecting 'u').`},
		{`null`, parse + `the body must be an object, not null.`},
		{`[]`, parse + `the body must be an object, not an array.`},
		{` "a"`, parse + `the body must be an object, not the string "a".`},
		{`{"name":5}`, parse + `name must be a string, not 5.`},
		{`{"Retries":-1}`, parse + `retries must be an integer from 0 to 4294967295, not -1.`},
		{`{"retries":1.5}`, parse + `retries must be an integer from 0 to 4294967295, not 1.5.`},
		{`{"retries":"3"}`, parse + `retries must be an integer from 0 to 4294967295, not the string "3".`},
		{`{"retries":4294967296}`, parse + `retries must be an integer from 0 to 4294967295, not 4294967296.`},
		{`{"disabled":"true"}`, parse + `disabled must be true or false, not the string "true".`},
		{`{"tags":["a"]}`, parse + `tags must be an object of strings, not an array.`},
		{`{"executor_config":{"shell":true}}`, parse + `executor_config.shell must be a string, not true.`},
		{`{"processors":{"log":{"a":{}}}}`, parse + `processors.log.a must be a string, not an object.`},
		{`{"processors":{"log":1}}`, parse + `processors.log must be an object of strings, not 1.`},
		{`{"catchup":{"window":"1d"}}`, parse + `catchup.window must be a duration such as "90s" or "1h30m", not "1d".`},
		{`{"dst":{"gap":1}}`, parse + `dst.gap must be a string, not 1.`},
		{`{"confirm":"yes"}`, parse + `confirm must be true or false, not the string "yes".`},
		{`{"notes":["x"]}`, parse + `notes must be a string, not an array.`},
		{`{"name":"a","schedule":"@hourly","notes":"` + strings.Repeat("é", 8193) + `"}`, valid + `notes has 16386 bytes, use at most 16384.`},
		{`{"dependent_jobs":"x"}`, parse + `dependent_jobs must be an array of strings, not the string "x".`},
		{`{"schedule":"@hourly"}`, valid + `name cannot be empty.`},
		{`{"name":"A","schedule":"@hourly"}`, valid + `name contains illegal character 'A'. Use lower-case letters, digits, _ and -.`},
		{`{"name":"` + strings.Repeat("x", 4097) + `","schedule":"@hourly"}`, valid + `name has 4097 bytes, use at most 4096.`},
		{`{"name":"a"}`, valid + `can't parse job schedule: empty spec string. ` +
			`A job without a parent needs one, such as @daily or 0 30 3 * * *.`},
		{`{"name":"a","parent_job":"a"}`, valid + `the job can not have itself as parent.`},
		{`{"name":"a","schedule":"@hourly","concurrency":"x"}`, valid + `invalid concurrency policy value, use "allow" or "forbid", or "queue" or "replace".`},
	} {
		s := newServer(t)
		s.do("POST", "/v1/jobs", c.body).want(400).wantHeader("Content-Type", "text/plain; charset=utf-8").wantBody(c.want)
		s.get("/v1/jobs").want(200).wantBody("[]").wantHeader("X-Total-Count", "0")
	}
	for _, bad := range []string{`""`, `"2026"`, `5`, `"9999-12-31T23:59:59-01:00"`} {
		for _, field := range []string{"starts_at", "expires_at", "last_success", "last_error", "next"} {
			a := newServer(t).do("POST", "/v1/jobs", `{"name":"a","schedule":"@hourly","`+field+`":`+bad+`}`)
			if field == "next" && strings.HasPrefix(bad, `"9999`) {
				continue // ignored whatever it is
			}
			if !strings.HasPrefix(a.want(400).body, parse+field+" must be ") {
				t.Errorf("%s: %s", bad, a.body)
			}
		}
	}
}

func TestUnknownFieldsAreAcceptedAndNamed(t *testing.T) {
	s := newServer(t)
	a := s.do("POST", "/v1/jobs", `{"name":"a","schedule":"@hourly","foo":1,"dst":{"ovrlap":"x"},"é\n":0}`).want(201)
	want := `[299 dkron "unknown fields ignored: foo, dst.ovrlap, \u00e9\n"]`
	if got := fmt.Sprint(a.header["Warning"]); got != want {
		t.Errorf("%s", got)
	}
}

func TestTheWarningOfUnknownFieldsIsBounded(t *testing.T) {
	s := newServer(t)
	fields := `"x":1,"x":2,"` + strings.Repeat("é", 500) + `":1`
	for i := range 30 {
		fields += fmt.Sprintf(`,"f%d":1`, i)
	}
	a := s.do("PUT", "/v1/jobs/a", `{"schedule":"@hourly",`+fields+`}`).want(201)
	got := a.header.Values("Warning")
	if len(got) != 1 || len(got[0]) > 500 || !strings.HasPrefix(got[0], `299 dkron "unknown fields ignored: x, \u00e9`) || !strings.HasSuffix(got[0], `\u2026, f0, f1, f2, f3, f4, f5, f6, f7 and 22 more"`) {
		t.Errorf("%q", got)
	}
}

func TestNullAndEmptyMeanNotSent(t *testing.T) {
	s := newServer(t)
	s.create(`{"name":"a","schedule":"@hourly","concurrency":null,"tags":{},"processors":{},"metadata":null,"retries":null,"starts_at":null}`)
	a := s.get("/v1/jobs/a").want(200)
	for _, part := range []string{`"concurrency":"allow"`, `"tags":null`, `"processors":{}`, `"metadata":null`} {
		if !strings.Contains(a.body, part) {
			t.Errorf("%s is not in %s", part, a.body)
		}
	}
	s.create(`{"name":"b","schedule":"@hourly","concurrency":"","tags":{"x":"1"},"tags":{"y":"2"}}`)
	a = s.get("/v1/jobs/b")
	if !strings.Contains(a.body, `"concurrency":""`) || !strings.Contains(a.body, `"tags":{"y":"2"}`) {
		t.Error(a.body)
	}
}

func TestParents(t *testing.T) {
	s := newServer(t)
	s.do("POST", "/v1/jobs", `{"name":"c","parent_job":"p"}`).want(404).wantBody("specified parent job not found")
	s.create(`{"name":"p","schedule":"@hourly"}`, `{"name":"c","parent_job":"p"}`)
	if got := s.get("/v1/jobs/p").object()["dependent_jobs"]; fmt.Sprint(got) != "[c]" {
		t.Error(got)
	}
	s.do("DELETE", "/v1/jobs/p", "").want(409).wantBody(`job "p" has dependent jobs: c; delete those first`)
}

func TestDeleteAnswersTheJob(t *testing.T) {
	s := newServer(t)
	s.create(`{"name":"a","schedule":"@hourly"}`)
	if s.do("DELETE", "/v1/jobs/a", "").want(200).object()["name"] != "a" {
		t.Error("another job")
	}
	a := s.do("DELETE", "/v1/jobs/a", "").want(404).wantBody("")
	if a.header.Get("Content-Type") != "" {
		t.Error("an empty 404 has a type")
	}
}

func TestRunAnswersTheJobAndTheLaunch(t *testing.T) {
	for _, path := range []string{"/v1/jobs/a", "/v1/jobs/a/run"} {
		s := newServer(t)
		s.create(`{"name":"a","schedule":"@hourly"}`)
		a := s.do("POST", path, "ignored").want(200).wantHeader("Location", path)
		id := a.header.Get("X-Launch-Id")
		if got := a.object(); got["name"] != "a" || got["launch_id"] != id || id == "" {
			t.Errorf("%q %v", id, got)
		}
		if got := s.get("/v1/launches/" + id).want(200).object(); got["cause"] != "manual" {
			t.Error(got)
		}
	}
	newServer(t).do("POST", "/v1/jobs/a/run", "").want(404).wantBody("")
}

func TestRunOnCreate(t *testing.T) {
	s := newServer(t)
	a := s.do("POST", "/v1/jobs?runoncreate=1", `{"name":"a","schedule":"@hourly"}`).want(201).wantHeader("Location", "/v1/jobs/a")
	if got := s.get("/v1/launches/" + a.header.Get("X-Launch-Id")).want(200).object(); got["cause"] != "create" || got["id"] != a.object()["launch_id"] {
		t.Error(got)
	}
	a = s.do("POST", "/v1/jobs?runoncreate", `{"name":"b","schedule":"@hourly","disabled":true}`).want(201)
	if a.header.Get("X-Launch-Id") != "" {
		t.Error("a disabled job ran")
	}
	s.noRun = dkron.ErrNoTarget
	a = s.do("POST", "/v1/jobs?runoncreate", `{"name":"c","schedule":"@hourly"}`).want(201)
	a.wantHeader("Warning", `299 dkron "stored, but not run"`)
}

func TestToggle(t *testing.T) {
	s := newServer(t)
	s.create(`{"name":"a","schedule":"@hourly"}`)
	for _, want := range []bool{true, false} {
		a := s.do("POST", "/v1/jobs/a/toggle", "").want(200).wantHeader("Location", "/v1/jobs/a/toggle")
		if a.object()["disabled"] != want {
			t.Error(a.body)
		}
	}
	s.do("POST", "/v1/jobs/x/toggle", "").want(404).wantBody("")
}

func TestPauseRefusesSubmissionsOnly(t *testing.T) {
	s := newServer(t)
	s.create(`{"name":"a","schedule":"@hourly"}`)
	s.get("/v1/pause").want(200).wantBody(`{"paused":false}`)
	for range 2 {
		s.do("POST", "/v1/pause", "").want(200).wantBody(`{"paused":true}`)
	}
	s.get("/v1/pause").want(200).wantBody(`{"paused":true}`)
	for _, c := range [][2]string{{"POST", "/v1/jobs"}, {"PATCH", "/v1/jobs"}, {"PUT", "/v1/jobs/a"}} {
		s.do(c[0], c[1], "nonsense").want(503).wantBody("New job submissions are currently paused")
	}
	s.do("POST", "/v1/jobs/a/run", "").want(200)
	s.do("POST", "/v1/jobs/a/toggle", "").want(200)
	s.do("DELETE", "/v1/jobs/a", "").want(200)
	s.do("POST", "/v1/unpause", "").want(200).wantBody(`{"paused":false}`)
	s.create(`{"name":"a","schedule":"@hourly"}`)
}

func TestErrorsHaveOneTable(t *testing.T) {
	s := newServer(t)
	for _, c := range []struct {
		err    error
		status int
		body   string
	}{
		{dkron.Invalid("no %s", "good"), 400, "no good"},
		{fmt.Errorf("job x: %w", dkron.ErrNotFound), 404, ""},
		{dkron.ErrNoTarget, 404, "no live node matches the job's tags"},
		{dkron.Conflict("two\nlines"), 409, "two lines"},
		{fmt.Errorf("propose: %w", dkron.ErrPaused), 503, "New job submissions are currently paused"},
		{dkron.ErrNoLeader, 503, "no cluster leader; try again shortly"},
		{fmt.Errorf("%w: disk full", dkron.ErrUnavailable), 503, "unavailable: disk full"},
		{context.DeadlineExceeded, 504, "timed out; the change may or may not have been made"},
		{errors.New("secret"), 500, respond.InternalText},
	} {
		s.fail = c.err
		for _, r := range [][2]string{{"DELETE", "/v1/jobs/a"}, {"POST", "/v1/jobs/a/run"}, {"POST", "/v1/jobs/a/toggle"}, {"DELETE", "/v1/jobs/a/executions"}, {"POST", "/v1/pause"}} {
			s.do(r[0], r[1], "").want(c.status).wantBody(c.body)
		}
	}
}

func TestTheScheduleIsToldInWords(t *testing.T) {
	s := newServer(t)
	s.create(`{"name":"a","schedule":"0 30 3 * * *"}`, `{"name":"child","schedule":"@hourly","parent_job":"a"}`)
	for path, want := range map[string]string{
		"/v1/jobs/a": "Every day at 03:30", "/v1/jobs/child": "", "/v1/jobs/a/preview": "Every day at 03:30", "/v1/jobs/child/preview": "",
	} {
		if got := s.get(path).want(200).object()["schedule_text"]; got != want {
			t.Errorf("%s: %v, want %q", path, got, want)
		}
	}
	if got := s.get("/v1/jobs?_end=1").each("schedule_text", 2); got != "Every day at 03:30" {
		t.Error(got)
	}
	// It can be sent back and changes nothing.
	same := s.do("PUT", "/v1/jobs/a", `{"schedule":"0 30 3 * * *","schedule_text":"Never"}`).want(201).wantHeader("Warning", "").object()
	if same["schedule_text"] != "Every day at 03:30" || same["revision"] != 1.0 {
		t.Error(same)
	}
	s.do("PUT", "/v1/jobs/a", `{"schedule":"@daily","schedule_text":5}`).want(400).
		wantBody("Unable to parse payload: schedule_text must be a string, not 5.")
	if a := s.get("/v1/jobs/a/versions").want(200); strings.Contains(a.body, "schedule_text") {
		t.Error(a.body)
	}
}
