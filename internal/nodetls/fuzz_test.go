package nodetls

import (
	"crypto/x509"
	"log/slog"
	"net/url"
	"slices"
	"testing"
)

// FuzzSign sends a server what somebody who knows the join secret could send: it signs only what was decided, for a key that the asker has.
func FuzzSign(f *testing.F) {
	secret, err := NewSecret(aSecret)
	if err != nil {
		f.Fatal(err)
	}
	certificate, sealed, err := secret.NewAuthority()
	if err != nil {
		f.Fatal(err)
	}
	s, err := secret.Signer(certificate, sealed)
	if err != nil {
		f.Fatal(err)
	}
	m, err := OpenAuto(AutoNode{Dir: f.TempDir(), Secret: secret, Name: "n1", New: true, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		f.Fatal(err)
	}
	r, err := m.NewRequest()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(r.CSR)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, request []byte) {
		der, err := s.Sign(request, Peer{Role: Agent, Name: "n1"})
		if err != nil {
			return
		}
		leaf, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		if p, err := peerOf(leaf); err != nil || p.Role != Agent || p.Name != "n1" || leaf.IsCA || len(leaf.DNSNames)+len(leaf.IPAddresses) > 0 || len(leaf.URIs) != 1 {
			t.Errorf("it signed %+v, %v", p, err)
		}
	})
}

// FuzzPeer reads whom a certificate describes. Its URIs are what its authority has signed, whatever that is.
func FuzzPeer(f *testing.F) {
	for _, text := range []string{"dkron://server/n1", "dkron://agent/n1?cluster=x", "dkron://joining/n1?as=server", "dkron://joining/n1?as=operator", "dkron:server", "dkron://root/", "https://x", "dkron://SERVER/n"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		u, err := url.Parse(text)
		if err != nil {
			return
		}
		p, err := peerOf(&x509.Certificate{URIs: []*url.URL{u}})
		switch {
		case err != nil && (p.Secure || p.Role != ""):
			t.Errorf("%q: an error and %+v", text, p)
		case err == nil && u.Scheme == scheme && !slices.Contains(append([]Role{Joining}, Roles...), p.Role):
			t.Errorf("%q has the role %q", text, p.Role)
		case err == nil && p.Role == Joining && p.May(Server, Agent, Operator):
			t.Errorf("%q may do something before it has a certificate", text)
		}
	})
}

func FuzzOpenAuthority(f *testing.F) {
	secret, err := NewSecret(aSecret)
	if err != nil {
		f.Fatal(err)
	}
	certificate, sealed, err := secret.NewAuthority()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(certificate, sealed)
	f.Add([]byte{}, []byte{})
	f.Fuzz(func(t *testing.T, c, key []byte) {
		if s, err := secret.Signer(c, key); err == nil && !secret.Fits(s.authority) {
			t.Errorf("a forged authority opens: %x", c)
		}
	})
}
