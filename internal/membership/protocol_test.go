package membership

import (
	"testing"

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
