package command

import "testing"

func TestAClusterKeepsTheFirstIdThatItGets(t *testing.T) {
	l := newLedger(t)
	for _, c := range []struct{ proposed, want string }{{"", ""}, {"x", "x"}, {"y", "x"}} {
		l.apply(&Identify{Cluster: c.proposed})
		if got, err := l.store.Cluster(); err != nil || got != c.want {
			t.Errorf("after %q the id is %q, %v, want %q", c.proposed, got, err, c.want)
		}
	}
}
