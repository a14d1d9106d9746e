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

// withPlugins returns the flag of a configuration next to which there are copies of the example plugin of these names.
func withPlugins(t *testing.T, names ...string) string {
	t.Helper()
	built := filepath.Join(t.TempDir(), "hello")
	if out, err := exec.Command("go", "build", "-o", built, "dkron/plugin/example/dkron-executor-hello").CombinedOutput(); err != nil {
		t.Fatalf("build the example: %v\n%s", err, out)
	}
	return withFiles(t, built, names...)
}

// withFiles returns the flag of a configuration next to which a file is a plugin of each of these names.
func withFiles(t *testing.T, file string, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	plugins := filepath.Join(dir, "plugins")
	if err := os.Mkdir(plugins, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		if err := os.Symlink(file, filepath.Join(plugins, "dkron-executor-"+n)); err != nil {
			t.Fatal(err)
		}
	}
	config := filepath.Join(dir, "dkron.yml")
	if err := os.WriteFile(config, []byte("enable-prometheus: true\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return "--config=" + config
}

// processesOf returns the ids of processes whose command line has a text.
func processesOf(text string) (pids []string) {
	lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, line := range lines {
		data, err := os.ReadFile(line)
		if err == nil && strings.Contains(string(data), text) {
			pids = append(pids, filepath.Base(filepath.Dir(line)))
		}
	}
	return pids
}

// pluginsOf returns the folder of plugins next to a configuration.
func pluginsOf(config string) string {
	return filepath.Join(filepath.Dir(strings.TrimPrefix(config, "--config=")), "plugins")
}

// Executions of ten plugins run, are stopped, and end with the agent: none of the processes outlives a kill -9.
func TestPluginsExecuteAndNoneOutlivesItsAgent(t *testing.T) {
	var names []string
	for i := range 10 {
		names = append(names, fmt.Sprintf("hello%d", i))
	}
	config := withPlugins(t, names...)
	c := Start(t, Config{Servers: 1, Agents: 1, Flags: []string{config}})
	agent := c.Agents[0]
	plugins := pluginsOf(config)
	for _, n := range names {
		c.Put(map[string]any{
			"name": n, "schedule": "@manually", "tags": map[string]string{"pool": "agents"}, "executor": n,
			"executor_config": map[string]string{"name": n, "pause": "10ms"},
		})
		if err := c.Do(http.MethodPost, "/v1/jobs/"+n+"/run", nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	for _, n := range names {
		Eventually(t, 30*time.Second, n+" greets", func() bool {
			all, err := c.Executions(n)
			return err == nil && len(all) == 1 && all[0].Output == "waiting for 10ms\nHello, "+n+"!\n"
		})
	}
	if got := processesOf(plugins); len(got) != 2*len(names) { // each has a guard
		t.Errorf("%d processes of %d plugins", len(got), len(names))
	}

	c.Put(map[string]any{
		"name": "long", "schedule": "@manually", "tags": map[string]string{"pool": "agents"}, "executor": names[0],
		"executor_config": map[string]string{"name": "x", "pause": "1h"},
	})
	var launched struct{ ID string }
	if err := c.Do(http.MethodPost, "/v1/jobs/long/launches", map[string]any{}, &launched); err != nil {
		t.Fatal(err)
	}
	Eventually(t, 10*time.Second, "it runs", func() bool {
		var busy []Execution
		return c.Get("/v1/busy", &busy) == nil && len(busy) == 1 && busy[0].Output == "waiting for 1h0m0s\n"
	})
	if err := c.Do(http.MethodPost, "/v1/launches/"+launched.ID+"/stop", nil, nil); err != nil {
		t.Fatal(err)
	}
	Eventually(t, 10*time.Second, "it is stopped", func() bool {
		all, err := c.Executions("long")
		return err == nil && len(all) == 1 && strings.HasPrefix(all[0].Output, "nobody was greeted\n")
	})

	agent.Kill()
	Eventually(t, 5*time.Second, "no plugin is left", func() bool { return len(processesOf(plugins)) == 0 })
}
