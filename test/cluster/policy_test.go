package cluster

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// Policies beyond running on time: retries elsewhere, children, a queue, replacement. One cluster serves all, since the
// kills take the time.
func TestRetriesChildrenQueuesAndReplacementHoldThroughKillsOfTheLeader(t *testing.T) {
	t.Parallel()
	c := Start(t, Config{Servers: 3, Agents: 2})
	keep := map[string]any{"count": 5000}
	c.PutProbe(Probe{Name: "flaky", Extra: map[string]any{
		"retries": 3, "retry_on": "other-node", "retry_backoff": map[string]any{"initial": "300ms", "max": "300ms"}, "history": keep,
		"executor_config": map[string]string{
			"shell": "true", "command": c.probe + " " + c.probeFile("flaky") + ` 0; [ "$DKRON_ATTEMPT" -ge 2 ]`,
		},
	}})
	c.PutProbe(Probe{Name: "child", Schedule: "@manually", Extra: map[string]any{
		"parents": []any{map[string]string{"job": "flaky"}}, "history": keep,
	}})
	c.PutProbe(Probe{Name: "line", Sleep: "1.3", Concurrency: "queue", Extra: map[string]any{"queue_limit": 3, "history": keep}})
	c.PutProbe(Probe{Name: "swap", Sleep: "8", Concurrency: "replace", Extra: map[string]any{"history": keep}})
	c.settle("child", 3)
	for i := range times(2, 8) {
		leader := c.Leader()
		hold(rand.N(time.Second))
		c.Event("kill %d: leader %s", i+1, leader.Name)
		leader.Kill()
		c.settle("child", 3)
		c.settle("line", 2)
		leader.Start()
		c.WaitReady(20 * time.Second)
	}
	jobs := []string{"flaky", "child", "line", "swap"}
	for _, job := range jobs {
		if err := c.ask("POST", "/v1/jobs/"+job+"/toggle", nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	launches := c.ended(jobs...)
	c.judgeFlaky(launches["flaky"], launches["child"])
	c.judgeLine(launches["line"])
	c.judgeSwap(launches["swap"])
}

// ended waits until the jobs have no open launch, and returns their launches, oldest first.
func (c *Cluster) ended(jobs ...string) map[string][]Launch {
	c.t.Helper()
	all := make(map[string][]Launch)
	Eventually(c.t, 30*time.Second, "everything ends", func() bool {
		for _, job := range jobs {
			list, err := c.Launches(job)
			if err != nil || slices.ContainsFunc(list, func(l Launch) bool { return l.EndedAt == nil }) {
				return false
			}
			slices.Reverse(list)
			all[job] = list
		}
		return true
	})
	return all
}

// judgeFlaky checks that each launch failed once on one node, succeeded on another, and caused one child.
func (c *Cluster) judgeFlaky(parents, children []Launch) {
	caused := make(map[string]int)
	for _, l := range children {
		caused[l.Parent]++
		if l.State != "success" && l.State != "skipped" { // skipped: it was disabled while a parent still ran
			c.t.Errorf("child %s ended as %s: %s", l.ID, l.State, l.Reason)
		}
	}
	nodes := make(map[string][]string)
	for _, r := range c.Runs("flaky") {
		nodes[r.LaunchID] = append(nodes[r.LaunchID], fmt.Sprintf("%d@%s", r.Attempt, r.Node))
	}
	for _, l := range parents {
		ran := nodes[l.ID]
		if l.State != "success" || len(ran) != 2 || ran[0][:2] != "1@" || ran[1][:2] != "2@" || ran[0][2:] == ran[1][2:] {
			c.t.Errorf("launch %s ended as %s (%s); it ran as %v, want one attempt on each of two nodes", l.ID, l.State, l.Reason, ran)
		}
		if caused[l.ID] != 1 {
			c.t.Errorf("launch %s caused %d launches of its child", l.ID, caused[l.ID])
		}
		delete(caused, l.ID)
	}
	if len(caused) > 0 {
		c.t.Errorf("children of launches that are not there: %v", slices.Collect(maps.Keys(caused)))
	}
	c.t.Logf("%d launches, each retried on another node and followed by one child", len(parents))
}

// judgeLine checks that queued launches ran once each, in order, never two at once.
func (c *Cluster) judgeLine(launches []Launch) {
	runs := c.Runs("line")
	ran := make(map[string]int)
	for i, r := range runs {
		ran[r.LaunchID]++
		if i == 0 {
			continue
		}
		if before := runs[i-1]; r.Start.Before(before.End) || before.End.IsZero() || r.Nominal.Before(before.Nominal) {
			c.t.Errorf("%s began at %s, %s ended at %s", r.LaunchID, clock(r.Start), before.LaunchID, clock(before.End))
		}
	}
	queued := 0
	for _, l := range launches {
		want := 1
		if l.State == "skipped" && strings.Contains(l.Reason, "queue is full") {
			want = 0
		} else if l.State != "success" {
			c.t.Errorf("launch %s ended as %s: %s", l.ID, l.State, l.Reason)
		}
		if ran[l.ID] != want {
			c.t.Errorf("launch %s (%s) ran %d times, want %d", l.ID, l.State, ran[l.ID], want)
		}
		queued += want
	}
	c.t.Logf("%d of %d launches ran in line", queued, len(launches))
}

// judgeSwap checks that each launch was stopped before the next began, and that no process is left.
func (c *Cluster) judgeSwap(launches []Launch) {
	for i, l := range launches {
		if last := i == len(launches)-1; l.State != "stopped" && l.State != "skipped" && (!last || l.State != "success") {
			c.t.Errorf("launch %s ended as %s: %s", l.ID, l.State, l.Reason)
		}
	}
	executions, err := c.Executions("swap")
	if err != nil {
		c.t.Fatal(err)
	}
	slices.SortFunc(executions, func(a, b Execution) int { return a.StartedAt.Compare(b.StartedAt) })
	for i, e := range executions {
		if last := i == len(executions)-1; e.Outcome != "stopped" && !last {
			c.t.Errorf("execution %s ended as %s: %s", e.ID, e.Outcome, e.Error)
		}
		if i > 0 && e.StartedAt.Before(executions[i-1].FinishedAt) {
			c.t.Errorf("execution %s began before %s had ended", e.ID, executions[i-1].ID)
		}
	}
	if left := c.probes("swap"); len(left) > 0 {
		c.t.Errorf("processes are left: %v", left)
	}
	c.t.Logf("%d launches, %d of them ran until they were replaced", len(launches), len(executions))
}
