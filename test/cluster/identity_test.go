package cluster

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dkron/internal/state"
)

// survey is what /v1/cluster says of identity and size.
type survey struct {
	ID      string `json:"cluster_id"`
	Leader  string `json:"leader"`
	Servers []struct {
		Name string `json:"name"`
	} `json:"servers"`
	Agents struct {
		Alive int `json:"alive"`
	} `json:"agents"`
}

func (c *Cluster) survey(at *Node) (s survey) {
	_, _ = c.call(at, http.MethodGet, "/v1/cluster", nil, &s)
	return s
}

// id waits until all servers that run name the same cluster, and returns its id.
func (c *Cluster) id() (id string) {
	c.t.Helper()
	Eventually(c.t, 20*time.Second, "all servers know the cluster's id", func() bool {
		id = ""
		for _, s := range c.Servers {
			if !s.Answers() {
				continue
			}
			own := c.survey(s).ID
			if own == "" || id != "" && own != id {
				return false
			}
			id = own
		}
		return id != ""
	})
	return id
}

// notices returns the notices of a healthy node's /health.
func (c *Cluster) notices(n *Node) string {
	var h struct{ Notices []string }
	if status, _ := c.call(n, http.MethodGet, "/health", nil, &h); status != http.StatusOK {
		return ""
	}
	return strings.Join(h.Notices, "\n")
}

// logged returns how many lines of a node's log contain all the given words.
func (n *Node) logged(words ...string) (count int) {
	data, err := os.ReadFile(n.log)
	if err != nil {
		n.c.t.Fatal(err)
	}
line:
	for line := range strings.Lines(string(data)) {
		for _, w := range words {
			if !strings.Contains(line, w) {
				continue line
			}
		}
		count++
	}
	return count
}

// apart fails the test if a cluster shows anything of another one, or has lost something of its own.
func apart(t *testing.T, c *Cluster, id string, jobs ...string) {
	t.Helper()
	if got := c.id(); got != id {
		t.Errorf("the cluster's id is %s, was %s", got, id)
	}
	c.WaitReady(15 * time.Second)
	for _, s := range c.Servers {
		own := make(map[string]bool)
		for _, n := range c.Nodes() {
			own[n.Name] = true
		}
		var members []member
		if _, err := c.call(s, http.MethodGet, "/v1/members", nil, &members); err != nil {
			t.Error(err)
		}
		for _, m := range members {
			if !own[m.Name] {
				t.Errorf("%s knows %s of the other cluster", s.Name, m.Name)
			}
		}
		if len(members) != len(own) {
			t.Errorf("%s knows %d members, want %d", s.Name, len(members), len(own))
		}
		if sv := c.survey(s); len(sv.Servers) != len(c.Servers) {
			t.Errorf("Raft's configuration at %s: %+v", s.Name, sv)
		}
	}
	var list []struct {
		Name string `json:"name"`
	}
	if err := c.Get("/v1/jobs", &list); err != nil || len(list) != len(jobs) {
		t.Errorf("jobs %v, %v, want %v", list, err, jobs)
	}
	for _, j := range jobs {
		c.settle(j, 2)
	}
}

// counted fails the test unless the counter of a job that ran every second equals the runs in its own cluster.
func counted(t *testing.T, c *Cluster, job string) {
	t.Helper()
	Eventually(t, 15*time.Second, "the runs of "+job+" are counted as often as they ran", func() bool {
		var j struct {
			Successes int `json:"success_count"`
		}
		before := len(c.Runs(job))
		err := c.Get("/v1/jobs/"+job, &j)
		return err == nil && j.Successes >= before-2 && j.Successes <= len(c.Runs(job))
	})
}

// everywhere is the tags of a probe that runs on one server.
var everywhere = map[string]string{"server": "true:1"}

func TestAFoundedServerThatIsToldToJoinAnotherClusterKeepsItsOwn(t *testing.T) {
	t.Parallel()
	for name, prefix := range map[string]string{"other names": "b", "the same names": ""} {
		t.Run(name, func(t *testing.T) {
			a := Start(t, Config{Servers: 1, Flags: []string{"--enable-prometheus"}})
			b := Start(t, Config{Servers: 3, Prefix: prefix})
			ida, idb := a.id(), b.id()
			if ida == idb || len(ida) < 20 {
				t.Fatalf("the ids are %q and %q", ida, idb)
			}
			a.PutProbe(Probe{Name: "tick", Tags: everywhere})
			b.PutProbe(Probe{Name: "tick", Tags: everywhere})
			a.settle("tick", 1)
			s := a.Servers[0]
			s.Stop()
			for _, other := range b.Servers {
				s.args = append(s.args, "--retry-join="+other.gossip)
			}
			s.Start()
			Eventually(t, 10*time.Second, "it says that it was refused", func() bool {
				text := a.notices(s)
				return strings.Contains(text, idb) && strings.Contains(text, "--retry-join") && strings.Contains(text, "move its data directory away")
			})
			hold(3 * time.Second) // it was a voter of the other within one
			apart(t, a, ida, "tick")
			apart(t, b, idb, "tick")
			counted(t, a, "tick")
			counted(t, b, "tick")
			if n := s.logged("WARN", "another cluster", idb); n != 1 {
				t.Errorf("it is logged %d times:\n%s", n, s.Log(60))
			}
			if v := a.series(s, `dkron_foreign_nodes_refused_total{via="gossip"}`); v < 1 {
				t.Errorf("the metric is %v", v)
			}
		})
	}
}

