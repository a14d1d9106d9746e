package contract

import (
	"strings"
	"testing"
	"time"

	"dkron/test/cluster"
)

// own starts servers that only this test has. A cold cluster is not waited for.
func own(t *testing.T, cfg cluster.Config) (*cluster.Cluster, *site) {
	t.Helper()
	c := cluster.Start(t, cfg)
	if cfg.Cold {
		c.Servers[0].Start()
	}
	s := newSite(t, door{"own", c.Servers[0].Name, "http://" + c.Servers[0].HTTP})
	if !cfg.Cold {
		s.attached(len(c.Nodes()))
	}
	return c, s
}

// answers waits until the server takes requests.
func (s *site) answers() {
	s.t.Helper()
	s.until("it answers", func() bool {
		resp, err := client.Get(s.door.url + "/health")
		if err == nil {
			resp.Body.Close()
		}
		return err == nil
	})
}

// Q13, Q2, Q37, Q50: a server that waits for its peers.
func TestWithoutALeaderWritesAreRefusedWithATextAndReadsWork(t *testing.T) {
	begin(t)
	t.Parallel()
	_, s := own(t, cluster.Config{Servers: 2, Cold: true})
	s.answers()
	j := job{"name": s.name("a"), "schedule": "@manually"}.text()
	for _, w := range writes {
		s.do(w.method, w.path(s, "a"), j).wantText(503, "")
		s.do(w.method, w.path(s, "a"), "nonsense").want(400)
	}
	for _, c := range [][2]string{
		{"DELETE", ""}, {"POST", ""}, {"POST", "/run"}, {"POST", "/toggle"}, {"DELETE", "/executions"},
	} {
		s.do(c[0], s.path("a", c[1]), "").wantText(503, "")
	}
	s.post("/v1/pause", "").wantText(503, "")
	s.get("/v1/jobs").want(200).wantBody("[]")
	s.get(s.path("a", "")).wantEmpty(404)
	s.get("/v1/stats?days=1").want(200)
	s.get("/v1/busy").want(200).wantBody("[]")
	s.get("/v1/pause").want(200)
	s.get("/v1/members").want(200).wantHeader("X-Total-Count", "1")
	s.get("/v1").want(200)
	s.get("/v1/isleader").want(404)
	s.get("/v1/leader").wantText(503, "")
	s.get("/v1/cluster").want(200).wantBody(`{"cluster_id":"","leader":"","term":0,"servers":[],"agents":{"alive":0,"failed":0,"left":0}}`)
	o := s.get("/health").want(200).object()
	if o["status"] != "healthy" || o["leader"] != false || o["ready"] != false {
		t.Errorf("%v", o)
	}
}

// Q36, Q51, Q52
func TestANodeThatIsAskedToLeaveLeavesAndExits(t *testing.T) {
	begin(t)
	t.Parallel()
	c, s := own(t, cluster.Config{Servers: 1, Agents: 0, Flags: []string{"--drain-timeout=1s"}})
	other := joining(t, c)
	other.answers()
	other.until("it has joined", func() bool { return other.get("/v1/leader").status == 200 && len(s.get("/v1/members").list()) == 2 })
	other.process.WillEnd()
	other.post("/v1/leave", "").want(200).wantJSON().wantBody("{}")
	s.until("the others see it as left", func() bool {
		for _, m := range s.get("/v1/members").list() {
			if m["Name"] == other.door.node {
				return m["statusText"] == "left"
			}
		}
		return false
	})
	s.until("it has ended", func() bool { return other.process.Pid() == 0 })
	s.until("the one that stays is a majority by itself", func() bool {
		return s.post("/v1/jobs", `{"name":"a","schedule":"@hourly","executor":"shell","executor_config":{"command":"true"}}`).status == 201
	})
}

func TestTheSurveyNeedsNoLeaderAndShowsWhoIsGone(t *testing.T) {
	begin(t)
	t.Parallel()
	c, s := own(t, cluster.Config{Servers: 2})
	var v surveyView
	c.Servers[1].Pause()
	asked := time.Now()
	s.get("/v1/cluster").want(200).decode(&v)
	if took := time.Since(asked); took > 20*time.Second || len(v.Servers) != 2 || !strings.HasPrefix(v.Servers[1].Error, "no answer within 2 s; ") {
		t.Errorf("after %v: %+v", took, v)
	}
	c.Servers[1].Kill()
	s.until("there is no leader", func() bool {
		v = surveyView{}
		s.get("/v1/cluster").want(200).decode(&v)
		return v.Leader == ""
	})
	if len(v.Servers) != 2 {
		t.Fatalf("%+v", v)
	}
	stays, gone := v.Servers[0], v.Servers[1]
	if !stays.Reachable || stays.Ready || stays.Reason == "" || stays.Lag != nil || stays.LastIndex == 0 {
		t.Errorf("%+v", stays)
	}
	if gone.Reachable || gone.Ready || gone.Error == "" || gone.Lag != nil || gone.Version == "" || !gone.Voter {
		t.Errorf("%+v", gone)
	}
}

// joined is a server that has joined another test's.
type joined struct {
	*site
	process *cluster.Node
}

// joining starts a second server that joins the first.
func joining(t *testing.T, c *cluster.Cluster) joined {
	t.Helper()
	n := c.Join("s2")
	return joined{newSite(t, door{"own", n.Name, "http://" + n.HTTP}), n}
}

