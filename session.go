package dkron

import (
	"encoding/hex"
	"slices"
	"time"

	"dkron/internal/codec"
)

// Limits of sessions.
const (
	MaxSessionAge = 12 * time.Hour
	MaxSessions   = 50 // of a token or a person; the oldest ends when there is one more
	// MaxPersonSessions is the most sessions of all persons together.
	MaxPersonSessions = 10_000

	maxIssuer  = 1024 // bytes
	maxSubject = 255
)

// Session is a browser in which somebody is signed in. One of a token is a part of it: it ends with it, and may do what it may.
// One of a person belongs to no token, and may do what the person's groups allowed at the last sign-in.
type Session struct {
	Hash      []byte // SHA-256 of its secret, which only the browser has
	ExpiresAt time.Time
	BeganAt   time.Time
	Person    *Person // nil: it is a token's
}

// Fields describes the wire form.
func (s *Session) Fields(w *codec.Wire) {
	w.Since(2)
	w.Bytes(1, &s.Hash)
	w.Time(2, &s.ExpiresAt)
	w.Time(3, &s.BeganAt)
	codec.Optional(w, 4, &s.Person)
}

// Expired reports whether the session is over at an instant.
func (s *Session) Expired(now time.Time) bool { return !now.Before(s.ExpiresAt) }

// ID names the session in lists. It does not give the secret away.
func (s *Session) ID() string { return hex.EncodeToString(s.Hash[:min(len(s.Hash), 8)]) }

// ByProxy is the issuer of persons whom a trusted proxy has named. Providers are named by an address.
const ByProxy = "proxy"

// Person is somebody whom an OpenID Connect provider has named, or a trusted proxy.
type Person struct {
	Issuer   string    // the provider, or ByProxy
	Subject  string    // who it is: unique and for ever at this provider
	Name     string    // for people; it may change
	Type     TokenType // a person may do what a token of this type with these policies may
	Policies []string
}

// Fields describes the wire form.
func (p *Person) Fields(w *codec.Wire) {
	w.Since(2)
	w.String(1, &p.Issuer)
	w.String(2, &p.Subject)
	w.String(3, &p.Name)
	codec.Text(w, 4, &p.Type)
	w.Strings(5, &p.Policies)
}

// Is reports whether two are the same person, whatever they may do.
func (p *Person) Is(other *Person) bool {
	return p != nil && other != nil && p.Issuer == other.Issuer && p.Subject == other.Subject
}

// Validate checks what a provider has said of a person. The limit of a subject is that of the standard.
func (p *Person) Validate() error {
	switch {
	case p.Issuer == "" || p.Subject == "" || len(p.Issuer) > maxIssuer || len(p.Subject) > maxSubject:
		return Invalid("a person has an issuer of at most %d bytes and a subject of at most %d", maxIssuer, maxSubject)
	case len(p.Name) > maxTokenName:
		return Invalid("the name of a person has at most %d bytes, not %d", maxTokenName, len(p.Name))
	}
	t := Token{Accessor: p.Subject, Hash: make([]byte, 32), Type: p.Type, Policies: p.Policies}
	return t.Validate()
}

// ManagementRole is the role of those who may do everything, as management tokens may.
const ManagementRole = "management"

// Roles says which policies the members of groups have.
type Roles struct {
	Of      map[string][]string // by group
	Default string              // of those without any; empty: they may do nothing
}

// Apply gives a person what the groups allow, and reports whether that is anything.
func (r Roles) Apply(p *Person, groups []string) bool {
	var roles []string
	for _, g := range groups {
		roles = append(roles, r.Of[g]...)
	}
	if len(roles) == 0 && r.Default != "" {
		roles = []string{r.Default}
	}
	slices.Sort(roles)
	p.Type, p.Policies = ClientToken, slices.Compact(roles)
	if slices.Contains(roles, ManagementRole) {
		p.Type, p.Policies = ManagementToken, nil
	}
	return len(roles) > 0
}
