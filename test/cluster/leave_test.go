package cluster

import (
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"
)

// others returns the servers except one.
func (c *Cluster) others(but *Node) (out []*Node) {
	for _, s := range c.Servers {
		if s != but {
			out = append(out, s)
		}
	}
	return out
}

// endedWell fails the test if the process did not end as requested.
func endedWell(t *testing.T, n *Node) {
	t.Helper()
	if n.Ended() != "exit status 0" {
		t.Errorf("%s ended with %s", n.Name, n.Ended())
	}
}

func TestAFollowerThatLeavesIsGoneWithinTwoSeconds(t *testing.T) {
	t.Parallel()
	c := Start(t, Config{Servers: 3})
	leader := c.Leader()
	follower := c.others(leader)[0]
	answered := make(chan int, 1)
	go func() { answered <- follower.Leave() }()
	took := Eventually(t, 15*time.Second, "the others see it left, and Raft is without it", func() bool {
		for _, s := range c.others(follower) {
			if peers, err := c.peers(s); err != nil || len(peers) != 2 || c.status(s, follower) != left {
				return false
			}
		}
		return true
	})
	t.Logf("gone after %v", took.Round(time.Millisecond))
	if status := <-answered; status != http.StatusOK {
		t.Errorf("leave was answered with %d", status)
	}
	endedWell(t, follower)
}

func TestTheLeaderLeavesAndNoSecondIsLost(t *testing.T) {
	t.Parallel()
	c := Start(t, Config{Servers: 3, Agents: 1})
	from := c.PutProbe(Probe{Name: "tick"})
	rec := c.Record("tick")
	c.settle("tick", 2)
	leader, at := c.Leader(), time.Now()
	leader.WillEnd()
	if out, err := c.Run("leave", "--rpc-addr="+leader.RPC); err != nil || out != "Left the cluster successfully\n" {
		t.Errorf("%q, %v", out, err)
	}
	leader.Stop() // its end has already begun
	endedWell(t, leader)
	c.settle("tick", 2)
	silence(t, c, "tick", at, 2500*time.Millisecond, "leave of "+leader.Name)
	if n := c.voters(c.others(leader)[0]); n != 2 {
		t.Errorf("%d voters are left", n)
	}
	judge(t, rec.Finish(History{Job: "tick", From: from, To: now(), AllRun: true, Window: 5 * time.Second, Allow: 5 * time.Second}))
}

func TestAStoppingServerFinishesItsRunAndLeaves(t *testing.T) {
	t.Parallel()
	c := Start(t, Config{Servers: 3})
	server := c.Leader() // the hardest case
	c.PutProbe(Probe{Name: "slow", Schedule: "@manually", Sleep: "3", Tags: map[string]string{"node": server.Name}})
	if err := c.ask(http.MethodPost, "/v1/jobs/slow/run", nil, nil); err != nil {
		t.Fatal(err)
	}
	Eventually(t, 20*time.Second, "the job runs", func() bool { return len(c.running("slow")) == 1 })
	exited := server.Signal(syscall.SIGTERM)
	Eventually(t, time.Second, "it is not ready any more", func() bool {
		status, _ := c.call(server, http.MethodGet, "/ready", nil, nil)
		return status == http.StatusServiceUnavailable
	})
	if status, err := c.call(server, http.MethodGet, "/v1/jobs/slow", nil, nil); status != http.StatusOK {
		t.Error("while it drains it answers no reads:", err)
	}
	server.await(exited, 15*time.Second, "TERM")
	endedWell(t, server)

	list, err := c.Executions("slow")
	if err != nil || len(list) != 1 || list[0].Outcome != "success" || list[0].NodeName != server.Name {
		t.Errorf("%+v, %v", list, err)
	}
	for _, s := range c.others(server) {
		if peers, err := c.peers(s); err != nil || len(peers) != 2 || c.status(s, server) != left {
			t.Errorf("at %s: status %d, peers %v, %v", s.Name, c.status(s, server), peers, err)
		}
	}
	server.Start()
	took := Eventually(t, 20*time.Second, "it votes again", func() bool { return c.voters(c.others(server)[0]) == 3 })
	t.Logf("voter again after %v", took.Round(time.Millisecond))
}

