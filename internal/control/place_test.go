package control

import (
	"testing"
	"time"

	"dkron"
	"dkron/internal/request"
	"dkron/internal/state"
)

// retries fails the open executions of a job, places the retries and returns the nodes of the executions open then.
func (l *leader) retries(c *Control, job string, giveUp bool) (nodes []string) {
	l.t.Helper()
	var failed []dkron.Result
	open := func() (list []*dkron.Execution) {
		err := c.state.View(func(tx *state.Tx) error {
			return tx.OpenExecutions(func(e *dkron.Execution) bool {
				if e.JobName == job {
					list = append(list, e)
				}
				return true
			})
		})
		if err != nil {
			l.t.Fatal(err)
		}
		return list
	}
	for _, e := range open() {
		failed = append(failed, dkron.Result{
			JobName: job, Key: e.Key, Group: e.Group, Attempt: e.Attempt, NodeName: e.NodeName, Outcome: dkron.Failed,
			StartedAt: time.Now(), FinishedAt: time.Now(),
		})
	}
	if err := c.Finish(l.t.Context(), failed); err != nil {
		l.t.Fatal(err)
	}
	var wait []dkron.Unplaced
	for _, e := range open() {
		wait = append(wait, dkron.Unplaced{Key: e.Key, Attempt: e.Attempt, Group: e.Group, Job: job, Last: e.NodeName, GiveUp: giveUp})
	}
	if err := c.Assign(l.t.Context(), nil, wait); err != nil {
		l.t.Fatal(err)
	}
	for _, e := range open() {
		name := e.NodeName
		if e.Unplaced {
			name = ""
		}
		nodes = append(nodes, name)
	}
	return nodes
}

func newRetrying(t *testing.T, on dkron.RetryOn, target string, nodes ...string) (*Control, *leader) {
	c, l := newControl(t)
	for _, n := range nodes {
		l.nodes = append(l.nodes, dkron.Node{Name: n, Alive: true, Tags: map[string]string{"pool": "x"}})
	}
	job := dkron.Job{Name: "a", Schedule: "@manually", Executor: "shell", Retries: 9, RetryOn: on, Tags: map[string]string{"pool": target}}
	if _, _, err := c.setJob(t.Context(), &request.SetJob{Record: dkron.Record{Job: job}}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.runJob(t.Context(), &request.RunJob{Job: "a", Cause: dkron.CauseManual}); err != nil {
		t.Fatal(err)
	}
	return c, l
}

func (l *leader) first(c *Control) (node string) {
	_ = c.state.View(func(tx *state.Tx) error {
		return tx.OpenExecutions(func(e *dkron.Execution) bool { node = e.NodeName; return false })
	})
	return node
}

func TestRetriesElsewhereTakeTurnsAndTryWhatIsFreshFirst(t *testing.T) {
	c, l := newRetrying(t, dkron.OtherNode, "x:1", "n1", "n2", "n3")
	seen := []string{l.first(c)}
	for range 6 {
		node := l.retries(c, "a", false)[0]
		if node == "" || node == seen[len(seen)-1] {
			t.Fatalf("after %v the retry went to %q", seen, node)
		}
		seen = append(seen, node)
	}
	if seen[0] == seen[2] {
		t.Errorf("%v: the third node was not tried while it was fresh", seen)
	}
}

func TestARetryElsewhereWithoutAnotherNodeWaitsAndThenTakesTheSame(t *testing.T) {
	c, l := newRetrying(t, dkron.OtherNode, "x", "n1")
	if got := l.retries(c, "a", false); got[0] != "" {
		t.Errorf("placed on %s", got[0])
	}
	c, l = newRetrying(t, dkron.OtherNode, "x", "n1")
	if got := l.retries(c, "a", true); got[0] != "n1" {
		t.Errorf("placed on %q", got[0])
	}
}

func TestARetryNeverTakesANodeOfAnotherPartOfItsLaunch(t *testing.T) {
	for _, on := range []dkron.RetryOn{dkron.OtherNode, dkron.AnyNode} {
		c, l := newRetrying(t, on, "x", "n1", "n2") // both run it
		got := l.retries(c, "a", true)
		if len(got) != 2 || got[0] != "n1" || got[1] != "n2" {
			t.Errorf("%s: placed on %v, want each where it was", on, got)
		}
	}
}

func TestARetryOfWhichNoNodeIsLeftFails(t *testing.T) {
	c, l := newRetrying(t, dkron.OtherNode, "x", "n1")
	l.nodes = nil
	if got := l.retries(c, "a", true); len(got) != 1 || got[0] != "" {
		t.Errorf("open are %v, want the next attempt, without a node", got)
	}
}
