package nodetls

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"time"
)

const (
	// MinSecret is the least number of characters of a join secret.
	MinSecret = 16
	// derivations makes each guess at a secret that people have invented expensive: a node shows certificates that are made from
	// it to whoever connects.
	derivations = 200_000
	// tolerance is how far the clocks of two nodes may be apart: certificates of the cluster are good that long before they were
	// made. They are of new keys, so that it does no harm.
	tolerance = 24 * time.Hour
	// joiningFor is the life of a certificate that is made from the secret. A node makes one whenever it needs one.
	joiningFor = 24 * time.Hour
	// authorityFor is the life of authorities. There is no way to renew one while its cluster runs.
	authorityFor = 50 * 365 * 24 * time.Hour
)

// Secret is what follows from a join secret: the join authority, which is the same on all nodes that know the secret, and the
// key that the key of the cluster's authority is sealed with.
type Secret struct {
	root *x509.Certificate // of the join authority
	key  ed25519.PrivateKey
	seal []byte
}

// NewSecret derives keys from a join secret. That takes a moment, on purpose.
func NewSecret(text string) (*Secret, error) {
	if n := len([]rune(text)); n < MinSecret {
		return nil, fmt.Errorf("it has %d characters; want %d or more, such as dkron keygen makes", n, MinSecret)
	}
	slow, err := pbkdf2.Key(sha256.New, text, []byte("dkron join secret"), derivations, sha256.Size)
	if err != nil {
		return nil, err
	}
	seed, err := hkdf.Expand(sha256.New, slow, "join authority", ed25519.SeedSize)
	if err != nil {
		return nil, err
	}
	s := &Secret{key: ed25519.NewKeyFromSeed(seed)}
	if s.seal, err = hkdf.Expand(sha256.New, slow, "key of the cluster authority", 32); err != nil {
		return nil, err
	}
	der, err := create(authorityTemplate("dkron join authority"), nil, s.key.Public(), s.key, authorityFor)
	if err != nil {
		return nil, err
	}
	s.root, err = x509.ParseCertificate(der)
	return s, err
}

func authorityTemplate(name string) *x509.Certificate {
	return &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
}

// NewAuthority makes a cluster's authority: its certificate, which the join authority signs so that a node that knows only the
// secret can verify what it signs, and its key, sealed.
func (s *Secret) NewAuthority() (certificate, sealed []byte, err error) {
	key, private, err := newKey()
	if err != nil {
		return nil, nil, err
	}
	t := authorityTemplate("dkron cluster authority")
	t.MaxPathLenZero = true
	if certificate, err = create(t, s.root, key.Public(), s.key, authorityFor); err != nil {
		return nil, nil, err
	}
	gcm, err := s.cipher()
	if err != nil {
		return nil, nil, err
	}
	nonce := make([]byte, gcm.NonceSize())
	_, _ = rand.Read(nonce) // never fails
	return certificate, gcm.Seal(nonce, nonce, private, certificate), nil
}

func (s *Secret) cipher() (cipher.AEAD, error) {
	block, err := aes.NewCipher(s.seal)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// Root is the certificate of the join authority.
func (s *Secret) Root() []byte { return s.root.Raw }

// ErrOtherSecret says that an authority belongs to another join secret.
var ErrOtherSecret = errors.New("the cluster's authority was made with another join secret than this node's")

// Fits reports whether a cluster's authority was made with this secret.
func (s *Secret) Fits(authority *x509.Certificate) bool {
	return authority.CheckSignatureFrom(s.root) == nil
}

// Signer opens the sealed key of a cluster's authority.
func (s *Secret) Signer(certificate, sealed []byte) (*Signer, error) {
	gcm, err := s.cipher()
	if err != nil {
		return nil, err
	}
	if len(sealed) < gcm.NonceSize() {
		return nil, errors.New("the sealed key of the cluster's authority is damaged")
	}
	private, err := gcm.Open(nil, sealed[:gcm.NonceSize()], sealed[gcm.NonceSize():], certificate)
	if err != nil {
		return nil, ErrOtherSecret
	}
	key, err := x509.ParsePKCS8PrivateKey(private)
	if err != nil {
		return nil, err
	}
	return newSigner(certificate, key)
}

// joining is the certificate with which a node asks to be signed: it proves that the node knows the secret, and has no power of
// its own.
func (s *Secret) joining(name string, role Role) (*tls.Certificate, error) {
	return s.issue(Peer{Role: Joining, Name: name, Wish: role})
}

func (s *Secret) issue(p Peer) (*tls.Certificate, error) {
	key, _, err := newKey()
	if err != nil {
		return nil, err
	}
	der, err := create(leafTemplate(p), s.root, key.Public(), s.key, joiningFor)
	if err != nil {
		return nil, err
	}
	leaf, err := x509.ParseCertificate(der)
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, err
}

// Client returns the material of a command that knows the join secret: it is an operator.
func (s *Secret) Client(name string) (*Material, error) {
	own, err := s.issue(Peer{Role: Operator, Name: name})
	if err != nil {
		return nil, err
	}
	m := &Material{conns: newConns()}
	m.required.Store(true)
	m.now.Store(&loaded{own: own, peer: Peer{Secure: true, Role: Operator, Name: name}, join: s.root, auto: true})
	return m, nil
}
