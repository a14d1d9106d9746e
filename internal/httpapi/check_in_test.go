package httpapi

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"dkron"
)

const outside = `{"name":"a","schedule":"@manually","executor":"checkin"}`

var asText = header{"Content-Type", "text/plain"}

// count returns how many elements a list has.
func count(a *answer) int {
	var list []any
	a.decode(&list)
	return len(list)
}

func TestARunChecksInWithItsStartAndItsEnd(t *testing.T) {
	s := newServer(t)
	s.create(outside)
	if body := s.get("/v1/jobs/a").want(200).body; strings.Contains(body, "checkin\":{") {
		t.Errorf("%s", body)
	}
	began := time.Now().UTC().Add(-time.Hour).Truncate(time.Second).Format(time.RFC3339)
	note := `{"started_at":"` + began + `","from":"db1","by":"192.0.2.1"}`
	s.do("POST", "/v1/checkins/a?state=start&from=db1&started_at="+began, "").want(202).wantBody(note)
	for _, path := range []string{"/v1/jobs/a", "/v1/jobs"} {
		if body := s.get(path).want(200).body; !strings.Contains(body, `"checkin":`+note) {
			t.Errorf("%s: %s", path, body)
		}
	}
	done := s.do("POST", "/v1/checkins/a?exit_code=3&from=db1&id=x", "copying\ndisk full\n", asText).want(201)
	var l launchJSON
	done.decode(&l)
	if l.State != dkron.LaunchFailed || l.Cause != dkron.CauseCheckIn || l.Reason != "exit code 3 on db1: disk full" || done.header.Get("Location") != "/v1/launches/"+l.ID {
		t.Errorf("%s %v", done.body, done.header)
	}
	if body := s.get("/v1/jobs/a").want(200).body; strings.Contains(body, `"checkin":{`) || !strings.Contains(body, `"health":"failing"`) {
		t.Errorf("%s", body)
	}
	whole := s.get("/v1/launches/" + l.ID).want(200).body
	for _, part := range []string{`"node_name":"db1"`, `"exit_code":3`, `"output":"copying\ndisk full\n"`, `"started_at":"` + began + `"`, `"outcome":"failed"`} {
		if !strings.Contains(whole, part) {
			t.Errorf("%s is not in %s", part, whole)
		}
	}
	if again := s.do("POST", "/v1/checkins/a?exit_code=3&from=db1&id=x", "copying\ndisk full\n", asText).want(201); again.header.Get("X-Launch-Id") != done.header.Get("X-Launch-Id") {
		t.Errorf("a repetition is %v", again.header)
	}
	s.do("POST", "/v1/checkins/a", "").want(201)
	document := `{"exit_code":0,"from":"db2","started_at":null,"output":"fine","id":"y"}`
	s.do("POST", "/v1/checkins/a?from=db1", document, asJSON).want(201)
	runs := s.get("/v1/jobs/a/executions").want(200).body
	for _, part := range []string{`"node_name":"192.0.2.1"`, `"node_name":"db2"`, `"output":"fine"`} {
		if !strings.Contains(runs, part) {
			t.Errorf("%s is not in %s", part, runs)
		}
	}
	if n := count(s.get("/v1/launches?cause=checkin").want(200)); n != 3 {
		t.Errorf("%d launches", n)
	}
}

func TestACheckInThatCannotBeMeantIsRefusedByName(t *testing.T) {
	s := newServer(t)
	s.create(outside)
	s.create(`{"name":"b","schedule":"@hourly","executor":"shell"}`)
	for _, c := range []struct {
		path, body string
		status     int
		says       string
	}{
		{"a?state=done", "", 400, `state must be "start", "success" or "fail"`},
		{"a?exit_code=", "", 400, "exit_code must be an integer"},
		{"a?exit_code=1&state=success", "", 400, "exit_code 1 does not go with state success"},
		{"a?exit_code=0&state=start", "", 400, "exit_code 0 does not go with state start"},
		{"a?error=x&state=success", "", 400, "error does not go with state success"},
		{"a?started_at=yesterday", "", 400, "started_at must be an RFC 3339 time"},
		{"a?started_at=2020-01-01T00:00:00Z", "", 400, "started_at 2020-01-01T00:00:00Z is more than 31 days ago"},
		{"a?started_at=2999-01-01T00:00:00Z", "", 400, "started_at 2999-01-01T00:00:00Z is in the future"},
		{"a?from=a/b", "", 400, "from must be the name of a host"},
		{"a?id=" + strings.Repeat("x", 65), "", 400, "id has 65 bytes"},
		{"a", `{"exit":1}`, 400, `"exit" is not a field of a check-in`},
		{"a", `{"output":1}`, 400, "output must be a string, not 1"},
		{"a", `{"exit_code":"1"}`, 400, `exit_code must be an integer`},
		{"a", `[]`, 400, "Unable to parse payload"},
		{"none", "", 404, "there is no job none; create it first"},
		{"b", "", 409, "job b is run by dkron, with executor shell"},
	} {
		kind := asText
		if c.body != "" {
			kind = asJSON
		}
		if a := s.do("POST", "/v1/checkins/"+c.path, c.body, kind); a.status != c.status || !strings.Contains(a.body, c.says) {
			t.Errorf("%s %s: %d %s", c.path, c.body, a.status, a.body)
		}
	}
	if n := count(s.get("/v1/launches").want(200)); n != 0 {
		t.Errorf("%d launches", n)
	}
	s.do("POST", "/v1/checkins/a", strings.Repeat("x", DefaultMaxBody+1), asText).want(413)
	s.get("/v1/checkins/a").want(405)
	s.do("POST", "/v1/jobs/a/run", "").want(409).wantBody("dkron does not run this job: it checks in at /v1/checkins/a")
	s.do("POST", "/v1/jobs", `{"name":"c","schedule":"@hourly","executor":"checkin"}`).want(400).
		wantBody(`Job validation failed: schedule does not go with executor checkin, whose jobs dkron does not run: use "@manually", and objectives.deadline or objectives.max_silence for when it is expected.`)
}

func TestRunningManyAgainLeavesOutWhatDkronDoesNotRun(t *testing.T) {
	s := newServer(t)
	s.create(outside)
	s.do("POST", "/v1/checkins/a?state=fail", "").want(201)
	all := "/v1/launches/rerun?state=failed&since=2026-01-01T00:00:00Z"
	if a := s.do("POST", all+"&dry_run", "").want(200); !strings.Contains(a.body, `"count":0`) {
		t.Error(a.body)
	}
	s.do("POST", all, "").want(409)
}

func TestAClientWithoutAnAddressIsUnknown(t *testing.T) {
	r := httptest.NewRequest("POST", "/", nil)
	for address, want := range map[string]string{"10.0.0.7:1234": "10.0.0.7", "[::1]:1": "::1", "": "unknown"} {
		if r.RemoteAddr = address; clientOf(r) != want {
			t.Errorf("%q is %q", address, clientOf(r))
		}
	}
}
