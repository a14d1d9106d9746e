package cluster

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// joinFlag writes a join secret to a file, and returns the flag that names it.
func joinFlag(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "join-secret")
	if err := os.WriteFile(path, []byte(text+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return "--join-secret-file=" + path
}

// certificatesOf returns the lines of dkron tls status by node, and the line before them.
func (c *Cluster) certificatesOf(at *Node) (head string, nodes map[string]string) {
	out, err := c.Run(append([]string{"tls", "status", "--rpc-addr=" + at.RPC}, c.operator...)...)
	if err != nil {
		return err.Error(), nil
	}
	nodes = make(map[string]string)
	head, out, _ = strings.Cut(out, "Node ")
	for _, line := range strings.Split(out, "\n")[1:] {
		if f := strings.Fields(line); len(f) > 0 {
			nodes[f[0]] = strings.Join(f[1:], " ")
		}
	}
	return head, nodes
}

// allCertified waits until every node shows a certificate and connections without TLS are refused by the whole cluster.
func (c *Cluster) allCertified() {
	c.t.Helper()
	head, nodes := "", map[string]string(nil)
	defer func() {
		if c.t.Failed() {
			c.t.Logf("%s %v", head, nodes)
		}
	}()
	Eventually(c.t, 2*time.Minute, "all nodes have certificates, and others are refused", func() bool {
		head, nodes = c.certificatesOf(c.Leader())
		for _, n := range c.Nodes() {
			role := "agent "
			if n.Server {
				role = "server "
			}
			if !strings.HasPrefix(nodes[n.Name], role) {
				return false
			}
		}
		return strings.Contains(head, "without TLS are refused")
	})
}

// TestAJoinSecretProtectsAClusterFromItsFirstStart starts nodes with nothing but a secret, as the guide's quick start does.
func TestAJoinSecretProtectsAClusterFromItsFirstStart(t *testing.T) {
	t.Parallel()
	flag := joinFlag(t, "correct horse battery staple")
	c := Start(t, Config{Servers: 3, Agents: 1, Flags: []string{flag}})
	c.operator = []string{flag}
	c.allCertified()
	from := c.PutProbe(Probe{Name: "tick", Tags: map[string]string{"pool": "agents"}})
	c.settle("tick", 2)
	rec := c.Record("tick")

	c.Event("the leader is killed")
	c.Leader().Kill()
	c.settle("tick", 2)
	to := now()
	judge(t, rec.Finish(History{Job: "tick", From: from, To: to, AllRun: true, Window: 8 * time.Second, Allow: 10 * time.Second}))
	for _, n := range c.Servers {
		if !n.Answers() {
			n.Start()
		}
	}
	c.AddServer(Config{Flags: []string{flag}})
	Eventually(t, time.Minute, "the fourth server votes", func() bool { return c.voters(c.Leader()) == 4 })
	c.allCertified()

	c.Event("outsiders try")
	leader := c.Leader()
	if out, err := c.Run("raft", "list-peers", "--rpc-addr="+leader.RPC); err == nil {
		t.Errorf("a command without the secret is answered: %s", out)
	}
	if out, err := c.Run("leave", "--rpc-addr="+leader.RPC, joinFlag(t, "incorrect horse battery staple")); err == nil || !strings.Contains(err.Error(), "is the secret the same") {
		t.Errorf("a command with another secret: %s, %v", out, err)
	}
	c.refusesPlainRaft(leader)
	for name, flags := range map[string][]string{"plain": nil, "wrong": {joinFlag(t, "incorrect horse battery staple")}} {
		n := c.node(name, len(c.Nodes()), true)
		c.arguments(n, Config{Flags: append(flags, "--bootstrap-expect=0")})
		t.Cleanup(n.Kill)
		n.Start()
		Eventually(t, time.Minute, "the leader sees the server "+name, func() bool {
			_, nodes := c.certificatesOf(c.Leader())
			note, ok := nodes[name]
			return ok && !strings.HasPrefix(note, "server ")
		})
		if peers, err := c.peers(c.Leader()); err != nil || peers[name] != "" {
			t.Errorf("the server %s is in Raft's configuration: %v, %v", name, peers, err)
		}
		n.Kill()
	}
	for _, n := range c.Nodes() {
		for _, secret := range []string{"correct horse", "CERTIFICATE"} {
			if n.logged(secret) > 0 {
				t.Errorf("%s has %q in its log", n.Name, secret)
			}
		}
	}
}

// TestAPlainClusterGetsAJoinSecretWithoutLosingARun is the drill of docs/guide/tls.md.
func TestAPlainClusterGetsAJoinSecretWithoutLosingARun(t *testing.T) {
	t.Parallel()
	c := Start(t, Config{Servers: 3, Agents: 1})
	from := c.PutProbe(Probe{Name: "tick"})
	c.PutProbe(Probe{Name: "everywhere", Tags: map[string]string{"role": "dkron"}})
	c.PutProbe(Probe{Name: "long", Sleep: "1.5"})
	rec := c.Record("tick", "everywhere", "long")
	c.settle("tick", 2)

	flag := joinFlag(t, "correct horse battery staple")
	for _, n := range c.Nodes() {
		c.Event("%s gets the secret", n.Name)
		n.Stop()
		n.args = append(n.args, flag)
		n.Start()
		c.WaitReady(time.Minute)
		if n.Server {
			Eventually(t, time.Minute, n.Name+" votes again", func() bool { return c.plainVoters(n, flag) == len(c.Servers) })
		}
	}
	c.operator = []string{flag}
	c.allCertified()
	c.settle("tick", 2)

	to := now()
	judge(t, rec.Finish(History{Job: "tick", From: from, To: to, AllRun: true, Window: 8 * time.Second, Allow: 10 * time.Second}))
	judge(t, rec.Finish(History{Job: "long", From: from.Add(time.Second), To: to, AllRun: true, Window: 8 * time.Second, Allow: 10 * time.Second}))
	judge(t, rec.Finish(History{Job: "everywhere", From: from.Add(time.Second), To: to, Targets: len(c.Nodes()), Window: 8 * time.Second, Allow: 10 * time.Second}))

	if out, err := c.Run("raft", "list-peers", "--rpc-addr="+c.Leader().RPC); err == nil {
		t.Errorf("a command without the secret is answered: %s", out)
	}
	c.refusesPlainRaft(c.Leader())
}

// plainVoters counts the voters as a server knows them, which may or may not have TLS yet.
func (c *Cluster) plainVoters(at *Node, flag string) int {
	c.operator = nil
	if n := c.voters(at); n >= 0 {
		return n
	}
	c.operator = []string{flag}
	return c.voters(at)
}

func TestAnExpelledNodeIsRefusedUntilItIsReadmitted(t *testing.T) {
	t.Parallel()
	flag := joinFlag(t, "correct horse battery staple")
	c := Start(t, Config{Servers: 3, Agents: 2, Flags: []string{flag}})
	c.operator = []string{flag}
	c.allCertified()
	expel := func(args ...string) (string, error) {
		return c.Run(append([]string{"tls", "expel", flag, "--rpc-addr=" + c.Leader().RPC}, args...)...)
	}
	agent := c.Agents[0]
	c.PutProbe(Probe{Name: "tick", Tags: map[string]string{"node": agent.Name}})
	c.settle("tick", 1)
	if out, err := expel(agent.Name); err != nil {
		t.Fatal(out, err)
	}
	Eventually(t, time.Minute, "the leader has no connection to the expelled agent", func() bool {
		_, nodes := c.certificatesOf(c.Leader())
		return nodes[agent.Name] == "expelled" && c.Leader().logged("node detached", "member="+agent.Name) > 0
	})
	agent.Stop()
	if err := os.RemoveAll(filepath.Join(agent.DataDir(), "tls")); err != nil {
		t.Fatal(err)
	}
	agent.Start()
	Eventually(t, time.Minute, "the expelled agent gets no other certificate", func() bool {
		return agent.logged("has not got a certificate") > 0
	})
	if out, err := expel(agent.Name, "--readmit"); err != nil {
		t.Fatal(out, err)
	}
	c.settle("tick", 1)

	c.Event("a server is expelled")
	var others []*Node
	for _, n := range c.Servers {
		if n != c.Leader() {
			others = append(others, n)
		}
	}
	gone, down := others[0], others[1]
	down.Kill()
	Eventually(t, time.Minute, "a server without which there is no majority is not expelled", func() bool {
		out, err := expel(gone.Name)
		if err == nil {
			t.Fatal(out)
		}
		return strings.Contains(err.Error(), "can't remove "+gone.Name)
	})
	down.Start()
	c.WaitReady(time.Minute)
	Eventually(t, time.Minute, "with all servers alive it is", func() bool { _, err := expel(gone.Name); return err == nil })
	Eventually(t, time.Minute, "two servers are left", func() bool { return c.voters(down) == 2 })
	c.settle("tick", 1)
	if out, err := c.Run("tls", "expel", flag, "--rpc-addr="+down.RPC, "--readmit", gone.Name); err != nil {
		t.Fatal(out, err)
	}
	Eventually(t, 2*time.Minute, "the server is back", func() bool { return c.voters(down) == 3 })
}

// TestNodesGoOnWithoutTheJoinSecretAndAClusterGetsANewOne is a lost secret.
func TestNodesGoOnWithoutTheJoinSecretAndAClusterGetsANewOne(t *testing.T) {
	t.Parallel()
	flag := joinFlag(t, "correct horse battery staple")
	c := Start(t, Config{Servers: 3, Agents: 1, Flags: []string{flag}})
	c.operator = []string{flag}
	c.allCertified()
	c.PutProbe(Probe{Name: "tick", Tags: map[string]string{"pool": "agents"}})
	c.settle("tick", 1)
	for _, n := range c.Nodes() {
		n.Stop()
		n.args = slices.DeleteFunc(n.args, func(a string) bool { return a == flag })
		n.Start()
		c.WaitReady(time.Minute)
	}
	c.settle("tick", 1)
	own := filepath.Join(c.Servers[0].DataDir(), "tls")
	c.operator = []string{"--cert-file=" + filepath.Join(own, "node.pem"), "--key-file=" + filepath.Join(own, "node.pem"), "--trusted-ca-file=" + filepath.Join(own, "authority.pem")}
	if head, _ := c.certificatesOf(c.Leader()); !strings.Contains(head, "signs no certificates: server") {
		t.Errorf("without the secret: %s", head)
	}

	c.Event("all nodes get another secret")
	before, _ := c.certificatesOf(c.Leader())
	other := joinFlag(t, "incorrect horse battery staple")
	for _, n := range c.Nodes() {
		n.Stop()
		if err := os.RemoveAll(filepath.Join(n.DataDir(), "tls")); err != nil {
			t.Fatal(err)
		}
		n.args = append(n.args, other)
	}
	for _, n := range c.Nodes() {
		n.Start()
	}
	c.WaitReady(time.Minute)
	c.operator = []string{other}
	c.allCertified()
	if after, _ := c.certificatesOf(c.Leader()); after == before {
		t.Errorf("the authority is the former one: %s", after)
	}
	c.settle("tick", 1)
	if out, err := c.Run("raft", "list-peers", "--rpc-addr="+c.Leader().RPC, flag); err == nil {
		t.Errorf("the former secret is accepted: %s", out)
	}
}
