package cluster

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// gossipKey makes a key, and returns it with a file that has it.
func (c *Cluster) gossipKey() (key, file string) {
	c.t.Helper()
	out, err := c.Run("keygen")
	if err != nil {
		c.t.Fatal(err)
	}
	file = filepath.Join(c.t.TempDir(), "gossip-key")
	if err := os.WriteFile(file, []byte(out), 0o600); err != nil {
		c.t.Fatal(err)
	}
	return strings.TrimSpace(out), file
}

// keys runs dkron keys at a server.
func (c *Cluster) keys(at *Node, args ...string) (string, error) {
	return c.Run(append([]string{"keys", args[0], "--rpc-addr=" + at.RPC}, args[1:]...)...)
}

// mustKeys runs dkron keys at a server that answers, and returns each node's keys: the one that encrypts, then the others.
func (c *Cluster) mustKeys(args ...string) map[string]string {
	c.t.Helper()
	out, err := c.keys(c.Leader(), args...)
	if err != nil {
		c.t.Fatal(err)
	}
	nodes := make(map[string]string)
	for _, line := range strings.Split(out, "\n")[1:] {
		if f := strings.Fields(line); len(f) > 1 && !strings.HasPrefix(line, "All nodes") {
			nodes[f[0]] = strings.Join(f[1:], " ")
		}
	}
	return nodes
}

// allHave fails the test unless all nodes have these keys.
func (c *Cluster) allHave(nodes map[string]string, want string) {
	c.t.Helper()
	for _, n := range c.Nodes() {
		if nodes[n.Name] != want {
			c.t.Errorf("%s has the keys %q, want %q", n.Name, nodes[n.Name], want)
		}
	}
}

// TestKeysOfGossipChangeUnderARunningJob is the drill of docs/guide/security.md.
func TestKeysOfGossipChangeUnderARunningJob(t *testing.T) {
	t.Parallel()
	c := Start(t, Config{Servers: 3, Agents: 1, Cold: true})
	first, _ := c.gossipKey()
	second, file := c.gossipKey()
	for _, n := range c.Nodes() {
		n.setFlag("encrypt", first)
		n.Start()
	}
	c.WaitReady(time.Minute)
	from := c.PutProbe(Probe{Name: "tick", Tags: map[string]string{"role": "dkron"}})
	rec := c.Record("tick")
	c.settle("tick", 2)

	c.Event("the key is changed")
	old := c.mustKeys("list")["a1"]
	c.allHave(c.mustKeys("list"), old)
	if out, err := c.keys(c.Leader(), "remove", old, "--force"); err == nil || !strings.Contains(out, "use another one first") {
		t.Errorf("the key that encrypts is removed: %s", out)
	}
	fresh := strings.TrimPrefix(c.mustKeys("install", "--gossip-key-file="+file)["a1"], old+" ")
	c.allHave(c.mustKeys("list"), old+" "+fresh)
	restarted := c.Servers[0]
	restarted.Stop()
	restarted.Start()
	c.WaitReady(time.Minute)
	c.allHave(c.mustKeys("list"), old+" "+fresh)
	c.allHave(c.mustKeys("use", fresh), fresh+" "+old)
	c.settle("tick", 2)
	c.allHave(c.mustKeys("remove", old), fresh)

	c.Event("nodes that still have the old key in their settings are restarted")
	for _, n := range []*Node{c.Agents[0], c.Servers[1]} {
		n.Kill()
		n.Start()
		c.WaitReady(time.Minute)
	}
	Eventually(t, time.Minute, "all nodes have the new key alone", func() bool {
		out, err := c.keys(c.Leader(), "list")
		return err == nil && !strings.Contains(out, old) && strings.Count(out, fresh) == len(c.Nodes())
	})
	c.settle("tick", 2)
	judge(t, rec.Finish(History{Job: "tick", From: from, To: now(), Targets: len(c.Nodes()), Window: 10 * time.Second, Allow: 20 * time.Second}))
	late := c.onlyThePresentKeyJoins(first, second, fresh)

	c.Event("a node is down")
	c.Agents[0].Kill()
	third, file := c.gossipKey()
	out, err := c.keys(c.Leader(), "install", "--gossip-key-file="+file)
	if err == nil || !strings.Contains(out, "1 of 5 nodes have not done it") {
		t.Errorf("a node did not answer: %s, %v", out, err)
	}
	for _, n := range append(c.Nodes(), late) {
		for _, key := range []string{first, second, third} {
			if n.logged(key) > 0 {
				t.Errorf("%s has a key in its log", n.Name)
			}
		}
	}
}

// onlyThePresentKeyJoins starts a node with the old key, which it returns, and one with the present key, of which fresh is the id.
func (c *Cluster) onlyThePresentKeyJoins(old, present, fresh string) (late *Node) {
	c.t.Helper()
	c.Event("strangers with the old key try")
	late = c.node("late", len(c.Nodes()), false)
	c.arguments(late, Config{Flags: []string{"--encrypt=" + old}})
	c.t.Cleanup(late.Kill)
	late.Start()
	late.WillEnd()
	Eventually(c.t, time.Minute, "it says that its key is of no use", func() bool { return late.logged("does not understand this one", "serf/keyring", "were changed") > 0 })
	if nodes := c.mustKeys("list"); nodes["late"] != "" {
		c.t.Errorf("it is a member: %v", nodes)
	}
	late.Kill()

	c.Event("a new node has the new key")
	c.AddServer(Config{Flags: []string{"--encrypt=" + present}})
	Eventually(c.t, time.Minute, "the new server votes", func() bool { return c.voters(c.Leader()) == 4 })
	c.allHave(c.mustKeys("list"), fresh)
	return late
}
