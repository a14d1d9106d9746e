package rpc

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"

	"dkron"
	"dkron/internal/nodetls"
	"dkron/internal/request"
)

// ca issues certificates for tests.
type ca struct {
	dir  string
	pair nodetls.Pair
}

func newCA(t *testing.T) ca {
	t.Helper()
	pair, err := nodetls.NewAuthority("test", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return ca{t.TempDir(), pair}
}

// issue returns the material of a node, or of an operator.
func (c ca) issue(t *testing.T, p nodetls.Peer, required bool) *nodetls.Material {
	t.Helper()
	pair, err := nodetls.Issue(c.pair, p, nil, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	files := nodetls.Files{Certificate: filepath.Join(c.dir, p.Name+".pem"), Key: filepath.Join(c.dir, p.Name+"-key.pem"), Authority: filepath.Join(c.dir, "ca.pem")}
	for path, content := range map[string][]byte{files.Certificate: pair.Certificate, files.Key: pair.Key, files.Authority: c.pair.Certificate} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if p.Role == nodetls.Operator {
		m, err := nodetls.OpenClient(files)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	m, err := nodetls.Open(files, required, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// serveTLS serves f as the node that tls names.
func serveTLS(t *testing.T, f *fake, tls *nodetls.Material) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := NewServer(NewPort(l, 1000, tls, quiet), f, request.Doer(f), &Cluster{f, f, f, f, f, f, f, f, f, f, nil}, nil)
	done := make(chan error, 1)
	go func() { done <- s.Serve() }()
	t.Cleanup(func() {
		s.Close()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

func poolOf(t *testing.T, tls *nodetls.Material) *Pool {
	t.Helper()
	p := NewPool(nobody{}, tls)
	t.Cleanup(p.Close)
	return p
}

// allMethods is every method of both services, streams included.
func allMethods() (all []string) {
	for _, d := range []*grpc.ServiceDesc{nodeMethods, serverMethods} {
		for _, m := range d.Methods {
			all = append(all, d.ServiceName+"/"+m.MethodName)
		}
		for _, s := range d.Streams {
			all = append(all, d.ServiceName+"/"+s.StreamName)
		}
	}
	return all
}

// TestEachRoleMayCallWhatIsForIt goes through every method, so that a new one is for servers unless a row says otherwise.
func TestEachRoleMayCallWhatIsForIt(t *testing.T) {
	c := newCA(t)
	f := &fake{attach: func(context.Context, NodeLink) error { return nil }}
	addr := serveTLS(t, f, c.issue(t, nodetls.Peer{Role: nodetls.Server, Name: "fake"}, true))
	may := map[nodetls.Role]string{
		nodetls.Agent: " Enrol HTTP Secrets Trust ", nodetls.Operator: " Certificates Expel HTTP Keys Leave Peers RemovePeer Report SetLogLevel Status ",
	}
	for _, role := range nodetls.Roles {
		p := poolOf(t, c.issue(t, nodetls.Peer{Role: role, Name: string(role)}, true))
		client, err := p.Node("fake", addr)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range allMethods() {
			_, method, _ := strings.Cut(m, "/")
			err := callEmpty(t, client, m)
			refused := err != nil && strings.Contains(err.Error(), "may not call")
			if allowed := role == nodetls.Server || strings.Contains(may[role], " "+method+" "); allowed == refused {
				t.Errorf("%s calls %s: %v", role, m, err)
			}
		}
	}
}

// callEmpty calls a method with an empty message, and returns the error of a refusal or of the call.
func callEmpty(t *testing.T, c *Client, method string) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	s, err := c.conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, "/"+method)
	if err != nil {
		return err
	}
	if err := errors.Join(s.SendMsg(new(Empty)), s.CloseSend()); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	for {
		if err := s.RecvMsg(new(Empty)); err != nil {
			return err
		}
	}
}

func TestNodesWithAndWithoutCertificatesWorkTogetherUntilTLSIsRequired(t *testing.T) {
	c := newCA(t)
	server, agent := nodetls.Peer{Role: nodetls.Server, Name: "fake"}, nodetls.Peer{Role: nodetls.Server, Name: "other"}
	for name, s := range map[string]struct {
		called, caller *nodetls.Material
		want           string // in the error; empty: it works
	}{
		"none":                   {nil, nil, ""},
		"both":                   {c.issue(t, server, false), c.issue(t, agent, false), ""},
		"only the caller":        {nil, c.issue(t, agent, false), ""},
		"only the called":        {c.issue(t, server, false), nil, ""},
		"the called requires it": {c.issue(t, server, true), nil, "no node answers"},
		"the caller requires it": {nil, c.issue(t, agent, true), "give that node certificates, or the secret, too"},
		"both require it":        {c.issue(t, server, true), c.issue(t, agent, true), ""},
		"another authority":      {newCA(t).issue(t, server, false), c.issue(t, agent, false), "signed by none of those in trusted-ca-file"},
	} {
		addr := serveTLS(t, new(fake), s.called)
		client, err := poolOf(t, s.caller).Node("fake", addr)
		if err != nil {
			t.Fatal(err)
		}
		_, err = client.Status(t.Context())
		switch {
		case s.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case s.want == "no node answers":
			if !errors.Is(err, ErrUnreachable) {
				t.Errorf("%s: %v", name, err)
			}
		case s.want != "" && (err == nil || !strings.Contains(err.Error(), s.want)):
			t.Errorf("%s: %v, want %s", name, err, s.want)
		}
	}
}

func TestAnswersOfAServerAreNotTakenFromAnAgent(t *testing.T) {
	c := newCA(t)
	addr := serveTLS(t, new(fake), c.issue(t, nodetls.Peer{Role: nodetls.Agent, Name: "fake"}, true))
	client, err := poolOf(t, c.issue(t, nodetls.Peer{Role: nodetls.Server, Name: "n1"}, true)).Client(addr)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Status(t.Context()); err == nil || !strings.Contains(err.Error(), "agent fake answers in place of a server") {
		t.Error(err)
	}
}

func TestRaftIsForServersUnderTheirOwnNames(t *testing.T) {
	c := newCA(t)
	called := c.issue(t, nodetls.Peer{Role: nodetls.Server, Name: "n2"}, true)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m := newMux(l, 100, called, quiet)
	go m.run(helloOf("n2"))
	t.Cleanup(m.close)
	go func() {
		for {
			conn, err := m.raft.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { conn.Close() })
		}
	}()
	for name, s := range map[string]struct {
		peer nodetls.Peer
		says string
		to   string
		want string
	}{
		"a server":             {nodetls.Peer{Role: nodetls.Server, Name: "n1"}, "n1", "n2", ""},
		"a forged name":        {nodetls.Peer{Role: nodetls.Server, Name: "n1"}, "n3", "n2", "server n1 says that it is n3"},
		"an agent":             {nodetls.Peer{Role: nodetls.Agent, Name: "w"}, "w", "n2", "takes no part in Raft"},
		"an agent as a server": {nodetls.Peer{Role: nodetls.Agent, Name: "w"}, "n1", "n2", "takes no part in Raft"},
		"an operator":          {nodetls.Peer{Role: nodetls.Operator, Name: "alice"}, "n1", "n2", "takes no part in Raft"},
		"to another":           {nodetls.Peer{Role: nodetls.Server, Name: "n1"}, "n1", "n4", "server n2 answers there instead of n4"},
		"of another cluster":   {nodetls.Peer{Role: nodetls.Server, Name: "n1", Cluster: "x"}, "n1", "n2", "is for the cluster x"},
	} {
		conn, err := poolOf(t, c.issue(t, s.peer, true)).dialRaft(t.Context(), s.to, l.Addr().String(), helloOf(s.says))
		if conn != nil {
			conn.Close()
		}
		if s.want == "" && err != nil || s.want != "" && (err == nil || !strings.Contains(err.Error(), s.want)) {
			t.Errorf("%s: %v, want %s", name, err, s.want)
		}
	}
	if conn, err := poolOf(t, nil).dialRaft(t.Context(), "n2", l.Addr().String(), helloOf("n1")); err == nil {
		conn.Close()
		t.Error("a server without a certificate was admitted")
	}
}

// helloOf is a gate of a server of cluster c that admits everybody but old versions.
type helloOf string

func (h helloOf) Hello() RaftHello { return RaftHello{Node: string(h), Cluster: "c"} }

func (helloOf) AdmitRaft(_ RaftHello, old bool) error {
	if old {
		return dkron.Error(dkron.ErrForeign, "an old version")
	}
	return nil
}
