package cluster

import (
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// certificates makes an authority and a certificate for each node and for an operator, with the commands that users have.
func (c *Cluster) certificates(dir string) {
	c.t.Helper()
	run := func(args ...string) {
		if _, err := c.Run(args...); err != nil {
			c.t.Fatal(err)
		}
	}
	run("tls", "ca", "--dir="+dir)
	for _, n := range c.Nodes() {
		role := "agent"
		if n.Server {
			role = "server"
		}
		run("tls", "cert", "--dir="+dir, "--role="+role, "--name="+n.Name)
	}
	run("tls", "cert", "--dir="+dir, "--role=operator", "--name=alice")
}

// certificateFlags are the flags of the owner of a certificate.
func certificateFlags(dir, name string) []string {
	return []string{
		"--cert-file=" + filepath.Join(dir, name+".pem"), "--key-file=" + filepath.Join(dir, name+"-key.pem"),
		"--trusted-ca-file=" + filepath.Join(dir, "dkron-ca.pem"),
	}
}

// restartWith restarts nodes with further flags, one after the other.
func (c *Cluster) restartWith(flags func(n *Node) []string) {
	c.t.Helper()
	for _, n := range c.Nodes() {
		c.Event("%s gets %v", n.Name, flags(n))
		n.Stop()
		n.args = append(n.args, flags(n)...)
		n.Start()
		c.WaitReady(20 * time.Second)
		if n.Server {
			Eventually(c.t, 20*time.Second, n.Name+" votes again", func() bool { return c.voters(n) == len(c.Servers) })
		}
	}
}

// TestAPlainClusterGetsTLSWithoutLosingARun is the drill of docs/guide/security.md.
func TestAPlainClusterGetsTLSWithoutLosingARun(t *testing.T) {
	t.Parallel()
	c := Start(t, Config{Servers: 3, Agents: 1})
	dir := t.TempDir()
	c.certificates(dir)
	from := c.PutProbe(Probe{Name: "tick"})
	c.PutProbe(Probe{Name: "everywhere", Tags: map[string]string{"role": "dkron"}})
	c.PutProbe(Probe{Name: "long", Sleep: "1.5"})
	rec := c.Record("tick", "everywhere", "long")
	c.settle("tick", 2)

	c.operator = certificateFlags(dir, "alice")
	c.restartPlainFirst(dir)
	c.settle("tick", 2)
	c.restartWith(func(*Node) []string { return []string{"--require-tls"} })
	c.settle("tick", 2)

	to := now()
	judge(t, rec.Finish(History{Job: "tick", From: from, To: to, AllRun: true, Window: 8 * time.Second, Allow: 10 * time.Second}))
	judge(t, rec.Finish(History{Job: "long", From: from.Add(time.Second), To: to, AllRun: true, Window: 8 * time.Second, Allow: 10 * time.Second}))
	judge(t, rec.Finish(History{Job: "everywhere", From: from.Add(time.Second), To: to, Targets: len(c.Nodes()), Window: 8 * time.Second, Allow: 10 * time.Second}))

	c.strangersAreRefused(dir)
}

// restartPlainFirst gives every node its certificate, while others have none yet. A command without a certificate still
// works, and one with a certificate needs a node that has one.
func (c *Cluster) restartPlainFirst(dir string) {
	c.t.Helper()
	operator := c.operator
	c.operator = nil
	c.restartWith(func(n *Node) []string { return append(certificateFlags(dir, n.Name), "--disable-http-tls") })
	c.operator = operator
}

// strangersAreRefused tries to get in: without a certificate, with an agent's, with that of another authority, and by hand.
func (c *Cluster) strangersAreRefused(dir string) {
	t, leader := c.t, c.Leader()
	if out, err := c.Run("leave", "--rpc-addr="+leader.RPC); err == nil {
		t.Errorf("a command without a certificate made the leader leave: %s", out)
	}
	if out, err := c.Run(append([]string{"leave", "--rpc-addr=" + leader.RPC}, certificateFlags(dir, c.Agents[0].Name)...)...); err == nil || !strings.Contains(err.Error(), "may not call Leave") {
		t.Errorf("an agent's certificate made the leader leave: %s, %v", out, err)
	}
	if voters := c.voters(leader); voters != 3 {
		t.Errorf("%d voters, as an operator sees them", voters)
	}
	c.refusesPlainRaft(leader)
	term := c.Leader()
	plain := c.node("plain", len(c.Nodes()), false)
	c.arguments(plain, Config{})
	c.Agents = append(c.Agents, plain)
	plain.Start()
	Eventually(t, 30*time.Second, "the leader has refused the agent without a certificate", func() bool {
		return leader.logged("gets no work", "member=plain", "require-tls") > 0
	})
	if c.Leader() != term {
		t.Error("another server leads")
	}
}

// refusesPlainRaft asks for a vote without TLS, as Raft's library writes it.
func (c *Cluster) refusesPlainRaft(at *Node) {
	c.t.Helper()
	conn, err := net.Dial("tcp", at.RPC)
	if err != nil {
		c.t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte{1, 0x80}); err != nil {
		c.t.Fatal(err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	if n, err := conn.Read(make([]byte, 1)); n != 0 || err == nil {
		c.t.Errorf("Raft answers without a certificate")
	}
}
