package nodetls

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const aSecret = "correct horse battery staple"

func secretOf(t *testing.T, text string) *Secret {
	t.Helper()
	s, err := NewSecret(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// made is a cluster's authority.
type made struct {
	t      *testing.T
	secret *Secret
	trust  Trust
	sealed []byte
}

func newMade(t *testing.T, secret string) *made {
	t.Helper()
	m := &made{t: t, secret: secretOf(t, secret)}
	certificate, sealed, err := m.secret.NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	m.trust, m.sealed = Trust{Version: 1, Authority: certificate, Join: m.secret.Root(), Strict: true}, sealed
	return m
}

// node opens a node with the secret. dir may be that of a former one.
func (d *made) node(name string, server bool, dir string) *Material {
	d.t.Helper()
	m, err := OpenAuto(AutoNode{Dir: dir, Secret: d.secret, Name: name, Server: server, New: true, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		d.t.Fatal(err)
	}
	return m
}

// sign gives a node its certificate.
func (d *made) sign(m *Material) *Material {
	d.t.Helper()
	r, err := m.NewRequest()
	if err != nil {
		d.t.Fatal(err)
	}
	s, err := d.secret.Signer(d.trust.Authority, d.sealed)
	if err != nil {
		d.t.Fatal(err)
	}
	leaf, err := s.Sign(r.CSR, Peer{Role: m.auto.role(), Name: m.auto.Name})
	if err == nil {
		err = m.Install(r, leaf, d.trust)
	}
	if err != nil {
		d.t.Fatal(err)
	}
	return m
}

// pair returns both ends of a connection. A pipe would not do: it has no buffer, and both ends may write at the end of a handshake.
func pair(t *testing.T) (a, b net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if a, err = net.Dial("tcp", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if b, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	return a, b
}

// face connects two nodes, and returns both ends.
func face(t *testing.T, caller, called *Material) (client, server *Conn, err error) {
	t.Helper()
	a, b := pair(t)
	type end struct {
		conn *Conn
		err  error
	}
	done := make(chan end, 1)
	go func() {
		c, err := called.Serve(context.Background(), b)
		if err == nil {
			_, err = c.Write([]byte{1}) // the client learns of a refusal by its first read
		} else {
			b.Close()
		}
		done <- end{c, err}
	}()
	if client, err = caller.Connect(t.Context(), a, ""); err == nil {
		_, err = io.ReadFull(client, make([]byte, 1))
	}
	if err != nil {
		a.Close()
	}
	other := <-done
	err = errors.Join(err, other.err)
	t.Cleanup(func() { a.Close(); b.Close() })
	return client, other.conn, err
}

func TestASecretGivesAllNodesTheSameAuthority(t *testing.T) {
	one, two, other := secretOf(t, aSecret), secretOf(t, aSecret), secretOf(t, aSecret+"s")
	if !one.key.Equal(two.key) || !bytes.Equal(one.seal, two.seal) || one.key.Equal(other.key) || bytes.Equal(one.seal, other.seal) {
		t.Error("keys differ, or don't")
	}
	certificate, sealed, err := one.NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	authority, err := x509.ParseCertificate(certificate)
	if err != nil || !two.Fits(authority) || other.Fits(authority) {
		t.Errorf("fits: %v", err)
	}
	if _, err := two.Signer(certificate, sealed); err != nil {
		t.Error(err)
	}
	for name, bad := range map[string][]byte{"damaged": append(bytes.Clone(sealed[:len(sealed)-1]), sealed[len(sealed)-1]^1), "cut": sealed[:5], "none": nil} {
		if _, err := two.Signer(certificate, bad); err == nil {
			t.Errorf("%s: the key is opened", name)
		}
	}
	if _, err := other.Signer(certificate, sealed); !errors.Is(err, ErrOtherSecret) {
		t.Errorf("another secret opens it: %v", err)
	}
	if _, err := NewSecret("fifteen letters"); err == nil || !strings.Contains(err.Error(), "15 characters; want 16") {
		t.Errorf("a short secret: %v", err)
	}
}

func TestWhoHasNoCertificateYetMayNoMoreThanJoin(t *testing.T) {
	d := newMade(t, aSecret)
	joined, joining, agent := d.sign(d.node("s1", true, t.TempDir())), d.node("s2", true, t.TempDir()), d.node("w", false, t.TempDir())
	all := []Role{Server, Agent, Operator}
	for name, c := range map[string]struct {
		caller, called *Material
		may            []Role // of the caller, as the other one sees it
	}{
		"two that know no authority":      {joining, agent, []Role{Server}},
		"an agent that knows none":        {agent, joining, []Role{Agent}},
		"a joining one with a joined one": {joining, joined, nil},
		"a joined one with a joining one": {joined, joining, []Role{Server}},
	} {
		_, server, err := face(t, c.caller, c.called)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var may []Role
		for _, r := range all {
			if server.Peer.May(r) {
				may = append(may, r)
			}
		}
		if len(may) != len(c.may) || len(may) > 0 && may[0] != c.may[0] {
			t.Errorf("%s: %s may what is for %v, want %v", name, server.Peer, may, c.may)
		}
	}
	joined.required.Store(false) // it accepts nodes without TLS, so one that knows the secret all the more
	if _, server, err := face(t, joining, joined); err != nil || !server.Peer.May(Server) || server.Peer.May(Operator) {
		t.Errorf("while nodes without TLS are accepted: %v", err)
	}
}

func TestOutsidersAreRefused(t *testing.T) {
	d := newMade(t, aSecret)
	joined, joining := d.sign(d.node("s1", true, t.TempDir())), d.node("s2", true, t.TempDir())
	other := newMade(t, "incorrect horse battery staple")
	stranger, guest := other.sign(other.node("x", true, t.TempDir())), other.node("y", true, t.TempDir())
	second := newMade(t, aSecret) // another cluster with the same secret
	files := newAuthority(t).material(Peer{Role: Server, Name: "f"})
	for name, c := range map[string]*Material{
		"of another secret": stranger, "joining by another secret": guest, "of another cluster": second.sign(second.node("z", true, t.TempDir())), "with files": files,
	} {
		if _, _, err := face(t, c, joined); err == nil {
			t.Errorf("one %s is let in", name)
		}
		if _, _, err := face(t, joined, c); err == nil {
			t.Errorf("one %s is called", name)
		}
	}
	if _, _, err := face(t, guest, joined); err == nil || !strings.Contains(err.Error(), "is the secret the same") {
		t.Errorf("the reason: %v", err)
	}
	if _, _, err := face(t, joining, files); err == nil {
		t.Error("a node with files lets one in that only knows the secret")
	}
	client, err := d.secret.Client("host")
	if err != nil {
		t.Fatal(err)
	}
	if _, server, err := face(t, client, joined); err != nil || !server.Peer.May(Operator) || server.Peer.May(Server, Agent) {
		t.Errorf("a command with the secret: %v", err)
	}
	forged, err := d.secret.issue(Peer{Role: Server, Name: "forged"}) // a full role, signed by the join authority
	if err != nil {
		t.Fatal(err)
	}
	client.now.Load().own = forged
	if _, _, err := face(t, client, joined); err == nil || !strings.Contains(err.Error(), "only the cluster's authority gives") {
		t.Errorf("a server's certificate from the join authority: %v", err)
	}
}

func TestACertificateIsKeptAndNeedsNoSecretAnyMore(t *testing.T) {
	d := newMade(t, aSecret)
	dir := filepath.Join(t.TempDir(), "tls")
	first := d.sign(d.node("s1", true, dir))
	for _, name := range []string{ownFile, trustFile, authorityFile} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	open := func(n AutoNode) (*Material, string, error) {
		var log bytes.Buffer
		n.Dir, n.Logger = dir, slog.New(slog.NewTextHandler(&log, nil))
		m, err := OpenAuto(n)
		return m, log.String(), err
	}
	m, _, err := open(AutoNode{Name: "s1", Server: true})
	if err != nil || m.now.Load().own.Leaf.SerialNumber.Cmp(first.now.Load().own.Leaf.SerialNumber) != 0 || !m.Required() || m.Trust().Version != 1 {
		t.Fatalf("%+v, %v", m, err)
	}
	if _, err := m.Signer(d.sealed); err == nil {
		t.Error("it signs without the secret")
	}
	d.trust.Version = 7
	if m, _, err := open(AutoNode{Name: "s1", Server: true, Secret: secretOf(t, "incorrect horse battery staple")}); err != nil || !d.sign(m).Misfit() {
		t.Errorf("with another secret, after its certificate was renewed: %v", err)
	}
	if m, log, err := open(AutoNode{Name: "s1", Server: true, Secret: secretOf(t, "incorrect horse battery staple")}); err != nil || !m.Misfit() || !strings.Contains(log, "is another one") {
		t.Errorf("with another secret: %v, %s", err, log)
	} else if _, ok := m.Joined(); !ok {
		t.Error("with another secret it does not go on")
	}
	client := Files{Certificate: filepath.Join(dir, ownFile), Key: filepath.Join(dir, ownFile), Authority: filepath.Join(dir, authorityFile)}
	if m, err := OpenClient(client); err != nil || m.Own().Name != "s1" {
		t.Errorf("as a command's files: %v", err)
	}
	if _, _, err := open(AutoNode{Name: "s2", Server: true}); err == nil || !strings.Contains(err.Error(), "this node is server s2") || !strings.Contains(err.Error(), "--join-secret-file") {
		t.Errorf("under another name: %v", err)
	}
	if m, _, err := open(AutoNode{Name: "s1", Server: true, Moved: true, Secret: d.secret}); err != nil || m.Trust().Version != 0 || !m.Required() {
		t.Errorf("moved to another cluster: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, trustFile), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := open(AutoNode{Name: "s1", Server: true}); err == nil || !strings.Contains(err.Error(), "remove the folder") {
		t.Errorf("damaged: %v", err)
	}
}

func TestAnExpiredCertificateSaysWhatToDo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newMade(t, aSecret)
		dir := t.TempDir()
		m := d.sign(d.node("w", false, dir))
		if ends, _ := m.Joined(); !m.Renew().Equal(ends.Add(-LeafFor / 3)) {
			t.Errorf("renewed %s, %s", m.Renew(), ends)
		}
		if begins := m.now.Load().own.Leaf.NotBefore; time.Since(begins) < time.Hour {
			t.Errorf("a node whose clock is an hour behind refuses what begins at %s", begins)
		}
		time.Sleep(LeafFor + time.Hour)
		n := AutoNode{Dir: dir, Name: "w", Logger: slog.New(slog.DiscardHandler)}
		if _, err := OpenAuto(n); err == nil || !strings.Contains(err.Error(), "has expired") || !strings.Contains(err.Error(), "check the clocks") || !strings.Contains(err.Error(), "start the node with --join-secret-file") {
			t.Errorf("without the secret: %v", err)
		}
		n.Secret = d.secret
		if m, err := OpenAuto(n); err != nil || m.Own().Role != Joining || m.Trust().Version != 1 {
			t.Errorf("with the secret: %v", err)
		}
	})
}

func TestExpelledNodesAreCutOffAtOnce(t *testing.T) {
	d := newMade(t, aSecret)
	s1, s2 := d.sign(d.node("s1", true, t.TempDir())), d.sign(d.node("s2", true, t.TempDir()))
	_, open, err := face(t, s2, s1)
	if err != nil {
		t.Fatal(err)
	}
	d.trust.Version, d.trust.Expelled = 2, []string{"s2"}
	if err := s1.Learn(d.trust); err != nil {
		t.Fatal(err)
	}
	if !ended(open) {
		t.Error("the connection goes on")
	}
	for name, meets := range map[string]func() error{
		"calls":     func() error { _, _, err := face(t, s2, s1); return err },
		"is called": func() error { _, _, err := face(t, s1, s2); return err },
		"joins":     func() error { _, _, err := face(t, d.node("s2", true, t.TempDir()), s1); return err },
	} {
		if err := meets(); err == nil || !strings.Contains(err.Error(), "was expelled") && !strings.Contains(err.Error(), "refuses this node's certificate") {
			t.Errorf("it %s: %v", name, err)
		}
	}
	if err := s1.Learn(Trust{Version: 1, Authority: d.trust.Authority}); err != nil || len(s1.Trust().Expelled) != 1 {
		t.Errorf("what is older counts: %v, %v", s1.Trust().Expelled, err)
	}
	d.trust.Version, d.trust.Expelled = 3, nil
	if err := s1.Learn(d.trust); err != nil {
		t.Fatal(err)
	}
	if _, _, err := face(t, s2, s1); err != nil {
		t.Errorf("after it was let in again: %v", err)
	}
}

// ended waits until a connection has ended.
func ended(conn net.Conn) bool {
	_ = conn.SetReadDeadline(time.Now().Add(time.Minute))
	_, err := conn.Read(make([]byte, 1))
	return err != nil && !errors.Is(err, os.ErrDeadlineExceeded)
}

func TestConnectionsWithoutACertificateEndWhenTheClusterIsStrict(t *testing.T) {
	d := newMade(t, aSecret)
	d.trust.Strict = false
	no := false
	m, err := OpenAuto(AutoNode{Dir: t.TempDir(), Secret: d.secret, Name: "s1", Server: true, New: true, Required: &no, Logger: slog.New(slog.DiscardHandler)})
	if err != nil || m.Required() {
		t.Fatal(m.Required(), err)
	}
	d.sign(m)
	_, joining, err := face(t, d.node("s2", true, t.TempDir()), m)
	if err != nil {
		t.Fatal(err)
	}
	a, b := net.Pipe()
	defer b.Close()
	plain := m.Plain(a)
	d.trust.Version, d.trust.Strict = 2, true
	if err := m.Learn(d.trust); err != nil || !m.Required() {
		t.Fatal(err, m.Required())
	}
	for _, conn := range []net.Conn{plain, joining} {
		if !ended(conn) {
			t.Error("a connection goes on")
		}
	}
}

func TestWhatANodeHasNoReasonToTrustIsNotInstalled(t *testing.T) {
	d, other := newMade(t, aSecret), newMade(t, "incorrect horse battery staple")
	m := d.node("w", false, t.TempDir())
	r, err := m.NewRequest()
	if err != nil {
		t.Fatal(err)
	}
	more, _ := m.NewRequest()
	sign := func(d *made, csr []byte, p Peer) []byte {
		s, err := d.secret.Signer(d.trust.Authority, d.sealed)
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := s.Sign(csr, p)
		if err != nil {
			t.Fatal(err)
		}
		return leaf
	}
	own := Peer{Role: Agent, Name: "w"}
	for name, c := range map[string]struct {
		leaf  []byte
		trust Trust
		want  string
	}{
		"of another secret": {sign(other, r.CSR, own), other.trust, "another join secret"},
		"of another key":    {sign(d, more.CSR, own), d.trust, "another key"},
		"of another name":   {sign(d, r.CSR, Peer{Role: Agent, Name: "v"}), d.trust, "agent v"},
		"of another role":   {sign(d, r.CSR, Peer{Role: Server, Name: "w"}), d.trust, "server w"},
		"of no authority":   {sign(d, r.CSR, own), Trust{}, "authority"},
		"forged":            {sign(other, r.CSR, own), d.trust, "neither from"},
	} {
		if err := m.Install(r, c.leaf, c.trust); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
		if _, ok := m.Joined(); ok || m.Trust().Version != 0 {
			t.Errorf("%s: it was installed", name)
		}
	}
	if err := m.Install(r, sign(d, r.CSR, own), d.trust); err != nil {
		t.Error(err)
	}
	s, _ := d.secret.Signer(d.trust.Authority, d.sealed)
	for name, csr := range map[string][]byte{"none": nil, "rubbish": []byte("x"), "forged": forged(t, r.CSR)} {
		if _, err := s.Sign(csr, own); err == nil {
			t.Errorf("a request that is %s is signed", name)
		}
	}
}

// forged is a request whose signature does not fit.
func forged(t *testing.T, csr []byte) []byte {
	t.Helper()
	bad := bytes.Clone(csr)
	bad[len(bad)-1] ^= 1
	return bad
}

func TestCertificatesOfTheClusterArePEMFiles(t *testing.T) {
	block, rest := pem.Decode(chain([]byte("a"), nil, []byte("b")))
	if block == nil || block.Type != "CERTIFICATE" || !bytes.Contains(rest, []byte("CERTIFICATE")) {
		t.Error(block, rest)
	}
}
