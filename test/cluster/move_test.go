package cluster

import (
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"
)

// All servers come back at new addresses, as on a container platform. The addresses from their first start are then
// invalid: only the agent, which keeps its address, links them.
func TestAllServersMoveAgainAndAgainAndNothingIsLostOrDoubled(t *testing.T) {
	t.Parallel()
	c := Start(t, Config{Servers: 3, Agents: 1})
	from := c.PutProbe(Probe{Name: "tick"})
	rec := c.Record("tick")
	c.settle("tick", 3)
	for i := range times(3, 20) {
		killed := i%2 == 0
		c.Event("move %d, killed: %v", i+1, killed)
		c.endAll(killed)
		for _, s := range c.Servers {
			s.Move(newHost())
			s.Start()
		}
		took := c.led(10 * time.Second)
		t.Logf("move %d, killed: %v: a leader after %v", i+1, killed, took.Round(10*time.Millisecond))
		c.settle("tick", 3)
		c.corrected(15 * time.Second)
	}
	c.WaitReady(30 * time.Second)
	c.settle("tick", 3)
	judge(t, rec.Finish(History{Job: "tick", From: from, To: now(), Window: 60 * time.Second, Allow: 40 * time.Second}))
}

// endAll ends all servers together.
func (c *Cluster) endAll(kill bool) {
	c.t.Helper()
	if kill {
		for _, s := range c.Servers {
			s.Signal(syscall.SIGKILL)
		}
		for _, s := range c.Servers {
			s.Kill()
		}
		return
	}
	for _, s := range c.Servers {
		s.await(s.Signal(syscall.SIGTERM), 30*time.Second, "the order to stop")
	}
}

// led waits for a leader and returns how long that took.
func (c *Cluster) led(within time.Duration) time.Duration {
	c.t.Helper()
	return Eventually(c.t, within, "there is a leader", func() bool { return c.leader() != nil })
}

// corrected waits until every server that runs has all addresses right in Raft's configuration.
func (c *Cluster) corrected(within time.Duration) {
	c.t.Helper()
	Eventually(c.t, within, "Raft's configuration has the new addresses", func() bool {
		for _, s := range c.Servers {
			out, err := c.Run("raft", "list-peers", "--rpc-addr="+s.RPC)
			if err != nil {
				return false
			}
			for _, other := range c.Servers {
				if !hasLine(out, other.Name, other.RPC, "true") {
					return false
				}
			}
		}
		return true
	})
}

func hasLine(text string, words ...string) bool {
	for _, line := range strings.Split(text, "\n") {
		fields := " " + strings.Join(strings.Fields(line), " ") + " "
		all := true
		for _, w := range words {
			all = all && strings.Contains(fields, " "+w+" ")
		}
		if all {
			return true
		}
	}
	return false
}

// known passes all current addresses to the nodes.
func (c *Cluster) known() {
	for _, n := range c.Nodes() {
		var others []string
		for _, s := range c.Servers {
			if s != n {
				others = append(others, s.gossip)
			}
		}
		n.setFlag("retry-join", others...)
	}
}

func TestServersAloneMoveToOtherPortsAndToIPv6(t *testing.T) {
	t.Parallel()
	c := Start(t, Config{Servers: 3})
	from := c.PutProbe(Probe{Name: "tick", Tags: map[string]string{"dc": "dc1:1"}})
	rec := c.Record("tick")
	c.settle("tick", 3)
	for _, host := range []string{"127.0.0.1", "::1"} {
		c.Event("move to other ports at %s", host)
		c.endAll(true)
		for _, s := range c.Servers {
			s.MovePorts(host)
		}
		c.known()
		for _, s := range c.Servers {
			s.Start()
		}
		t.Logf("%s: a leader after %v", host, c.led(10*time.Second).Round(10*time.Millisecond))
		c.settle("tick", 3)
		c.corrected(15 * time.Second)
	}
	judge(t, rec.Finish(History{Job: "tick", From: from, To: now(), Window: 60 * time.Second, Allow: 40 * time.Second}))
}

// Servers' addresses are swapped among them, all at once.
func TestServersThatSwapAddressesKeepTheirIdentities(t *testing.T) {
	t.Parallel()
	c := Start(t, Config{Servers: 3, Agents: 1})
	from := c.PutProbe(Probe{Name: "tick"})
	rec := c.Record("tick")
	c.settle("tick", 3)
	for range 2 {
		c.Event("swap")
		c.endAll(true)
		type place struct{ gossip, rpc, http string }
		var places []place
		for _, s := range c.Servers {
			places = append(places, place{s.gossip, s.RPC, s.HTTP})
		}
		for i, s := range c.Servers {
			p := places[(i+1)%len(places)]
			s.place(p.gossip, p.rpc, p.http)
		}
		for _, s := range c.Servers {
			s.Start()
		}
		t.Logf("a leader after %v", c.led(15*time.Second).Round(10*time.Millisecond))
		c.settle("tick", 3)
		c.corrected(20 * time.Second)
	}
	judge(t, rec.Finish(History{Job: "tick", From: from, To: now(), Window: 60 * time.Second, Allow: 40 * time.Second}))
}

func TestAServerThatWasKilledIsUsedElsewhereWithinSeconds(t *testing.T) {
	t.Parallel()
	c := Start(t, Config{Servers: 3, Agents: 1})
	from := c.PutProbe(Probe{Name: "tick"})
	rec := c.Record("tick")
	c.settle("tick", 3)
	for _, who := range []string{"a follower", "the leader"} {
		n := c.Leader()
		if who == "a follower" {
			for _, s := range c.Servers {
				if s != n {
					n = s
					break
				}
			}
		}
		c.Event("%s %s moves", who, n.Name)
		n.Kill()
		n.Move(newHost())
		began := time.Now()
		n.Start()
		c.corrected(10 * time.Second)
		Eventually(t, 10*time.Second, n.Name+" is ready", func() bool {
			_, err := c.call(n, http.MethodGet, "/ready", nil, nil)
			return err == nil
		})
		t.Logf("%s is used after %v", who, time.Since(began).Round(10*time.Millisecond))
		c.settle("tick", 2)
	}
	judge(t, rec.Finish(History{Job: "tick", From: from, To: now(), Window: 15 * time.Second, Allow: 40 * time.Second}))
}

func TestJoinIsRetriedWhenNoNodeAnswersAtTheStart(t *testing.T) {
	t.Parallel()
	c := Start(t, Config{Servers: 1, Agents: 1, Cold: true})
	agent, server := c.Agents[0], c.Servers[0]
	agent.setFlag("retry-join")
	agent.setFlag("join", server.gossip)
	agent.Start()
	Eventually(t, 10*time.Second, "the agent tries in vain", func() bool { return strings.Contains(agent.Log(100), "join failed") })
	server.Start()
	c.WaitReady(20 * time.Second)
}
