package cluster

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Running executions of a deleted job are visible on every server, survive the leader and all servers, count as running
// for a new job of the name, and end when they are stopped.
func TestWhatRunsOfADeletedJobIsReachedThroughFailoverAndRestart(t *testing.T) {
	t.Parallel()
	c := Start(t, Config{Servers: 3, Agents: 1})
	mark := filepath.Join(t.TempDir(), "ran")
	job := func(command string) map[string]any {
		return map[string]any{
			"name": "job", "schedule": "@manually", "concurrency": "forbid", "tags": map[string]string{"pool": "agents"}, "executor": "shell",
			"executor_config": map[string]string{"shell": "true", "command": command},
		}
	}
	c.Put(job("echo begun; sleep 600"))
	if err := c.ask(http.MethodPost, "/v1/jobs/job/run", nil, nil); err != nil {
		t.Fatal(err)
	}
	var launch Launch
	var execution Execution
	// reached reports whether every answering server shows what runs, by its ids too.
	reached := func() bool {
		for _, s := range c.Servers {
			if !s.Answers() {
				continue
			}
			var busy []Execution
			if _, err := c.call(s, http.MethodGet, "/v1/busy", nil, &busy); err != nil || len(busy) != 1 || busy[0].Output != "begun\n" {
				return false
			}
			execution = busy[0]
			if _, err := c.call(s, http.MethodGet, "/v1/launches/"+execution.LaunchID, nil, &launch); err != nil || launch.State != "running" {
				return false
			}
			if _, err := c.call(s, http.MethodGet, "/v1/jobs/job/executions/"+execution.ID, nil, &execution); err != nil || execution.Output != "begun\n" {
				return false
			}
		}
		return true
	}
	Eventually(t, 15*time.Second, "it runs", reached)
	if err := c.ask(http.MethodDelete, "/v1/jobs/job", nil, nil); err != nil {
		t.Fatal(err)
	}
	Eventually(t, 20*time.Second, "it is reached without its job", reached)

	leader := c.Leader()
	leader.Kill()
	Eventually(t, 20*time.Second, "it is reached through the next leader", func() bool { return c.leader() != nil && reached() })
	leader.Start()
	c.WaitReady(20 * time.Second)
	for _, s := range c.Servers {
		s.Kill()
	}
	for _, s := range c.Servers {
		s.Start()
	}
	c.WaitReady(30 * time.Second)
	Eventually(t, 20*time.Second, "it is reached after a restart of all servers", reached)

	next := job("touch " + mark)
	next["schedule"] = "@every 1s"
	c.Put(next)
	Eventually(t, 15*time.Second, "the next job of that name is held up", func() bool {
		list, err := c.Launches("job")
		return err == nil && len(list) > 1 && list[0].State == "skipped"
	})
	if _, err := os.Stat(mark); err == nil {
		t.Error("it ran together with the deleted one, although its concurrency is forbid")
	}
	if err := c.ask(http.MethodPost, "/v1/launches/"+execution.LaunchID+"/stop", nil, nil); err != nil {
		t.Error(err)
	}
	Eventually(t, 20*time.Second, "the next job runs when the deleted one was stopped", func() bool {
		_, err := os.Stat(mark)
		return err == nil
	})
	if err := c.ask(http.MethodDelete, "/v1/jobs/job?stop", nil, nil); err != nil {
		t.Error(err)
	}
}
