package nodetls

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"time"
)

// early is how long before it was made a certificate is already good, for clocks that are behind.
const early = 10 * time.Minute

// Pair is a certificate and its key, as PEM.
type Pair struct{ Certificate, Key []byte }

// NewAuthority makes a certificate authority.
func NewAuthority(name string, valid time.Duration) (Pair, error) {
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	return sign(template, nil, nil, valid)
}

// Issue makes a certificate of a node, or of an operator. hosts are the DNS names and addresses under which browsers and
// other clients of its HTTP port know it; nodes go by peer's name. It does not outlive the authority.
func Issue(authority Pair, peer Peer, hosts []string, valid time.Duration) (Pair, error) {
	both, err := tlsPair(authority)
	if err != nil {
		return Pair{}, fmt.Errorf("the authority: %w", err)
	}
	if !both.Leaf.IsCA {
		return Pair{}, errors.New("the authority: this certificate is none of an authority; dkron tls ca makes one")
	}
	signer, ok := both.PrivateKey.(*ecdsa.PrivateKey)
	if !ok {
		return Pair{}, errors.New("the authority: its key must be an elliptic-curve one")
	}
	valid = min(valid, time.Until(both.Leaf.NotAfter))
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: peer.Name}, URIs: []*url.URL{uriOf(peer)}, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	if peer.Role != Operator {
		template.ExtKeyUsage = append(template.ExtKeyUsage, x509.ExtKeyUsageServerAuth)
	}
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, h)
		}
	}
	return sign(template, both.Leaf, signer, valid)
}

// sign makes a key and a certificate for it, signed by itself if there is no parent.
func sign(template, parent *x509.Certificate, signer *ecdsa.PrivateKey, valid time.Duration) (Pair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return Pair{}, err
	}
	if template.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120)); err != nil {
		return Pair{}, err
	}
	now := time.Now()
	template.NotBefore, template.NotAfter = now.Add(-early), now.Add(valid)
	if parent == nil {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		return Pair{}, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return Pair{}, err
	}
	return Pair{
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}),
	}, nil
}
