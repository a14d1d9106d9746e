package control

import (
	"fmt"
	"testing"
	"time"

	"dkron"
	"dkron/internal/state"
)

// Everything that can start or end an execution passes through propose, which stamps it.
func TestPeopleAreNotifiedOnceAllServersKnowThat(t *testing.T) {
	c, l := newControl(t)
	c.channels = []string{dkron.ChannelWebhook, dkron.ChannelPreWebhook}
	l.nodes, l.lowest = []dkron.Node{{Name: "n1", Alive: true}}, 1
	kinds := func() (found []dkron.DeliveryKind) {
		t.Helper()
		err := c.state.View(func(tx *state.Tx) error {
			return tx.EachDelivery(0, func(d *dkron.Delivery) bool { found = append(found, d.Kind); return true })
		})
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	l.fails(c, "before")
	if is := kinds(); len(is) > 0 {
		t.Errorf("%v, which a server of 0.1.0 would not have written", is)
	}
	l.mu.Lock()
	l.lowest = 2
	l.mu.Unlock()
	for i := 0; len(kinds()) < 2; i++ {
		if i > 100 {
			t.Fatal("nobody is notified after the upgrade")
		}
		l.fails(c, fmt.Sprintf("after-%d", i))
		time.Sleep(100 * time.Millisecond)
	}
	if is := kinds(); is[len(is)-2] != dkron.DeliverStart || is[len(is)-1] != dkron.DeliverEnd {
		t.Errorf("%v", is)
	}
}

func TestWithoutChannelsNothingIsStamped(t *testing.T) {
	c, l := newControl(t)
	l.nodes, l.lowest = []dkron.Node{{Name: "n1", Alive: true}}, 2
	if err := c.ask(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	l.fails(c, "a")
	err := c.state.View(func(tx *state.Tx) error {
		if all, _ := tx.Undelivered(); all > 0 {
			t.Errorf("%d deliveries", all)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
