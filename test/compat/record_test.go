package compat_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"dkron/test/cluster"
)

var record = flag.String("record", "", "write what the release of DKRON_BINARY leaves on disk into this directory")

// expectation is what is to be read from a release's data.
type expectation struct {
	Reads map[string]json.RawMessage `json:"reads"` // answer by path; a later version may answer more
	Open  string                     `json:"open"`  // the launch that runs
}

type object = map[string]any

// farAway is due when nobody runs this test any more.
const farAway = "2126-03-01T04:05:06Z"

// openFor is for how many seconds the open launch sleeps, and what its process is found by.
const openFor = "1234567"

// killOpen ends the command of the open launch, which outlives its agent: an agent on the same data would take it up.
func killOpen(t *testing.T) {
	t.Helper()
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range lines {
		if line, err := os.ReadFile(path); err == nil && string(line) == "sleep\x00"+openFor+"\x00" {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
			if p, err := os.FindProcess(pid); err == nil {
				_ = p.Kill()
			}
		}
	}
}

func TestRecord(t *testing.T) {
	if *record == "" {
		t.Skip("-record is not given")
	}
	c := cluster.Start(t, cluster.Config{Servers: 1, Agents: 1})
	server, agent := c.Servers[0], c.Agents[0]
	fill(t, c)
	server.Stop() // the next start makes a snapshot of what the state has
	server.Start()
	c.WaitReady(20 * time.Second)
	work(t, c)
	var launched struct {
		ID string `json:"id"`
	}
	want := expectation{Reads: make(map[string]json.RawMessage)}
	do(t, c, http.MethodPost, "/v1/jobs/open/run", nil, nil)
	cluster.Eventually(t, 10*time.Second, "the open launch runs", func() bool {
		var list []struct{ ID, State string }
		if c.Get("/v1/jobs/open/launches", &list) != nil || len(list) != 1 || list[0].State != "running" {
			return false
		}
		launched.ID = list[0].ID
		var runs []struct {
			StartedAt *time.Time `json:"started_at"`
		}
		return c.Get("/v1/jobs/open/executions", &runs) == nil && len(runs) == 1 && runs[0].StartedAt != nil
	})
	want.Open = launched.ID
	for _, path := range reads() {
		var body json.RawMessage
		if err := c.Get(path, &body); err != nil {
			t.Fatal(err)
		}
		want.Reads[path] = body
	}
	agent.Kill() // as in a crash: its journal has an execution that runs
	server.Kill()
	killOpen(t)
	if err := os.MkdirAll(*record, 0o755); err != nil {
		t.Fatal(err)
	}
	pack(t, filepath.Join(*record, "data.tar.gz"), map[string]string{"server": server.DataDir(), "agent": agent.DataDir()})
	text, err := json.MarshalIndent(want, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*record, "expect.json"), append(text, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

// reads is what is read from the data. None of it changes with time.
func reads() (paths []string) {
	for _, job := range []string{"good", "bad", "loud", "parent", "child", "far", "off", "changed", "queue"} {
		paths = append(paths, "/v1/jobs/"+job, "/v1/jobs/"+job+"/executions", "/v1/jobs/"+job+"/launches", "/v1/jobs/"+job+"/versions")
	}
	return append(paths, "/v1/settings", "/v1/stats")
}

func do(t *testing.T, c *cluster.Cluster, method, path string, in, out any) {
	t.Helper()
	if err := c.Do(method, path, in, out); err != nil {
		t.Fatal(err)
	}
}

// fill stores jobs of all sorts.
func fill(t *testing.T, c *cluster.Cluster) {
	t.Helper()
	shell := func(name, command string, more object) {
		job := object{"name": name, "schedule": "@manually", "executor": "shell", "tags": object{"pool": "agents:1"},
			"executor_config": object{"command": command, "shell": "true"}}
		for k, v := range more {
			job[k] = v
		}
		c.Put(job)
	}
	shell("good", "echo well done", object{"owner": "ops", "metadata": object{"team": "night"}, "displayname": "Good", "retries": 1})
	shell("bad", "echo no >&2; exit 3", object{"retries": 2, "retry_backoff": object{"initial": "10ms", "max": "20ms"}})
	shell("loud", "i=0; while [ $i -lt 500 ]; do echo line $i; i=$((i+1)); done", object{"history": object{"count": 3}})
	shell("parent", "true", nil)
	shell("child", "true", object{"parents": []object{{"job": "parent", "on": "success"}}})
	shell("far", "true", object{"schedule": "@at " + farAway, "timezone": "Europe/Zurich"})
	shell("off", "true", object{"schedule": "0 0 3 * * *", "disabled": true, "concurrency": "forbid", "catchup": object{"policy": "last", "window": "1h"}})
	shell("yearly", "true", object{"schedule": "0 0 0 29 2 *"})
	shell("changed", "true", object{"owner": "first"})
	shell("changed", "true", object{"owner": "second"})
	shell("queue", "true", object{"concurrency": "queue", "queue_limit": 4})
	shell("gone", "true", nil)
	shell("open", "exec sleep "+openFor, nil)
	do(t, c, http.MethodPut, "/v1/settings", object{"history": object{"count": 20}, "total_bytes": 1 << 20}, nil)
	run(t, c, "loud", "gone")
	do(t, c, http.MethodDelete, "/v1/jobs/gone", nil, nil)
}

// work makes history.
func work(t *testing.T, c *cluster.Cluster) {
	t.Helper()
	for range 3 {
		run(t, c, "good", "bad", "loud", "parent", "queue", "changed")
	}
	cluster.Eventually(t, 10*time.Second, "the child has run as often as its parent", func() bool {
		var list []struct{ State string }
		if c.Get("/v1/jobs/child/launches", &list) != nil || len(list) != 3 {
			return false
		}
		return !strings.Contains(fmt.Sprint(list), "running") && !strings.Contains(fmt.Sprint(list), "waiting")
	})
}

// run launches jobs and waits until they have ended.
func run(t *testing.T, c *cluster.Cluster, jobs ...string) {
	t.Helper()
	for _, job := range jobs {
		var before []struct{}
		if err := c.Get("/v1/jobs/"+job+"/launches", &before); err != nil {
			t.Fatal(err)
		}
		do(t, c, http.MethodPost, "/v1/jobs/"+job+"/run", nil, nil)
		cluster.Eventually(t, 20*time.Second, job+" has run", func() bool {
			var list []struct{ State string }
			return c.Get("/v1/jobs/"+job+"/launches", &list) == nil && len(list) == len(before)+1 &&
				list[0].State != "running" && list[0].State != "waiting"
		})
	}
}
