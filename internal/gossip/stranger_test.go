package gossip

import (
	"errors"
	"strings"
	"testing"

	"dkron"
	"dkron/internal/roster"
)

// ofCluster makes a node keep out members with another value of the tag cluster.
func ofCluster(own string) func(*Config) {
	return func(c *Config) {
		c.Tags = map[string]string{"cluster": own}
		c.Admit = func(members []Member) error {
			for _, m := range members {
				if other := m.Tags["cluster"]; other != "" && other != own {
					return dkron.Error(dkron.ErrForeign, "%s is of another cluster", m.Name)
				}
			}
			return nil
		}
	}
}

func TestMembersThatAreKeptOutBridgeNothing(t *testing.T) {
	a, b := start(t, "a", ofCluster("x")), start(t, "b", ofCluster("y"))
	if _, err := a.Join([]string{b.cfg.BindAddr}); !errors.Is(err, dkron.ErrForeign) || errors.Is(err, ErrKey) {
		t.Fatalf("the join ended with %v", err)
	}
	// A node that lets all in and knows both does not make them known to each other either.
	c := start(t, "c")
	c.join(t, a)
	if _, err := c.Join([]string{b.cfg.BindAddr}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a and c know each other", func() bool { return a.status("c") == roster.Alive && c.status("a") == roster.Alive })
	c.news(t, a)
	c.news(t, b)
	if a.status("b") != roster.None || b.status("a") != roster.None {
		t.Fatal("a and b know each other")
	}
	for name, n := range map[string]*node{"a": a, "b": b} {
		select {
		case err := <-n.Done():
			t.Errorf("%s ended: %v", name, err)
		default:
		}
	}
	if !a.strange(b.cfg.BindAddr) || a.strange(c.cfg.BindAddr) {
		t.Error("a does not remember who is at which address")
	}
}

func TestANodeOfAnotherClusterWithThisOnesNameEndsNeither(t *testing.T) {
	a, b := start(t, "same", ofCluster("x")), start(t, "same", ofCluster("y"))
	_, err := a.Join([]string{b.cfg.BindAddr})
	var conflict *ConflictError
	if !errors.Is(err, dkron.ErrForeign) || errors.As(err, &conflict) || strings.Contains(err.Error(), "already in use") {
		t.Fatalf("the join ended with %v", err)
	}
	for _, n := range []*node{a, b} {
		select {
		case err := <-n.Done():
			t.Errorf("it ended: %v", err)
		default:
		}
	}
}
