package dispatch

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"dkron"
	"dkron/internal/command"
	"dkron/internal/state"
)

func bubble(t *testing.T, f func(t *testing.T, w *world)) {
	synctest.Test(t, func(t *testing.T) { f(t, newWorld(t)) })
}

func jobs(orders []dkron.Order) (names []string) {
	for _, o := range orders {
		names = append(names, o.JobName)
	}
	return names
}

func TestOrdersGoOutOnAttachAndOnNewLaunches(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.job("early")
		w.job("late")
		w.run("early", "n1") // before this term
		n := w.add("n1")
		w.lead(1)
		equal(t, "orders on attach", jobs(n.ordered()), "early")
		w.run("late", "n1")
		orders := n.ordered()
		equal(t, "orders", jobs(orders), "early", "late")
		o := orders[1]
		if o.Executor != "test" || o.Config["k"] != "v" || o.Attempt != 1 || o.Group == 0 || o.Nominal.IsZero() {
			t.Errorf("order %+v", o)
		}
		n.end(o, dkron.Success)
		pass(time.Second)
		equal(t, "outcomes", w.outcomes("late"), dkron.Success)
		equal(t, "launches", w.launches("late"), dkron.LaunchSuccess)
		if len(n.accepted) != 1 || n.accepted[0] != o.Ref() {
			t.Errorf("the node was informed of %v", n.accepted)
		}
		if w.open() != 1 {
			t.Errorf("%d are open", w.open())
		}
	})
}

func TestBrokenStreamIsOpenedAgainAndNothingIsLost(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		n := w.add("n1")
		w.lead(1)
		w.job("job")
		w.run("job", "n1")
		o := n.ordered()[0]
		n.set(func(n *node) { n.stream.cut() })
		w.run("job", "n1") // while it is gone
		n.set(func(n *node) { n.kept[o.Ref()] = ended("n1", o, dkron.Success) })
		pass(time.Second)
		if n.streams != 2 {
			t.Fatalf("%d streams", n.streams)
		}
		equal(t, "orders", jobs(n.ordered()), "job", "job", "job") // the first twice; the node knows it
		if n.seen[o.Ref()] != 2 {
			t.Errorf("%v", n.seen)
		}
		equal(t, "outcomes", w.outcomes("job"), dkron.Success)
		pass(time.Hour)
		if w.open() != 1 || n.streams != 2 {
			t.Errorf("%d open, %d streams", w.open(), n.streams)
		}
	})
}

func TestNewTermBeginsWithTheStateAlone(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		n := w.add("n1")
		w.lead(1)
		w.job("job")
		w.run("job", "n1")
		o := n.ordered()[0]
		w.depose()
		if len(w.liveNames()) != 0 {
			t.Error("without a term the fleet is not empty")
		}
		n.set(func(n *node) { n.kept[o.Ref()] = ended("n1", o, dkron.Failed) })
		pass(time.Minute)
		w.lead(2)
		pass(time.Second)
		equal(t, "outcomes", w.outcomes("job"), dkron.Failed)
		if len(n.kept) != 0 {
			t.Error("the node still keeps its result")
		}
	})
}

func TestExecutionsOfANodeThatIsGoneAreLostOnceWhenItsLeaseEnds(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		n := w.add("n1")
		w.lead(1)
		w.job("job")
		w.run("job", "n1")
		o := n.ordered()[0]
		n.vanish()
		pass(29 * time.Second)
		equal(t, "before the lease ends", w.outcomes("job"))
		pass(2 * time.Second)
		equal(t, "when the lease has ended", w.outcomes("job"), dkron.Lost)
		equal(t, "launches", w.launches("job"), dkron.LaunchLost)
		// It comes back with the result.
		n.set(func(n *node) { n.down = false; n.kept[o.Ref()] = ended("n1", o, dkron.Success) })
		pass(time.Minute)
		equal(t, "when it comes back", w.outcomes("job"), dkron.Lost)
		if len(n.kept) != 0 {
			t.Error("the node keeps a result that is not needed")
		}
		lost := 0
		for _, p := range w.proposals() {
			for _, r := range p {
				if r.Outcome == dkron.Lost {
					lost++
				}
			}
		}
		if lost != 1 {
			t.Errorf("lost is proposed %d times", lost)
		}
	})
}

func TestNodeThatComesBackWithinItsLeaseLosesNothing(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		n := w.add("n1")
		w.lead(1)
		w.job("job")
		w.run("job", "n1")
		o := n.ordered()[0]
		for range 3 {
			n.vanish()
			pass(25 * time.Second)
			n.set(func(n *node) { n.down = false })
			pass(5 * time.Second)
		}
		n.end(o, dkron.Success)
		pass(time.Second)
		equal(t, "outcomes", w.outcomes("job"), dkron.Success)
	})
}

