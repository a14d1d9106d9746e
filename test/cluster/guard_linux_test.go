package cluster

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"testing"
	"time"

	"dkron/plugin"
)

// breeder is a plugin that starts processes which ignore every request to end.
type breeder struct{}

// breed has what it starts: a member of the plugin's group with a child, the leader of a session, and one that has neither
// parent nor environment.
var breed = []string{
	`trap "" TERM HUP INT; sh -c 'trap "" TERM HUP INT; while :; do sleep 1; done' "$0"; :`,
	`exec setsid sh -c 'trap "" TERM HUP INT; while :; do sleep 1; done' "$0"`,
	`env -i setsid sh -c 'trap "" TERM HUP INT; while :; do sleep 1; done' "$0" & exit`,
}

// perPlugin is how many processes have the mark then.
const perPlugin = 4

func (breeder) Execute(ctx context.Context, r *plugin.ExecuteRequest, _ plugin.Status) (*plugin.ExecuteResponse, error) {
	for _, script := range breed {
		if err := exec.Command("sh", "-c", script, r.Config["mark"]).Start(); err != nil {
			return nil, err
		}
	}
	<-ctx.Done()
	return &plugin.ExecuteResponse{}, nil
}

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
	Eventually(t, 5*time.Second, "no process is left", func() bool { return len(processesOf(mark))+len(processesOf(plugins)) == 0 })
}
