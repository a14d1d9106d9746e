package membership

import (
	"errors"
	"testing"
	"testing/synctest"

	"dkron"
	"dkron/internal/roster"
)

func TestANewServerIsAddedAndPromotedWhenItHasCaughtUp(t *testing.T) {
	w := newWorld("s1+ s2+")
	w.leader, w.applied = "s1", 1000
	w.servers[0].Address, w.servers[1].Address = "s1:1", "s2:1"
	_, members := seen("s1+ s2+ s3+ s4+ s5+term s6- s7+")
	w.setMembers(members...)
	m := w.membership()
	w.status["s3"] = &Status{Applied: 10, Cluster: "x", Knows: true}
	w.status["s7"] = &Status{Cluster: "x", Knows: true, Stopping: "term"}
	must(t, m.reconcile(t.Context()))
	w.did(t, "add s3 s3:1") // s4 does not answer, s5 and s7 stop, s6 is gone
	must(t, m.reconcile(t.Context()))
	w.did(t, "add s3 s3:1")
	w.status["s3"].Applied = 1000 - promoteWithin
	must(t, m.reconcile(t.Context()))
	w.did(t, "add s3 s3:1", "vote s3 s3:1")
}

func TestTheAddressOfAServerThatHasMovedIsCorrected(t *testing.T) {
	w := newWorld("s1+ s2+")
	w.leader = "s1"
	w.servers[0].Address, w.servers[1].Address = "s1:1", "old:1"
	w.status["s2"] = &Status{Cluster: "x", Knows: true}
	must(t, w.membership().reconcile(t.Context()))
	w.did(t, "corrected", "vote s2 s2:1")
}

func TestAServerOfAnotherClusterIsRefusedAndTakenOutIfItHasNoVote(t *testing.T) {
	w := newWorld("s1+ n2+")
	w.leader = "s1"
	w.servers[0].Address = "s1:1"
	w.status["n2"] = &Status{Cluster: "y", Knows: true}
	must(t, w.membership().reconcile(t.Context()))
	w.did(t, "refuse server n2 at n2:1 by raft", "remove n2")
}

func TestAServerThatHasLeftForGoodIsRemovedWhereAMajorityRemains(t *testing.T) {
	for voters, want := range map[string][]string{
		"s1+ s2~leave s3+": {"remove s2"}, "s1+ s2~leave s3-": nil, "s1+ s2~term s3+": nil, "s1+ s2- s3+": nil,
	} {
		w := newWorld(voters)
		w.leader = "s1"
		for i := range w.servers {
			w.servers[i].Address = w.servers[i].ID + ":1"
		}
		must(t, w.membership().reconcile(t.Context()))
		w.did(t, want...)
	}
}

func TestWhoMayBecomePartOfTheCluster(t *testing.T) {
	servers := []roster.Server{{ID: "s1", Address: "a"}, {ID: "s2", Address: "b"}}
	for name, c := range map[string]struct {
		own    string
		status Status
		name   string
		want   bool
	}{
		"ours":            {"x", Status{Cluster: "x", Knows: true}, "s3", true},
		"another's":       {"x", Status{Cluster: "y", Knows: true}, "s2", false},
		"a new one":       {"x", Status{Knows: true}, "s3", true},
		"an old, new one": {"x", Status{}, "s3", false},
		"one of ours that was away when the cluster got its id": {"x", Status{Founded: true}, "s2", true},
		"one that was in our configuration, to be upgraded":     {"x", Status{Founded: true, Knows: true, Peers: []string{"s1 a"}}, "s3", true},
		"one of a cluster that has no id":                       {"x", Status{Founded: true, Knows: true, Peers: []string{"s9 a"}}, "s3", false},
		"an old one before there is an id":                      {"", Status{}, "s3", true},
	} {
		err := admissible(c.own, &c.status, servers, c.name)
		if (err == nil) != c.want || err != nil && !errors.Is(err, dkron.ErrForeign) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestARemovedServerIsNotAddedAgainUntilItWasGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld("s1+ s2+ s3+")
		w.leader = "s1"
		for i := range w.servers {
			w.servers[i].Address = w.servers[i].ID + ":1"
		}
		w.status["s3"] = &Status{Cluster: "x", Knows: true}
		m := w.membership()
		reply, err := m.RemovePeer(t.Context(), PeerRequest{ID: "s3"})
		if err != nil || reply.Note == "" {
			t.Errorf("%+v, %v", reply, err)
		}
		must(t, m.reconcile(t.Context()))
		w.did(t, "remove s3")
		_, gone := seen("s1+ s2+ s3-")
		w.setMembers(gone...)
		must(t, m.reconcile(t.Context()))
		_, back := seen("s1+ s2+ s3+")
		w.setMembers(back...)
		must(t, m.reconcile(t.Context()))
		w.did(t, "remove s3", "add s3 s3:1")
	})
}

func TestALeaderThatIsToRemoveItselfHandsOverFirst(t *testing.T) {
	w := newWorld("s1+ s2+ s3+")
	w.leader = "s1"
	if _, err := w.membership().RemovePeer(t.Context(), PeerRequest{ID: "s1"}); err != nil {
		t.Error(err)
	}
	w.did(t, "hand over to another", "ask for the removal of s1")
}

func TestAServerThatDoesNotLeadAsksTheLeaderOnce(t *testing.T) {
	w := newWorld("s1+ s2+ s3+")
	w.leader = "s2"
	m := w.membership()
	if reply, err := m.RemovePeer(t.Context(), PeerRequest{ID: "s3"}); err != nil || reply.Note != "gone" {
		t.Errorf("%+v, %v", reply, err)
	}
	if _, err := m.RemovePeer(t.Context(), PeerRequest{ID: "s3", Direct: true}); !errors.Is(err, dkron.ErrNoLeader) {
		t.Error("passed on twice:", err)
	}
	w.did(t, "ask for the removal of s3")
}

func TestAServerIsExpelledOnlyIfTheOthersAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		node    string
		answers []string
		want    []string // nil with refused: nothing was removed
		refused bool
	}{
		"a node that is no server":                 {"web", nil, nil, false},
		"a server, and the other one answers":      {"s3", []string{"s2"}, []string{"remove s3"}, false},
		"the other one is gone, unknown to gossip": {"s3", nil, nil, true},
	} {
		w := newWorld("s1+ s2+ s3+")
		w.leader = "s1"
		for _, s := range c.answers {
			w.status[s] = &Status{Cluster: "x", Knows: true}
		}
		err := w.membership().Expel(t.Context(), c.node)
		if errors.Is(err, dkron.ErrConflict) != c.refused || err != nil && !c.refused {
			t.Errorf("%s: %v", name, err)
		}
		w.did(t, c.want...)
	}
}

func TestWhatAServerLooksFor(t *testing.T) {
	for _, c := range []struct {
		servers, leader string
		joins           bool
		want            string
	}{
		{"", "", false, ""}, {"", "", true, "a leader"}, {"s1+ s2+", "", false, "a leader"},
		{"s1+ s2-", "s1", false, "server s2"}, {"s1+ s2+", "s2", false, ""},
	} {
		w := newWorld(c.servers)
		w.leader = c.leader
		if got := w.membership().Missing(c.joins); got != c.want {
			t.Errorf("%s led by %q: %q, want %q", c.servers, c.leader, got, c.want)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