func TestLostIsNotProposedAgainWhileTheProposalIsOnItsWay(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		n := w.add("n1")
		w.lead(1)
		w.job("job")
		w.run("job", "n1")
		n.vanish()
		w.mu.Lock()
		w.refuse = 100 // 10 s
		w.mu.Unlock()
		pass(time.Minute)
		equal(t, "outcomes", w.outcomes("job"), dkron.Lost)
		for _, p := range w.proposals() {
			if len(p) != 1 {
				t.Fatalf("a proposal of %d results for one execution", len(p))
			}
		}
	})
}

// The state shows a retry only after its time has come, because the dispatcher was busy.
func TestRetryOfALostExecutionCanBeLostToo(t *testing.T) {
	for _, slow := range []time.Duration{0, 3 * time.Second} {
		t.Run(slow.String(), func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				w.slow = slow
				n := w.add("n1")
				w.lead(1)
				w.cfg.TargetWait = time.Hour
				w.job("busy", func(j *dkron.Job) { j.Tags = tagged("role", "none") })
				w.job("job", func(j *dkron.Job) { j.RetryLost, j.Retries = true, 1 })
				w.run("job", "n1")
				n.ordered()
				n.vanish()
				for range 30 {
					w.run("busy") // waits for a target: keeps the dispatcher assigning
					pass(5 * time.Second)
				}
				equal(t, "outcomes", w.outcomes("job"), dkron.Lost, dkron.Lost)
			})
		})
	}
}

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

func TestResultsAreProposedInBatchesAndOnce(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		n := w.add("n1")
		w.job("job")
		const count = 3000
		for range count {
			w.run("job", "n1")
		}
		w.lead(1)
		var rs []dkron.Result
		for _, o := range n.ordered() {
			rs = append(rs, ended("n1", o, dkron.Success))
		}
		n.say(&dkron.FromNode{Results: rs})
		pass(time.Second)
		seen := map[dkron.ExecutionRef]int{}
		for _, p := range w.proposals() {
			if len(p) > maxResults {
				t.Errorf("a proposal of %d", len(p))
			}
			for i := range p {
				seen[p[i].Ref()]++
			}
		}
		if len(w.proposals()) > 3 || len(seen) != count || w.open() != 0 || len(n.accepted) != count {
			t.Errorf("%d proposals of %d results, %d open, the node was informed of %d", len(w.proposals()), len(seen), w.open(), len(n.accepted))
		}
		for ref, times := range seen {
			if times != 1 {
				t.Fatalf("%v is proposed %d times", ref, times)
			}
		}
		for _, size := range n.sizes {
			if size > maxOrders {
				t.Errorf("%d orders in a message", size)
			}
		}
	})
}

func TestProposalsAndOrdersAreBoundedInBytes(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		n := w.add("n1")
		big := strings.Repeat("x", 1<<20)
		n.do = func(o dkron.Order) *dkron.Result {
			r := ended("n1", o, dkron.Success)
			r.Output = make([]byte, dkron.MaxOutput)
			return &r
		}
		w.job("job", func(j *dkron.Job) { j.ExecutorConfig = map[string]string{"command": big} })
		for range 40 {
			w.run("job", "n1")
		}
		w.lead(1)
		pass(5 * time.Second)
		for _, size := range n.bytes {
			if size > 6<<20 {
				t.Errorf("a message of %d bytes of orders", size)
			}
		}
		for _, p := range w.proposals() {
			if len(p)*dkron.MaxOutput > maxResultBytes+dkron.MaxOutput {
				t.Errorf("a proposal of %d results with %d bytes each", len(p), dkron.MaxOutput)
			}
		}
		if w.open() != 0 {
			t.Errorf("%d are open", w.open())
		}
	})
}

func TestAFailedProposalIsRepeatedAndTheNodeIsInformedOnlyThen(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		n := w.join(newNode("n1").succeed())
		w.lead(1)
		w.job("job")
		w.mu.Lock()
		w.refuse = 10
		w.mu.Unlock()
		w.run("job", "n1")
		pass(900 * time.Millisecond)
		synctest.Wait()
		if len(n.accepted) != 0 || len(w.outcomes("job")) != 0 {
			t.Fatal("accepted although the proposal failed")
		}
		pass(time.Second)
		equal(t, "outcomes", w.outcomes("job"), dkron.Success)
		if len(n.accepted) != 1 || len(w.proposals()) != 11 {
			t.Errorf("informed %d times, %d proposals", len(n.accepted), len(w.proposals()))
		}
	})
}

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

