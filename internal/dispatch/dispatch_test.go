package dispatch

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"dkron"
	"dkron/internal/command"
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

func TestANodeIsAskedToKeepWhatItsProcessorsNeed(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.job("plain")
		for name, on := range map[string]string{"leader": "leader", "node": "node", "odd": "Node"} {
			w.job(name, func(j *dkron.Job) {
				j.Processors = map[string]map[string]string{"log": nil, "files": {"on": on}}
			})
		}
		n := w.add("n1")
		w.lead(1)
		for _, name := range []string{"plain", "leader", "node", "odd"} {
			w.run(name, "n1")
		}
		for _, o := range n.ordered() {
			if o.KeepOutput != (o.JobName == "node") {
				t.Errorf("%s: %v", o.JobName, o.KeepOutput)
			}
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
		gathered := 0
		w.cfg.OnGathered = func(results []dkron.Result, took time.Duration) { gathered += len(results) }
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
		if len(n.accepted) != 1 || len(w.proposals()) != 11 || gathered != 1 {
			t.Errorf("informed %d times, %d proposals, %d results counted", len(n.accepted), len(w.proposals()), gathered)
		}
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
		case <-time.After(time.Minute):
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
		w.lead(2) // another leader continues with it, and orders no start
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
