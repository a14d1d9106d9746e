package access

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"log/slog"
	"reflect"
	"sync"
	"time"

	"dkron"
	"dkron/internal/clock"
	"dkron/internal/request"
	"dkron/internal/state"
)

// ErrUnknown is the error of a client that has not proved who it is. Its text does not say what is wrong with a secret.
var ErrUnknown = errors.New("this server needs a valid token: Authorization: Bearer SECRET")

// ErrSignedOut is the error of a browser whose session has ended.
var ErrSignedOut = errors.New("the session has ended; sign in again")

// Config is what an Authorizer needs to know.
type Config struct {
	Store    *state.Store
	Tokens   bool   // tokens are accepted
	User     string // of HTTP Basic, who may do everything; "" if there is none
	Password string
	Named    dkron.Roles // of those whom a trusted proxy names; see Authorizer.Named
	Logger   *slog.Logger
}

// Authorizer finds out who a client is. It holds all tokens and policies, and reads them again when they have changed.
type Authorizer struct {
	Config

	mu       sync.Mutex // guards the fields below
	edits    uint64     // see state.Store.AccessEdits
	read     bool
	clients  map[key]*Identity    // of tokens and of sessions
	policies map[string]*Document // by name
	held     map[*held]struct{}
	failed   failures
}

// held is a request that is being answered.
type held struct {
	key    key
	named  *dkron.Person // instead of a key: whom a proxy has named
	level  request.Touch
	rights *Rights
	end    context.CancelFunc
}

// New returns an Authorizer. Run must be called for open streams to end when their client's rights do.
func New(cfg Config) *Authorizer {
	return &Authorizer{Config: cfg, held: make(map[*held]struct{}), failed: newFailures()}
}

