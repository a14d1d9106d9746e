package nodetls

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"net/url"
	"time"
)

// LeafFor is the life of a certificate that the cluster's authority signs.
const LeafFor = 30 * 24 * time.Hour

// Signer signs with the key of a cluster's authority.
type Signer struct {
	authority *x509.Certificate
	key       crypto.Signer
}

func newSigner(certificate []byte, key any) (*Signer, error) {
	authority, err := x509.ParseCertificate(certificate)
	if err != nil {
		return nil, err
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, errors.New("the key of the cluster's authority can't sign")
	}
	return &Signer{authority, signer}, nil
}

// Sign makes a certificate for the key of a request, which proves that the asker has that key. Whom the certificate names is the
// caller's decision; nothing else in the request counts.
func (s *Signer) Sign(request []byte, p Peer) ([]byte, error) {
	r, err := x509.ParseCertificateRequest(request)
	if err == nil {
		err = r.CheckSignature()
	}
	if err != nil {
		return nil, fmt.Errorf("the request to sign a key: %w", err)
	}
	if _, ok := r.PublicKey.(*ecdsa.PublicKey); !ok {
		return nil, errors.New("the request to sign a key: want an elliptic-curve key")
	}
	return create(leafTemplate(p), s.authority, r.PublicKey, s.key, LeafFor)
}

// newKey makes a key, and returns it as PKCS 8 too.
func newKey() (*ecdsa.PrivateKey, []byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	return key, private, err
}

func leafTemplate(p Peer) *x509.Certificate {
	t := &x509.Certificate{
		Subject: pkix.Name{CommonName: p.Name}, URIs: []*url.URL{uriOf(p)}, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	if p.Role != Operator {
		t.ExtKeyUsage = append(t.ExtKeyUsage, x509.ExtKeyUsageServerAuth)
	}
	return t
}

// create signs a certificate of the cluster, by itself if there is no parent.
func create(t, parent *x509.Certificate, public crypto.PublicKey, signer crypto.Signer, valid time.Duration) (der []byte, err error) {
	if t.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120)); err != nil {
		return nil, err
	}
	now := time.Now()
	t.NotBefore, t.NotAfter = now.Add(-tolerance), now.Add(valid)
	if parent == nil {
		parent = t
	}
	return x509.CreateCertificate(rand.Reader, t, parent, public, signer)
}

// Fingerprint is a short name of a certificate, for people: the first half of its SHA-256, in hexadecimal.
func Fingerprint(der []byte) string {
	if len(der) == 0 {
		return ""
	}
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:16])
}
