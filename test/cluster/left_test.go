//go:build linux

package cluster

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// leaves stores and starts a job on agent a1 whose command leaves a child that holds its output; the returned file has
// the child's number. The command exits with 3 once the file with the suffix .go exists.
func (c *Cluster) leaves(name, timeout string) (file string) {
	c.t.Helper()
	file = filepath.Join(c.dir, name)
	c.Put(map[string]any{
		"name": name, "schedule": "@manually", "executor": "shell", "tags": map[string]string{"node": "a1"},
		"executor_config": map[string]string{
			"shell": "true", "timeout": timeout, "kill_grace": "100ms",
			"command": "sleep 600 & echo $! > " + file + "; while [ ! -e " + file + ".go ]; do sleep 0.05; done; exit 3",
		},
	})
	if err := c.ask("POST", "/v1/jobs/"+name, nil, nil); err != nil {
		c.t.Fatal(err)
	}
	return file
}

// child waits for the number that a command wrote. The process is killed after the test.
func (c *Cluster) child(file string) (pid int) {
	c.t.Helper()
	Eventually(c.t, 15*time.Second, "the command runs", func() bool {
		text, _ := os.ReadFile(file)
		n, err := strconv.Atoi(strings.TrimSuffix(string(text), "\n"))
		pid = n
		return err == nil && strings.HasSuffix(string(text), "\n")
	})
	c.t.Cleanup(func() { _ = syscall.Kill(pid, syscall.SIGKILL) })
	return pid
}

// only waits for the end of a job's only execution.
func (c *Cluster) only(job string, within time.Duration) (e Execution) {
	c.t.Helper()
	Eventually(c.t, within, "the execution has ended", func() bool {
		list, err := c.Executions(job)
		if err != nil || len(list) != 1 || list[0].FinishedAt.Before(list[0].StartedAt) {
			return false
		}
		e = list[0]
		return true
	})
	return e
}

func (c *Cluster) wantLeft(t *testing.T, e Execution, child int) {
	t.Helper()
	if want := fmt.Sprintf("pid %d (sleep)", child); len(e.LeftRunning) != 1 || e.LeftRunning[0] != want {
		t.Errorf("%s left running %q, want %s", e.ID, e.LeftRunning, want)
	}
	if syscall.Kill(child, 0) != nil {
		t.Error("what the command left running was ended")
	}
}

func TestARunEndsWithItsCommandAndNamesWhatStillRuns(t *testing.T) {
	t.Parallel()
	c := Start(t, Config{Servers: 1, Agents: 1})
	file := c.leaves("background", "30s")
	child := c.child(file)
	touch(t, file+".go")
	e := c.only("background", 20*time.Second)
	if e.Outcome != "failed" || e.ExitCode == nil || *e.ExitCode != 3 {
		t.Errorf("%+v", e)
	}
	c.wantLeft(t, e, child)
}

// The agent is killed while the command runs; the restarted agent that adopts it keeps the rule. Not every kernel shows
// it the exit code.
func TestAnAdoptedRunEndsWithItsCommandToo(t *testing.T) {
	t.Parallel()
	c := Start(t, Config{Servers: 1, Agents: 1})
	file := c.leaves("background", "60s")
	child := c.child(file)
	c.Agents[0].Kill()
	c.Agents[0].Start()
	Eventually(t, 20*time.Second, "the run is adopted", func() bool {
		return strings.Contains(c.Agents[0].Log(200), "adopting an execution")
	})
	touch(t, file+".go")
	e := c.only("background", 25*time.Second)
	if e.Outcome != "failed" && e.Outcome != "lost" {
		t.Errorf("%+v", e)
	}
	c.wantLeft(t, e, child)
}

func touch(t *testing.T, file string) {
	t.Helper()
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
}