func TestMetricsAreTextForPrometheus(t *testing.T) {
	begin(t)
	t.Parallel()
	_, s := own(t, cluster.Config{Servers: 1, Flags: []string{"--enable-prometheus"}})
	a := s.get("/metrics").want(200).wantHeader("Content-Encoding", "")
	if kind := a.header.Get("Content-Type"); !strings.HasPrefix(kind, "text/plain; version=0.0.4") {
		t.Errorf("Content-Type is %q", kind)
	}
	for _, line := range []string{"\ngo_goroutines ", "\nprocess_cpu_seconds_total "} {
		if !strings.Contains(a.body, line) {
			t.Errorf("%q is missing", line)
		}
	}
}

// Q47
func TestMetricsCountTheRunsOfAJobOnce(t *testing.T) {
	begin(t)
	t.Parallel()
	c, s := own(t, cluster.Config{Servers: 1, Flags: []string{"--enable-prometheus", "--drain-timeout=1s"}})
	local := job{"tags": nil}
	s.ran("ok", shell("true").with(local))
	s.ran("bad", shell("false").with(local))
	metrics := func() string { return s.get("/metrics").want(200).body }
	ok := `dkron_job_executions_succeeded_total{job_name="` + s.name("ok") + `"} `
	bad := `dkron_job_executions_failed_total{job_name="` + s.name("bad") + `"} `
	for _, line := range []string{ok + "1\n", bad + "1\n"} {
		if !strings.Contains(metrics(), line) {
			t.Errorf("%q is missing", line)
		}
	}
	c.Servers[0].Stop()
	c.Servers[0].Start()
	c.WaitReady(within)
	for _, line := range []string{ok + "2", bad + "2"} {
		if strings.Contains(metrics(), line) {
			t.Errorf("%q after a restart: counted again", line)
		}
	}
}

func TestStateOutlivesARestart(t *testing.T) {
	begin(t)
	t.Parallel()
	c, s := own(t, cluster.Config{Servers: 1, Flags: []string{"--drain-timeout=1s"}})
	local := job{"tags": nil}
	s.ran("a", shell("true").with(local))
	past := time.Now().Add(-time.Minute).UTC().Format(time.RFC3339)
	s.create("once", shell("true").with(local).with(job{"schedule": "@after " + past + " <PT1H"}))
	s.finished("once", 1)
	job1, list := s.get(s.path("a", "")).body, s.get(s.path("a", "/executions")).body
	s.post("/v1/pause", "").want(200)
	c.Servers[0].Stop()
	c.Servers[0].Start()
	c.WaitReady(within)
	s.get(s.path("a", "")).wantBody(job1)
	s.get(s.path("a", "/executions")).wantBody(list)
	s.get("/v1/pause").wantBody(`{"paused":true}`) // Q33
	s.post("/v1/unpause", "").want(200)
	s.create("witness", shell("true").with(local).with(job{"schedule": "@every 1s"}))
	s.finished("witness", 2)
	if got := len(s.executions("once")); got != 1 { // Q21
		t.Errorf("@after ran %d times", got)
	}
}

func TestTheUI(t *testing.T) {
	all(t, func(t *testing.T, s *site) {
		s.do("GET", "/", "", "Accept: text/html").want(303).wantWay("/ui/")
		s.get("/").want(303).wantWay("/ui/")
		s.do("HEAD", "/", "").want(303).wantWay("/ui/")
		s.do("GET", "/", "", "Accept: application/json").wantEmpty(404)
		s.get("/ui").want(301).wantWay("/ui/")
		for _, path := range []string{"/ui/", "/ui/jobs/some-job", "/ui/jobs/a%2Fb"} {
			if a := s.get(path).want(200); !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
				a.fail("Content-Type is %q", a.header.Get("Content-Type"))
			}
			s.do("HEAD", path, "").want(200).wantBody("")
		}
		s.get("/ui/assets/none.js").want(404)
		s.get("/ui//").wantPage()
		s.post("/ui/", "{}").want(405)
	})
}

func TestTheUICanBeOff(t *testing.T) {
	begin(t)
	t.Parallel()
	_, s := own(t, cluster.Config{Servers: 1, Flags: []string{"--ui=false"}})
	for _, path := range []string{"/", "/ui", "/ui/", "/ui/jobs/some-job"} {
		s.do("GET", path, "", "Accept: text/html").wantPage()
		s.post(path, "").wantPage()
	}
}

// Q38
func TestVariablesOfTheProcessHideSecrets(t *testing.T) {
	begin(t)
	t.Parallel()
	const key = "kPpdjphiipNSsjd4QHWbkA=="
	_, s := own(t, cluster.Config{Servers: 1, Flags: []string{"--encrypt=" + key}})
	if a := s.get("/debug/vars").want(200); strings.Contains(a.body, key) {
		t.Error("the key is shown")
	}
}

func TestANodesOwnTagsWinOverItsSettings(t *testing.T) {
	begin(t)
	t.Parallel()
	_, s := own(t, cluster.Config{Servers: 1, Flags: []string{"--tag=region=zz", "--tag=dc=zz", "--tag=color=red"}})
	tags := s.get("/v1/leader").want(200).field("Tags").(map[string]any)
	if tags["region"] != "global" || tags["dc"] != "dc1" || tags["color"] != "red" {
		t.Errorf("%v", tags)
	}
}

func TestARoleOfOnesOwnTakesThePlaceOfTheDefault(t *testing.T) {
	begin(t)
	t.Parallel()
	_, s := own(t, cluster.Config{Servers: 1, Flags: []string{"--tag=role=web"}})
	if tags := s.get("/v1/leader").want(200).field("Tags").(map[string]any); tags["role"] != "web" {
		t.Errorf("%v", tags)
	}
}
