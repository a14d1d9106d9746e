package dispatch

import (
	"testing"
	"time"

	"dkron"
)

func TestTheLatestLoadOfEachAttachedNodeIsKept(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		a, b := w.add("n2"), w.add("n1")
		w.lead(1)
		pass(time.Second)
		if got := w.fleet.Loads(); len(got) != 0 {
			t.Errorf("before any report: %+v", got)
		}
		a.say(&dkron.FromNode{Load: &dkron.NodeLoad{Node: "another", Running: 1}})
		b.say(&dkron.FromNode{Load: &dkron.NodeLoad{Running: 2}})
		a.say(&dkron.FromNode{Load: &dkron.NodeLoad{Running: 3}})
		pass(time.Second)
		names := func() (out []string) {
			for _, l := range w.fleet.Loads() {
				out = append(out, l.Node)
			}
			return out
		}
		equal(t, "nodes", names(), "n1", "n2")
		if got := w.fleet.Loads()[1].Running; got != 3 {
			t.Errorf("running %d", got)
		}
		a.vanish()
		pass(5 * time.Second)
		equal(t, "nodes", names(), "n1")
		w.depose()
		equal(t, "nodes", names())
	})
}
