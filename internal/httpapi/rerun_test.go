package httpapi

import (
	"context"
	"strings"
	"testing"
	"time"

	"dkron"
	"dkron/internal/launchform"
)

type launchJSON = launchform.Launch

// suits is what executors say about a change: http has no environment.
func suits(executor string, c *dkron.Change) error {
	if executor == "http" && c != nil && len(c.Env) > 0 {
		return dkron.Invalid("env does not apply")
	}
	return nil
}

func TestALaunchMayHaveAnEnvironmentAndAPayloadOfItsOwn(t *testing.T) {
	s := newServer(t)
	s.create(`{"name":"a","schedule":"@hourly","executor":"shell"}`)
	a := s.do("POST", "/v1/jobs/a/launches", `{"env":{"REGION":"eu"},"payload":"hello","with_children":false}`, asJSON)
	a.want(201)
	var l launchJSON
	a.decode(&l)
	if l.Env["REGION"] != "eu" || l.Payload == nil || *l.Payload != "hello" || l.WithChildren == nil || l.Cause != dkron.CauseManual {
		t.Errorf("%s", a.body)
	}
	if got := a.header.Get("Location"); got != "/v1/launches/"+l.ID || a.header.Get("X-Launch-Id") != l.ID {
		t.Errorf("headers %v", a.header)
	}
	if got := s.do("GET", "/v1/launches/"+l.ID, ""); !strings.Contains(got.body, `"env":{"REGION":"eu"},"payload":"hello"`) {
		t.Errorf("read back %s", got.body)
	}
	if got := s.do("GET", "/v1/launches", ""); !strings.Contains(got.body, `"changed":["env","payload"]`) || strings.Contains(got.body, "hello") {
		t.Errorf("in a list %s", got.body)
	}
}

func TestWhatALaunchCanNotHaveIsRefusedByName(t *testing.T) {
	s := newServer(t)
	s.create(`{"name":"a","schedule":"@hourly","executor":"shell"}`)
	s.create(`{"name":"h","schedule":"@hourly","executor":"http","executor_config":{"method":"GET","url":"http://x"}}`)
	for body, want := range map[string]string{
		`{"envv":{}}`:             "envv",
		`{"env":{"A":1}}`:         "env.A",
		`{"env":{"1A":"x"}}`:      "1A",
		`{"env":{"A":"x\\"}}`:     "env.A",
		`{"env":[]}`:              "env",
		`{"payload":7}`:           "payload",
		`{"with_children":"yes"}`: "with_children",
		`{"payload":"` + strings.Repeat("x", dkron.MaxPayload+1) + `"}`: "payload",
		``: "payload",
	} {
		if a := s.do("POST", "/v1/jobs/a/launches", body, asJSON); a.status != 400 || !strings.Contains(a.body, want) {
			t.Errorf("%.40s: %d %s", body, a.status, a.body)
		}
	}
	s.do("POST", "/v1/jobs/h/launches", `{"env":{"A":"x"}}`, asJSON).want(400)
	s.do("POST", "/v1/jobs/nobody/launches", `{}`, asJSON).want(404)
}

func TestAFailedLaunchIsRunAgain(t *testing.T) {
	s := newServer(t)
	s.create(`{"name":"a","schedule":"@hourly"}`)
	s.ran("a", noon, failed("x", ""))
	id := dkron.LaunchID("a", noon.UnixNano())
	var l launchJSON
	s.do("POST", "/v1/launches/"+id+"/rerun", "").want(201).decode(&l)
	if l.RerunOf != id || l.Cause != dkron.CauseManual || l.WithChildren == nil || *l.WithChildren || !l.RerunDue.Equal(noon) {
		t.Errorf("%+v", l)
	}
	var old launchJSON
	if s.do("GET", "/v1/launches/"+id, "").want(200).decode(&old); old.RerunAs != l.ID {
		t.Errorf("the old one says %q", old.RerunAs)
	}
	s.do("POST", "/v1/launches/"+l.ID+"/rerun", "").want(409) // has not ended
	s.do("POST", "/v1/launches/a.7/rerun", "").want(404)
	var other launchJSON
	if s.do("POST", "/v1/launches/"+id+"/rerun?with_children=true", "").want(201).decode(&other); other.WithChildren != nil {
		t.Errorf("with children: %+v", other)
	}
}

// relaunch does what the leader's room rerun does, for all that is left.
func (s *server) relaunch(records ...uint64) {
	s.t.Helper()
	if err := s.control.Relaunch(context.Background(), 1, records); err != nil {
		s.t.Fatal(err)
	}
}

