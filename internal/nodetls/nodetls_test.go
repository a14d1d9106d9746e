package nodetls

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// authority is an authority and a folder for what it signs.
type authority struct {
	t    *testing.T
	dir  string
	pair Pair
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	pair, err := NewAuthority("test", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	a := &authority{t, t.TempDir(), pair}
	a.write("ca.pem", pair.Certificate)
	return a
}

func (a *authority) write(name string, content []byte) string {
	a.t.Helper()
	path := filepath.Join(a.dir, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		a.t.Fatal(err)
	}
	return path
}

// files issues a certificate to files.
func (a *authority) files(p Peer, valid time.Duration) Files {
	a.t.Helper()
	pair, err := Issue(a.pair, p, []string{"localhost", "127.0.0.1"}, valid)
	if err != nil {
		a.t.Fatal(err)
	}
	return Files{a.write(p.Name+".pem", pair.Certificate), a.write(p.Name+"-key.pem", pair.Key), filepath.Join(a.dir, "ca.pem"), ""}
}

func (a *authority) material(p Peer) *Material {
	a.t.Helper()
	files := a.files(p, time.Hour)
	open := Open
	if p.Role == Operator {
		open = func(f Files, _ bool, _ *slog.Logger) (*Material, error) { return OpenClient(f) }
	}
	m, err := open(files, false, slog.New(slog.DiscardHandler))
	if err != nil {
		a.t.Fatal(err)
	}
	return m
}

// wire returns both ends of a connection.
func wire(t *testing.T) (near, far net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if near, err = net.Dial("tcp", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if far, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	return near, far
}

// meet makes a connection and returns what each end has found out.
func meet(t *testing.T, from, to *Material, name string) (called, caller Peer, dialErr, serveErr error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	near, far := wire(t)
	defer near.Close()
	type result struct {
		conn *Conn
		err  error
	}
	served := make(chan result, 1)
	go func() {
		defer far.Close()
		c, err := to.Serve(ctx, far)
		if err == nil {
			_, err = io.WriteString(c, "hi")
		}
		served <- result{c, err}
	}()
	c, err := from.Connect(ctx, near, name)
	if err == nil {
		called = c.Peer
		_, err = io.ReadFull(c, make([]byte, 2))
		err = explain(err)
	}
	near.Close()
	r := <-served
	if r.conn != nil {
		caller = r.conn.Peer
	}
	return called, caller, err, r.err
}

func TestNodesKnowWhoIsAtTheOtherEnd(t *testing.T) {
	a := newAuthority(t)
	server, agent := a.material(Peer{Role: Server, Name: "n1", Cluster: "c"}), a.material(Peer{Role: Agent, Name: "web 1 ü"})
	called, caller, err, serr := meet(t, agent, server, "n1")
	if err != nil || serr != nil || called.Role != Server || called.Cluster != "c" || !called.Is("n1") || called.Is("n2") || caller.Role != Agent || !caller.Is("web 1 ü") {
		t.Errorf("%+v, %+v, %v, %v", called, caller, err, serr)
	}
	if caller.May(Server, Operator) || !caller.May(Server, Agent) || !(Peer{}).May(Server) {
		t.Error("an agent may do what is for servers")
	}
	if _, _, err, _ := meet(t, agent, server, "n2"); err == nil || !strings.Contains(err.Error(), "server n1 answers there instead of n2") {
		t.Errorf("another name: %v", err)
	}
	operator := a.material(Peer{Role: Operator, Name: "alice"})
	if _, caller, err, _ := meet(t, operator, server, ""); err != nil || caller.String() != "operator alice" {
		t.Errorf("%v, %v", caller, err)
	}
	if _, _, err, _ := meet(t, server, operator, ""); err == nil || !strings.Contains(err.Error(), "must be for servers and clients both") {
		t.Errorf("an operator as a node: %v", err)
	}
	stranger := newAuthority(t).material(Peer{Role: Server, Name: "n1"})
	if _, _, err, _ := meet(t, agent, stranger, "n1"); err == nil || !strings.Contains(err.Error(), "signed by none of those in trusted-ca-file") {
		t.Errorf("another authority: %v", err)
	}
	if _, _, err, serr := meet(t, stranger, server, ""); err == nil || serr == nil {
		t.Errorf("a stranger: %v, %v", err, serr)
	}
}

func TestARevokedCertificateIsRefused(t *testing.T) {
	a := newAuthority(t)
	agent := a.material(Peer{Role: Agent, Name: "w"})
	files := a.files(Peer{Role: Server, Name: "n1"}, time.Hour)
	signer, err := tlsPair(a.pair)
	if err != nil {
		t.Fatal(err)
	}
	list := func(numbers ...*big.Int) []byte {
		crl := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: time.Now(), NextUpdate: time.Now().Add(time.Hour)}
		for _, n := range numbers {
			crl.RevokedCertificateEntries = append(crl.RevokedCertificateEntries, x509.RevocationListEntry{SerialNumber: n, RevocationTime: time.Now()})
		}
		der, err := x509.CreateRevocationList(rand.Reader, crl, signer.Leaf, signer.PrivateKey.(*ecdsa.PrivateKey))
		if err != nil {
			t.Fatal(err)
		}
		return pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: der})
	}
	files.Revoked = a.write("crl.pem", list())
	server, err := Open(files, false, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err, serr := meet(t, agent, server, ""); err != nil || serr != nil {
		t.Fatal(err, serr)
	}
	a.write("crl.pem", list(agent.now.Load().own.Leaf.SerialNumber))
	if changed, err := server.reload(); !changed || err != nil {
		t.Fatal(changed, err)
	}
	if _, _, err, serr := meet(t, agent, server, ""); err == nil || serr == nil || !strings.Contains(serr.Error(), "is revoked") {
		t.Errorf("%v, %v", err, serr)
	}
	a.write("crl.pem", []byte("nothing"))
	if _, err := server.reload(); err == nil || !strings.Contains(err.Error(), "client-crl-file") {
		t.Errorf("%v", err)
	}
}

