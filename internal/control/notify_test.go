package control

import (
	"fmt"
	"testing"
	"time"

	"dkron"
	"dkron/internal/state"
)

// Everything that can start or end an execution passes through propose, which stamps it.
func TestPeopleAreToldOnceAllServersKnowThat(t *testing.T) {
	c, l := newControl(t)
	c.channels = []string{dkron.ChannelWebhook, dkron.ChannelPreWebhook}
	l.nodes, l.lowest = []dkron.Node{{Name: "n1", Alive: true}}, 1
	told := func() (kinds []dkron.DeliveryKind) {
		t.Helper()
		err := c.state.View(func(tx *state.Tx) error {
			return tx.EachDelivery(0, func(d *dkron.Delivery) bool { kinds = append(kinds, d.Kind); return true })
		})
		if err != nil {
			t.Fatal(err)
		}
		return kinds
	}
	l.fails(c, "before")
	if is := told(); len(is) > 0 {
		t.Errorf("%v, which a server of 0.1.0 would not have written", is)
	}
	l.mu.Lock()
	l.lowest = 2
	l.mu.Unlock()
	for i := 0; len(told()) < 2; i++ {
		if i > 100 {
			t.Fatal("nobody is told after the upgrade")
		}
		l.fails(c, fmt.Sprintf("after-%d", i))
		time.Sleep(100 * time.Millisecond)
	}
	if is := told(); is[len(is)-2] != dkron.DeliverStart || is[len(is)-1] != dkron.DeliverEnd {
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
