//go:build linux

package cluster

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// launch starts a job, and returns its launch.
func (c *Cluster) launch(job string) string {
	c.t.Helper()
	var launched struct{ ID string }
	if err := c.Do(http.MethodPost, "/v1/jobs/"+job+"/launches", map[string]any{}, &launched); err != nil {
		c.t.Fatal(err)
	}
	return launched.ID
}

// outputOf returns the output of what runs of a job.
func (c *Cluster) outputOf(job string) string {
	var busy []Execution
	if err := c.Get("/v1/busy", &busy); err != nil {
		return ""
	}
	for _, e := range busy {
		if e.JobName == job {
			return e.Output
		}
	}
	return ""
}

// A plugin in another language, made for v4, executes. It can't hear a stop: the stopped execution ends after the grace, new work
// has a fresh process at once, another execution of the old one continues to its own end, and then nothing is left of it.
func TestAPluginThatHearsNoStopIsReplacedAndItsOtherWorkGoesOn(t *testing.T) {
	if _, err := exec.LookPath("node"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("Node is missing")
		}
		t.Skip("the plugin needs Node; on Debian: apt-get install nodejs")
	}
	file, err := filepath.Abs("../foreign/dkron-executor-node")
	if err != nil {
		t.Fatal(err)
	}
	c := Start(t, Config{Servers: 1, Agents: 1, Flags: []string{withFiles(t, file, "node")}})
	end, mark := filepath.Join(t.TempDir(), "end"), "of-"+t.TempDir()
	for name, config := range map[string]map[string]string{
		"greet": {"name": "world"}, "hang": {"do": "hang", "mark": mark}, "other": {"do": "wait", "file": end},
	} {
		c.Put(map[string]any{
			"name": name, "schedule": "@manually", "tags": map[string]string{"pool": "agents"}, "executor": "node", "executor_config": config,
		})
	}
	greeted := func(times int) bool {
		all, err := c.Executions("greet")
		return err == nil && len(all) == times && all[0].Outcome == "success" && all[0].Output == "Hello, world, from the job greet!\n"
	}
	c.launch("greet")
	Eventually(t, 30*time.Second, "it greets", func() bool { return greeted(1) })

	c.launch("other")
	hanging := c.launch("hang")
	var old, child, same int
	Eventually(t, 10*time.Second, "both run", func() bool {
		_, err := fmt.Sscanf(c.outputOf("hang"), "pids %d %d", &old, &child)
		_, err2 := fmt.Sscanf(c.outputOf("other"), "pid %d", &same)
		return err == nil && err2 == nil && old == same
	})
	if err := c.Do(http.MethodPost, "/v1/launches/"+hanging+"/stop", nil, nil); err != nil {
		t.Fatal(err)
	}
	Eventually(t, 20*time.Second, "the stopped execution has ended", func() bool {
		all, err := c.Executions("hang")
		return err == nil && len(all) == 1 && all[0].Outcome == "stopped" && strings.Contains(all[0].Error, "the plugin did not stop")
	})
	c.launch("greet")
	Eventually(t, 30*time.Second, "new work has a fresh process", func() bool { return greeted(2) })
	if c.outputOf("other") == "" || len(processesOf(mark)) != 1 {
		t.Errorf("the old process ended before its other execution; it runs with %d children", len(processesOf(mark)))
	}
	if err := os.WriteFile(end, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	Eventually(t, 10*time.Second, "the other execution succeeds", func() bool {
		all, err := c.Executions("other")
		return err == nil && len(all) == 1 && all[0].Outcome == "success"
	})
	gone := func(pid int) bool { _, err := os.Stat(fmt.Sprintf("/proc/%d", pid)); return err != nil }
	Eventually(t, 10*time.Second, "nothing is left of the old process", func() bool { return gone(old) && gone(child) })
}
