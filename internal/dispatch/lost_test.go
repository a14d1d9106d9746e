package dispatch

import (
	"testing"
	"time"

	"dkron"
)

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