func TestAnAgentWithTheAddressOfAnotherClusterBridgesNothing(t *testing.T) {
	t.Parallel()
	a := Start(t, Config{Servers: 3, Agents: 1, AgentHTTP: true})
	b := Start(t, Config{Servers: 3, Agents: 1, Prefix: "b"})
	ida, idb := a.id(), b.id()
	a.PutProbe(Probe{Name: "tick"})
	b.PutProbe(Probe{Name: "tock"})
	agent := a.Agents[0]
	for _, fresh := range []bool{false, true} {
		agent.Stop()
		if fresh { // it does not know its cluster, and commits to the first one that it meets
			if err := os.RemoveAll(filepath.Join(agent.dir, "data")); err != nil {
				t.Fatal(err)
			}
		} else {
			agent.args = append(agent.args, "--retry-join="+b.Servers[0].gossip, "--retry-join="+b.Servers[1].gossip)
		}
		agent.Start()
		a.WaitReady(20 * time.Second)
		hold(3 * time.Second)
		apart(t, a, ida, "tick")
		apart(t, b, idb, "tock")
	}
	counted(t, b, "tock")
}

func TestAddressesThatAnotherClusterHasNowAreHarmless(t *testing.T) {
	t.Parallel()
	a := Start(t, Config{Servers: 3, Agents: 1})
	ida := a.id()
	a.PutProbe(Probe{Name: "tick", Tags: everywhere})
	a.settle("tick", 1)
	for _, n := range a.Nodes() {
		n.Kill()
	}
	gone := a.Agents[0]
	a.Agents = nil
	b := Start(t, Config{Servers: 1, Agents: 1, Prefix: "b", Cold: true})
	b.Agents[0].gossip, b.Agents[0].RPC = gone.gossip, gone.RPC
	b.arguments(b.Agents[0], Config{})
	for _, n := range b.Nodes() {
		n.Start()
	}
	b.WaitReady(20 * time.Second)
	idb := b.id()
	b.PutProbe(Probe{Name: "tock"})
	b.settle("tock", 1)
	// Alone, a server tries all addresses that it remembers; with others it may be content with the first that answers.
	a.Servers[0].Start()
	Eventually(t, 20*time.Second, "a server has met the other cluster at the old address", func() bool {
		return a.Servers[0].logged("another cluster", idb) > 0
	})
	a.Servers[1].Start()
	a.Servers[2].Start()
	a.WaitReady(20 * time.Second)
	hold(3 * time.Second)
	for _, s := range a.Servers {
		if n := s.logged("WARN", "another cluster"); n > 1 {
			t.Errorf("%s says it %d times:\n%s", s.Name, n, s.Log(40))
		}
	}
	a.Agents = []*Node{gone} // still remembered as failed
	for _, s := range a.Servers {
		if st := a.status(s, b.Agents[0]); st != 0 {
			t.Errorf("%s knows the other cluster's agent, with status %d", s.Name, st)
		}
	}
	if got := a.id(); got != ida {
		t.Errorf("the id is %s, was %s", got, ida)
	}
	a.settle("tick", 2)
	apart(t, b, idb, "tock")
	a.Agents = nil
}

func TestAnAgentWhoseServersWereFoundedAnewSaysWhatToDoAndIsAcceptedOnce(t *testing.T) {
	t.Parallel()
	a := Start(t, Config{Servers: 1, Agents: 1, AgentHTTP: true})
	before, s, agent := a.id(), a.Servers[0], a.Agents[0]
	var identity struct {
		Cluster string `json:"cluster_id"`
	}
	file := filepath.Join(agent.dir, "data", "identity.json")
	kept := func() string {
		data, err := os.ReadFile(file)
		if err == nil {
			err = json.Unmarshal(data, &identity)
		}
		if err != nil {
			t.Log(err)
		}
		return identity.Cluster
	}
	Eventually(t, 10*time.Second, "the agent knows its cluster", func() bool { return kept() == before })
	a.PutProbe(Probe{Name: "long", Schedule: "@manually", Sleep: "300"})
	if err := a.ask(http.MethodPost, "/v1/jobs/long/run", nil, nil); err != nil {
		t.Fatal(err)
	}
	Eventually(t, 10*time.Second, "the job runs", func() bool { return len(a.Runs("long")) == 1 })
	s.Kill()
	if err := os.RemoveAll(filepath.Join(s.dir, "data")); err != nil {
		t.Fatal(err)
	}
	s.Start()
	after := ""
	Eventually(t, 20*time.Second, "the cluster has another id than the one that the agent's gossip remembers", func() bool {
		after = a.id()
		return after != before
	})
	Eventually(t, 20*time.Second, "the agent says what to do", func() bool {
		return strings.Contains(a.notices(agent), "--accept-cluster") && agent.logged("WARN", "--accept-cluster") == 1
	})
	if kept() != before {
		t.Error("the agent went over by itself")
	}

	agent.Stop()
	agent.args = append(agent.args, "--accept-cluster", "--drain-timeout=1s")
	agent.Start()
	Eventually(t, 20*time.Second, "the agent belongs to the new cluster", func() bool { return kept() == after })
	a.PutProbe(Probe{Name: "long", Schedule: "@manually", Sleep: "0"})
	a.PutProbe(Probe{Name: "tick"})
	a.settle("tick", 3)
	if list, err := a.Executions("long"); err != nil || len(list) != 0 {
		t.Errorf("the new cluster got %v, %v", list, err)
	}

	// Left in the configuration, the flag has no effect at later starts.
	agent.Stop()
	agent.Start()
	a.settle("tick", 2)
	if kept() != after || agent.logged("was used at an earlier start") != 1 {
		t.Errorf("the agent keeps %s\n%s", kept(), agent.Log(20))
	}
}

