package rpc

import (
	"net"
	"slices"
	"strings"
	"testing"

	"dkron"
	"dkron/internal/authority"
	"dkron/internal/nodetls"
)

// founded is a cluster with an authority of its own.
type founded struct {
	t      *testing.T
	secret *nodetls.Secret
	trust  nodetls.Trust
	sealed []byte
}

func newFounded(t *testing.T) *founded {
	t.Helper()
	f := &founded{t: t}
	var err error
	if f.secret, err = nodetls.NewSecret("correct horse battery staple"); err != nil {
		t.Fatal(err)
	}
	f.trust = nodetls.Trust{Version: 1, Join: f.secret.Root(), Strict: true}
	if f.trust.Authority, f.sealed, err = f.secret.NewAuthority(); err != nil {
		t.Fatal(err)
	}
	return f
}

// node returns a server that has no certificate yet.
func (f *founded) node(name string) *nodetls.Material {
	f.t.Helper()
	m, err := nodetls.OpenAuto(nodetls.AutoNode{Dir: f.t.TempDir(), Secret: f.secret, Name: name, Server: true, New: true, Logger: quiet})
	if err != nil {
		f.t.Fatal(err)
	}
	return m
}

// joined gives it one.
func (f *founded) joined(m *nodetls.Material) *nodetls.Material {
	f.t.Helper()
	r, err := m.NewRequest()
	if err != nil {
		f.t.Fatal(err)
	}
	signer, err := f.secret.Signer(f.trust.Authority, f.sealed)
	if err != nil {
		f.t.Fatal(err)
	}
	leaf, err := signer.Sign(r.CSR, nodetls.Peer{Role: nodetls.Server, Name: m.Own().Name})
	if err == nil {
		err = m.Install(r, leaf, f.trust)
	}
	if err != nil {
		f.t.Fatal(err)
	}
	return m
}

func TestANodeWithoutACertificateMayOnlyAskForOne(t *testing.T) {
	f := newFounded(t)
	for name, c := range map[string]struct {
		called *nodetls.Material
		all    bool // the caller counts as the server that it wishes to be
	}{
		"of a server that has one":       {f.joined(f.node("fake")), false},
		"of one that knows no authority": {f.node("fake"), true},
	} {
		addr := serveTLS(t, new(fake), c.called)
		client, err := poolOf(t, f.node("s2")).Node("fake", addr)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range []string{"Status", "ProposeFounding", "Enrol", "Trust", "Expel", "SetJob"} {
			err := callEmpty(t, client, serverService+"/"+m)
			refused := err != nil && strings.Contains(err.Error(), "may not call")
			if allowed := c.all || m == "Enrol"; allowed == refused {
				t.Errorf("%s: %s: %v", name, m, err)
			}
		}
	}
}

func TestRaftIsForJoiningServersOnlyWhileThereIsNoAuthority(t *testing.T) {
	f := newFounded(t)
	dial := func(caller, called *nodetls.Material) error {
		t.Helper()
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		m := newMux(l, 100, called, quiet)
		go m.run(helloOf("s1"))
		t.Cleanup(m.close)
		go func() {
			for conn, err := m.raft.Accept(); err == nil; conn, err = m.raft.Accept() {
				t.Cleanup(func() { conn.Close() })
			}
		}()
		conn, err := poolOf(t, caller).dialRaft(t.Context(), "s1", l.Addr().String(), helloOf("s2"))
		if err == nil {
			conn.Close()
		}
		return err
	}
	if err := dial(f.node("s2"), f.node("s1")); err != nil {
		t.Errorf("two that know no authority: %v", err)
	}
	if err := dial(f.joined(f.node("s2")), f.joined(f.node("s1"))); err != nil {
		t.Errorf("two with certificates: %v", err)
	}
	if err := dial(f.node("s2"), f.joined(f.node("s1"))); err == nil || !strings.Contains(err.Error(), "takes no part in Raft") {
		t.Errorf("one without: %v", err)
	}
	if err := dial(f.joined(f.node("s2")), f.node("s1")); err == nil || !strings.Contains(err.Error(), "takes no part in Raft") {
		t.Errorf("to one without: %v", err)
	}
	if err := dial(nil, f.joined(f.node("s1"))); err == nil {
		t.Error("one without TLS takes part in Raft")
	}
}

func TestNoCertificateIsAskedForWithoutTLS(t *testing.T) {
	f := newFounded(t)
	no := false
	m, err := nodetls.OpenAuto(nodetls.AutoNode{Dir: t.TempDir(), Secret: f.secret, Name: "s2", Server: true, Required: &no, Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	plain := new(fake)
	addr := serveTLS(t, plain, nil)
	if _, err := NewNodes(poolOf(t, m)).Enrol(t.Context(), dkron.Node{Name: "fake", RPCAddr: addr}, &authority.EnrolRequest{Name: "n"}); err == nil || !strings.Contains(err.Error(), "give that server the join secret too") || slices.Contains(plain.asked, "Enrol n") {
		t.Errorf("%v, %v", err, plain.asked)
	}
	if who, _, err := NewNodes(poolOf(t, m)).Probe(t.Context(), dkron.Node{Name: "fake", RPCAddr: addr}); err != nil || who.Secure {
		t.Errorf("a look at a node without TLS: %v, %v", who, err)
	}
	joined := serveTLS(t, new(fake), f.joined(f.node("fake")))
	if who, ends, err := NewNodes(poolOf(t, m)).Probe(t.Context(), dkron.Node{Name: "fake", RPCAddr: joined}); err != nil || who.Role != nodetls.Server || ends.IsZero() {
		t.Errorf("a look at a node with a certificate: %v, %v", who, err)
	}
	if reply, err := NewNodes(poolOf(t, m)).Enrol(t.Context(), dkron.Node{Name: "fake", RPCAddr: joined}, &authority.EnrolRequest{Name: "n"}); err != nil || string(reply.Certificate) != "c" {
		t.Errorf("with TLS: %v, %v", reply, err)
	}
}
