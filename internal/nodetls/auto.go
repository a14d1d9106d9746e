package nodetls

import (
	"cmp"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"time"
)

// Trust is what a node knows of its cluster's own authority.
type Trust struct {
	Version   uint64   `json:"version"`   // of the replicated record that it is from; a lower one is older
	Authority []byte   `json:"authority"` // the certificate, in DER; empty: none is known
	Join      []byte   `json:"join"`      // that of the join authority
	Strict    bool     `json:"strict"`    // all nodes have certificates: connections without TLS are refused for ever
	Expelled  []string `json:"expelled"`  // nodes whose certificates are refused
}

// AutoNode is a node that gets its certificate from its cluster.
type AutoNode struct {
	Dir    string // in which certificate and trust are kept
	Secret *Secret
	Name   string
	Server bool
	New    bool // the node has no data of a cluster yet, so it has never been part of one without TLS: it accepts no such nodes
	Moved  bool // the node leaves its cluster for another: what it has kept is of the former one
	// Required is --require-tls, nil if it was not given. False lets a new node join a cluster that has no TLS yet.
	Required *bool
	Logger   *slog.Logger
}

// auto is the part of a Material that gets its certificate from its cluster.
type auto struct {
	AutoNode
	protected bool // the node has been protected from its first start on

	mu     sync.Mutex // guards what follows
	trust  Trust
	misfit bool // the secret is not that of the cluster's authority
}

// settle is how long connections go on that were made before the node had its certificate, or before the cluster refused those
// without TLS: long enough for the log to bring the authority to other servers.
const settle = time.Second

// OpenAuto reads what the node has got from its cluster before. Without that and without a secret it returns nil.
func OpenAuto(n AutoNode) (*Material, error) {
	if n.Moved && n.Secret != nil {
		if before, err := readStored(n.Dir); err == nil {
			n.New = n.New || before.Protected || before.Strict
		}
		if err := os.RemoveAll(n.Dir); err != nil {
			return nil, err
		}
	}
	kept, err := readStored(n.Dir)
	if err != nil || n.Secret == nil && kept.own == nil {
		return nil, err
	}
	a := &auto{AutoNode: n, trust: kept.Trust, protected: kept.Protected || n.New}
	m := &Material{log: n.Logger, conns: newConns(), auto: a}
	authority, err := x509.ParseCertificate(kept.Authority)
	a.misfit = err == nil && kept.own != nil && n.Secret != nil && !n.Secret.Fits(authority)
	l, err := a.load(kept.own)
	switch {
	case err == nil && a.misfit:
		n.Logger.Error("join-secret is another one than that of this node's cluster; the node goes on with its certificate until that ends; correct the secret", "ends", l.own.Leaf.NotAfter)
	case err == nil:
	case n.Secret == nil:
		return nil, fmt.Errorf("the certificate that this node has got from its cluster, in %s, can't be used: %w; start the node with --join-secret-file (DKRON_JOIN_SECRET_FILE), so that it gets another", n.Dir, err)
	default:
		if kept.own != nil {
			n.Logger.Warn("the certificate that this node has got from its cluster can't be used; it asks for another", "error", err)
		}
		a.misfit = false
		if l, err = a.joining(); err != nil {
			return nil, err
		}
	}
	m.required.Store(a.trust.Strict || n.Required != nil && *n.Required || n.Required == nil && a.protected)
	n.Logger.Info("connections between nodes are protected by TLS, and certificates come from the cluster", "required", m.Required(), "role", string(l.peer.Role))
	return m, m.take(l)
}