// older turns a stopped node's data into that of a version without cluster ids.
func older(t *testing.T, n *Node) {
	t.Helper()
	if err := os.Remove(filepath.Join(n.dir, "data", "identity.json")); err != nil {
		t.Fatal(err)
	}
	if !n.Server {
		return
	}
	st, err := state.Open(filepath.Join(n.dir, "data", "state", "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if err := st.Update(0, func(tx *state.Tx) error { tx.SetCluster(""); return nil }); err != nil {
		t.Fatal(err)
	}
}

func TestAClusterFromBeforeIdsGetsOneAndIsNotMixedWithAnother(t *testing.T) {
	t.Parallel()
	a := Start(t, Config{Servers: 3, Agents: 1})
	b := Start(t, Config{Servers: 1, Prefix: "b"})
	before := a.id()
	a.PutProbe(Probe{Name: "tick"})
	b.PutProbe(Probe{Name: "tock", Tags: everywhere})
	a.settle("tick", 1)
	b.settle("tock", 1)
	for _, n := range append(a.Nodes(), b.Nodes()...) {
		n.Kill()
		older(t, n)
	}
	single := b.Servers[0]
	for _, s := range a.Servers { // all are told to join the other cluster at their first start
		single.args = append(single.args, "--retry-join="+s.gossip)
	}
	for _, n := range append(a.Nodes(), single) {
		n.Start()
	}
	ida, idb := a.id(), b.id()
	if ida == before || ida == idb {
		t.Fatalf("the ids are %s and %s", ida, idb)
	}
	a.WaitReady(20 * time.Second)
	hold(2 * time.Second)
	apart(t, a, ida, "tick")
	apart(t, b, idb, "tock")

	// A server that was away in the meantime is still known, and learns the id.
	away := a.others(a.Leader())[0]
	away.Kill()
	older(t, away)
	away.Start()
	a.WaitReady(20 * time.Second)
	if got := a.id(); got != ida {
		t.Errorf("the id is %s, was %s", got, ida)
	}
}

func TestARenamedNodeSaysWhoseDataItHasAndEnds(t *testing.T) {
	t.Parallel()
	a := Start(t, Config{Servers: 3, Agents: 1})
	a.id()
	renamed := func(n *Node, name, says string) {
		t.Helper()
		n.Stop()
		args := append([]string(nil), n.args...)
		for i, arg := range n.args {
			if strings.HasPrefix(arg, "--node-name=") {
				n.args[i] = "--node-name=" + name
			}
		}
		n.Start()
		n.WillEnd()
		Eventually(t, 10*time.Second, "the renamed node has ended", func() bool { return n.Pid() == 0 })
		if n.Ended() != "exit status 1" || !strings.Contains(n.Log(3), says) {
			t.Errorf("it ended with %s:\n%s", n.Ended(), n.Log(5))
		}
		n.args = args
	}
	agent, s := a.Agents[0], a.others(a.Leader())[0]
	renamed(agent, "x", "this data directory belongs to a1; start with --node-name=a1, or ")
	renamed(s, "x", "this data directory belongs to "+s.Name+"; start with --node-name="+s.Name+", or ")
	if err := os.Remove(filepath.Join(s.dir, "data", "identity.json")); err != nil {
		t.Fatal(err)
	}
	renamed(s, "x", "this data directory belongs to one of the servers s1, s2, s3; start with --node-name ")
	agent.Start()
	s.Start()
	a.WaitReady(20 * time.Second)

	// A server that has left, with data from before names were recorded, does not count as renamed.
	s.Stop()
	if err := os.Remove(filepath.Join(s.dir, "data", "identity.json")); err != nil {
		t.Fatal(err)
	}
	s.Start()
	a.WaitReady(20 * time.Second)
}
