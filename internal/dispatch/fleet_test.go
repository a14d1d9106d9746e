package dispatch

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"dkron"
)

func TestDrainingNodeGetsNothingNewButWhatWasOrdered(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		n := w.add("n1")
		w.lead(1)
		w.job("job")
		n.say(&dkron.FromNode{Draining: true})
		equal(t, "live", w.liveNames())
		w.run("job", "n1") // decided before the leader knew
		w.run("job")
		n.set(func(n *node) { n.draining = true; n.stream.cut() })
		w.fleet.Changed() // tags may have changed
		pass(2 * time.Second)
		equal(t, "live", w.liveNames())
		for _, o := range n.ordered() {
			if o.Key.Launch != 1 {
				t.Errorf("ordered %+v", o)
			}
		}
		n.end(n.ordered()[0], dkron.Success)
		pass(time.Second)
		equal(t, "outcomes", w.outcomes("job"), dkron.Success)
	})
}

func TestNodeThatAttachesDrainingIsNeverOffered(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.job("job")
		w.run("job")
		n := w.add("n1")
		n.draining = true
		w.lead(1)
		pass(5 * time.Second)
		if o := n.ordered(); len(o) != 0 {
			t.Fatalf("ordered %v", jobs(o))
		}
		w.depose()

		// Not even for the moment in which the dispatcher hears of it.
		ctx, cancel := context.WithCancel(t.Context())
		ev := make(onAttach, 1)
		done := make(chan struct{})
		go func() { w.fleet.run(ctx, 2, ev); close(done) }()
		synctest.Wait() // attached waits to be heard
		equal(t, "live", w.liveNames())
		<-ev
		<-ev
		cancel()
		<-done
	})
}

// onAttach holds up whoever says that a node is attached, until that is received.
type onAttach chan string

func (ev onAttach) attached(node string) { ev <- node; ev <- node }

func (ev onAttach) report(string, *dkron.FromNode) {}

func TestChangedTagsCountAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		n := w.join(newNode("n1").succeed(), "role", "web")
		w.lead(1)
		w.job("job", func(j *dkron.Job) { j.Tags = tagged("role", "db") })
		w.run("job")
		pass(time.Second)
		if len(n.ordered()) != 0 {
			t.Fatal("ordered from a node of another role")
		}
		w.setMembers(dkron.Node{Name: "n1", RPCAddr: "n1:1", Alive: true, Tags: tagged("role", "db")})
		pass(300 * time.Millisecond)
		equal(t, "orders", jobs(n.ordered()), "job")
		if n.streams != 1 {
			t.Errorf("%d streams: tags are no reason for a new one", n.streams)
		}
	})
}

func TestTagsThatChangedWhileTheNodeWasAwayCountWhenItAttaches(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		n := w.add("n1", "role", "web")
		w.lead(1)
		n.vanish()
		w.job("job", func(j *dkron.Job) { j.Tags = tagged("role", "web") })
		w.run("job")
		w.setMembers(dkron.Node{Name: "n1", RPCAddr: "n1:1", Alive: true, Tags: tagged("role", "db")})
		pass(2 * time.Second)
		n.set(func(n *node) { n.down = false })
		pass(5 * time.Second)
		if o := n.ordered(); len(o) != 0 {
			t.Fatal("ordered by tags that it no longer has")
		}
	})
}

func TestNodeAttachesWithTheTagsThatItHasNow(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.setMembers(dkron.Node{Name: "n1", RPCAddr: "n1:1", Alive: true, Tags: tagged("role", "db")})
		w.fleet.links, w.fleet.tried = map[string]*link{}, map[string]bool{}
		w.fleet.attach(dkron.Node{Name: "n1", RPCAddr: "n1:1", Tags: tagged("role", "web")}, newLink("leader", 1, w.Cluster, nil))
		if n := w.fleet.Live(); len(n) != 1 || n[0].Tags["role"] != "db" {
			t.Errorf("%+v", n)
		}
	})
}

func TestSilentNodeIsDetachedAndDialledAgain(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		n := w.add("n1")
		w.lead(1)
		equal(t, "live", w.liveNames(), "n1")
		pass(time.Minute)
		if n.streams != 1 {
			t.Fatalf("%d streams to a node that is well", n.streams)
		}
		n.set(func(n *node) { n.beats, n.down = false, true })
		pass(1700 * time.Millisecond)
		equal(t, "before 2 s of silence", w.liveNames(), "n1")
		pass(500 * time.Millisecond)
		equal(t, "after 2 s of silence", w.liveNames())
		n.set(func(n *node) { n.beats, n.down = true, false })
		pass(2 * time.Second)
		equal(t, "when it speaks again", w.liveNames(), "n1")
	})
}

