package cluster

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
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

// withProcessor returns the flag of a configuration, and the folder of plugins next to it, in which nothing is, and a built example
// of a processor.
func withProcessor(t *testing.T) (flag, folder, built string) {
	t.Helper()
	built = filepath.Join(t.TempDir(), "note")
	if out, err := exec.Command("go", "build", "-o", built, "dkron/plugin/example/dkron-processor-note").CombinedOutput(); err != nil {
		t.Fatalf("build the example: %v\n%s", err, out)
	}
	flag = withFiles(t, built)
	return flag, pluginsOf(flag), built
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

// startedBy returns those of processes whose parent or grandparent a process is.
func startedBy(ancestor int, pids []string) (below []string) {
	parents := []string{strconv.Itoa(ancestor)}
	for range 2 {
		var next []string
		for _, pid := range pids {
			stat, _ := os.ReadFile("/proc/" + pid + "/stat")
			_, rest, _ := strings.Cut(string(stat), ") ") // after the name
			if fields := strings.Fields(rest); len(fields) > 1 && slices.Contains(parents, fields[1]) {
				next = append(next, pid)
			}
		}
		below, parents = append(below, next...), next
	}
	return below
}

// pluginsOf returns the folder of plugins next to a configuration.
func pluginsOf(config string) string {
	return filepath.Join(filepath.Dir(strings.TrimPrefix(config, "--config=")), "plugins")
}

// pluginView is a plugin as the API shows it.
type pluginView struct {
	Node, Kind, Name, Version, State string
	PID, Restarts, Memory            uint64
	LastError                        string `json:"last_error"`
}

// plugin returns a plugin of a node.
func (c *Cluster) plugin(node, name string) (p pluginView) {
	var all struct{ Plugins []pluginView }
	if err := c.Get("/v1/plugins?node="+node, &all); err != nil {
		return p
	}
	for _, p = range all.Plugins {
		if p.Name == name {
			return p
		}
	}
	return pluginView{}
}

// described returns the names of a list of executors or processors, and whether each has described itself.
func (c *Cluster) described(path string) map[string]bool {
	var all []struct {
		Name   string
		Schema map[string]any
	}
	if err := c.Get(path, &all); err != nil {
		c.t.Log(err) // the caller asks again
	}
	out := make(map[string]bool)
	for _, e := range all {
		out[e.Name] = e.Schema != nil
	}
	return out
}

// warningsOf stores a job, and returns what the first server warns of.
func (c *Cluster) warningsOf(job map[string]any) string {
	data, err := json.Marshal(job)
	if err != nil {
		c.t.Fatal(err)
	}
	resp, err := http.Post("http://"+c.Servers[0].httpAddr()+"/v1/jobs", "application/json", bytes.NewReader(data))
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		text, _ := io.ReadAll(resp.Body)
		c.t.Errorf("%v: %s %s", job, resp.Status, text)
	}
	return strings.Join(resp.Header.Values("Warning"), "; ")
}

