package cluster

import (
	"testing"
	"time"
)

// Servers run jobs too: the leader that dies takes the agent beside it with it.
func TestServersThatRunJobsThemselvesAreKilled(t *testing.T) {
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
	// What was meant for a dead server waits for it, at most for a lease of 30 s, and is then recorded as lost.
	judge(t, rec.Finish(History{Job: "own", From: from, To: now(), Window: 30 * time.Second, Allow: 35 * time.Second}))
}