func TestNodeThatNeverSpeaksDoesNotAttach(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		n := w.add("n1")
		n.stubborn = 5 * time.Second
		mute := newNode("n2")
		mute.mute = true
		w.join(mute)
		w.lead(1)
		pass(4 * time.Second)
		equal(t, "live", w.liveNames())
		if mute.streams != 2 {
			t.Errorf("%d streams to a node that takes connections and says nothing, want one per 2 s", mute.streams)
		}
	})
}

func TestNodeThatKnowsANewerTermIsNotOffered(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		n := w.add("n1")
		n.term = 9
		w.lead(8)
		w.job("job")
		w.run("job", "n1")
		pass(5 * time.Second)
		equal(t, "live", w.liveNames())
		if len(n.ordered()) != 0 {
			t.Error("ordered")
		}
	})
}

func TestMembersThatLeaveOrMoveAreFollowed(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		n := w.add("n1")
		w.lead(1)
		w.setMembers()
		equal(t, "when it has left", w.liveNames())
		w.setMembers(dkron.Node{Name: "n1"}) // no address yet
		equal(t, "without an address", w.liveNames())
		moved := newNode("n1")
		w.mu.Lock()
		w.nodes["n1:2"] = moved
		w.mu.Unlock()
		w.setMembers(dkron.Node{Name: "n1", RPCAddr: "n1:1", Alive: true})
		equal(t, "back", w.liveNames(), "n1")
		w.setMembers(dkron.Node{Name: "n1", RPCAddr: "n1:2", Alive: true})
		equal(t, "moved", w.liveNames(), "n1")
		w.job("job")
		w.run("job", "n1")
		if len(n.ordered()) != 0 || len(moved.ordered()) != 1 {
			t.Errorf("ordered from the old address %d, from the new %d", len(n.ordered()), len(moved.ordered()))
		}
	})
}

func TestTermThatEndsWhileANodeAttachesEndsInPeace(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		n := w.add("n1")
		n.stubborn = time.Second
		w.lead(1)
		pass(500 * time.Millisecond)
		w.depose() // the node's first message comes after that
		equal(t, "live", w.liveNames())
		n.stubborn = 0
		w.lead(2)
		equal(t, "live", w.liveNames(), "n1")
	})
}

func TestSettleWaitsUntilEveryMemberWasTried(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		settle := func() time.Duration {
			began := time.Now()
			w.fleet.Settle(context.Background())
			return time.Since(began)
		}
		if d := settle(); d != settleLimit {
			t.Errorf("without a term: %s", d)
		}
		w.add("n1")
		w.add("n2").down = true
		early := make(chan struct{})
		go func() {
			defer close(early)
			if d := settle(); d != 0 {
				t.Errorf("asked before the term began, it took %s", d)
			}
		}()
		synctest.Wait()
		w.lead(1)
		<-early
		if d := settle(); d != 0 {
			t.Errorf("all were tried: %s", d)
		}
		w.depose()
		w.add("n3").stubborn = time.Hour / 60
		w.lead(2)
		if d := settle(); d != settleLimit {
			t.Errorf("one does not answer: %s", d)
		}
		equal(t, "live", w.liveNames(), "n1")
	})
}

func TestALeaderIsOnItsOwnListFromTheBeginningAndHoweverSlowItIs(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		own := newNode("leader")
		own.mute = true // its stream is not there yet
		w.join(own)
		w.lead(1)
		equal(t, "live", w.liveNames(), "leader")
		w.job("job")
		w.run("job", "leader")
		own.set(func(n *node) { n.mute = false })
		own.say(&dkron.FromNode{Term: 1})
		pass(time.Second)
		if len(own.ordered()) != 1 {
			t.Fatalf("%d orders", len(own.ordered()))
		}
		own.set(func(n *node) { n.beats = false })
		pass(time.Minute)
		equal(t, "live after a minute of silence", w.liveNames(), "leader")
		if w.open() != 1 {
			t.Error("what it runs is lost")
		}
	})
}

func TestALeaderWhoseOwnNodeRefusesItIsNotOffered(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		own := newNode("leader")
		own.down = true
		w.join(own)
		w.lead(1)
		pass(time.Second)
		equal(t, "live", w.liveNames())
	})
}
