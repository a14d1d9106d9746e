package cluster

import (
	"testing"
	"time"
)

// Servers run jobs too: when the leader dies, its own agent dies with it.
func TestServersThatRunJobsThemselvesAreKilled(t *testing.T) {
	t.Parallel()
	c := Start(t, Config{Servers: 3})
	from := c.PutProbe(Probe{Name: "own", Tags: map[string]string{"server": "true:1"}, Sleep: "0.3"})
	rec := c.Record("own")
	c.settle("own", 3)
	for i := range times(2, 8) {
		leader := c.Leader()
		c.Event("kill %d: leader %s", i+1, leader.Name)
		leader.Kill()
		c.settle("own", 3)
		leader.Start()
		c.WaitReady(20 * time.Second)
	}
	c.settle("own", 3)
	// Executions on a dead server wait for it, at most for a lease of 30 s, and are then recorded as lost.
	judge(t, rec.Finish(History{Job: "own", From: from, To: now(), Window: 30 * time.Second, Allow: 35 * time.Second}))
}
