//go:build linux

package cluster

import (
	"fmt"
	"testing"
	"time"
)

// Each run leaves an orphan that ends after it, and one that ends together with the command. Process 1 reaps them, and
// must not take the exit code of a command.
func TestProcessOneReapsOrphansAndTakesNoExitCode(t *testing.T) {
	c := Start(t, Config{Servers: 1, First: true})
	const jobs, runs = 8, 3
	for i := range jobs {
		c.Put(map[string]any{
			"name": fmt.Sprintf("j%d", i), "schedule": "@every 1s", "executor": "shell",
			"executor_config": map[string]string{
				"shell": "true", "command": fmt.Sprintf("(sleep 0.3 &) >/dev/null 2>&1; (true &); exit %d", 10+i),
			},
		})
	}
	seen := false // a zombie was seen: otherwise this proves nothing
	node := c.Servers[0]
	for i := range jobs {
		Eventually(t, 30*time.Second, "the job has run", func() bool {
			seen = seen || zombies(node.Pid()) > 0
			list, err := c.Executions(fmt.Sprintf("j%d", i))
			return err == nil && len(list) >= runs
		})
	}
	for i := range jobs {
		name := fmt.Sprintf("j%d", i)
		c.Put(map[string]any{"name": name, "schedule": "@every 1s", "executor": "shell", "disabled": true,
			"executor_config": map[string]string{"command": "true"}})
		list, err := c.Executions(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range list {
			if want := fmt.Sprintf("exit status %d", 10+i); !e.FinishedAt.IsZero() && e.Error != want {
				t.Errorf("%s: %q, want %q", e.ID, e.Error, want)
			}
		}
	}
	if !seen {
		t.Error("no run left a zombie")
	}
	Eventually(t, 10*time.Second, "all orphans are reaped", func() bool { return zombies(node.Pid()) == 0 })
}
