package cluster

import (
	"net"
	"os"
	"path/filepath"
	"slices"
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

// TestAPlainClusterGetsTLSAndAccessControlWithoutLosingARun is the drill of docs/guide/security.md.
func TestAPlainClusterGetsTLSAndAccessControlWithoutLosingARun(t *testing.T) {
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
	c.switchOnAccess(dir)
	c.settle("tick", 2)

	to := now()
	judge(t, rec.Finish(History{Job: "tick", From: from, To: to, AllRun: true, Window: 8 * time.Second, Allow: 10 * time.Second}))
	judge(t, rec.Finish(History{Job: "long", From: from.Add(time.Second), To: to, AllRun: true, Window: 8 * time.Second, Allow: 10 * time.Second}))
	judge(t, rec.Finish(History{Job: "everywhere", From: from.Add(time.Second), To: to, Targets: len(c.Nodes()), Window: 8 * time.Second, Allow: 10 * time.Second}))

	c.strangersAreRefused(dir)
	c.clientsNeedTokens(dir)
}

// run runs a command that calls a node, with the operator's certificate.
func (c *Cluster) run(at *Node, args ...string) string {
	c.t.Helper()
	out, err := c.Run(slices.Concat(args, []string{"--rpc-addr=" + at.RPC}, c.operator)...)
	if err != nil {
		c.t.Fatal(err)
	}
	return out
}

// switchOnAccess restarts one server with access control, makes the tokens on it, which all servers have from then on, and then
// restarts the others. Those that have not been restarted yet take no notice of tokens.
func (c *Cluster) switchOnAccess(dir string) {
	c.t.Helper()
	first := c.Servers[0]
	c.Event("%s gets access control", first.Name)
	first.Stop()
	first.args = append(first.args, "--acl-enabled")
	first.Start()
	out := ""
	Eventually(c.t, time.Minute, "the first token is made", func() (ok bool) {
		var err error
		out, err = c.Run(append([]string{"acl", "bootstrap", "--rpc-addr=" + first.RPC}, c.operator...)...)
		return err == nil
	})
	c.keepSecret(dir, "management", out)
	c.keepSecret(dir, "dashboard", c.run(first, "acl", "token", "create", "--name=dashboard", "--policy=viewer", "--token-file="+filepath.Join(dir, "management")))
	c.WaitReady(time.Minute)
	for _, n := range c.Nodes() {
		if n == first {
			continue
		}
		c.Event("%s gets access control", n.Name)
		n.Stop()
		n.args = append(n.args, "--acl-enabled")
		n.Start()
		c.WaitReady(time.Minute)
		if n.Server {
			Eventually(c.t, time.Minute, n.Name+" votes again", func() bool { return c.voters(n) == len(c.Servers) })
		}
	}
}

// keepSecret writes the secret of a token that a command has made to a file; from then on nodes are asked with it.
func (c *Cluster) keepSecret(dir, name, out string) {
	c.t.Helper()
	_, text, ok := strings.Cut(out, "Secret:")
	if !ok {
		c.t.Fatalf("no secret: %s", out)
	}
	secret := strings.Fields(text)[0]
	if err := os.WriteFile(filepath.Join(dir, name), []byte(secret), 0o600); err != nil {
		c.t.Fatal(err)
	}
	c.secret.Store(&secret)
}

// clientsNeedTokens asks every server with the token of a viewer, and without any.
func (c *Cluster) clientsNeedTokens(dir string) {
	c.t.Helper()
	job := map[string]any{"name": "mine", "schedule": "@manually", "executor": "shell", "executor_config": map[string]string{"command": "true"}}
	for _, n := range c.Servers {
		if status, err := c.call(n, "GET", "/v1/jobs", nil, nil); status != 200 {
			c.t.Errorf("%s, with a token: %v", n.Name, err)
		}
		if status, _ := c.call(n, "POST", "/v1/jobs", job, nil); status != 403 {
			c.t.Errorf("a viewer writes a job on %s: %d", n.Name, status)
		}
	}
	viewer := c.secret.Swap(nil)
	for _, n := range c.Servers {
		for _, method := range []string{"GET", "POST"} {
			if status, _ := c.call(n, method, "/v1/jobs", nil, nil); status != 401 {
				c.t.Errorf("%s of jobs on %s without a token: %d", method, n.Name, status)
			}
		}
	}
	c.secret.Store(viewer)
	if out := c.run(c.Leader(), "audit", "--action=CreateToken", "--output=json", "--token-file="+filepath.Join(dir, "management")); !strings.Contains(out, `"name":"dashboard"`) {
		c.t.Errorf("the audit does not have the token: %s", out)
	}
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
