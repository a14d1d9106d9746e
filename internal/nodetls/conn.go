package nodetls

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"time"
)

// Hello is the first byte of a connection with TLS.
const Hello = 0x16

// Serve makes a connection that another node has opened secure. The caller limits its time.
func (m *Material) Serve(ctx context.Context, conn net.Conn) (*Conn, error) {
	l := m.now.Load()
	out := &Conn{}
	c := tls.Server(conn, &tls.Config{
		MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{*l.own}, ClientAuth: tls.RequireAnyClientCert,
		SessionTicketsDisabled: true, // a certificate is verified each time
		VerifyConnection: func(s tls.ConnectionState) (err error) {
			out.Peer, err = m.admit(l, s, x509.ExtKeyUsageClientAuth)
			return err
		},
	})
	if err := c.HandshakeContext(ctx); err != nil {
		return nil, explain(err)
	}
	out.Conn = c
	m.admitted(out, l.peer)
	return out, nil
}

// ErrPlain says that the other end does not know TLS.
var ErrPlain = errors.New("the node there takes no TLS")

// Connect makes a connection to another node secure, of which name is the node's name if it is known. It returns
// ErrPlain if the node there has no certificates.
func (m *Material) Connect(ctx context.Context, conn net.Conn, name string) (*Conn, error) {
	l := m.now.Load()
	out := &Conn{}
	c := tls.Client(conn, &tls.Config{
		MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{*l.own},
		InsecureSkipVerify: true, //nolint:gosec // nodes are known by name and not by address: VerifyConnection verifies
		VerifyConnection: func(s tls.ConnectionState) (err error) {
			if out.Peer, err = m.admit(l, s, x509.ExtKeyUsageServerAuth); err != nil {
				return err
			}
			if name != "" && !out.Peer.Is(name) {
				return fmt.Errorf("%s answers there instead of %s", out.Peer, name)
			}
			return nil
		},
	})
	err := c.HandshakeContext(ctx)
	var header tls.RecordHeaderError
	switch {
	case err == nil:
		out.Conn = c
		m.admitted(out, l.peer)
		return out, nil
	case out.Peer.Secure: // it has shown a certificate
	case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.As(err, &header):
		return nil, ErrPlain
	}
	return nil, explain(err)
}

// admit verifies the certificate of another node.
func (m *Material) admit(l *loaded, s tls.ConnectionState, usage x509.ExtKeyUsage) (p Peer, err error) {
	if !l.auto {
		if p, err = l.admit(s, usage); err == nil && p.Role == Joining {
			err = errors.New("it wants to join by a join secret, and this node has certificates of its own")
		}
		return p, err
	}
	if p, err = l.admitAuto(s.PeerCertificates, usage); err != nil {
		return p, err
	}
	p.Provisional = p.Role == Joining && (l.authority == nil || !m.required.Load())
	return p, m.refusedName(p)
}

// admitAuto verifies a certificate of a cluster with an authority of its own. A node that does not know the authority yet accepts
// the one that was made with its secret.
func (l *loaded) admitAuto(chain []*x509.Certificate, usage x509.ExtKeyUsage) (p Peer, err error) {
	if len(chain) == 0 {
		return p, errors.New("it has no certificate")
	}
	leaf, unknown := chain[0], error(x509.UnknownAuthorityError{Cert: chain[0]})
	verify := func(by *x509.Certificate, between ...*x509.Certificate) bool {
		if by == nil {
			return false
		}
		if err = below(leaf, by, usage, between...); err != nil {
			return false
		}
		p, err = peerOf(leaf)
		return true
	}
	if verify(l.authority) {
		if err == nil && p.Role == Joining {
			err = errors.New("its certificate has a role that the cluster's authority does not give")
		}
		return p, err
	}
	expired := err
	if verify(l.join) {
		if err == nil && p.Role != Joining && p.Role != Operator {
			err = fmt.Errorf("its certificate has the role %s, which only the cluster's authority gives", p.Role)
		}
		return p, err
	}
	if l.authority == nil && len(chain) > 1 && verify(l.join, chain[1:]...) {
		if err == nil && p.Role == Joining {
			err = errors.New("its certificate has a role that the cluster's authority does not give")
		}
		return p, err
	}
	return Peer{}, adviseAuto(cmp.Or(expired, err, unknown))
}

// below verifies a certificate by one authority, and those between.
func below(leaf, authority *x509.Certificate, usage x509.ExtKeyUsage, between ...*x509.Certificate) error {
	roots, others := x509.NewCertPool(), x509.NewCertPool()
	roots.AddCert(authority)
	for _, c := range between {
		others.AddCert(c)
	}
	_, err := leaf.Verify(x509.VerifyOptions{Roots: roots, Intermediates: others, KeyUsages: []x509.ExtKeyUsage{usage}})
	return err
}

// adviseAuto says what to do about a certificate that can't be verified.
func adviseAuto(err error) error {
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.Expired {
		return fmt.Errorf("%w; check the clocks of both machines; if they are right, restart the node that has this certificate with the join secret", err)
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return errors.New("its certificate comes neither from this cluster's authority nor from this node's join secret; is the secret the same on both nodes?")
	}
	return err
}

// admit verifies the certificate of another node by files.
func (l *loaded) admit(s tls.ConnectionState, usage x509.ExtKeyUsage) (Peer, error) {
	if len(s.PeerCertificates) == 0 {
		return Peer{}, errors.New("it has no certificate")
	}
	leaf := s.PeerCertificates[0]
	if err := l.verify(s.PeerCertificates, usage); err != nil {
		return Peer{}, err
	}
	for _, c := range s.PeerCertificates {
		if l.revoked[string(c.RawIssuer)+c.SerialNumber.String()] {
			return Peer{}, fmt.Errorf("its certificate, number %s, is revoked", leaf.SerialNumber)
		}
	}
	return peerOf(leaf)
}

// explain makes the errors of a handshake plain.
func explain(err error) error {
	if alert, ok := errors.AsType[tls.AlertError](err); ok {
		return fmt.Errorf("the other node refuses this node's certificate (%w); its log says why", alert)
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "remote error" {
		return fmt.Errorf("the other node refuses this node's certificate (%w); its log says why", op.Err)
	}
	return err
}

// Conn is a connection with TLS.
type Conn struct {
	*tls.Conn
	Peer Peer

	conns *conns // nil: it is not registered
	entry *entry
}

// Ends is when the certificate of the other node ends.
func (c *Conn) Ends() time.Time { return c.ConnectionState().PeerCertificates[0].NotAfter }

// HTTP returns the configuration of an HTTP port, nil without a certificate. verify asks clients for a certificate of the
// authority.
func (m *Material) HTTP(verify bool) *tls.Config {
	if m == nil {
		return nil
	}
	c := &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return m.now.Load().own, nil },
	}
	if verify {
		c.ClientAuth = tls.RequireAnyClientCert
		c.SessionTicketsDisabled = true
		c.VerifyConnection = func(s tls.ConnectionState) error {
			_, err := m.admit(m.now.Load(), s, x509.ExtKeyUsageClientAuth)
			return err
		}
	}
	return c
}