func TestServersStoppedAllAtOnceFindTheirMajorityAgain(t *testing.T) {
	t.Parallel()
	c := Start(t, Config{Servers: 3})
	for _, name := range []string{"a", "b", "c"} {
		c.Put(map[string]any{"name": name, "schedule": "@manually", "executor": "shell"})
	}
	var ends []<-chan struct{}
	for _, s := range c.Servers {
		ends = append(ends, s.Signal(syscall.SIGTERM))
	}
	for i, s := range c.Servers {
		t.Logf("%s ended after %v", s.Name, s.await(ends[i], 15*time.Second, "TERM").Round(time.Millisecond))
		endedWell(t, s)
	}
	began := time.Now()
	for _, s := range c.Servers {
		s.Start()
	}
	Eventually(t, 10*time.Second, "there is a leader", func() bool { return c.leader() != nil })
	t.Logf("leader after %v", time.Since(began).Round(time.Millisecond))
	c.WaitReady(10 * time.Second)
	for _, s := range c.Servers {
		var jobs []struct{ Name string }
		if _, err := c.call(s, http.MethodGet, "/v1/jobs", nil, &jobs); err != nil || len(jobs) != 3 {
			t.Errorf("%s has %v, %v", s.Name, jobs, err)
		}
		if n := c.voters(s); n != 3 {
			t.Errorf("%s knows of %d voters", s.Name, n)
		}
	}
}

func TestTwoOfThreeServersStoppedTogetherStayVoters(t *testing.T) {
	t.Parallel()
	c := Start(t, Config{Servers: 3})
	one, two, last := c.Servers[0], c.Servers[1], c.Servers[2]
	first, second := one.Signal(syscall.SIGTERM), two.Signal(syscall.SIGTERM)
	one.await(first, 15*time.Second, "TERM")
	two.await(second, 15*time.Second, "TERM")
	Eventually(t, 20*time.Second, "there is no leader", func() bool { return c.leader() == nil })
	if peers, err := c.peers(last); err != nil || len(peers) != 3 {
		t.Errorf("without a leader: %v, %v", peers, err)
	}
	if out, err := c.Run("raft", "remove-peer", "--peer-id=s1", "--rpc-addr="+last.RPC); err == nil || !strings.Contains(out, "no cluster leader") {
		t.Errorf("a peer was removed without a leader: %s", out)
	}
	one.Start()
	Eventually(t, 10*time.Second, "two of three have a leader", func() bool { return c.leader() != nil })
	if n := c.voters(last); n != 3 {
		t.Errorf("%d voters, although the one that is still away only stopped", n)
	}
}

func TestANewServerVotesSoonAndIsRemovedThroughAFollower(t *testing.T) {
	t.Parallel()
	c := Start(t, Config{Servers: 3})
	follower := c.others(c.Leader())[0]
	added := c.AddServer(Config{})
	took := Eventually(t, 20*time.Second, "the new server votes", func() bool { return c.voters(follower) == 4 })
	t.Logf("voter after %v", took.Round(time.Millisecond))
	if out, err := c.Run("raft", "remove-peer", "--peer-id=nobody", "--rpc-addr="+follower.RPC); err == nil ||
		!strings.Contains(out, `id "nobody" was not found in the Raft configuration, which has s`) {
		t.Errorf("%s", out)
	}

	added.Kill()
	if out, err := c.Run("raft", "remove-peer", "--peer-id="+added.Name, "--rpc-addr="+follower.RPC); err != nil || !strings.HasPrefix(out, "Peer removed\n") {
		t.Errorf("%q, %v", out, err)
	}
	if n := c.voters(c.Leader()); n != 3 {
		t.Errorf("%d voters are left", n)
	}

	// A server that still runs is reported, and stays out until it is restarted.
	leader := c.Leader()
	out, err := c.Run("raft", "remove-peer", "--peer-id="+leader.Name, "--rpc-addr="+follower.RPC)
	if err != nil || !strings.Contains(out, leader.Name+" still runs; unless it is stopped within 1m0s, it joins again") {
		t.Errorf("%q, %v", out, err)
	}
	leader.Kill()
	if next := c.Leader(); c.voters(next) != 2 {
		t.Errorf("%d voters without the old leader", c.voters(next))
	}
}
