package nodetls

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync/atomic"
	"time"
)

const (
	// readAgain is how often files are compared with what was read.
	readAgain = 10 * time.Second
	// endsSoon is how long before its end people are warned of a certificate.
	endsSoon = 14 * 24 * time.Hour
	// warnAgain is how often.
	warnAgain = 12 * time.Hour
)

// Files are the paths of PEM files, by the names that users know.
type Files struct {
	Certificate string // cert-file: the node's certificate, and those between it and the authority
	Key         string // key-file
	Authority   string // trusted-ca-file; empty: for HTTP only
	Revoked     string // client-crl-file; may be empty
}

// Material is a node's certificate and what it verifies others with. It follows its files.
type Material struct {
	files    Files
	required atomic.Bool // whether connections without TLS are refused
	log      *slog.Logger
	now      atomic.Pointer[loaded]
	auto     *auto  // nil: it has files
	conns    *conns // nil with files
}

// loaded is what was read at one time.
type loaded struct {
	raw     [4][]byte // the files
	own     *tls.Certificate
	peer    Peer // the node's own
	pool    *x509.CertPool
	trusted []*x509.Certificate
	revoked map[string]bool // serial numbers by issuer, see serial

	// Of a node that gets its certificate from its cluster, instead of pool, trusted and revoked:
	auto      bool
	authority *x509.Certificate // nil: not known yet
	join      *x509.Certificate // the join authority; nil: not known
}

// Open reads the files. required refuses connections between nodes that are not protected.
func Open(files Files, required bool, log *slog.Logger) (*Material, error) {
	raw, err := read(files)
	if err != nil {
		return nil, err
	}
	l, err := parse(files, raw, forNodes...)
	if err != nil {
		return nil, err
	}
	m := &Material{files: files, log: log}
	m.required.Store(required)
	m.now.Store(l)
	return m, nil
}

// OpenClient reads the files of a program that only calls nodes, and requires that they take TLS.
func OpenClient(files Files) (*Material, error) {
	raw, err := read(files)
	if err != nil {
		return nil, err
	}
	l, err := parse(files, raw, x509.ExtKeyUsageClientAuth)
	if err != nil {
		return nil, err
	}
	m := &Material{files: files}
	m.required.Store(true)
	m.now.Store(l)
	return m, nil
}

// Own is whom the node's certificate describes.
func (m *Material) Own() Peer { return m.now.Load().peer }

// Required reports whether connections without TLS are refused.
func (m *Material) Required() bool { return m != nil && m.required.Load() }

// Keep reads files again when they have changed, until ctx ends. What can't be used is reported, and what was read before
// stays in use. It warns of a certificate that ends soon.
func (m *Material) Keep(ctx context.Context) {
	if m == nil || m.auto != nil {
		return
	}
	var warned time.Time
	failed := ""
	for {
		if now := m.now.Load(); time.Since(warned) >= warnAgain && time.Until(now.own.Leaf.NotAfter) < endsSoon {
			warned = time.Now()
			m.log.Warn("this node's certificate ends soon; put a new one in its place, it is read without a restart", "file", m.files.Certificate, "ends", now.own.Leaf.NotAfter)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(readAgain):
		}
		switch changed, err := m.reload(); {
		case err != nil && err.Error() != failed:
			failed = err.Error()
			m.log.Error("certificates have changed and can't be used; the former ones stay in use", "error", err)
		case err == nil && changed:
			m.log.Info("certificates were read again", "file", m.files.Certificate, "ends", m.now.Load().own.Leaf.NotAfter)
			failed, warned = "", time.Time{}
		}
	}
}

func (m *Material) reload() (changed bool, err error) {
	raw, err := read(m.files)
	if err != nil {
		return false, err
	}
	if before := m.now.Load().raw; slices.EqualFunc(raw[:], before[:], bytes.Equal) {
		return false, nil
	}
	l, err := parse(m.files, raw, forNodes...)
	if err != nil {
		return false, err
	}
	m.now.Store(l)
	return true, nil
}

// forNodes is what a node's certificate must be for: each node calls and is called.
var forNodes = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}