// load makes a usable certificate ready, with what it is verified with.
func (a *auto) load(own *tls.Certificate) (*loaded, error) {
	if own == nil {
		return nil, errors.New("there is none")
	}
	authority, err := x509.ParseCertificate(a.trust.Authority)
	if err != nil {
		return nil, fmt.Errorf("the cluster's authority: %w", err)
	}
	l := &loaded{own: own, auto: true, authority: authority, join: a.root()}
	if l.peer, err = peerOf(own.Leaf); err != nil {
		return nil, err
	}
	role := a.role()
	if l.peer.Name != a.Name || l.peer.Role != role {
		return nil, fmt.Errorf("it is that of %s, and this node is %s %s", l.peer, role, a.Name)
	}
	for _, usage := range forNodes {
		if err := below(own.Leaf, authority, usage); err != nil {
			return nil, adviseAuto(err)
		}
	}
	return l, nil
}

// joining makes ready what a node has that knows no more than the secret, and perhaps its cluster's authority.
func (a *auto) joining() (*loaded, error) {
	own, err := a.Secret.joining(a.Name, a.role())
	if err != nil {
		return nil, err
	}
	l := &loaded{own: own, auto: true, join: a.Secret.root, peer: Peer{Secure: true, Role: Joining, Name: a.Name, Wish: a.role()}}
	if authority, err := x509.ParseCertificate(a.trust.Authority); err == nil && a.Secret.Fits(authority) {
		l.authority = authority
	} else {
		a.trust = Trust{} // of a cluster whose secret this node does not have
	}
	return l, nil
}

func (a *auto) role() Role {
	if a.Server {
		return Server
	}
	return Agent
}

// root returns the join authority as far as the node knows it.
func (a *auto) root() *x509.Certificate {
	if a.Secret != nil && !a.misfit {
		return a.Secret.root
	}
	c, err := x509.ParseCertificate(a.trust.Join)
	if err != nil {
		return nil
	}
	return c
}

// Auto reports whether the node gets its certificate from its cluster.
func (m *Material) Auto() bool { return m != nil && m.auto != nil }

// Trust returns what the node knows of its cluster's authority.
func (m *Material) Trust() Trust {
	m.auto.mu.Lock()
	defer m.auto.mu.Unlock()
	return m.auto.trust
}

// Learn takes over what the cluster says of its authority. What is older than what the node knows changes nothing.
func (m *Material) Learn(t Trust) error {
	a := m.auto
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(t.Authority) == 0 || len(a.trust.Authority) > 0 && t.Version <= a.trust.Version {
		return nil
	}
	now := m.now.Load()
	if authority, err := x509.ParseCertificate(t.Authority); err != nil || a.Secret != nil && now.peer.Role == Joining && !a.Secret.Fits(authority) {
		a.misfit = err == nil
		if t.Strict {
			m.required.Store(true)
		}
		return cmp.Or(err, ErrOtherSecret)
	}
	a.trust, a.misfit = t, a.misfit && slices.Equal(t.Authority, a.trust.Authority)
	l, err := a.load(now.own)
	if err != nil && a.Secret == nil {
		l = now // until somebody gives it the secret
	} else if err != nil {
		if l, err = a.joining(); err != nil {
			return err
		}
	}
	return m.take(l)
}

// take makes l what counts from now on, keeps it, and ends connections that must not go on. The caller holds mu.
func (m *Material) take(l *loaded) error {
	a := m.auto
	m.now.Store(l)
	if a.trust.Strict {
		m.required.Store(true)
	}
	m.conns.end(func(e *entry) bool { return a.trust.refuses(e.peer) != nil })
	if l.authority != nil {
		required := m.required.Load()
		time.AfterFunc(settle, func() {
			m.conns.end(func(e *entry) bool {
				return e.own == Joining && l.peer.Role != Joining || required && (!e.peer.Secure || e.peer.Role == Joining)
			})
		})
	}
	return (&stored{Trust: a.trust, own: l.kept(), Protected: a.protected}).keep(a.Dir)
}

// refusedName returns why a peer is refused although its certificate is good.
func (m *Material) refusedName(p Peer) error {
	if m.auto == nil || !p.Secure {
		return nil
	}
	m.auto.mu.Lock()
	defer m.auto.mu.Unlock()
	return m.auto.trust.refuses(p)
}

