package membership

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"dkron"
	"dkron/internal/compat"
)

func TestTheLowestProtocolOfAllServersCounts(t *testing.T) {
	w := newWorld("s1+ s2+ s3+")
	w.status["s2"] = &Status{Speaks: compat.Own().String()}
	if _, server, err := w.membership().Lowest(t.Context()); err == nil || server != "s3" {
		t.Errorf("a server that can't be asked does not count: %s, %v", server, err)
	}
	w.status["s3"] = &Status{Speaks: "0-77/77.0.0"}
	if protocol, _, err := w.membership().Lowest(t.Context()); err != nil || protocol != compat.Protocol {
		t.Errorf("protocol %d, %v", protocol, err)
	}
	w.status["s3"] = new(Status) // a version before numbers
	if protocol, server, err := w.membership().Lowest(t.Context()); err != nil || protocol != 0 || server != "s3" {
		t.Errorf("protocol %d of %s, %v", protocol, server, err)
	}
}

// naming is a new cluster: the other server has its id, and the leader gets it a moment later, or never.
type naming struct {
	*world
	from time.Time // when the leader has it; zero: never
	err  error     // of the other server, to a leader without an id
}

func (n *naming) Cluster() string {
	if n.from.IsZero() || time.Now().Before(n.from) {
		return ""
	}
	return "x"
}

func (n *naming) Status(ctx context.Context, name, addr string) (*Status, error) {
	if n.Cluster() == "" {
		return nil, n.err
	}
	return n.world.Status(ctx, name, addr)
}

func TestAChangeWaitsUntilTheLeaderOfANewClusterKnowsItsId(t *testing.T) {
	foreign := dkron.Error(dkron.ErrForeign, "the caller does not name its cluster")
	for name, c := range map[string]struct {
		after time.Duration // the leader has the id; 0: never
		err   error
		ok    bool
		takes time.Duration
	}{
		"soon":                       {20 * time.Millisecond, foreign, true, 20 * time.Millisecond},
		"never":                      {0, foreign, false, namedWithin + namedAgain},
		"the server is out of reach": {20 * time.Millisecond, errors.New("no network"), false, 0},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld("s1+ s2+")
			w.status["s2"] = &Status{Speaks: compat.Own().String()}
			n := &naming{world: w, err: c.err}
			began := time.Now()
			if c.after > 0 {
				n.from = began.Add(c.after)
			}
			m := w.membership()
			m.Identity, m.Servers = n, n
			_, _, err := m.Lowest(t.Context())
			if took := time.Since(began); (err == nil) != c.ok || took > c.takes {
				t.Errorf("%s: %v after %v", name, err, took)
			}
		})
	}
}

func TestAServerThatIsTooFarAwayIsNotAdmitted(t *testing.T) {
	w := newWorld("s1+")
	w.leader = "s1"
	w.servers[0].Address = "s1:1"
	_, members := seen("s1+ s2+")
	w.setMembers(members...)
	w.status["s2"] = &Status{Cluster: "x", Knows: true, Speaks: "8-9/9.0.0"}
	must(t, w.membership().reconcile(t.Context()))
	w.did(t)
}
