package cluster

import (
	"fmt"
	"testing"
	"time"
)

func TestAllServersKilledAndRestartedLoseNothing(t *testing.T) {
	t.Parallel()
	c := Start(t, Config{Servers: 3, Agents: 2})
	from := c.PutProbe(Probe{Name: "tick"})
	rec := c.Record("tick")
	for i := range times(1, 5) {
		c.settle("tick", 3)
		for _, s := range c.Servers {
			go s.Kill()
		}
		Eventually(t, 20*time.Second, "all are down", func() bool {
			return c.Servers[0].Pid()+c.Servers[1].Pid()+c.Servers[2].Pid() == 0
		})
		hold(2 * time.Second)
		began := len(c.Runs("tick"))
		back := time.Now()
		for _, s := range c.Servers {
			s.Start()
		}
		c.Event("all servers started, round %d", i+1)
		took := Eventually(t, 30*time.Second, "the job runs again", func() bool { return len(c.Runs("tick")) > began })
		t.Logf("first run %v after the servers' start", c.Runs("tick")[began].Start.Sub(back).Round(time.Millisecond))
		if took > 10*time.Second {
			t.Errorf("silence of %v after the servers were back, more than 10s", took)
		}
	}
	c.settle("tick", 3)
	c.WaitReady(20 * time.Second)
	judge(t, rec.Finish(History{Job: "tick", From: from, To: now(), AllRun: true, Window: 15 * time.Second, Allow: 10 * time.Second}))
}

func TestThreeServersStartedColdHaveALeader(t *testing.T) {
	t.Parallel()
	for i := range times(3, 10) {
		t.Run(fmt.Sprint(i+1), func(t *testing.T) {
			c := Start(t, Config{Servers: 3, Cold: true})
			began := time.Now()
			for _, s := range c.Servers {
				s.Start()
			}
			Eventually(t, 10*time.Second, "there is a leader", func() bool { return c.leader() != nil })
			t.Logf("leader after %v", time.Since(began).Round(time.Millisecond))
			c.WaitReady(10 * time.Second)
		})
	}
}

func TestALeaderThatIsCutOffIsReplacedAndNothingRunsTwice(t *testing.T) {
	t.Parallel()
	c := Start(t, Config{Servers: 3, Agents: 2, Isolated: true})
	from := c.PutProbe(Probe{Name: "tick"})
	rec := c.Record("tick")
	for range times(1, 4) {
		c.settle("tick", 3)
		leader, at := c.Leader(), time.Now()
		c.Event("cut off leader %s", leader.Name)
		leader.Cut()
		hold(10 * time.Second)
		leader.Heal()
		c.Event("healed %s", leader.Name)
		c.settle("tick", 6)
		silence(t, c, "tick", at, 3*time.Second, "partition of "+leader.Name)
		c.WaitReady(30 * time.Second)
	}
	judge(t, rec.Finish(History{Job: "tick", From: from, To: now(), AllRun: true, Window: 5 * time.Second, Allow: 5 * time.Second}))
}