func (t *Trust) refuses(p Peer) error {
	if p.Role == Operator || !slices.Contains(t.Expelled, p.Name) {
		return nil
	}
	return fmt.Errorf("%s was expelled from the cluster; dkron tls expel --readmit lets it in again", p)
}

// Signer returns what signs for the cluster; sealed is the key of the authority that the node trusts. Without the secret a node
// can't sign.
func (m *Material) Signer(sealed []byte) (*Signer, error) {
	a := m.auto
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case a.Secret == nil:
		return nil, errors.New("this server has no join secret, so it can't sign")
	case len(a.trust.Authority) == 0:
		return nil, errors.New("the cluster has no authority yet")
	}
	return a.Secret.Signer(a.trust.Authority, sealed)
}

// Secret returns the join secret's keys, nil if the node has none.
func (m *Material) Secret() *Secret { return m.auto.Secret }

// Misfit reports whether the node's join secret is not that of its cluster.
func (m *Material) Misfit() bool {
	m.auto.mu.Lock()
	defer m.auto.mu.Unlock()
	return m.auto.misfit
}

// Joined reports whether the node has a certificate of its cluster, and when that ends.
func (m *Material) Joined() (ends time.Time, ok bool) {
	l := m.now.Load()
	return l.own.Leaf.NotAfter, l.peer.Role != Joining
}

// Renew returns when the node should ask for another certificate: when a third of the life of its own is left.
func (m *Material) Renew() time.Time {
	l := m.now.Load()
	if l.peer.Role == Joining {
		return time.Time{}
	}
	return l.own.Leaf.NotAfter.Add(-LeafFor / 3)
}

// Request is a key that waits for its certificate.
type Request struct {
	CSR []byte // PKCS #10, in DER
	key *ecdsa.PrivateKey
}

// NewRequest makes a key. A node that has no certificate yet also gets a fresh one of the role joining, if its own has become old.
func (m *Material) NewRequest() (*Request, error) {
	key, _, err := newKey()
	if err != nil {
		return nil, err
	}
	csr, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, key)
	if err != nil {
		return nil, err
	}
	a := m.auto
	a.mu.Lock()
	defer a.mu.Unlock()
	if l := m.now.Load(); l.peer.Role == Joining && time.Until(l.own.Leaf.NotAfter) < joiningFor/2 {
		fresh, err := a.joining()
		if err != nil {
			return nil, err
		}
		m.now.Store(fresh)
	}
	return &Request{csr, key}, nil
}

// Install takes over a certificate that a server has signed, with what that server knows of the authority. It refuses what the
// node has no reason to trust: an authority that was not made with its secret or, without a secret, another than the one it knows.
func (m *Material) Install(r *Request, leaf []byte, t Trust) error {
	a := m.auto
	a.mu.Lock()
	defer a.mu.Unlock()
	authority, err := x509.ParseCertificate(t.Authority)
	if err != nil {
		return fmt.Errorf("the cluster's authority: %w", err)
	}
	switch known := slices.Equal(t.Authority, a.trust.Authority); {
	case known:
	case a.Secret == nil:
		return errors.New("another authority than that of this node's cluster has signed, and without a join secret the node can't tell whether it may")
	case !a.Secret.Fits(authority):
		return ErrOtherSecret
	}
	before, own := a.trust, &tls.Certificate{Certificate: [][]byte{leaf, t.Authority}, PrivateKey: r.key}
	if own.Leaf, err = x509.ParseCertificate(leaf); err != nil {
		return err
	}
	if !r.key.PublicKey.Equal(own.Leaf.PublicKey) {
		return errors.New("the certificate is for another key than this node's")
	}
	if t.Version >= before.Version || !slices.Equal(t.Authority, before.Authority) {
		a.trust = t
	}
	misfit := a.misfit
	a.misfit = a.Secret != nil && !a.Secret.Fits(authority)
	l, err := a.load(own)
	if err != nil {
		a.trust, a.misfit = before, misfit
		return err
	}
	return m.take(l)
}
