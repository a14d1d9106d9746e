package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"dkron"
	"dkron/internal/standing"
)

const memberBody = `"Name":"n1","Addr":"127.0.0.1","Port":8946,"Tags":{"role":"dkron"},"Status":1,` +
	`"ProtocolMin":1,"ProtocolMax":5,"ProtocolCur":2,"DelegateMin":2,"DelegateMax":5,"DelegateCur":4`

func TestMembersAndLeader(t *testing.T) {
	s := newServer(t)
	s.get("/v1/members").want(200).wantHeader("X-Total-Count", "1").wantBody("[{" + memberBody + `,"id":"8fd1","statusText":"alive"}]`)
	s.get("/v1/leader").want(200).wantBody("{" + memberBody + "}")
	s.get("/v1/isleader").want(200).wantBody(`"I am a leader"`)
	s.cluster.leads, s.cluster.alone = false, true
	s.get("/v1/leader").want(503).wantBody("no cluster leader; try again shortly")
	s.get("/v1/isleader").want(404).wantBody(`"I am a follower"`)
}

func TestTheSurveyTellsOfEveryServer(t *testing.T) {
	s := newServer(t)
	none := `{"cluster_id":"","leader":"","term":0,"servers":[],"agents":{"alive":0,"failed":0,"left":0}}`
	s.get("/v1/cluster").want(200).wantBody(none)
	lag := uint64(0)
	s.cluster.survey = Survey{Leader: "n1", Term: 7, Agents: Agents{Alive: 1, Failed: 2, Left: 3}, Servers: []Server{
		{Name: "n1", Address: "10.0.0.1:6868", HTTP: "10.0.0.1:8080", Version: "1.0", Voter: true, Leader: true, Reachable: true, Term: 7, LastIndex: 9,
			AppliedIndex: 9, Lag: &lag, Ready: true, Notices: []string{"clock: jumped"}},
		{Name: "n2", Address: "10.0.0.2:6868", Error: "no answer"},
	}}
	s.get("/v1/cluster").want(200).wantBody(`{"cluster_id":"","leader":"n1","term":7,"servers":[` +
		`{"name":"n1","address":"10.0.0.1:6868","http_address":"10.0.0.1:8080","version":"1.0","voter":true,"leader":true,"reachable":true,"error":"",` +
		`"term":7,"last_index":9,"applied_index":9,"lag":0,"ready":true,"reason":"","notices":["clock: jumped"]},` +
		`{"name":"n2","address":"10.0.0.2:6868","http_address":"","version":"","voter":false,"leader":false,"reachable":false,"error":"no answer",` +
		`"term":0,"last_index":0,"applied_index":0,"lag":null,"ready":false,"reason":"","notices":[]}],` +
		`"agents":{"alive":1,"failed":2,"left":3}}`)
	s.cluster.mute = dkron.ErrUnavailable
	s.get("/v1/cluster").want(503)
}

func (c *fakeCluster) Nodes(context.Context) []standing.Node {
	return []standing.Node{{Name: "n1", Status: "alive", Load: &standing.Load{Running: 3, High: []standing.High{}}}, {Name: "n2", Status: "failed"}}
}

func TestNodesAreListedWithTheirLoad(t *testing.T) {
	s := newServer(t)
	s.get("/v1/nodes").want(200).wantHeader("X-Total-Count", "2").wantPart(`"load":{"measured_at"`).wantPart(`"status":"failed","server":false,"load":null}]`)
}

func TestStatus(t *testing.T) {
	s := newServer(t)
	for _, path := range []string{"/v1", "/v1/"} {
		s.get(path).want(200).wantBody(`{"agent":{"name":"n1","version":"devel"},"serf":{"members":"1"},"tags":{"role":"dkron"}}`)
	}
}

func TestLeave(t *testing.T) {
	s := newServer(t)
	s.do("POST", "/v1/leave", "").want(200).wantBody("{}")
	s.cluster.leave = errors.New("left already")
	s.do("POST", "/v1/leave", "").want(500)
}

func TestHealthAndReady(t *testing.T) {
	var issues, notices []string
	s := newServer(t, func(c *Config) {
		c.Issues, c.Notices = func() []string { return issues }, func() []string { return notices }
	})
	s.get("/health").want(200).wantBody(`{"leader":true,"ready":true,"status":"healthy"}`).wantHeader("X-Whom", "")
	s.get("/ready").want(200).wantBody(`{"ready":true}`)
	notices = []string{"clock: jumped"}
	s.get("/health").want(200).wantBody(`{"notices":["clock: jumped"],"leader":true,"ready":true,"status":"healthy"}`)
	notices = nil
	s.cluster.issue, s.cluster.leads = errors.New("no leader"), false
	s.get("/health").want(200).wantBody(`{"leader":false,"ready":false,"reason":"no leader","status":"healthy"}`)
	s.get("/ready").want(503).wantBody(`{"ready":false,"reason":"no leader"}`)
	issues = []string{"plugin executor-shell has exited"}
	s.get("/health").want(503).wantBody(`{"issues":["plugin executor-shell has exited"],"leader":false,"ready":false,"reason":"no leader","status":"unhealthy"}`)
}

func TestVarsShowNoFlags(t *testing.T) {
	os.Args = append(os.Args, "--password=hunter2")
	defer func() { os.Args = os.Args[:len(os.Args)-1] }()
	s := newListServer(t)
	a := s.get("/debug/vars").want(200)
	got := a.object()
	if len(got["cmdline"].([]any)) != 1 || strings.Contains(a.body, "hunter2") || got["node"] != "n1" || got["scheduler_started"] != 1.0 || got["memstats"] == nil {
		t.Error(a.body)
	}
	if entries := got["cron_entries"].(map[string]any); len(entries) != 3 || entries["ab"] != "@hourly, next 2026-11-23T13:00:00Z" {
		t.Error(entries)
	}
}

func TestMetricsOnlyIfConfigured(t *testing.T) {
	newServer(t).get("/metrics").want(404).wantBody("404 page not found")
	s := newServer(t, func(c *Config) {
		c.Metrics = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("up 1")) })
	})
	s.get("/metrics").want(200).wantBody("up 1").wantHeader("X-Whom", "n1")
}

func TestRequestsAreObservedByPatternMethodAndStatus(t *testing.T) {
	var seen []string
	s := newServer(t, func(c *Config) {
		c.Observe = func(route, method string, status int, d time.Duration) {
			if d <= 0 {
				t.Errorf("%s took %s", route, d)
			}
			seen = append(seen, fmt.Sprint(method, " ", route, " ", status))
		}
	})
	s.get("/v1/jobs/secret-name").want(404)
	s.get("/v1/jobs/").want(301)
	s.get("/v1/members").want(200)
	s.get("/nobody/knows/../this").want(404)
	s.get("/nobody").want(404)
	s.do("BREW", "/v1/jobs", "").want(405)
	s.do("HEAD", "/v1/", "").want(200)
	s.cluster.panics = true
	s.get("/v1/members").want(500)
	want := []string{
		"GET /v1/jobs/{job} 404", "GET /v1/jobs 301", "GET /v1/members 200", "GET other 404", "GET other 404",
		"other /v1/jobs 405", "HEAD /v1 200", "GET /v1/members 500",
	}
	if !slices.Equal(seen, want) {
		t.Errorf("seen %q\nwant %q", seen, want)
	}
}

// wantPart checks that the body contains a text.
func (a *answer) wantPart(part string) *answer {
	a.t.Helper()
	if !strings.Contains(a.body, part) {
		a.t.Errorf("body\n%s\nlacks\n%s", a.body, part)
	}
	return a
}
