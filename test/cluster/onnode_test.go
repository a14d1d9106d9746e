package cluster

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// longCommand prints 5 MB.
const longCommand = "yes 0123456789abcde | head -c 5000000"

func longOutput() []byte { return bytes.Repeat([]byte("0123456789abcde\n"), 312_500) }

// putLong stores a job that prints 5 MB on the agent, whose processors write it there.
func (c *Cluster) putLong(dir, command string) {
	c.Put(map[string]any{
		"name": "long", "schedule": "@manually", "tags": map[string]string{"node": "a1"}, "executor": "shell",
		"executor_config": map[string]string{"shell": "true", "command": command},
		"processors":      map[string]any{"files": map[string]string{"log_dir": dir, "on": "node"}},
	})
}

func (c *Cluster) runLong() {
	c.t.Helper()
	Eventually(c.t, 20*time.Second, "a launch is taken", func() bool { return c.Do("POST", "/v1/jobs/long/run", nil, nil) == nil })
}

// kept returns the names of the whole outputs on a node's disk.
func (n *Node) kept() []string {
	files, _ := filepath.Glob(filepath.Join(n.DataDir(), "agent", "outputs", "*"))
	return files
}

// isLong checks what is in a file.
func isLong(t *testing.T, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(data, longOutput()) {
		t.Errorf("%s has %d bytes, want 5,000,000: %v", path, len(data), err)
	}
}

// The directory is a file at first. The leader dies in the meantime, then the agent, and both are back.
func TestAWholeOutputIsDeliveredOnItsNode(t *testing.T) {
	t.Parallel()
	c := Start(t, Config{Servers: 3, Agents: 2})
	agent := c.Agents[0]
	dir := filepath.Join(t.TempDir(), "out")
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c.putLong(dir, longCommand)
	c.runLong()
	Eventually(t, 30*time.Second, "the delivery fails on the agent", func() bool {
		p := c.processors("long")["files"]
		return p.On == "node" && p.Attempts > 0 && strings.HasPrefix(p.LastError, "node a1: ") && strings.Contains(p.LastError, dir)
	})
	if files := agent.kept(); len(files) != 1 {
		t.Errorf("the agent keeps %v", files)
	} else {
		isLong(t, files[0])
	}
	for _, n := range c.Nodes() {
		if files := n.kept(); n != agent && len(files) > 0 {
			t.Errorf("%s keeps %v", n.Name, files)
		}
	}
	leader := c.Leader()
	before := c.processors("long")["files"].Attempts
	c.Event("kill leader %s", leader.Name)
	leader.Kill()
	Eventually(t, 60*time.Second, "the next leader tries it too", func() bool { return c.processors("long")["files"].Attempts > before+1 })
	c.Event("kill agent")
	agent.Kill()
	before = c.processors("long")["files"].Attempts
	c.putLong(dir, "true") // tried again at once: there is nobody
	Eventually(t, 60*time.Second, "it is tried without the agent", func() bool {
		p := c.processors("long")["files"]
		return p.Attempts > before && strings.Contains(p.LastError, "node a1, which has the output: ")
	})
	leader.Start()
	agent.Start()
	c.Event("leader and agent started")
	if err := os.Remove(dir); err != nil { // now it can be made
		t.Fatal(err)
	}
	c.WaitReady(30 * time.Second)
	c.putLong(dir, longCommand) // which has it tried again at once
	Eventually(t, 60*time.Second, "it is delivered", func() bool { return c.processors("long")["files"].Delivered == 1 })
	all, err := c.Executions("long")
	if err != nil || len(all) != 1 {
		t.Fatalf("%d executions, %v", len(all), err)
	}
	path := filepath.Join(dir, fmt.Sprintf("%d-a1.log", all[0].StartedAt.UnixNano()))
	if all[0].Output != path {
		t.Errorf("the output is %.100q, want %s", all[0].Output, path)
	}
	isLong(t, path)
	Eventually(t, 10*time.Second, "the agent drops it", func() bool { return len(agent.kept()) == 0 })
	c.runLong()
	Eventually(t, 30*time.Second, "the next one follows at once", func() bool { return c.processors("long")["files"].Delivered == 2 })
	Eventually(t, 10*time.Second, "it is dropped too", func() bool { return len(agent.kept()) == 0 })
}

// The agent is killed while the command prints, and adopts it.
func TestAWholeOutputGoesOnWhenItsAgentIsKilled(t *testing.T) {
	t.Parallel()
	c := Start(t, Config{Servers: 1, Agents: 1})
	agent := c.Agents[0]
	dir := t.TempDir()
	going := filepath.Join(t.TempDir(), "going")
	c.putLong(dir, fmt.Sprintf("seq 1 100000; until [ -e %s ]; do sleep 0.1; done; seq 100001 200000", going))
	c.runLong()
	first := seq(1, 100_000)
	Eventually(t, 30*time.Second, "the agent has the first part", func() bool {
		files := agent.kept()
		if len(files) != 1 {
			return false
		}
		data, err := os.ReadFile(files[0])
		return err == nil && string(data) == first
	})
	agent.Kill()
	agent.Start()
	Eventually(t, 20*time.Second, "the agent adopts it", func() bool { return strings.Contains(agent.Log(100), "adopting an execution") })
	if err := os.WriteFile(going, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	Eventually(t, 60*time.Second, "it is delivered", func() bool { return c.processors("long")["files"].Delivered == 1 })
	all, err := c.Executions("long")
	if err != nil || len(all) != 1 || all[0].Outcome != "success" {
		t.Fatalf("%+v, %v", all, err)
	}
	data, err := os.ReadFile(all[0].Output)
	if err != nil {
		t.Fatal(err)
	}
	begin, end, ok := strings.Cut(string(data), "\n[... the agent was restarted here, and may have missed some output ...]\n")
	if !ok || begin != first || end != seq(100_001, 200_000) {
		t.Errorf("%d bytes, marked: %v, then %d bytes", len(begin), ok, len(end))
	}
}

// seq returns what the command seq prints.
func seq(from, to int) string {
	var b strings.Builder
	for n := from; n <= to; n++ {
		fmt.Fprintln(&b, n)
	}
	return b.String()
}