func read(files Files) (raw [4][]byte, err error) {
	for i, f := range []struct{ setting, path string }{
		{"cert-file", files.Certificate}, {"key-file", files.Key}, {"trusted-ca-file", files.Authority}, {"client-crl-file", files.Revoked},
	} {
		if f.path == "" {
			continue
		}
		if raw[i], err = os.ReadFile(f.path); err != nil {
			return raw, fmt.Errorf("%s: %w", f.setting, err)
		}
	}
	return raw, nil
}

func parse(files Files, raw [4][]byte, usages ...x509.ExtKeyUsage) (*loaded, error) {
	own, err := tlsPair(Pair{raw[0], raw[1]})
	if err != nil {
		return nil, fmt.Errorf("cert-file %s and key-file %s: %w", files.Certificate, files.Key, err)
	}
	l := &loaded{raw: raw, own: own}
	if l.peer, err = peerOf(own.Leaf); err != nil {
		return nil, fmt.Errorf("cert-file %s: %w", files.Certificate, err)
	}
	if files.Authority == "" {
		return l, nil
	}
	l.pool = x509.NewCertPool()
	if l.trusted, err = certificates(raw[2]); err != nil {
		return nil, fmt.Errorf("trusted-ca-file %s: %w", files.Authority, err)
	}
	for _, c := range l.trusted {
		l.pool.AddCert(c)
	}
	if err := l.checkOwn(usages); err != nil {
		return nil, fmt.Errorf("cert-file %s: %w", files.Certificate, err)
	}
	if files.Revoked != "" {
		if l.revoked, err = l.readRevoked(raw[3]); err != nil {
			return nil, fmt.Errorf("client-crl-file %s: %w", files.Revoked, err)
		}
	}
	return l, nil
}

// checkOwn refuses a certificate that other nodes would refuse.
func (l *loaded) checkOwn(usages []x509.ExtKeyUsage) error {
	var chain []*x509.Certificate
	for _, der := range l.own.Certificate {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return err
		}
		chain = append(chain, c)
	}
	for _, usage := range usages {
		if err := l.verify(chain, usage); err != nil {
			return fmt.Errorf("other nodes would refuse it: %w", err)
		}
	}
	return nil
}

func (l *loaded) verify(chain []*x509.Certificate, usage x509.ExtKeyUsage) error {
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	_, err := chain[0].Verify(x509.VerifyOptions{Roots: l.pool, Intermediates: between, KeyUsages: []x509.ExtKeyUsage{usage}})
	return advise(err)
}

// advise says what to do about a certificate that can't be verified.
func advise(err error) error {
	invalid, ok := errors.AsType[x509.CertificateInvalidError](err)
	switch {
	case ok && invalid.Reason == x509.Expired:
		return fmt.Errorf("%w; make a new one with dkron tls cert, or check the clock of this machine", err)
	case ok && invalid.Reason == x509.IncompatibleUsage:
		return fmt.Errorf("%w: a node's certificate must be for servers and clients both", err)
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return fmt.Errorf("%w: it is signed by none of those in trusted-ca-file", err)
	}
	return err
}

// readRevoked reads revocation lists, one or several, each signed by an authority that is trusted.
func (l *loaded) readRevoked(raw []byte) (map[string]bool, error) {
	revoked := make(map[string]bool)
	for block, rest := pem.Decode(raw); ; block, rest = pem.Decode(rest) {
		if block == nil && len(revoked) == 0 && len(raw) > 0 && !bytes.Contains(raw, []byte("X509 CRL")) {
			return nil, errors.New("it has no block X509 CRL")
		}
		if block == nil {
			return revoked, nil
		}
		list, err := x509.ParseRevocationList(block.Bytes)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(l.trusted, func(c *x509.Certificate) bool { return list.CheckSignatureFrom(c) == nil }) {
			return nil, errors.New("a list is signed by none of those in trusted-ca-file")
		}
		for _, e := range list.RevokedCertificateEntries {
			revoked[string(list.RawIssuer)+e.SerialNumber.String()] = true
		}
	}
}

func certificates(raw []byte) (list []*x509.Certificate, err error) {
	for block, rest := pem.Decode(raw); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	if len(list) == 0 {
		return nil, errors.New("it has no block CERTIFICATE")
	}
	return list, nil
}

func tlsPair(p Pair) (*tls.Certificate, error) {
	pair, err := tls.X509KeyPair(p.Certificate, p.Key)
	if err != nil {
		return nil, err
	}
	return &pair, nil
}
