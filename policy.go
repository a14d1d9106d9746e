package dkron

import (
	"time"

	"dkron/internal/codec"
)

// Limits of access control. All policies and tokens are held in every server's memory.
const (
	MaxPolicies    = 1000
	MaxTokens      = 10_000
	MaxPolicyRules = 64 << 10 // bytes
	maxTokenName   = 128
	maxOfToken     = 32 // policies of a token
)

// Policy says what those may do who have a token that names it.
type Policy struct {
	Name      string
	Rules     string // JSON, as it was written; package access reads it
	UpdatedAt time.Time
	UpdatedBy string
}

// Fields describes the wire form.
func (p *Policy) Fields(w *codec.Wire) {
	w.Since(2)
	w.String(1, &p.Name)
	w.String(2, &p.Rules)
	w.Time(3, &p.UpdatedAt)
	w.String(4, &p.UpdatedBy)
}

// Validate checks the name and the size. What the rules mean is checked where they are read.
func (p *Policy) Validate() error {
	if !wordName(p.Name) {
		return Invalid("the name of a policy has 1 to 64 letters a to z, digits, - and _, not %.64q", p.Name)
	}
	if len(p.Rules) > MaxPolicyRules {
		return Invalid("the rules of a policy have at most %d bytes, not %d", MaxPolicyRules, len(p.Rules))
	}
	return nil
}

// TokenType says what a token is for.
type TokenType string

// The types.
const (
	ManagementToken TokenType = "management" // may do everything, and alone changes policies and tokens
	ClientToken     TokenType = "client"     // may do what its policies say
)

// Token is an identity of access control. Its secret is not part of it: who has a copy of the state can't act in its name.
type Token struct {
	Accessor  string // public, and unique for ever
	Name      string // for people
	Type      TokenType
	Policies  []string // names; of a client
	Hash      []byte   // SHA-256 of the secret
	CreatedAt time.Time
	CreatedBy string
	ExpiresAt time.Time // zero: never
	Sessions  []Session // the oldest first
}

// Fields describes the wire form.
func (t *Token) Fields(w *codec.Wire) {
	w.Since(2)
	w.String(1, &t.Accessor)
	w.String(2, &t.Name)
	codec.Text(w, 3, &t.Type)
	w.Strings(4, &t.Policies)
	w.Bytes(5, &t.Hash)
	w.Time(6, &t.CreatedAt)
	w.String(7, &t.CreatedBy)
	w.Time(8, &t.ExpiresAt)
	codec.List(w, 9, &t.Sessions)
}

// Validate checks a new token.
func (t *Token) Validate() error {
	switch {
	case t.Accessor == "" || len(t.Hash) != 32:
		return Invalid("a token has an accessor and the SHA-256 of its secret")
	case len(t.Name) > maxTokenName:
		return Invalid("the name of a token has at most %d bytes, not %d", maxTokenName, len(t.Name))
	case t.Type != ManagementToken && t.Type != ClientToken:
		return Invalid("the type of a token is %s or %s, not %.64q", ClientToken, ManagementToken, string(t.Type))
	case t.Type == ManagementToken && len(t.Policies) > 0:
		return Invalid("a management token may do everything, so it has no policies; use type %s", ClientToken)
	case t.Type == ClientToken && len(t.Policies) == 0:
		return Invalid("a client token needs at least one policy")
	case len(t.Policies) > maxOfToken:
		return Invalid("a token has at most %d policies, not %d", maxOfToken, len(t.Policies))
	}
	return nil
}

// Expired reports whether the token is of no use at an instant.
func (t *Token) Expired(now time.Time) bool { return !t.ExpiresAt.IsZero() && !now.Before(t.ExpiresAt) }

// wordName reports whether a name can stand in a path and on a command line without quotes.
func wordName(name string) bool {
	for _, c := range []byte(name) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return name != "" && len(name) <= 64
}