func TestANodeWithoutTLSIsTold(t *testing.T) {
	m := newAuthority(t).material(Peer{Role: Server, Name: "n1"})
	for name, answer := range map[string]string{"closes": "", "speaks": "HTTP/1.1 400 Bad Request\r\n"} {
		near, far := wire(t)
		go func() {
			_, _ = far.Read(make([]byte, 1))
			_, _ = io.WriteString(far, answer)
			far.Close()
		}()
		if _, err := m.Connect(t.Context(), near, ""); !errors.Is(err, ErrPlain) {
			t.Errorf("%s: %v", name, err)
		}
		near.Close()
	}
}

func TestFilesThatCannotBeUsedAreNamed(t *testing.T) {
	a := newAuthority(t)
	good := a.files(Peer{Role: Server, Name: "n1"}, time.Hour)
	other := newAuthority(t)
	old := a.files(Peer{Role: Server, Name: "old"}, -time.Minute)
	operator := a.files(Peer{Role: Operator, Name: "alice"}, time.Hour)
	for name, c := range map[string]struct {
		change func(*Files)
		want   string
	}{
		"missing":         {func(f *Files) { f.Key = filepath.Join(a.dir, "none") }, "key-file: open"},
		"other key":       {func(f *Files) { f.Key = operator.Key }, "private key does not match public key"},
		"no certificate":  {func(f *Files) { f.Authority = f.Key }, "trusted-ca-file " + good.Key + ": it has no block CERTIFICATE"},
		"other authority": {func(f *Files) { f.Authority = filepath.Join(other.dir, "ca.pem") }, "signed by none of those in trusted-ca-file"},
		"ended":           {func(f *Files) { *f = old }, "make a new one with dkron tls cert, or check the clock"},
		"only a client's": {func(f *Files) { *f = operator }, "must be for servers and clients both"},
	} {
		files := good
		c.change(&files)
		if _, err := Open(files, false, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	if _, err := Issue(Pair{mustRead(t, good.Certificate), mustRead(t, good.Key)}, Peer{Role: Agent, Name: "x"}, nil, time.Hour); err == nil || !strings.Contains(err.Error(), "none of an authority") {
		t.Errorf("signed by a node: %v", err)
	}
}

func TestANodeHasACertificateThatOthersTake(t *testing.T) {
	a := newAuthority(t)
	for name, c := range map[string]struct {
		peer   Peer
		server bool
		want   string
	}{
		"a server": {Peer{Role: Server, Name: "n1"}, true, ""}, "an agent": {Peer{Role: Agent, Name: "n1"}, false, ""},
		"an agent's": {Peer{Role: Agent, Name: "n1"}, true, "--role=server"}, "another's": {Peer{Role: Server, Name: "n2"}, true, "--name=n1"},
	} {
		var log bytes.Buffer
		_, _, err := OpenNode(Node{Files: a.files(c.peer, time.Hour), Name: "n1", Server: c.server, Listens: "10.0.0.1:6868", Logger: slog.New(slog.NewTextHandler(&log, nil))})
		if c.want == "" && (err != nil || !strings.Contains(log.String(), "are protected by TLS")) || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, %s", name, err, &log)
		}
	}
	for addr, warns := range map[string]bool{"0.0.0.0:6868": true, ":6868": true, "127.0.0.1:6868": false, "[::1]:6868": false} {
		var log bytes.Buffer
		if _, m, err := OpenNode(Node{Name: "n1", Listens: addr, Logger: slog.New(slog.NewTextHandler(&log, nil))}); m != nil || err != nil || warns != strings.Contains(log.String(), "not protected") {
			t.Errorf("%s: %v, %v, %s", addr, m, err, &log)
		}
	}
}

func TestFilesAreReadAgain(t *testing.T) {
	a := newAuthority(t)
	peer := Peer{Role: Server, Name: "n1"}
	files := a.files(peer, time.Hour)
	var log bytes.Buffer
	m, err := Open(files, false, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	first := m.now.Load().own.Leaf.SerialNumber
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		go m.Keep(ctx)
		synctest.Wait()
		a.write("n1.pem", []byte("half of it"))
		time.Sleep(3 * readAgain)
		synctest.Wait()
		if n := m.now.Load().own.Leaf.SerialNumber; n.Cmp(first) != 0 || strings.Count(log.String(), "the former ones stay in use") != 1 {
			t.Errorf("%v, %s", n, &log)
		}
		cancel()
		synctest.Wait()
	})
	a.files(peer, time.Hour)
	if changed, err := m.reload(); !changed || err != nil || m.now.Load().own.Leaf.SerialNumber.Cmp(first) == 0 {
		t.Error(changed, err)
	}
}

func mustRead(t *testing.T, path string) []byte {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
