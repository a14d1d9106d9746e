package cluster

import (
	"testing"
	"time"
)

func TestServersStoppedOneAfterTheOtherHandOver(t *testing.T) {
	t.Parallel()
	c := Start(t, Config{Servers: 3, Agents: 2})
	from := c.PutProbe(Probe{Name: "tick"})
	rec := c.Record("tick")
	c.settle("tick", 3)
	for range times(3, 9) {
		leader, at := c.Leader(), time.Now()
		c.Event("stop leader %s", leader.Name)
		took := leader.Stop()
		c.settle("tick", 2)
		silence(t, c, "tick", at, 2500*time.Millisecond, "stop of "+leader.Name+", which took "+took.Round(time.Millisecond).String())
		leader.Start()
		c.WaitReady(20 * time.Second)
	}
	judge(t, rec.Finish(History{Job: "tick", From: from, To: now(), AllRun: true, Window: 5 * time.Second, Allow: 5 * time.Second}))
}

func TestAStoppedAgentFinishesWhatRuns(t *testing.T) {
	t.Parallel()
	c := Start(t, Config{Servers: 3, Agents: 1})
	rec := c.Record("slow")
	from := c.slow("slow")
	took := c.Agents[0].Stop()
	if left := c.running("slow"); len(left) > 0 {
		t.Errorf("the agent ended after %v while %d runs continued", took, len(left))
	}
	t.Logf("stop took %v", took.Round(time.Millisecond))
	c.Agents[0].Start()
	c.accounted(t, rec, "slow", from, 3)
}
