package nodetls

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
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
			out.Peer, err = l.admit(s, x509.ExtKeyUsageClientAuth)
			return err
		},
	})
	if err := c.HandshakeContext(ctx); err != nil {
		return nil, explain(err)
	}
	out.Conn = c
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
			if out.Peer, err = l.admit(s, x509.ExtKeyUsageServerAuth); err != nil {
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
		return out, nil
	case out.Peer.Secure: // it has shown a certificate
	case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.As(err, &header):
		return nil, ErrPlain
	}
	return nil, explain(err)
}

// admit verifies the certificate of another node.
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
}

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
			_, err := m.now.Load().admit(s, x509.ExtKeyUsageClientAuth)
			return err
		}
	}
	return c
}
