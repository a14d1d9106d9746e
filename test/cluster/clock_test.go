package cluster

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// goesOn fails the test unless the job starts n more runs soon.
func (c *Cluster) goesOn(job string, n int, within time.Duration) {
	c.t.Helper()
	want := len(c.Runs(job)) + n
	Eventually(c.t, within, fmt.Sprintf("%d more runs of %s", n, job), func() bool { return len(c.Runs(job)) >= want })
}

// rename edits a field that changes no run.
func (c *Cluster) rename(job, displayname string) {
	c.t.Helper()
	var body map[string]any
	if err := c.Get("/v1/jobs/"+job, &body); err != nil {
		c.t.Fatal(err)
	}
	body["displayname"] = displayname
	c.Put(body)
}

func TestAJobGoesOnAfterAClockThatWasAheadIsPutRight(t *testing.T) {
	t.Parallel()
	for _, ahead := range []time.Duration{2 * time.Minute, time.Hour} {
		t.Run(ahead.String(), func(t *testing.T) {
			c := Start(t, Config{Servers: 1, Agents: 1, Clocks: true})
			c.PutProbe(Probe{Name: "tick"})
			c.settle("tick", 2)
			c.Servers[0].SetClock(ahead, 0)
			c.goesOn("tick", 3, 10*time.Second)
			c.Servers[0].SetClock(0, 0)
			c.rename("tick", "edited")
			at := time.Now()
			c.goesOn("tick", 5, 15*time.Second)
			entries := c.series(c.Servers[0], "dkron_raft_applied_index")
			c.goesOn("tick", 5, 15*time.Second)
			if grown := c.series(c.Servers[0], "dkron_raft_applied_index") - entries; grown > 100 {
				t.Errorf("5 runs took %v log entries", grown)
			}
			if n := c.series(c.Servers[0], "dkron_scheduler_stalls_total"); n > 0 {
				t.Errorf("the scheduler stalled %v times", n)
			}
			Eventually(t, 15*time.Second, "/health says what happened to the clock", func() bool {
				text := c.notices(c.Servers[0])
				return strings.Contains(text, "jumped by -") && strings.Contains(text, "moved back")
			})
			silence(t, c, "tick", at, 5*time.Second, "the clock is put right")
		})
	}
}

func TestAnEditAfterALeaderWhoseClockWasAhead(t *testing.T) {
	t.Parallel()
	c := Start(t, Config{Servers: 3, Agents: 1, Clocks: true})
	c.PutProbe(Probe{Name: "tick"})
	leader := c.Leader()
	leader.SetClock(4*time.Second, 0)
	c.settle("tick", 8)
	leader.Stop()
	c.rename("tick", "edited")
	c.goesOn("tick", 10, 25*time.Second)
	seen, instants := make(map[string]int), make(map[int64]int)
	for _, r := range c.Runs("tick") {
		if seen[r.LaunchID]++; seen[r.LaunchID] > 1 {
			t.Errorf("%s ran twice", r.LaunchID)
		}
		if instants[r.Nominal.UnixNano()]++; instants[r.Nominal.UnixNano()] > 1 {
			t.Errorf("%s ran twice", r.Nominal)
		}
	}
}

// A leader whose clock is behind most servers' must not treat their due times as its future.
func TestALeaderThatMostClocksContradictLeavesCursorsAlone(t *testing.T) {
	t.Parallel()
	c := Start(t, Config{Servers: 3, Agents: 1, Clocks: true})
	c.PutProbe(Probe{Name: "tick"})
	c.settle("tick", 3)
	leader := c.Leader()
	leader.SetClock(-time.Minute, 0)
	Eventually(t, 10*time.Second, "the leader doubts its clock", func() bool {
		return strings.Contains(c.notices(leader), "most servers' clocks differ")
	})
	leader.SetClock(0, 0)
	c.goesOn("tick", 5, 15*time.Second)
	if text := c.notices(leader); strings.Contains(text, "brought back") || strings.Contains(text, "most servers") {
		t.Errorf("/health says of the clock: %q", text)
	}
}
