package cluster

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

type processorView struct {
	Name      string `json:"name"`
	On        string `json:"on"`
	Delivered int    `json:"delivered"`
	Pending   int    `json:"pending"`
	Failed    int    `json:"failed"`
	Dropped   int    `json:"dropped"`
	Attempts  int    `json:"attempts"`
	LastError string `json:"last_error"`
}

func (c *Cluster) processors(job string) map[string]processorView {
	var list []processorView
	all := make(map[string]processorView)
	if c.Get("/v1/jobs/"+job+"/processors", &list) == nil {
		for _, p := range list {
			all[p.Name] = p
		}
	}
	return all
}

// The directory of one processor is a file at first, so that its deliveries are pending when the leader dies.
func TestOutputsAreDeliveredAfterTheLeaderDied(t *testing.T) {
	c := Start(t, Config{Servers: 3, Agents: 1})
	dir := filepath.Join(t.TempDir(), "out")
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	const runs = 10
	c.Put(map[string]any{
		"name": "a", "schedule": "@manually", "tags": map[string]string{"pool": "agents:1"}, "executor": "shell", "executor_config": map[string]string{"shell": "true", "command": "echo output of $DKRON_LAUNCH_ID"},
		"processors": map[string]any{"files": map[string]string{"log_dir": dir}, "log": map[string]string{}},
	})
	run := func(n int) {
		for range n {
			Eventually(t, 20*time.Second, "a launch is taken", func() bool { return c.Do("POST", "/v1/jobs/a/run", nil, nil) == nil })
		}
	}
	run(runs / 2)
	Eventually(t, 30*time.Second, "log has all, files none", func() bool {
		p := c.processors("a")
		return p["log"].Delivered == runs/2 && p["files"].Pending == runs/2 && p["files"].Attempts > 0
	})
	if p := c.processors("a")["files"]; !strings.Contains(p.LastError, dir) {
		t.Errorf("%+v", p)
	}
	all, err := c.Executions("a")
	if err != nil || len(all) != runs/2 {
		t.Fatalf("%d executions, %v", len(all), err)
	}
	for _, e := range all {
		if !strings.HasPrefix(e.Output, "output of a.") {
			t.Errorf("%q was replaced although files has nothing", e.Output)
		}
	}
	leader := c.Leader()
	c.Event("kill leader %s", leader.Name)
	leader.Kill()
	run(runs / 2)
	if err := os.Remove(dir); err != nil { // now it can be made
		t.Fatal(err)
	}
	Eventually(t, 60*time.Second, "all are delivered", func() bool {
		p := c.processors("a")
		return p["log"].Delivered == runs && p["files"].Delivered == runs && p["files"].Pending == 0
	})
	if all, err = c.Executions("a"); err != nil || len(all) != runs {
		t.Fatalf("%d executions, %v", len(all), err)
	}
	seen := make(map[string]bool)
	for _, e := range all {
		want := "Output in dkron log" // files is first, log last
		if e.Output != want {
			t.Errorf("output %q, want %q", e.Output, want)
		}
		data, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("%d-%s.log", e.StartedAt.UnixNano(), e.NodeName)))
		if text := string(data); err != nil || !strings.HasPrefix(text, "output of a.") || seen[text] {
			t.Errorf("%q, %v", text, err)
		}
		seen[string(data)] = true
	}
	leader.Start()
	c.WaitReady(30 * time.Second)
	Eventually(t, 20*time.Second, "the server that is back has the same", func() bool {
		var list []processorView
		_, err := c.call(leader, "GET", "/v1/jobs/a/processors", nil, &list)
		return err == nil && len(list) == 2 && list[0].Name == "files" && list[0].Delivered == runs && list[1].Delivered == runs
	})
}
