package roster

import (
	"maps"
	"slices"
	"testing"

	"dkron"
)

func TestWhatANodeSaysOfItselfIsUnderstood(t *testing.T) {
	self := Self{
		Own: map[string]string{"is": "a1", "server": "false"}, Datacenter: "dc1", Region: "r", Version: "1.2", RPCAddr: "h:6868",
		Server: true, Expect: 3, Cluster: "x", Speaks: "0-1/0.1.0", Stopping: ForGood,
	}
	want := map[string]string{
		"role": "dkron", "is": "a1", "dc": "dc1", "region": "r", "version": "1.2", "rpc_addr": "h:6868", "port": "6868", "server": "true",
		"expect": "3", "dkron_cluster": "x", "dkron_speaks": "0-1/0.1.0", "stopping": "leave",
	}
	if got := self.Tags(); !maps.Equal(got, want) {
		t.Errorf("%v", got)
	}
	m := Member{Tags: self.Tags()}
	cluster, ok := m.Cluster()
	if !m.IsServer() || m.Region() != "r" || m.Version() != "1.2" || m.RPCAddr() != "h:6868" || m.Expect() != 3 || cluster != "x" || !ok ||
		m.Stopping() != ForGood {
		t.Errorf("%+v", m)
	}
	if m.Speaks() != self.Speaks || m.Public()["dkron_speaks"] != "" {
		t.Errorf("it speaks %q and its public tags are %v", m.Speaks(), m.Public())
	}
	if _, ok := m.Public()["dkron_cluster"]; ok || m.Public()["stopping"] != "leave" || len(m.Tags) != len(want) {
		t.Errorf("%v of %v", m.Public(), m.Tags)
	}
	agent := Member{Tags: Self{Region: "r"}.Tags()}
	if cluster, ok := agent.Cluster(); agent.IsServer() || agent.Expect() != 0 || cluster != "" || !ok || agent.Stopping() != "" {
		t.Errorf("%+v", agent)
	}
	if _, ok := (Member{}).Cluster(); ok {
		t.Error("a member of an old version has a cluster")
	}
}

func TestAViewShowsTheClusterOfItsRegion(t *testing.T) {
	member := func(name string, status Status, s Self) Member {
		return Member{Name: name, Status: status, Tags: s.Tags()}
	}
	r := new(Roster)
	v := NewView(r, "r", func(m Member) bool { return m.Name == "foreign" })
	if len(v.Members()) != 0 || len(v.Nodes()) != 0 {
		t.Error("a new roster has members")
	}
	r.Set([]Member{
		member("s1", Alive, Self{Region: "r", Server: true, RPCAddr: "s1:1", Expect: 3, Stopping: ForNow, Own: map[string]string{"is": "s1"}}),
		member("s2", Failed, Self{Region: "r", Server: true, RPCAddr: "s2:1", Expect: 3}), member("s3", Left, Self{Region: "r", Server: true}),
		member("a1", Alive, Self{Region: "r", RPCAddr: "a1:1"}), member("other", Alive, Self{Region: "q", Server: true, RPCAddr: "o:1", Expect: 3}),
		member("foreign", Alive, Self{Region: "r", Server: true, RPCAddr: "f:1", Expect: 3}),
	})
	names := func(nodes []dkron.Node) (out []string) {
		for _, n := range nodes {
			out = append(out, n.Name)
		}
		return out
	}
	if got := len(v.Members()); got != 5 {
		t.Errorf("%d members", got)
	}
	if got := names(v.Nodes()); !slices.Equal(got, []string{"s1", "s2", "a1"}) {
		t.Errorf("nodes %v", got)
	}
	live := v.Live()
	if got := names(live); !slices.Equal(got, []string{"s1", "a1"}) {
		t.Errorf("live %v", got)
	}
	if n := live[0]; !n.Server || !n.Alive || n.RPCAddr != "s1:1" || n.Tags["is"] != "s1" || n.Tags["stopping"] != "" {
		t.Errorf("%+v", n)
	}
	if got := v.Founders(3); len(got) != 1 || got[0] != (Server{ID: "s1", Address: "s1:1", Voter: true}) || v.Founders(0) != nil {
		t.Errorf("founders %v", got)
	}
	if v.Where("s2", "r") != "s2:1" || v.Where("a1", "r") != "" || v.Where("other", "r") != "" || v.Where("nobody", "r") != "" {
		t.Error("Where returns wrong addresses")
	}
}

func TestAWatcherIsCalledAtOnceAndAfterEachChange(t *testing.T) {
	r := new(Roster)
	calls := 0
	r.Watch(func() { calls++ })
	r.Set([]Member{{Name: "a"}})
	if calls != 2 || !r.Has("a") || r.Has("b") {
		t.Errorf("%d calls", calls)
	}
}

func TestAMemberHasAnIdThatStays(t *testing.T) {
	if a, b := (Member{Name: "a"}).ID(), (Member{Name: "b"}).ID(); a == b || len(a) != 36 || a != (Member{Name: "a", Addr: "1.2.3.4"}).ID() {
		t.Error(a, b)
	}
}
