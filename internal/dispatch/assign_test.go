package dispatch

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"dkron"
	"dkron/internal/state"
)

func TestLaunchWaitsForANodeAndRunsWhenOneAppears(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.join(newNode("web1").succeed(), "role", "web")
		w.lead(1)
		w.job("job", func(j *dkron.Job) { j.Tags = tagged("role", "db") })
		w.run("job")
		pass(5 * time.Second)
		db := w.join(newNode("db1").succeed(), "role", "db")
		synctest.Wait()
		equal(t, "orders", jobs(db.ordered()), "job") // at once, not with the next tick
		pass(time.Second)
		equal(t, "launches", w.launches("job"), dkron.LaunchSuccess)
	})
}

func TestLaunchThatFindsNoNodeIsGivenUp(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.lead(1)
		w.job("job")
		pass(time.Minute)
		w.run("job")
		pass(9900 * time.Millisecond)
		equal(t, "before its time", w.launches("job"))
		pass(600 * time.Millisecond)
		equal(t, "after its time", w.launches("job"), dkron.LaunchNoTarget)
	})
}

func TestNewTermGivesNodesTimeToAttachBeforeItGivesUp(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.job("job")
		w.run("job")
		pass(time.Minute)
		w.lead(1)
		pass(9 * time.Second)
		equal(t, "launches", w.launches("job"))
		w.join(newNode("n1").succeed())
		pass(time.Second)
		equal(t, "launches", w.launches("job"), dkron.LaunchSuccess)
	})
}

func TestRetriesGoOutAtTheirTime(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		n := w.add("n1")
		var at []time.Time
		var attempts []uint64
		n.do = func(o dkron.Order) *dkron.Result {
			at, attempts = append(at, time.Now()), append(attempts, o.Attempt)
			r := ended("n1", o, dkron.Failed)
			return &r
		}
		w.lead(1)
		w.job("job", func(j *dkron.Job) { j.Retries = 3 })
		w.run("job", "n1")
		pass(time.Minute)
		equal(t, "attempts", attempts, 1, 2, 3, 4)
		for i := 1; i < len(at); i++ {
			pause, least := at[i].Sub(at[i-1]), 500*time.Millisecond<<(i-1)
			if pause < least || pause > least*5/4+100*time.Millisecond {
				t.Errorf("attempt %d after %s, want %s and up to a quarter more", i+1, pause, least)
			}
		}
		equal(t, "launches", w.launches("job"), dkron.LaunchFailed)
	})
}

func TestRetryThatWaitsGoesOutInTheNextTerm(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		n := w.add("n1")
		n.do = func(o dkron.Order) *dkron.Result { r := ended("n1", o, dkron.Failed); return &r }
		w.lead(1)
		w.job("job", func(j *dkron.Job) { j.Retries = 1 })
		w.run("job", "n1")
		pass(100 * time.Millisecond)
		w.depose()
		w.lead(2)
		pass(300 * time.Millisecond)
		if len(n.ordered()) != 1 {
			t.Fatal("too early")
		}
		pass(time.Second)
		equal(t, "outcomes", w.outcomes("job"), dkron.Failed, dkron.Failed)
	})
}

func TestARetryElsewhereIsOrderedFromItsNewNode(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		n1, n2 := w.add("n1"), w.add("n2")
		w.lead(1)
		w.job("job", func(j *dkron.Job) { j.Retries, j.RetryOn = 1, dkron.OtherNode })
		w.run("job", "n1")
		o := n1.ordered()[0]
		n1.say(&dkron.FromNode{Results: []dkron.Result{{JobName: "job", Key: o.Key, Group: o.Group, Attempt: 1, NodeName: "n1", Outcome: dkron.Failed}}})
		time.Sleep(3 * time.Second)
		if got := n2.ordered(); len(got) != 1 || got[0].Attempt != 2 || len(n1.ordered()) != 1 {
			t.Fatalf("n1 was ordered %+v, n2 %+v", n1.ordered(), got)
		}
	})
}

func TestALaunchWaitsUntilEveryNodeThatIsAliveWasTried(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.job("job")
		w.add("n1")
		slow := newNode("n2")
		slow.stubborn = time.Second // until it answers for the first time
		w.join(slow)
		frozen := newNode("n3")
		frozen.mute = true
		w.join(frozen)
		w.lead(1)
		w.run("job") // which nodes is decided in a moment
		pass(1500 * time.Millisecond)
		if w.open() != 0 {
			t.Fatal("it did not wait for the frozen one, which is not yet known")
		}
		pass(time.Second)
		var l *dkron.Launch
		w.view(func(tx *state.Tx) {
			_ = tx.OpenLaunches(0, func(x *dkron.Launch) bool { l = x; return false })
		})
		if l == nil || l.Nodes != 2 || l.Unreached != 1 || !slices.Equal(l.Missing, []string{"n3"}) {
			t.Errorf("it runs as %+v", l)
		}
		w.run("job") // from now on that is known
		pass(100 * time.Millisecond)
		if n := w.open(); n != 4 {
			t.Errorf("%d executions", n)
		}
	})
}
