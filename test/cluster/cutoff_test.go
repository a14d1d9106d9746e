package cluster

import (
	"fmt"
	"testing"
	"time"
)

// An agent is usable again soon after its network is back, however the member list recorded its absence.
func TestAnAgentThatWasCutOffOrPausedRunsJobsAgain(t *testing.T) {
	t.Parallel()
	for _, fault := range []struct {
		name       string
		begin, end func(*Node)
	}{{"cut", (*Node).Cut, (*Node).Heal}, {"pause", (*Node).Pause, (*Node).Resume}} {
		t.Run(fault.name, func(t *testing.T) {
			c := Start(t, Config{Servers: 3, Agents: 1, Isolated: true})
			c.PutProbe(Probe{Name: "tick"})
			c.settle("tick", 2)
			for _, long := range []time.Duration{3 * time.Second, 6 * time.Second} {
				c.Event("%s the agent for %v", fault.name, long)
				fault.begin(c.Agents[0])
				hold(long)
				before := len(c.Runs("tick"))
				fault.end(c.Agents[0])
				c.Event("the agent is back")
				took := Eventually(t, 40*time.Second, "the agent runs jobs", func() bool { return len(c.Runs("tick")) > before })
				what := fmt.Sprintf("%s for %v: runs jobs %v after its end", fault.name, long, took.Round(time.Millisecond))
				t.Log(what)
				if took > 8*time.Second {
					t.Error(what)
				}
				c.WaitReady(40 * time.Second)
				c.settle("tick", 2)
			}
		})
	}
}