func (ev onAttach) attached(node string)           { ev <- node; ev <- node }
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

func TestRunEndsWhenTheStateCannotBeRead(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.add("n1")
		w.lead(1)
		w.job("job")
		if err := w.store.Close(); err != nil {
			t.Fatal(err)
		}
		w.add("n2") // attaches: the state is asked for its executions
		select {
		case err := <-w.done:
			if err == nil {
				t.Error("no error")
			}
			w.done = nil
		case <-time.After(10 * time.Second):
			t.Error("Run continues without doing its work; the duty is not restarted")
		}
	})
}

func TestExecutionOfADeletedJobThatNeverBeganEnds(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.job("job")
		w.run("job", "n1")
		w.job("again")
		w.run("again", "n1")
		for _, name := range []string{"job", "again"} {
			w.apply(&command.DeleteJob{Name: name})
		}
		w.job("again") // another job of the same name
		n := newNode("n1")
		n.do = func(o dkron.Order) *dkron.Result {
			if !o.Void || o.Executor != "" {
				t.Errorf("%s is ordered as %+v", o.JobName, o)
			}
			r := ended(n.name, o, dkron.Stopped)
			return &r
		}
		w.join(n)
		w.lead(1)
		pass(time.Second)
		if len(n.ordered()) != 2 || w.open() != 0 {
			t.Fatalf("%d orders, %d open", len(n.ordered()), w.open())
		}
	})
}

// Only the node knows whether it began. It was once recorded as lost, and the running execution could not be reached.
func TestWhatRunsOfADeletedJobStaysOpenUntilItsNodeReportsTheEnd(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.job("job")
		n := w.add("n1")
		w.lead(1)
		w.run("job", "n1")
		pass(time.Second)
		w.apply(&command.DeleteJob{Name: "job"})
		for term := uint64(2); term < 4; term++ {
			w.depose()
			w.lead(term)
			pass(time.Minute)
			if w.open() != 1 {
				t.Fatalf("term %d: %d open", term, w.open())
			}
		}
		n.say(&dkron.FromNode{Chunks: []dkron.Chunk{{Key: n.ordered()[0].Key, Attempt: 1, Data: []byte("text")}}})
		synctest.Wait()
		if got := w.live.Output([]dkron.ExecutionKey{n.ordered()[0].Key}, nil); len(got) != 1 || string(got[0].Data) != "text" {
			t.Errorf("its output is %+v", got)
		}
		n.end(n.ordered()[0], dkron.Success)
		pass(time.Second)
		if w.open() != 0 {
			t.Errorf("%d open after its end", w.open())
		}
	})
}

func TestOutputOfWhatRunsCanBeRead(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		n := w.add("n1")
		w.lead(1)
		w.job("job", func(j *dkron.Job) { j.Retries = 1 })
		w.run("job", "n1")
		o := n.ordered()[0]
		n.say(&dkron.FromNode{Chunks: []dkron.Chunk{{Key: o.Key, Attempt: o.Attempt, Data: []byte("one ")}}})
		n.say(&dkron.FromNode{Chunks: []dkron.Chunk{{Key: o.Key, Attempt: o.Attempt, Offset: 4, Data: []byte("two")}}})
		read := func() string {
			synctest.Wait()
			c := w.live.Output([]dkron.ExecutionKey{o.Key, {Launch: 99}}, nil)
			if len(c) == 0 {
				return ""
			}
			return string(c[0].Data)
		}
		if got := read(); got != "one two" {
			t.Fatalf("%q", got)
		}
		n.end(o, dkron.Failed)
		pass(2 * time.Second)
		if got := read(); got != "" {
			t.Fatalf("the retry begins with the output of the first attempt: %q", got)
		}
		retry := n.ordered()[1]
		n.end(retry, dkron.Success)
		pass(time.Second)
		n.say(&dkron.FromNode{Chunks: []dkron.Chunk{{Key: o.Key, Attempt: o.Attempt, Data: []byte("late")}}})
		if got := read(); got != "" {
			t.Errorf("output that came after the end stays: %q", got)
		}
		w.run("job", "n1")
		o = n.ordered()[2]
		n.say(&dkron.FromNode{Chunks: []dkron.Chunk{{Key: o.Key, Attempt: o.Attempt, Data: []byte("x")}}})
		if read() != "x" {
			t.Error("no output")
		}
		w.depose()
		if read() != "" {
			t.Error("output outlives the term")
		}
	})
}