func TestWhatWasCountedIsRunAgainAndNothingTwice(t *testing.T) {
	s := newServer(t)
	s.create(`{"name":"a","schedule":"@hourly"}`)
	s.create(`{"name":"b","schedule":"@hourly"}`)
	s.ran("a", noon, failed("x", ""), failed("x", ""), done("y"))
	s.ran("b", noon, failed("x", ""))
	query := "/v1/launches/rerun?state=failed&since=" + noon.Format(time.RFC3339) + "&until=" + time.Now().Add(time.Hour).Format(time.RFC3339)
	var count launchform.Selection
	s.do("POST", query+"&dry_run", "").want(200).decode(&count)
	if count.Count != 3 || count.Jobs != 2 || len(count.Launches) != 3 {
		t.Errorf("%+v", count)
	}
	if a := s.do("POST", query+"&count=4", ""); a.status != 409 || !strings.Contains(a.body, "3 launches match now, not 4") {
		t.Errorf("another count: %d %s", a.status, a.body)
	}
	var r, again launchform.Rerun
	s.do("POST", query+"&count=3", "").want(202).decode(&r)
	if r.ID != 1 || r.Total != 3 || r.Left != 3 || r.State != dkron.RerunRunning {
		t.Errorf("%+v", r)
	}
	if s.do("POST", query+"&count=3", "").want(202).decode(&again); again.ID != 1 {
		t.Errorf("repeated: %+v", again)
	}
	s.relaunch(1, 2)
	s.do("POST", "/v1/reruns/1/stop?reason=enough", "").want(200).decode(&r)
	if r.State != dkron.RerunStopped || r.Launched != 2 || r.Left != 1 || r.Reason != "enough" {
		t.Errorf("stopped %+v", r)
	}
	s.do("POST", "/v1/reruns/1/stop", "").want(409)
	s.do("GET", "/v1/reruns/9", "").want(404)
	s.do("GET", "/v1/reruns/x", "").want(400)
	if s.do("POST", query+"&dry_run", "").want(200).decode(&count); count.Count != 1 {
		t.Errorf("left %+v", count)
	}
	if a := s.do("GET", "/v1/launches?rerun=1&state=running&state=waiting", ""); strings.Count(a.body, `"rerun":1`) != 2 {
		t.Errorf("made by the rerun: %s", a.body)
	}
	var all []launchform.Rerun
	if s.do("GET", "/v1/reruns", "").want(200).decode(&all); len(all) != 1 {
		t.Errorf("%+v", all)
	}
}

func TestWhatWaitsIsStoppedByItsFilter(t *testing.T) {
	s := newServer(t)
	s.create(`{"name":"q","schedule":"@hourly","concurrency":"queue"}`)
	s.create(`{"name":"r","schedule":"@hourly"}`)
	for range 3 {
		s.do("POST", "/v1/jobs/q/run", "").want(200)
	}
	s.do("POST", "/v1/jobs/r/run", "").want(200)
	var count launchform.Selection
	s.do("POST", "/v1/launches/stop?state=queued&dry_run", "").want(200).decode(&count)
	if count.Count != 2 || count.Jobs != 1 {
		t.Errorf("%+v", count)
	}
	until := count.Until.Format(time.RFC3339Nano)
	s.do("POST", "/v1/jobs/q/run", "").want(200)
	if a := s.do("POST", "/v1/launches/stop?state=queued&reason=never+mind&count=2&until="+until, ""); a.want(202).body != `{"stopped":2}` {
		t.Errorf("%s", a.body)
	}
	if s.do("POST", "/v1/launches/stop?state=queued&dry_run", "").want(200).decode(&count); count.Count != 1 {
		t.Errorf("left %+v", count)
	}
}

func TestBulkRequestsSayWhatIsMissing(t *testing.T) {
	s := newServer(t)
	for path, want := range map[string]string{
		"/v1/launches/rerun?state=failed":                             "since must",
		"/v1/launches/rerun?since=2026-01-01T00:00:00Z":               "state must",
		"/v1/launches/rerun?state=running&since=2026-01-01T00:00:00Z": "state must be one of",
		"/v1/launches/stop":                                           "state must",
		"/v1/launches/stop?state=failed":                              "state must be one of",
		"/v1/launches/stop?state=waiting&count=x":                     "count must",
		"/v1/launches?rerun=x":                                        "rerun must",
	} {
		method := "POST"
		if strings.HasPrefix(path, "/v1/launches?") {
			method = "GET"
		}
		if a := s.do(method, path, ""); a.status != 400 || !strings.Contains(a.body, want) {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	s.do("POST", "/v1/launches/rerun?state=failed&since=2026-01-01T00:00:00Z", "").want(409) // none is left
}
