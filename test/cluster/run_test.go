package cluster

import (
	"net/http"
	"testing"
	"time"
)

// A new leader knows from gossip who is alive before it has a stream to any node.
func TestARunThatIsAskedForDuringAFailoverIsLaunchedOnAllItsNodes(t *testing.T) {
	t.Parallel()
	c := Start(t, Config{Servers: 3, Agents: 3})
	c.Put(map[string]any{
		"name": "job", "schedule": "@manually", "tags": map[string]string{"pool": "agents"}, "executor": "shell",
		"executor_config": map[string]string{"command": "true"},
	})
	for range times(3, 20) {
		leader := c.Leader()
		leader.Kill()
		var answer struct {
			LaunchID string `json:"launch_id"`
		}
		Eventually(t, 20*time.Second, "a run is taken", func() bool {
			for _, s := range c.Servers {
				if !s.Answers() {
					continue
				}
				status, err := c.call(s, http.MethodPost, "/v1/jobs/job/run", nil, &answer)
				if status == http.StatusNotFound {
					t.Fatal(err)
				}
				if err == nil {
					return true
				}
			}
			return false
		})
		var launch struct {
			State            string
			Nodes, Unreached int
		}
		Eventually(t, 15*time.Second, "its launch has ended", func() bool {
			return c.Get("/v1/launches/"+answer.LaunchID, &launch) == nil && launch.State == "success"
		})
		if launch.Nodes != 3 || launch.Unreached != 0 {
			t.Errorf("it ran on %d nodes, and did not reach %d", launch.Nodes, launch.Unreached)
		}
		leader.Start()
		c.WaitReady(20 * time.Second)
	}
}
