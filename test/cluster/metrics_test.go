package cluster

import (
	"io"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// series returns the value of one series of a node, -1 if it has none.
func (c *Cluster) series(n *Node, name string) float64 {
	resp, err := c.http.Get("http://" + n.HTTP + "/metrics")
	if err != nil {
		return -1
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		return -1
	}
	for _, line := range strings.Split(string(text), "\n") {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			f, err := strconv.ParseFloat(value, 64)
			if err != nil {
				c.t.Fatal(line, err)
			}
			return f
		}
	}
	return -1
}

// Job counters continue after a restart. A process's own counters start at zero, and count neither earlier runs again
// nor runs from while the server was down.
func TestCountersDoNotJumpWhenAServerRestarts(t *testing.T) {
	c := Start(t, Config{Servers: 3, Agents: 1, Flags: []string{"--enable-prometheus"}})
	const job, ended = `dkron_job_executions_succeeded_total{job_name="tick"}`, `dkron_executions_total{outcome="success"}`
	c.PutProbe(Probe{Name: "tick"})
	leader := c.Leader()
	follower := c.Servers[0]
	if follower == leader {
		follower = c.Servers[1]
	}
	Eventually(t, 15*time.Second, "some runs are counted", func() bool { return c.series(follower, job) >= 5 })
	if live := c.series(follower, ended); live < 4 {
		t.Errorf("a server that was there has counted %v runs of 5", live)
	}
	for _, n := range []*Node{follower, leader} {
		before := c.series(n, job)
		n.Kill()
		c.settle("tick", 5) // runs that it must learn of afterwards
		n.Start()
		began := time.Now()
		c.WaitReady(20 * time.Second)
		var counted, total float64
		Eventually(t, 15*time.Second, n.Name+" shows its metrics", func() bool {
			counted, total = c.series(n, ended), c.series(n, job)
			return counted >= 0 && total >= 0
		})
		up := time.Since(began).Seconds()
		if total < before || total > c.series(c.Leader(), job) {
			t.Errorf("%s: the job's counter was %v before the restart and is %v", n.Name, before, total)
		}
		if counted > up+1 {
			t.Errorf("%s has counted %v runs within %.1f s of its start, of a job that runs once a second", n.Name, counted, up)
		}
		Eventually(t, 10*time.Second, "it counts what is new", func() bool { return c.series(n, ended) > counted })
	}
}

func TestASignalWritesTheMetricsToStandardError(t *testing.T) {
	c := Start(t, Config{Servers: 1})
	c.Servers[0].signal(syscall.SIGUSR1, false)
	Eventually(t, 20*time.Second, "the metrics are in the log", func() bool {
		return strings.Contains(c.Servers[0].Log(2000), "\ndkron_is_leader 1\n")
	})
}
