package cluster

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	release "dkron/internal/compat"
	"dkron/test/compat"
)

// upgrade is a way from one release to the next.
type upgrade struct {
	name     string
	from, to func() (string, error)
	protocol uint64 // on which the later one has the cluster agree, as soon as it may
	release  string // that the earlier one says is needed after that
	writes   string // a text that the later one then writes into the log; "" if that depends on what runs
}

// upgrades is from this release to a build that has one field more, and from the release before, once there is one, to
// this one.
func upgrades() []upgrade {
	list := []upgrade{{name: "to a build with one field more", from: Binary, to: nextBinary, protocol: release.Protocol + 1, release: "0.3.0",
		writes: "written by the next protocol"}}
	if r, ok := compat.Former(); ok {
		list = append(list, upgrade{name: "from " + r.Name, from: formerBinary, to: Binary, protocol: release.Protocol, release: release.Release})
	}
	return list
}

func TestARollingUpgradeAndDowngradeUnderLoadLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	for _, u := range upgrades() {
		t.Run(u.name, func(t *testing.T) {
			t.Parallel()
			older, newer := must(t, u.from), must(t, u.to)
			c := Start(t, Config{Servers: 3, Agents: 1, Cold: true})
			for _, n := range c.Nodes() {
				n.binary = older
				n.Start()
			}
			c.WaitReady(20 * time.Second)
			from := c.PutProbe(Probe{Name: "tick"})
			c.PutProbe(Probe{Name: "everywhere", Tags: map[string]string{"role": "dkron"}})
			c.PutProbe(Probe{Name: "long", Sleep: "1.5"})
			rec := c.Record("tick", "everywhere", "long")
			c.settle("tick", 2)

			s := c.Servers
			c.replace(newer, c.Agents[0], s[0], s[1]) // the last old server keeps the way back open
			if c.Leader() == s[2] {
				s[2].Kill() // it stays in Raft's configuration, and another leads
				Eventually(t, 15*time.Second, "a newer server leads", func() bool { l := c.leader(); return l != nil && l != s[2] })
				s[2].Start()
				c.WaitReady(20 * time.Second)
			}
			c.settle("tick", 3)
			if agreed(c, u.protocol) != 0 {
				t.Error("the cluster has agreed on a newer protocol, although a server does not know it")
			}
			if u.writes != "" && s[0].logHas(u.writes) {
				t.Error("the new field is written, although a server does not know it")
			}
			c.replace(older, s[1], s[0], c.Agents[0])
			c.settle("tick", 2)
			c.replace(newer, c.Agents[0], s[0], s[1], s[2])
			if u.protocol > 0 {
				Eventually(t, 15*time.Second, "all servers have agreed on the newer protocol", func() bool { return agreed(c, u.protocol) == len(s) })
				c.settle("tick", 2)
				for _, n := range s {
					if !n.logHas(u.writes) {
						t.Errorf("the new field is not in the log of %s", n.Name)
					}
				}
				c.refusesToRun(s[2], older, u.release)
				c.replace(newer, s[2])
			}
			c.settle("tick", 2)
			to := now()
			judge(t, rec.Finish(History{Job: "tick", From: from, To: to, AllRun: true, Window: 8 * time.Second, Allow: 10 * time.Second}))
			judge(t, rec.Finish(History{Job: "long", From: from.Add(time.Second), To: to, AllRun: true, Window: 8 * time.Second, Allow: 10 * time.Second}))
			judge(t, rec.Finish(History{Job: "everywhere", From: from.Add(time.Second), To: to, Targets: len(c.Nodes()), Window: 8 * time.Second, Allow: 10 * time.Second}))
		})
	}
}

// must returns what a function builds.
func must(t *testing.T, build func() (string, error)) string {
	t.Helper()
	binary, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return binary
}

// replace restarts nodes with another binary, one after the other.
func (c *Cluster) replace(binary string, nodes ...*Node) {
	c.t.Helper()
	for _, n := range nodes {
		c.Event("%s runs %s", n.Name, binary)
		n.Stop()
		n.binary = binary
		n.Start()
		c.WaitReady(20 * time.Second)
		if n.Server {
			Eventually(c.t, 20*time.Second, n.Name+" votes again", func() bool { return c.voters(n) == len(c.Servers) })
		}
	}
}

// logHas reports whether an entry of a server's Raft log has a text in it.
func (n *Node) logHas(text string) bool {
	files, _ := filepath.Glob(filepath.Join(n.DataDir(), "raft", "wal", "*.wal"))
	for _, f := range files {
		if data, err := os.ReadFile(f); err == nil && bytes.Contains(data, []byte(text)) {
			return true
		}
	}
	return false
}

// agreed counts the servers that know that the cluster has agreed on a protocol.
func agreed(c *Cluster, protocol uint64) (count int) {
	for _, s := range c.Servers {
		if s.logged("the cluster has agreed on a newer protocol", fmt.Sprintf(" protocol=%d ", protocol)) > 0 {
			count++
		}
	}
	return count
}

// refusesToRun starts an older binary on the data of a newer one, which must name the release that is needed.
func (c *Cluster) refusesToRun(n *Node, older, release string) {
	c.t.Helper()
	n.Stop()
	n.binary = older
	n.Start()
	n.WillEnd()
	n.await(n.running(), 20*time.Second, "a start on newer data")
	if n.Ended() != "exit status 1" || n.logged("Error: ", "a downgrade is no longer possible", "Start dkron "+release+" or newer") != 1 {
		c.t.Errorf("the older version ended with %s:\n%s", n.Ended(), n.Log(5))
	}
}
