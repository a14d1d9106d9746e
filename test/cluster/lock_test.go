package cluster

import (
	"dkron/internal/porttest"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A second process on the data of a running agent must exit without effect: otherwise it would adopt, and kill, the
// first one's executions.
func TestASecondProcessOnAnAgentsDataTouchesNothing(t *testing.T) {
	t.Parallel()
	c := Start(t, Config{Servers: 1, Agents: 1})
	a := c.Agents[0]
	c.Put(map[string]any{
		"name": "long", "schedule": "@manually", "executor": "shell", "tags": map[string]string{"node": a.Name + ":1"},
		"executor_config": map[string]string{"command": "sleep 6"},
	})
	if err := c.ask("POST", "/v1/jobs/long", nil, nil); err != nil {
		t.Fatal(err)
	}
	Eventually(t, 10*time.Second, "the job runs", func() bool {
		var busy []Execution
		return c.Get("/v1/busy", &busy) == nil && len(busy) == 1
	})
	for range 3 {
		out, err := c.Run("agent", "--node-name="+a.Name, "--data-dir="+filepath.Join(a.dir, "data"), "--accept-cluster",
			"--bind-addr="+net.JoinHostPort("127.0.0.1", porttest.Port(t)), "--rpc-port="+porttest.Port(t), "--join="+c.Servers[0].gossip)
		if err == nil || !strings.Contains(out, "in use by another process") {
			t.Fatalf("the second process says: %s, %v", out, err)
		}
	}
	Eventually(t, 20*time.Second, "the run ends", func() bool {
		list, err := c.Executions("long")
		return err == nil && len(list) == 1 && !list[0].FinishedAt.IsZero()
	})
	list, err := c.Executions("long")
	if err != nil || list[0].Outcome != "success" {
		t.Errorf("the run ended as %+v, %v", list, err)
	}
}
