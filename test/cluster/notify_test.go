package cluster

import (
	"dkron/internal/porttest"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// notices is what a receiver was told: how often, by id, and with which text.
type notices struct {
	mu     sync.Mutex // guards what follows
	times  map[string]int
	text   map[string]string
	answer int // 0 is 200
	reset  bool
}

func newNotices(t *testing.T) (*notices, string) {
	t.Helper()
	n := &notices{times: make(map[string]int), text: make(map[string]string)}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, _ := io.ReadAll(r.Body)
		if r.Method == http.MethodGet {
			data = []byte(r.URL.Path + "?" + r.URL.RawQuery)
		}
		n.mu.Lock()
		defer n.mu.Unlock()
		if n.answer != 0 {
			w.WriteHeader(n.answer)
			return
		}
		id := r.Header.Get("Dkron-Notification-Id")
		if was, told := n.text[id]; told && was != string(data) {
			t.Errorf("%s was told as %q and as %q", id, was, data)
		}
		n.times[id]++
		n.text[id] = string(data)
		if n.reset {
			panic(http.ErrAbortHandler)
		}
	}))
	t.Cleanup(s.Close)
	return n, s.URL
}

func (n *notices) set(answer int, reset bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.answer, n.reset = answer, reset
}

// of returns the ids that hold a text, and how often they were told in all.
func (n *notices) of(text string) (ids []string, times int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for id, count := range n.times {
		if strings.Contains(id, text) {
			ids = append(ids, id)
			times += count
		}
	}
	slices.Sort(ids)
	return ids, times
}

func (n *notices) said(id string) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text[id]
}

// agreed waits until the servers have agreed that all of them know what is told.
func (c *Cluster) agreed() {
	c.t.Helper()
	Eventually(c.t, 20*time.Second, "the servers have agreed", func() bool { return c.series(c.Servers[0], "dkron_protocol") >= 2 })
}

func telling(webhook, pre, cronitor string) []string {
	return []string{
		"--enable-prometheus",
		"--webhook-endpoint=" + webhook, "--webhook-payload={{.JobName}} {{.Success}} {{.NodeName}} {{.Output}}",
		"--pre-webhook-endpoint=" + pre, "--pre-webhook-payload={{.JobName}} starts on {{.NodeName}} {{.Output}}",
		"--cronitor-endpoint=" + cronitor,
	}
}

// story is a cluster with a receiver of each kind.
type story struct {
	*Cluster
	web, pre, cronitor *notices
}

func newStory(t *testing.T) *story {
	web, webURL := newNotices(t)
	pre, preURL := newNotices(t)
	cronitor, cronitorURL := newNotices(t)
	s := &story{web: web, pre: pre, cronitor: cronitor}
	web.set(500, false)
	pre.set(503, false)
	cronitor.set(0, true)
	s.Cluster = Start(t, Config{Servers: 3, Agents: 1, Flags: telling(webURL, preURL, cronitorURL)})
	s.agreed()
	s.put("a", "for i in 1 2 3 4; do echo $i; sleep 0.3; done", nil) // its output comes in pieces
	s.put("fails", "echo no; exit 3", map[string]any{"retries": 1, "backoff": map[string]any{"initial": "100ms"}})
	return s
}

func (s *story) put(name, command string, more map[string]any) {
	job := map[string]any{
		"name": name, "schedule": "@manually", "tags": map[string]string{"pool": "agents:1"}, "executor": "shell",
		"executor_config": map[string]string{"shell": "true", "command": command},
	}
	maps.Copy(job, more)
	s.Put(job)
}

func (s *story) run(name string) {
	Eventually(s.t, 20*time.Second, "a launch is taken", func() bool { return s.Do("POST", "/v1/jobs/"+name+"/run", nil, nil) == nil })
}

func (s *story) ended(name string, want int) {
	Eventually(s.t, 60*time.Second, fmt.Sprintf("%d executions of %s have ended", want, name), func() bool {
		all, err := s.Executions(name)
		n := 0
		for _, e := range all {
			if !e.FinishedAt.IsZero() {
				n++
			}
		}
		return err == nil && n == want
	})
}

