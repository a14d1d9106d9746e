package contract

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

type ranView struct {
	ID           string            `json:"id"`
	State        string            `json:"state"`
	Cause        string            `json:"cause"`
	Env          map[string]string `json:"env"`
	Payload      *string           `json:"payload"`
	RerunOf      string            `json:"rerun_of"`
	RerunAs      string            `json:"rerun_as"`
	RerunDue     string            `json:"rerun_scheduled_at"`
	ScheduledAt  string            `json:"scheduled_at"`
	WithChildren *bool             `json:"with_children"`
	Executions   []struct {
		Output string `json:"output"`
	} `json:"executions"`
}

func (v *ranView) output() string {
	var all strings.Builder
	for _, e := range v.Executions {
		all.WriteString(e.Output)
	}
	return all.String()
}

// launched makes a launch, waits for its end and reads it.
func (s *site) launched(path, body string) (v ranView) {
	s.t.Helper()
	var made ranView
	s.post(path+"?wait", body).want(201).wantJSON().decode(&made)
	s.get("/v1/launches/" + made.ID).want(200).decode(&v)
	return v
}

// Retries have the environment too, and a run again has what the first one had.
func TestALaunchHasAnEnvironmentAndAPayloadOfItsOwn(t *testing.T) {
	all(t, func(t *testing.T, s *site) {
		s.create("a", shell("").with(job{"retries": 1, "executor_config": job{
			"shell": "true", "env": `REGION=us,KEEP=a\,b`, "command": `echo "$REGION $KEEP $(cat) $DKRON_RERUN_SCHEDULED_AT"; [ $DKRON_ATTEMPT = 2 ]`,
		}}))
		v := s.launched(s.path("a", "/launches"), `{"env":{"REGION":"eu, north"},"payload":"hello"}`)
		if v.State != "success" || v.Cause != "manual" || strings.Count(v.output(), "eu, north a,b hello") != 2 || v.Env["REGION"] != "eu, north" || *v.Payload != "hello" {
			t.Errorf("%+v wrote %q", v, v.output())
		}
		again := s.launched("/v1/launches/"+v.ID+"/rerun", "")
		if again.RerunOf != v.ID || again.RerunDue != v.ScheduledAt || again.WithChildren == nil || strings.Count(again.output(), "eu, north a,b hello "+v.ScheduledAt) != 2 {
			t.Errorf("again: %+v wrote %q, the first was due %s", again, again.output(), v.ScheduledAt)
		}
		if s.get("/v1/launches/" + v.ID).want(200).decode(&v); v.RerunAs != again.ID {
			t.Errorf("the first was run again as %q", v.RerunAs)
		}
		if plain := s.launched(s.path("a", "/launches"), `{}`); !strings.Contains(plain.output(), "us a,b") {
			t.Errorf("as defined: %q", plain.output())
		}
		s.post(s.path("a", "/run?wait"), `{"env":{"REGION":"eu"}}`).want(200)
		if last := s.executions("a"); strings.Contains(last[len(last)-1].Output, "eu") {
			t.Error("/run used its body")
		}
	})
}

func TestAnHTTPJobGetsAnotherBodyAndHasNoEnvironment(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		echo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) }))
		t.Cleanup(echo.Close)
		s.create("h", request(job{"method": "POST", "url": echo.URL, "body": "usual"}).with(job{"tags": onAgent}))
		if v := s.launched(s.path("h", "/launches"), `{"payload":"special"}`); !strings.Contains(v.output(), "special") {
			t.Errorf("the body was %q", v.output())
		}
		a := s.post(s.path("h", "/launches"), `{"env":{"A":"b"}}`).want(400)
		if !strings.Contains(a.body, "env") || !strings.Contains(a.body, "http") {
			t.Errorf("env: %s", a.body)
		}
		s.post(s.path("none", "/launches"), `{}`).want(404)
	})
}

func TestWhatFailedInAPeriodIsRunAgainOnce(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.create("a", shell("exit 3"))
		s.create("child", job{"parent_job": s.name("a"), "executor": "shell", "tags": onAgent, "executor_config": job{"command": "true"}})
		since := time.Now().UTC().Add(-time.Minute).Format(time.RFC3339)
		for range 3 {
			s.post(s.path("a", "/run?wait"), "").want(200)
		}
		s.create("a", shell("true"))
		query := "/v1/launches/rerun?state=failed&since=" + since + "&job=" + s.name("a")
		var found struct {
			Count int
			Until string
		}
		s.post(query+"&dry_run", "").want(200).wantJSON().decode(&found)
		if found.Count != 3 {
			t.Fatalf("%+v", found)
		}
		query += "&until=" + url.QueryEscape(found.Until)
		s.post(query+"&count=2", "").want(409)
		var r, repeated struct {
			ID    int
			State string
			Total int
			Left  int
		}
		s.post(query+"&count=3", "").want(202).wantJSON().decode(&r)
		path := s.post(query+"&count=3", "").want(202).header.Get("Location")
		s.until("the rerun is done", func() bool { s.get(path).want(200).decode(&repeated); return repeated.State == "done" })
		if repeated.ID != r.ID || r.Total != 3 || repeated.Left != 0 {
			t.Errorf("%+v, repeated %+v", r, repeated)
		}
		s.finished("a", 6)
		s.get(s.path("child", "/executions")).want(200).wantBody("[]")
		s.post(path+"/stop", "").want(409)
	})
}

func TestWhatWaitsInQueuesIsStoppedByFilter(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.create("q", shell("sleep 60").with(job{"concurrency": "queue"}))
		for range 3 {
			s.post(s.path("q", "/run"), "").want(200)
		}
		query := "/v1/launches/stop?job=" + s.name("q") + "&state="
		s.post(query+"queued&count=1", "").want(409)
		s.post(query+"queued&count=2&reason=enough", "").want(202).wantBody(`{"stopped":2}`)
		s.post(query+"running", "").want(202).wantBody(`{"stopped":1}`)
		s.post("/v1/launches/stop?job="+s.name("q"), "").want(400)
	})
}
