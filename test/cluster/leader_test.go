package cluster

import (
	"math/rand/v2"
	"os"
	"testing"
	"time"
)

// torture reports whether the long versions are requested.
func torture() bool { return os.Getenv("DKRON_TORTURE") != "" }

// times returns short, or long if the long versions are requested.
func times(short, long int) int {
	if torture() {
		return long
	}
	return short
}

// settle lets a cluster work undisturbed until the job has started n more runs.
func (c *Cluster) settle(job string, n int) {
	c.t.Helper()
	want := len(c.Runs(job)) + n
	Eventually(c.t, 30*time.Second, "the job continues", func() bool { return len(c.Runs(job)) >= want })
}

// judge fails the test for everything that is wrong in a history.
func judge(t *testing.T, h History) {
	t.Helper()
	gap, from := Silence(h.Runs)
	t.Logf("%s: %d instants, %d runs, %d launches and %d executions seen, longest silence %v from %s",
		h.Job, h.To.Sub(h.From)/max(h.Every, time.Second), len(h.Runs), len(h.Launches), len(h.Executions), gap.Round(time.Millisecond), clock(from))
	for i, f := range Check(h) {
		if i == 40 {
			t.Error("… and more")
			break
		}
		t.Error(f)
	}
}

// silence fails the test if the gap between starts around a fault was too long.
func silence(t *testing.T, c *Cluster, job string, since time.Time, limit time.Duration, what string) {
	t.Helper()
	var after []Run
	for _, r := range c.Runs(job) {
		if r.Start.After(since.Add(-1500 * time.Millisecond)) {
			after = append(after, r)
		}
	}
	gap, from := Silence(after)
	t.Logf("%s: silence %v from %s", what, gap.Round(time.Millisecond), clock(from))
	if gap > limit {
		t.Errorf("%s: silence of %v from %s, more than %v", what, gap.Round(time.Millisecond), clock(from), limit)
	}
}

func now() time.Time { return time.Now().Truncate(time.Second) }

func TestEverySecondRunsOnceWhileLeadersAreKilled(t *testing.T) {
	t.Parallel()
	c := Start(t, Config{Servers: 3, Agents: 2})
	from := c.PutProbe(Probe{Name: "tick"})
	rec := c.Record("tick")
	c.settle("tick", 3)
	for i := range times(3, 10) {
		leader := c.Leader()
		hold(rand.N(time.Second)) // any moment may be the worst one
		at := time.Now()
		c.Event("kill %d: leader %s", i+1, leader.Name)
		leader.Kill()
		c.settle("tick", 4)
		silence(t, c, "tick", at, 2500*time.Millisecond, "kill of "+leader.Name)
		leader.Start()
		c.Event("started %s again", leader.Name)
		c.WaitReady(20 * time.Second)
	}
	judge(t, rec.Finish(History{Job: "tick", From: from, To: now(), AllRun: true, Window: 5 * time.Second, Allow: 5 * time.Second}))
}

func TestAPausedLeaderIsReplacedAndDoesNothingWhenItWakes(t *testing.T) {
	t.Parallel()
	pauses := []time.Duration{10 * time.Second}
	if torture() {
		pauses = append(pauses, 60*time.Second)
	}
	for _, pause := range pauses {
		t.Run(pause.String(), func(t *testing.T) {
			c := Start(t, Config{Servers: 3, Agents: 2})
			from := c.PutProbe(Probe{Name: "tick"})
			rec := c.Record("tick")
			c.settle("tick", 3)
			leader, at := c.Leader(), time.Now()
			c.Event("pause leader %s", leader.Name)
			leader.Pause()
			hold(pause)
			leader.Resume()
			c.Event("resume %s", leader.Name)
			c.settle("tick", 6)
			c.WaitReady(20 * time.Second)
			silence(t, c, "tick", at, 3*time.Second, "pause of "+leader.Name)
			judge(t, rec.Finish(History{Job: "tick", From: from, To: now(), AllRun: true, Window: 5 * time.Second, Allow: 5 * time.Second}))
		})
	}
}

func TestForbidHoldsThroughKillsOfTheLeader(t *testing.T) {
	t.Parallel()
	c := Start(t, Config{Servers: 3, Agents: 2})
	from := c.PutProbe(Probe{Name: "long", Sleep: "3", Concurrency: "forbid"})
	rec := c.Record("long")
	c.settle("long", 1)
	for i := range times(2, 8) {
		leader := c.Leader()
		hold(rand.N(time.Second))
		c.Event("kill %d: leader %s", i+1, leader.Name)
		leader.Kill()
		c.settle("long", 2)
		leader.Start()
		c.WaitReady(20 * time.Second)
	}
	to := now()
	h := rec.Finish(History{Job: "long", From: from, To: to, Forbid: true, Window: 5 * time.Second, Allow: 5 * time.Second})
	judge(t, h)
	// A run takes 3 s and the next instant comes within 1 s; a change of leader may cost 3 s more.
	if gap, at := Silence(h.Runs); gap > 7*time.Second {
		t.Errorf("starved for %v from %s", gap, clock(at))
	}
}
