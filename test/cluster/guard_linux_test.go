package cluster

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// Ten plugins, each with processes that don't want to end: none is left after a kill -9 of the agent.
func TestKillOfTheAgentLeavesNothingThatPluginsHaveStarted(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for i := range 10 {
		names = append(names, fmt.Sprintf("breeder%d", i))
	}
	config := withFiles(t, self, names...)
	plugins := pluginsOf(config)
	c := Start(t, Config{Servers: 1, Agents: 1, Flags: []string{config}})
	mark := "of-" + t.TempDir()
	for _, n := range names {
		c.Put(map[string]any{
			"name": n, "schedule": "@manually", "tags": map[string]string{"pool": "agents"}, "executor": n,
			"executor_config": map[string]string{"mark": mark},
		})
		if err := c.Do(http.MethodPost, "/v1/jobs/"+n+"/run", nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	Eventually(t, 60*time.Second, "all processes run", func() bool { return len(processesOf(mark)) == perPlugin*len(names) })
	t.Cleanup(func() {
		for _, pid := range append(processesOf(mark), processesOf(plugins)...) {
			_ = exec.Command("kill", "-9", pid).Run()
		}
	})
	c.Agents[0].Kill()
	Eventually(t, 30*time.Second, "no process is left", func() bool { return len(processesOf(mark))+len(processesOf(plugins)) == 0 })
}

// A plugin that ignores a stop is given up: the execution ends after the grace, new work has a fresh process, and the old one is killed
// with all that it has started. An execution that has only timed out leaves the process as it is.
func TestAPluginThatIgnoresAStopIsKilledWithWhatItHasStarted(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := Start(t, Config{Servers: 1, Agents: 1, Flags: []string{withFiles(t, self, "breeder")}})
	mark := "of-" + t.TempDir()
	for _, do := range []string{"pid", "time out", "ignore"} {
		c.Put(map[string]any{
			"name": strings.ReplaceAll(do, " ", "-"), "schedule": "@manually", "tags": map[string]string{"pool": "agents"}, "executor": "breeder",
			"executor_config": map[string]string{"do": do, "mark": mark},
		})
	}
	t.Cleanup(func() {
		for _, pid := range processesOf(mark) {
			_ = exec.Command("kill", "-9", pid).Run()
		}
	})
	pid := func(times int) (pid string) {
		t.Helper()
		c.launch("pid")
		Eventually(t, 30*time.Second, "the plugin says which process it is", func() bool {
			all, err := c.Executions("pid")
			if err != nil || len(all) != times {
				return false
			}
			pid = slices.MaxFunc(all, func(a, b Execution) int { return a.StartedAt.Compare(b.StartedAt) }).Output
			return pid != ""
		})
		return pid
	}
	old := pid(1)
	c.launch("time-out")
	Eventually(t, 30*time.Second, "it times out", func() bool {
		all, err := c.Executions("time-out")
		return err == nil && len(all) == 1 && all[0].Outcome == "timed_out" && strings.HasPrefix(all[0].Error, "timed out after 100 ms while waiting")
	})
	if again := pid(2); again != old {
		t.Errorf("process %s after a timeout, %s before", again, old)
	}
	ignoring := c.launch("ignore")
	Eventually(t, 30*time.Second, "it has started others", func() bool { return len(processesOf(mark)) == perPlugin })
	if err := c.Do(http.MethodPost, "/v1/launches/"+ignoring+"/stop", nil, nil); err != nil {
		t.Fatal(err)
	}
	Eventually(t, 30*time.Second, "the stopped execution has ended", func() bool {
		all, err := c.Executions("ignore")
		return err == nil && len(all) == 1 && all[0].Outcome == "stopped" && strings.Contains(all[0].Error, "the plugin did not stop")
	})
	if fresh := pid(3); fresh == old {
		t.Error("new work has the process that does not stop")
	}
	Eventually(t, 30*time.Second, "nothing is left of the old process", func() bool {
		_, err := os.Stat("/proc/" + old)
		return err != nil && len(processesOf(mark)) == 0
	})
}