// A plugin that can't start is seen with its error from any server. After it was fixed, a restart asked for at a server
// makes it run on its node. A node that is gone is listed, and delays the answer by two seconds at most.
func TestAPluginOfAnyNodeIsSeenAndRestarted(t *testing.T) {
	config := withPlugins(t, "hello")
	file := filepath.Join(pluginsOf(config), "dkron-executor-hello")
	fixed := file + ".good"
	if err := os.Rename(file, fixed); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("#!/bin/sh\necho no license >&2\nexit 7\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	c := Start(t, Config{Servers: 1, Agents: 1, Flags: []string{config}})
	agent := c.Agents[0].Name
	Eventually(t, 20*time.Second, "the agent has asked it to describe itself", func() bool {
		p := c.plugin(agent, "hello")
		return p.State == "failed" && strings.HasSuffix(p.LastError, "; it wrote to standard error: no license")
	})
	c.Put(map[string]any{
		"name": "greet", "schedule": "@manually", "tags": map[string]string{"pool": "agents"}, "executor": "hello",
		"executor_config": map[string]string{"name": "you"},
	})
	if err := c.Do(http.MethodPost, "/v1/jobs/greet/run", nil, nil); err != nil {
		t.Fatal(err)
	}
	Eventually(t, 20*time.Second, "the failure is seen", func() bool {
		p := c.plugin(agent, "hello")
		return p.State == "failed" && strings.Contains(p.LastError, "exit status 7")
	})
	if err := os.Rename(fixed, file); err != nil {
		t.Fatal(err)
	}
	var p pluginView
	if err := c.Do(http.MethodPost, "/v1/nodes/"+agent+"/plugins/executor/hello/restart", nil, &p); err != nil || p.State != "running" || p.PID == 0 {
		t.Fatalf("%+v, %v", p, err)
	}
	if err := c.Do(http.MethodPost, "/v1/jobs/greet/run", nil, nil); err != nil {
		t.Fatal(err)
	}
	Eventually(t, 20*time.Second, "it greets", func() bool {
		all, err := c.Executions("greet")
		return err == nil && len(all) == 2 && (all[0].Output == "Hello, you!\n" || all[1].Output == "Hello, you!\n")
	})
	c.Agents[0].Kill()
	began := time.Now()
	var all struct{ Unreachable []struct{ Node string } }
	if err := c.Get("/v1/plugins", &all); err != nil || len(all.Unreachable) != 1 || all.Unreachable[0].Node != agent || time.Since(began) > 30*time.Second {
		t.Errorf("%+v, %v after %v", all, err, time.Since(began))
	}
}

// A plugin that the servers have describes itself there, and its own check warns. One that hangs or prints garbage delays
// neither the start nor writes. One that only an agent has has described itself there, and is known by that.
func TestServersKnowThePluginsOfAllNodes(t *testing.T) {
	config := withPlugins(t, "hello", "mute", "garbage")
	folder := pluginsOf(config)
	for name, script := range map[string]string{"mute": "exec sleep 1000", "garbage": "while :; do echo garbage; done"} {
		file := filepath.Join(folder, "dkron-executor-"+name)
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	c := Start(t, Config{Servers: 1, Agents: 1, Flags: []string{config}, ForAgents: []string{withPlugins(t, "onlythere")}})
	schemas := func() map[string]bool { return c.described("/v1/executors") }
	Eventually(t, 20*time.Second, "hello has described itself", func() bool { return schemas()["hello"] })
	Eventually(t, 30*time.Second, "the agent's has described itself", func() bool { return schemas()["onlythere"] })
	for executor, want := range map[string]string{
		"hello": "executor_config.nam is unknown and ignored; did you mean name?", "onlythere": "executor_config.nam is unknown and ignored; did you mean name?", "mute": "",
		"nowhere": "every execution fails",
	} {
		began := time.Now()
		warnings := c.warningsOf(map[string]any{"name": "a", "schedule": "@manually", "executor": executor, "executor_config": map[string]string{"name": "x", "nam": "x", "pause": "1s"}})
		if want == "" && warnings != "" || !strings.Contains(warnings, want) || time.Since(began) > 30*time.Second {
			t.Errorf("%s: %q after %v", executor, warnings, time.Since(began))
		}
	}
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
	started := startedBy(agent.Pid(), processesOf(plugins)) // servers have processes of their own, to check configurations
	if len(started) != 2*len(names) {                       // each has a guard
		t.Errorf("%d processes of %d plugins", len(started), len(names))
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

	Eventually(t, 15*time.Second, names[0]+" runs, and has its version and memory", func() bool {
		p := c.plugin(agent.Name, names[0])
		return p.State == "running" && p.Version == "1.0.0" && p.PID != 0 && p.Restarts == 0 && p.Memory >= 1<<20
	})
	agent.Kill()
	Eventually(t, 20*time.Second, "no plugin is left", func() bool {
		return !slices.ContainsFunc(processesOf(plugins), func(pid string) bool { return slices.Contains(started, pid) })
	})
}

// A processor that is a plugin is found while the servers run, describes itself, is given results in the order of the job, and
// again after its process was killed.
func TestAPluginTakesOutputsSomewhere(t *testing.T) {
	config, folder, built := withProcessor(t)
	c := Start(t, Config{Servers: 1, Flags: []string{config}})
	notes := filepath.Join(t.TempDir(), "notes")
	job := map[string]any{
		"name": "report", "schedule": "@manually", "executor": "shell", "executor_config": map[string]string{"command": "echo done"},
		"processors": map[string]any{"note": map[string]string{"file": notes, "fil": "x"}},
	}
	if got := c.warningsOf(job); !strings.Contains(got, "processors.note is not a processor that servers of this version have") {
		t.Errorf("before: %q", got)
	}
	if err := os.Symlink(built, filepath.Join(folder, "dkron-processor-note")); err != nil {
		t.Fatal(err)
	}
	Eventually(t, 20*time.Second, "it is found and has described itself", func() bool { return c.described("/v1/processors")["note"] })
	if got := c.warningsOf(job); !strings.Contains(got, "processors.note.fil is unknown and ignored; did you mean file?") || strings.Contains(got, "not a processor") {
		t.Errorf("after: %q", got)
	}
	lines := func() int {
		data, _ := os.ReadFile(notes)
		return strings.Count(string(data), " report ")
	}
	replaced := func() (n int) {
		all, err := c.Executions("report")
		for _, e := range all {
			if err == nil && e.Output == "Noted in "+notes {
				n++
			}
		}
		return n
	}
	run := func() {
		t.Helper()
		if err := c.Do(http.MethodPost, "/v1/jobs/report/run", nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	run()
	Eventually(t, 20*time.Second, "the first is noted", func() bool { return lines() == 1 && replaced() == 1 })
	p := c.plugin(c.Servers[0].Name, "note")
	if p.Kind != "processor" || p.State != "running" || p.Version != "1.0.0" || p.PID == 0 {
		t.Fatalf("%+v", p)
	}
	if err := exec.Command("kill", "-9", strconv.FormatUint(p.PID, 10)).Run(); err != nil {
		t.Fatal(err)
	}
	run()
	Eventually(t, 20*time.Second, "the second is noted by a fresh process", func() bool { return lines() == 2 && replaced() == 2 })
	if p := c.plugin(c.Servers[0].Name, "note"); p.Restarts != 1 || p.State != "running" {
		t.Errorf("%+v", p)
	}
	if p := c.processors("report")["note"]; p.Delivered != 2 || p.Failed != 0 {
		t.Errorf("%+v", p)
	}
}