func TestLiveOutputIsBounded(t *testing.T) {
	l := NewLive()
	k := dkron.ExecutionKey{Launch: 1}
	l.open(k, 1)
	var all []byte
	for n := 0; len(all) < 3*maxLivePerExecution; n++ {
		data := fmt.Appendf(nil, "%d ", n)
		data = bytes.Repeat(data, 1000)
		all = append(all, data...)
		l.add(&dkron.Chunk{Key: k, Attempt: 1, Offset: uint64(len(all) - len(data)), Data: data})
	}
	if c := l.Output([]dkron.ExecutionKey{k}, nil); len(c) != 1 || len(c[0].Data) != maxLivePerExecution || !bytes.HasSuffix(all, c[0].Data) {
		t.Fatal("what is kept is not the end")
	}
	// Very many with a little each, which then all write more.
	const count = 2000
	for n := range uint64(count) {
		l.open(dkron.ExecutionKey{Launch: 2 + n}, 1)
	}
	for i := range uint64(3) {
		for n := range uint64(count) {
			l.add(&dkron.Chunk{Key: dkron.ExecutionKey{Launch: 2 + n}, Attempt: 1, Offset: i * 32 << 10, Data: make([]byte, 32<<10)})
		}
	}
	sum := 0
	for _, s := range l.texts {
		if s != nil {
			sum += len(s.data)
		}
	}
	if sum > maxLive || sum != l.total || sum < maxLive/2 {
		t.Fatalf("%d bytes are held, counted as %d, allowed are %d", sum, l.total, maxLive)
	}
	l.drop(k)
	for n := range uint64(count) {
		l.drop(dkron.ExecutionKey{Launch: 2 + n})
	}
	if l.total != 0 || len(l.texts) != 0 {
		t.Fatalf("%d bytes and %d entries remain", l.total, len(l.texts))
	}
}

func TestLiveOutputHasNoHoleAndNothingTwice(t *testing.T) {
	l := NewLive()
	k := dkron.ExecutionKey{Launch: 1}
	l.open(k, 1)
	add := func(offset uint64, text string) {
		l.add(&dkron.Chunk{Key: k, Attempt: 1, Offset: offset, Data: []byte(text)})
	}
	want := func(from, offset uint64, text string) {
		t.Helper()
		c := l.Output([]dkron.ExecutionKey{k}, []uint64{from})
		switch {
		case text == "" && len(c) == 0:
		case len(c) != 1 || c[0].Offset != offset || string(c[0].Data) != text:
			t.Errorf("from %d: %+v, want %q at %d", from, c, text, offset)
		}
	}
	add(0, "abc")
	add(3, "def")
	add(0, "abcdef") // a node that has attached again sends what it has
	add(4, "efg")
	want(0, 0, "abcdefg")
	want(5, 5, "fg")
	want(7, 0, "")
	want(99, 0, "")
	l.add(&dkron.Chunk{Key: k, Attempt: 2, Offset: 7, Data: []byte("of another attempt")})
	want(0, 0, "abcdefg")
	add(20, "xyz") // what came between was too much to send
	want(0, 20, "xyz")
	want(22, 22, "z")
}

func TestAStopIsSentToTheNodeUntilTheExecutionEnds(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		n := w.add("n1")
		w.lead(1)
		w.job("job")
		w.run("job", "n1")
		o := n.ordered()[0]
		w.apply(&command.Stop{Executions: []dkron.ExecutionKey{o.Key}, Wish: dkron.Stop{At: time.Now()}})
		synctest.Wait()
		if s := n.stopped(); len(s) != 1 || s[0].Ref() != o.Ref() {
			t.Fatalf("stops are %+v", s)
		}
		w.depose()
		w.lead(2) // another leader goes on with it, and orders no start
		time.Sleep(time.Second)
		if s := n.stopped(); len(s) != 2 || len(n.ordered()) != 1 {
			t.Fatalf("stops are %+v, orders %+v", s, n.ordered())
		}
	})
}

func TestAStoppedRetryIsSentToItsNodeBeforeItsTime(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		n := w.add("n1")
		w.lead(1)
		w.job("job", func(j *dkron.Job) { j.Retries, j.Backoff.Initial = 1, 5*time.Second })
		w.run("job", "n1")
		o := n.ordered()[0]
		n.end(o, dkron.Failed)
		pass(time.Second)
		w.apply(&command.Stop{Executions: []dkron.ExecutionKey{o.Key}, Wish: dkron.Stop{At: time.Now()}})
		pass(time.Second)
		if s := n.stopped(); len(s) != 1 || s[0].Attempt != 2 {
			t.Fatalf("stops are %+v", s)
		}
		pass(10 * time.Second)
		if len(n.ordered()) != 1 {
			t.Errorf("it was started: %+v", n.ordered())
		}
		n.end(n.stopped()[0], dkron.Stopped)
		pass(time.Second)
		equal(t, "launches", w.launches("job"), dkron.LaunchStopped)
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
