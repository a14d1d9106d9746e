package control

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"dkron"
	"dkron/internal/clock"
	"dkron/internal/request"
	"dkron/internal/state"
)

func nodes(alive bool, names ...string) (list []dkron.Node) {
	for _, name := range names {
		list = append(list, dkron.Node{Name: name, Alive: alive, Tags: map[string]string{"pool": "x"}})
	}
	return list
}

// open returns the launches that have not ended.
func (l *leader) open(c *Control) (list []*dkron.Launch) {
	l.t.Helper()
	err := c.state.View(func(tx *state.Tx) error {
		return tx.OpenLaunches(0, func(x *dkron.Launch) bool { list = append(list, x); return true })
	})
	if err != nil {
		l.t.Fatal(err)
	}
	return list
}

func newPooled(t *testing.T, pool string) (*Control, *leader) {
	c, l := newControl(t)
	job := dkron.Job{Name: "a", Schedule: "@every 1h", Executor: "shell", Tags: map[string]string{"pool": pool}}
	if _, _, err := c.setJob(t.Context(), &request.SetJob{Record: dkron.Record{Job: job}}); err != nil {
		t.Fatal(err)
	}
	return c, l
}

// A run used to be refused between "gossip sees the node alive" and "the node has a stream to the leader".
func TestARunThatIsAskedForWaitsForANodeThatIsAlive(t *testing.T) {
	for what, set := range map[string]func(l *leader){
		"coming":   func(l *leader) { l.coming = nodes(true, "n1") },
		"cut off":  func(l *leader) { l.away = nodes(true, "n1") },
		"one of 2": func(l *leader) { l.coming, l.nodes = nodes(true, "n1"), nodes(true, "n2") },
	} {
		c, l := newPooled(t, "x")
		set(l)
		done, _, err := c.runJob(t.Context(), &request.RunJob{Job: "a", Cause: dkron.CauseManual})
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		if open := l.open(c); done.Launch.State != dkron.LaunchWaiting || len(open) != 1 || open[0].State != dkron.LaunchWaiting {
			t.Errorf("%s: %+v", what, done.Launch)
		}
	}
	for what, set := range map[string]func(l *leader){
		"nobody":      func(*leader) {},
		"failed":      func(l *leader) { l.away = nodes(false, "n1") },
		"others only": func(l *leader) { l.nodes = []dkron.Node{{Name: "n9", Alive: true}} },
	} {
		c, l := newPooled(t, "x")
		set(l)
		if _, _, err := c.runJob(t.Context(), &request.RunJob{Job: "a", Cause: dkron.CauseManual}); !errors.Is(err, dkron.ErrNoTarget) || len(l.open(c)) > 0 {
			t.Errorf("%s: %v, %+v", what, err, l.open(c))
		}
	}
}

// A catch-up ran on one node of 150, because the others had no stream to the new leader yet, and no record said so.
func TestALaunchWaitsForNodesThatAreComingAndRecordsWhomItDidNotReach(t *testing.T) {
	c, l := newPooled(t, "x")
	l.nodes, l.coming = nodes(true, "n1"), nodes(true, "n2", "n3")
	var r dkron.Due
	_ = c.state.View(func(tx *state.Tx) error {
		j, p, err := tx.Record("a")
		r = dkron.Due{Job: j.Number, Revision: 1, Nominal: p.Next, Next: p.Next.Add(time.Hour), Cause: dkron.CauseCatchup, Tags: j.Tags}
		return err
	})
	if err := c.Fire(t.Context(), []dkron.Due{r}, clock.Now()); err != nil {
		t.Fatal(err)
	}
	assign := func(giveUp bool) *dkron.Launch {
		w := dkron.Waiting{Launch: l.open(c)[0].Number, Job: "a", GiveUp: giveUp}
		if err := c.Assign(t.Context(), []dkron.Waiting{w}, nil); err != nil {
			t.Fatal(err)
		}
		return l.open(c)[0]
	}
	l.nodes, l.coming = nodes(true, "n1", "n2"), nodes(true, "n3")
	if got := assign(false); got.State != dkron.LaunchWaiting {
		t.Errorf("while a node is still connecting: %+v", got)
	}
	l.coming, l.away = nil, append(nodes(true, "n3"), nodes(false, "n4")...)
	if got := assign(false); got.State != dkron.LaunchRunning || got.Nodes != 2 || got.Unreached != 2 || fmt.Sprint(got.Missing) != "[n3 n4]" {
		t.Errorf("once no node is connecting: %+v", got)
	}
}

func TestWhatIsNotReachedIsCountedUpToTheCountOfTheTagAndNamedInBounds(t *testing.T) {
	for pool, want := range map[string]uint64{"x": 12, "x:3": 1, "x:2": 0, "x:100": 12} {
		c, l := newPooled(t, pool)
		l.nodes = nodes(true, "n1", "n2")
		for i := range 12 {
			l.away = append(l.away, nodes(i%2 == 0, fmt.Sprintf("a%02d", i))...)
		}
		done, _, err := c.runJob(t.Context(), &request.RunJob{Job: "a", Cause: dkron.CauseManual})
		if err != nil {
			t.Fatal(err)
		}
		if got := done.Launch; got.Nodes != 2 || got.Unreached != want || len(got.Missing) > 10 || !slices.IsSorted(got.Missing) || want > 0 && len(got.Missing) == 0 {
			t.Errorf("%s: %d nodes, %d not reached: %v", pool, got.Nodes, got.Unreached, got.Missing)
		}
	}
}

func TestALaunchThatReachedNobodySaysWhomItTried(t *testing.T) {
	c, l := newPooled(t, "x")
	l.away = nodes(true, "n1", "n2")
	if _, _, err := c.runJob(t.Context(), &request.RunJob{Job: "a", Cause: dkron.CauseManual}); err != nil {
		t.Fatal(err)
	}
	w := dkron.Waiting{Launch: l.open(c)[0].Number, Job: "a", GiveUp: true}
	if err := c.Assign(t.Context(), []dkron.Waiting{w}, nil); err != nil {
		t.Fatal(err)
	}
	err := c.state.View(func(tx *state.Tx) error {
		_, p, err := tx.Record("a")
		if err != nil {
			return err
		}
		return tx.LaunchHistory(p, func(x *dkron.Launch) bool {
			if x.State != dkron.LaunchNoTarget || x.Reason != "none of the nodes that match the job's tags could be reached: n1, n2" || x.Unreached != 2 {
				t.Errorf("%+v", x)
			}
			return false
		})
	})
	if err != nil {
		t.Error(err)
	}
}