// Hash returns what is stored of a secret.
//
// A secret has 256 random bits, so nobody finds it by trying: a hash that is slow on purpose, as passwords need, would only
// make every request slow.
func Hash(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// Bearer returns the client with a token's secret. The error is ErrUnknown, or that of the state.
func (a *Authorizer) Bearer(secret string) (*Identity, error) {
	i, err := a.client(secret)
	if err == nil && (i == nil || i.Session) {
		return nil, ErrUnknown
	}
	return i, err
}

// SignedIn returns the client with a session's secret. The error is ErrSignedOut, or that of the state.
func (a *Authorizer) SignedIn(secret string) (*Identity, error) {
	i, err := a.client(secret)
	if err == nil && (i == nil || !i.Session) {
		return nil, ErrSignedOut
	}
	return i, err
}

// client returns the client with a secret, nil if there is none.
func (a *Authorizer) client(secret string) (*Identity, error) {
	if !a.Tokens || secret == "" {
		return nil, nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.refresh(); err != nil {
		return nil, err
	}
	i := a.clients[sha256.Sum256([]byte(secret))]
	if i != nil && !i.Until.IsZero() && !clock.Now().Before(i.Until) {
		return nil, nil
	}
	return i, nil
}

// Basic returns the client with the configured name and password, or ErrUnknown.
func (a *Authorizer) Basic(user, password string) (*Identity, error) {
	same := subtle.ConstantTimeCompare(Hash(user), Hash(a.User)) & subtle.ConstantTimeCompare(Hash(password), Hash(a.Password))
	if a.User == "" || same != 1 {
		return nil, ErrUnknown
	}
	return a.everything(dkron.Token{Accessor: a.User, Name: a.User, Type: dkron.ManagementToken}, dkron.ProofPassword), nil
}

// Challenges returns the schemes that an answer offers a client that has not proved who it is.
func (a *Authorizer) Challenges() (schemes []string) {
	if a.Tokens {
		schemes = append(schemes, `Bearer realm="dkron"`)
	}
	if a.User != "" {
		schemes = append(schemes, `Basic realm="dkron", charset="UTF-8"`)
	}
	return schemes
}

// Bootstrapper returns the client that makes the cluster's first token. The log decides whether it is the first.
func (a *Authorizer) Bootstrapper() *Identity {
	return a.everything(dkron.Token{Name: "bootstrap"}, dkron.ProofBootstrap)
}

func (a *Authorizer) everything(t dkron.Token, how dkron.Proof) *Identity {
	return &Identity{Token: t, How: how, jobs: a.Store.Index(), rights: new(Rights), level: request.Manage}
}

// Arriving returns a person who has no session yet, and may do nothing but get one.
func (a *Authorizer) Arriving(p *dkron.Person) *Identity {
	i := a.everything(dkron.Token{Name: p.Name, Type: p.Type, Policies: p.Policies}, dkron.ProofOpenID)
	i.Person, i.level = p, request.Read
	return i
}

// refresh reads tokens and policies, if they have changed. The caller holds mu.
func (a *Authorizer) refresh() error {
	edits := a.Store.AccessEdits()
	if a.read && a.edits == edits {
		return nil
	}
	clients := make(map[key]*Identity)
	var documents map[string]*Document
	err := a.Store.View(func(tx *state.Tx) error {
		policies, err := tx.Policies()
		if err != nil {
			return err
		}
		all, err := tx.Tokens()
		if err != nil {
			return err
		}
		persons, err := tx.PersonSessions()
		if err != nil {
			return err
		}
		documents = a.documents(policies)
		for _, s := range persons {
			if len(s.Hash) == sha256.Size && s.Person != nil {
				i := a.person(s, documents)
				clients[i.key] = i
			}
		}
		for _, t := range all {
			if len(t.Hash) != sha256.Size {
				continue
			}
			i := a.identity(t, documents)
			clients[i.key] = i
			for _, s := range t.Sessions {
				if len(s.Hash) == sha256.Size {
					in := *i
					in.Session, in.Until, in.key = true, s.ExpiresAt, key(s.Hash)
					clients[in.key] = &in
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	a.edits, a.read, a.clients, a.policies = edits, true, clients, documents
	return nil
}

// documents reads the policies. One that this version can't read allows nothing.
func (a *Authorizer) documents(stored []*dkron.Policy) map[string]*Document {
	all := make(map[string]*Document)
	for name, rules := range builtin {
		all[name], _ = Parse(rules)
	}
	for _, p := range stored {
		d, err := Parse(p.Rules)
		if err != nil {
			a.Logger.Warn("a policy can't be read and allows nothing; write it again", "policy", p.Name, "error", err)
			d = new(Document)
		}
		all[p.Name] = d
	}
	return all
}

// identity returns the client with a token.
func (a *Authorizer) identity(t *dkron.Token, policies map[string]*Document) *Identity {
	plain := *t
	plain.Hash, plain.Sessions = nil, nil
	i := a.everything(plain, dkron.ProofToken)
	i.key, i.Until = key(t.Hash), t.ExpiresAt
	i.restrict(policies)
	return i
}

// person returns the client with a session of a person.
func (a *Authorizer) person(s *dkron.Session, policies map[string]*Document) *Identity {
	i := a.Arriving(s.Person)
	i.level = request.Manage
	i.Session, i.Until, i.key = true, s.ExpiresAt, key(s.Hash)
	i.restrict(policies)
	return i
}

// restrict leaves the client what its policies allow, unless it may do everything. One that does not exist allows nothing.
func (i *Identity) restrict(policies map[string]*Document) {
	if i.Token.Type == dkron.ManagementToken {
		return
	}
	i.level = 0
	for _, name := range i.Token.Policies {
		if d := policies[name]; d != nil {
			i.rights.add(d)
		}
	}
}

// Hold returns a context for a request of a client, which ends when the client's secret expires, is revoked, or allows
// something else than at the beginning. release must be called after the answer.
func (a *Authorizer) Hold(ctx context.Context, i *Identity) (_ context.Context, release func()) {
	ctx = With(ctx, i)
	h := &held{key: i.key, level: i.level, rights: i.rights}
	switch {
	case i.How == dkron.ProofHeader:
		h.named = i.Person
	case i.key == (key{}):
		return ctx, func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	stop := cancel
	if !i.Until.IsZero() {
		timer := time.AfterFunc(i.Until.Sub(clock.Now()), cancel)
		stop = func() { timer.Stop(); cancel() }
	}
	h.end = cancel
	a.mu.Lock()
	defer a.mu.Unlock()
	a.held[h] = struct{}{}
	if err := a.refresh(); err == nil && h.outdated(a.now(h)) { // revoked since it was accepted
		cancel()
	}
	return ctx, func() {
		a.mu.Lock()
		delete(a.held, h)
		a.mu.Unlock()
		stop()
	}
}

// Run ends requests whose client may no longer do what it might when they began, until ctx ends.
func (a *Authorizer) Run(ctx context.Context) {
	w := a.Store.Watch()
	defer w.Close()
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.C:
		}
		if c := w.Take(); !c.All && !c.Access {
			continue
		}
		if err := a.review(); err != nil {
			a.Logger.Error("tokens could not be read; requests that began before go on", "error", err)
		}
	}
}

func (a *Authorizer) review() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.refresh(); err != nil {
		return err
	}
	for h := range a.held {
		if h.outdated(a.now(h)) {
			h.end()
		}
	}
	return nil
}

// now returns the client of a request as it is now; nil: there is none any more. The caller holds mu.
func (a *Authorizer) now(h *held) *Identity {
	if h.named != nil {
		return a.named(h.named)
	}
	return a.clients[h.key]
}

// outdated reports whether the client is another by now; nil is none.
func (h *held) outdated(now *Identity) bool {
	return now == nil || now.level != h.level || !reflect.DeepEqual(now.rights, h.rights)
}