// told returns the ids that hold a text, once there are so many; there must not be more.
func (s *story) told(n *notices, what, text string, want int) (ids []string) {
	s.t.Helper()
	Eventually(s.t, 60*time.Second, what, func() bool { ids, _ = n.of(text); return len(ids) >= want })
	if len(ids) != want {
		s.t.Errorf("%s: %q are told, want %d", what, ids, want)
	}
	return ids
}

// All receivers are down when the leader dies, one of them in the worst way: it takes notices and does not say so.
func TestEachExecutionIsToldAtItsStartAndItsEndAlthoughTheLeaderDies(t *testing.T) {
	s := newStory(t)
	const before = 5
	for range before {
		s.run("a")
	}
	s.run("fails")
	s.ended("a", before)
	s.ended("fails", 2)
	leader := s.Leader()
	s.Event("kill leader %s", leader.Name)
	leader.Kill()
	s.run("a")
	s.ended("a", before+1)
	for _, n := range []*notices{s.web, s.pre, s.cronitor} {
		n.set(0, false)
	}
	for _, id := range s.told(s.web, "ends of a by webhook", "/a/", before+1) {
		if text := s.web.said(id); !strings.HasSuffix(id, "/end") || text != "a true a1 1\n2\n3\n4\n" {
			t.Errorf("%s: %q", id, text)
		}
	}
	for _, id := range s.told(s.pre, "starts of a by pre-webhook", "/a/", before+1) {
		if text := s.pre.said(id); !strings.HasSuffix(id, "/start") || text != "a starts on a1 " {
			t.Errorf("%s: %q", id, text)
		}
	}
	for _, id := range s.told(s.cronitor, "starts and ends of a at Cronitor", "/a/", 2*(before+1)) {
		text, state := s.cronitor.said(id), "state=run"
		if strings.HasSuffix(id, "/end") {
			state = "state=complete"
		}
		if !strings.HasPrefix(text, "/a?host=a1&message=Job+") || !strings.HasSuffix(text, "&"+state) {
			t.Errorf("%s: %q", id, text)
		}
	}
	for _, id := range s.told(s.web, "the end of the failed launch", "/fails/", 1) {
		if text := s.web.said(id); !strings.HasPrefix(text, "fails false a1 ") {
			t.Errorf("%s: %q", id, text)
		}
	}
	s.told(s.pre, "the starts of both attempts", "/fails/", 2)
	leader.Start()
	s.WaitReady(30 * time.Second)
	Eventually(t, 60*time.Second, "nothing waits", func() bool { return s.series(s.Leader(), "dkron_notifications_pending") == 0 })
	for name, n := range map[string]*notices{"webhook": s.web, "pre-webhook": s.pre} {
		if ids, times := n.of(""); times > len(ids)+3 { // a repetition is for what the dead leader had not recorded
			t.Errorf("%s: %d notices were told %d times", name, len(ids), times)
		}
	}
}

// With v4 a dead webhook keeps children from starting, and an ephemeral job from being deleted.
func TestADeadWebhookStopsNeitherAChainNorTheEndOfAnEphemeralJob(t *testing.T) {
	dead := "http://127.0.0.1:" + porttest.Port(t)
	c := Start(t, Config{Servers: 1, Flags: telling(dead, dead, dead)})
	c.agreed()
	shell := func(name string, more map[string]any) {
		job := map[string]any{"name": name, "schedule": "@manually", "executor": "shell", "executor_config": map[string]string{"command": "true"}}
		maps.Copy(job, more)
		c.Put(job)
	}
	shell("parent", nil)
	shell("child", map[string]any{"schedule": "", "parent_job": "parent"})
	shell("once", map[string]any{"ephemeral": true})
	for _, name := range []string{"parent", "once"} {
		if err := c.Do("POST", "/v1/jobs/"+name+"/run", nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	Eventually(t, 20*time.Second, "the child has run", func() bool {
		all, err := c.Executions("child")
		return err == nil && len(all) == 1 && !all[0].FinishedAt.IsZero()
	})
	Eventually(t, 20*time.Second, "the ephemeral job is gone", func() bool { return c.Get("/v1/jobs/once", nil) != nil })
	if n := c.series(c.Servers[0], "dkron_notifications_pending"); n != 6 { // a start and an end of each
		t.Errorf("%v are pending", n)
	}
}
