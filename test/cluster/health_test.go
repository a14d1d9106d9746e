package cluster

import (
	"fmt"
	"testing"
	"time"
)

// healths is what one server says of how the jobs are doing.
func (c *Cluster) healths(at *Node, jobs ...string) (text string) {
	for _, name := range jobs {
		var j struct {
			Health        string
			HealthSince   string         `json:"health_since"`
			FailureStreak int            `json:"failure_streak"`
			LastLaunch    map[string]any `json:"last_launch"`
		}
		if _, err := c.call(at, "GET", "/v1/jobs/"+name, nil, &j); err != nil {
			return err.Error()
		}
		text += fmt.Sprintln(name, j.Health, j.HealthSince, j.FailureStreak, j.LastLaunch["id"], j.LastLaunch["state"], j.LastLaunch["reason"])
	}
	return text
}

// A new leader finds what the old one found, and so does the old one, from its disk.
func TestHealthIsTheSameOnANewLeaderAndAfterARestart(t *testing.T) {
	t.Parallel()
	c := Start(t, Config{Servers: 3})
	c.Put(map[string]any{"name": "fails", "schedule": "@manually", "executor": "shell", "executor_config": map[string]string{"command": "false"}})
	soon := time.Now().Add(2 * time.Second).UTC().Format(time.RFC3339)
	c.Put(map[string]any{"name": "nobody", "schedule": "@at " + soon, "tags": map[string]string{"role": "nobody"}, "executor": "shell", "executor_config": map[string]string{"command": "true"}})
	for range 2 {
		if err := c.Do("POST", "/v1/jobs/fails/run", nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	leader := c.Leader()
	var want string
	Eventually(t, 40*time.Second, "one job fails and one did not run", func() bool {
		var counted struct{ Health map[string]int }
		var fails struct {
			Streak int `json:"failure_streak"`
		}
		err := c.Get("/v1/stats?days=1", &counted)
		if err == nil {
			err = c.Get("/v1/jobs/fails", &fails)
		}
		want = c.healths(leader, "fails", "nobody")
		return err == nil && counted.Health["failing"] == 1 && counted.Health["did_not_run"] == 1 && fails.Streak == 2
	})
	t.Log(want)
	agree := func(what string) {
		t.Helper()
		for _, s := range c.Servers {
			if s.Answers() {
				Eventually(t, 20*time.Second, what+": "+s.Name+" finds the same", func() bool { return c.healths(s, "fails", "nobody") == want })
			}
		}
	}
	agree("at first")
	c.Event("kill leader %s", leader.Name)
	leader.Kill()
	c.Leader()
	agree("after the failover")
	leader.Start()
	c.WaitReady(30 * time.Second)
	agree("on the server that is back")
}
