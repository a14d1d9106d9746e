package cluster

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// The state's files stay within the bound that the guide promises and shrink when less is kept; an idle cluster writes
// nothing.
func TestTheStatesFilesAreBoundedAndGiveSpaceBack(t *testing.T) {
	const total, slack = 20 << 20, 64 << 20
	c := Start(t, Config{Servers: 3, Flags: []string{"--enable-prometheus"}})
	settings := func(count, bytes int) {
		body := map[string]any{"history": map[string]any{"count": count, "total_bytes": bytes}}
		if err := c.ask(http.MethodPut, "/v1/settings", body, nil); err != nil {
			t.Fatal(err)
		}
	}
	put := func(name, command string) {
		c.Put(map[string]any{
			"name": name, "schedule": "@manually", "executor": "shell", "executor_config": map[string]string{"command": command, "shell": "true"},
		})
	}
	ran := 0.0
	run := func(name string, times int) { // on all three servers
		for range times {
			Eventually(t, 15*time.Second, "a run is taken", func() bool {
				return c.ask(http.MethodPost, "/v1/jobs/"+name+"/run", nil, nil) == nil
			})
		}
		ran += float64(3 * times)
		Eventually(t, 120*time.Second, fmt.Sprintf("%v executions are in the history", ran), func() bool {
			return c.everywhere(func(n *Node) bool {
				return c.series(n, "dkron_history_executions_total") >= ran && c.series(n, "dkron_executions_open") == 0
			})
		})
	}
	settings(400, 1<<30)
	put("small", "true")
	put("large", `head -c 250000 /dev/zero | tr '\0' x`)
	run("small", 40)
	run("large", 70)
	run("large", 1) // alone, so that only it is kept of the newest launch
	held := func(n *Node) float64 { return c.series(n, "dkron_history_output_bytes") }
	if !c.everywhere(func(n *Node) bool { return held(n) >= 71*3*250_000 }) {
		t.Errorf("%v bytes of output are held", held(c.Servers[0]))
	}
	settings(2, total) // the excess is removed although nothing is written
	Eventually(t, 30*time.Second, "the outputs of a whole launch are left", func() bool {
		return c.everywhere(func(n *Node) bool { return held(n) == 3*250_000 })
	})
	Eventually(t, 30*time.Second, "the files are small", func() bool {
		return c.everywhere(func(n *Node) bool { return n.stateSize(t) < 16<<20 })
	})
	run("large", 10)
	for _, n := range c.Servers {
		if size := n.stateSize(t); size > 2*total+slack {
			t.Errorf("the state of %s has %d bytes", n.Name, size)
		}
	}
	for _, name := range []string{"small", "large"} {
		if err := c.ask(http.MethodDelete, "/v1/jobs/"+name, nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	Eventually(t, 30*time.Second, "nothing of the jobs is left", func() bool {
		return c.everywhere(func(n *Node) bool { return held(n) == 0 })
	})
	index := c.series(c.Servers[0], "dkron_raft_last_index")
	hold(5 * time.Second) // in which nothing may happen
	if now := c.series(c.Servers[0], "dkron_raft_last_index"); now != index {
		t.Errorf("%v entries were written to the log of an idle cluster", now-index)
	}
	for _, n := range c.Servers { // a state that was compacted while in use is complete
		n.Kill()
		n.Start()
	}
	c.WaitReady(20 * time.Second)
	put("after", "true")
}

// everywhere reports whether a condition is true for every server.
func (c *Cluster) everywhere(holds func(*Node) bool) bool {
	for _, n := range c.Servers {
		if !holds(n) {
			return false
		}
	}
	return true
}

// stateSize returns how large the file of a server's state is.
func (n *Node) stateSize(t *testing.T) int64 {
	t.Helper()
	info, err := os.Stat(filepath.Join(n.dir, "data", "state", "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}
