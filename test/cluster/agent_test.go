package cluster

import (
	"testing"
	"time"
)

// runsOn returns the runs of a job that have begun but not ended.
func (c *Cluster) running(job string) []Run {
	var open []Run
	for _, r := range c.Runs(job) {
		if r.End.IsZero() {
			open = append(open, r)
		}
	}
	return open
}

// slow stores a job that runs for 6 s every 10 s on agent a1 and waits until it runs.
func (c *Cluster) slow(name string) (from time.Time) {
	c.t.Helper()
	from = c.PutProbe(Probe{Name: name, Schedule: "*/10 * * * * *", Sleep: "6", Concurrency: "forbid", Tags: map[string]string{"node": "a1"}})
	Eventually(c.t, 15*time.Second, "the job runs", func() bool { return len(c.running(name)) == 1 })
	return from.Add(10*time.Second - 1).Truncate(10 * time.Second)
}

// accounted checks a slow job: its runs are adopted or lost, and nothing is doubled or stuck.
func (c *Cluster) accounted(t *testing.T, rec *Recorder, name string, from time.Time, runs int) {
	t.Helper()
	Eventually(t, 60*time.Second, "the job continues", func() bool { return len(c.Runs(name)) >= runs && len(c.running(name)) == 0 })
	to := time.Now().Truncate(10 * time.Second)
	judge(t, rec.Finish(History{
		Job: name, From: from, To: to, Every: 10 * time.Second, Forbid: true, Window: 15 * time.Second, Allow: 35 * time.Second,
	}))
	list, err := c.Executions(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		t.Logf("%s on %s: %q %s", e.ID, e.NodeName, e.Outcome, e.Error)
		if e.Outcome == "failed" {
			t.Errorf("%s is recorded as failed: %s", e.ID, e.Error)
		}
	}
}

func TestARunSurvivesTheCrashOfItsAgent(t *testing.T) {
	t.Parallel()
	c := Start(t, Config{Servers: 3, Agents: 1})
	rec := c.Record("slow")
	from := c.slow("slow")
	c.Event("kill agent")
	c.Agents[0].Kill()
	hold(time.Second)
	c.Agents[0].Start()
	c.Event("agent started")
	c.accounted(t, rec, "slow", from, 3)
}

func TestARunThatEndsWhileItsAgentIsDownIsReported(t *testing.T) {
	t.Parallel()
	c := Start(t, Config{Servers: 3, Agents: 1})
	rec := c.Record("slow")
	from := c.slow("slow")
	c.Agents[0].Kill()
	Eventually(t, 10*time.Second, "the command ends by itself", func() bool { return len(c.running("slow")) == 0 })
	c.Agents[0].Start()
	c.accounted(t, rec, "slow", from, 3)
}

func TestAgentAndLeaderKilledTogether(t *testing.T) {
	t.Parallel()
	c := Start(t, Config{Servers: 3, Agents: 1})
	rec := c.Record("slow")
	from := c.slow("slow")
	leader := c.Leader()
	c.Event("kill agent and leader %s", leader.Name)
	c.Agents[0].Kill()
	leader.Kill()
	hold(time.Second)
	c.Agents[0].Start()
	leader.Start()
	c.Event("both started")
	c.accounted(t, rec, "slow", from, 3)
}

func TestAgentThatStaysAwayLosesItsRunsAndBlocksNothing(t *testing.T) {
	t.Parallel()
	if !torture() {
		t.Skip("long: DKRON_TORTURE=1")
	}
	c := Start(t, Config{Servers: 3, Agents: 2})
	from := c.slow("slow")
	rec := c.Record("slow")
	leader := c.Leader()
	c.Agents[0].Kill()
	leader.Kill()
	Eventually(t, 50*time.Second, "the run is lost", func() bool {
		list, err := c.Executions("slow")
		return err == nil && len(list) > 0 && list[len(list)-1].Outcome == "lost"
	})
	c.Agents[0].Start()
	leader.Start()
	c.accounted(t, rec, "slow", from, 3)
}
