// Package idp runs an OpenID Connect provider for tests, in this process. It is a real one, except that nobody has to type a
// password: a test says who comes.
package idp

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"sync"

	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// Who signs in at the provider, unless Deny was called.
const (
	Name     = "test-user2"
	Subject  = "id2"
	password = "verysecure"
)

// Secret is the secret of each client.
const Secret = "a secret for tests"

// Provider is an OpenID Connect provider on loopback.
type Provider struct {
	Issuer   string
	ClientID string

	store  *store
	server *http.Server
}

// store is the provider's data, with groups.
type store struct {
	*storage.Storage

	mu     sync.Mutex // guards what follows
	groups []string
	deny   bool
}

// SetUserinfoFromToken adds the groups to what clients learn about a person.
func (s *store) SetUserinfoFromToken(ctx context.Context, info *oidc.UserInfo, tokenID, subject, origin string) error {
	err := s.Storage.SetUserinfoFromToken(ctx, info, tokenID, subject, origin)
	s.mu.Lock()
	defer s.mu.Unlock()
	info.AppendClaims("groups", slices.Clone(s.groups))
	return err
}

// Start opens a provider at an address, such as 127.0.0.1:0.
func Start(addr string) (*Provider, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	p := &Provider{Issuer: "http://" + l.Addr().String(), ClientID: "dkron-" + rand.Text()}
	p.store = &store{Storage: storage.NewStorage(storage.NewUserStore(p.Issuer))}
	config := &op.Config{CodeMethodS256: true, AuthMethodPost: true}
	_, _ = rand.Read(config.CryptoKey[:])
	provider, err := op.NewProvider(config, p.store, op.StaticIssuer(p.Issuer), op.WithAllowInsecure(), op.WithLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/login/username", p.login(op.AuthCallbackURL(provider)))
	mux.Handle("/", provider)
	p.server = &http.Server{Handler: mux}
	go func() { _ = p.server.Serve(l) }()
	return p, nil
}

// Allow registers the client with the addresses to which browsers may come back. It must be called before the first sign-in.
func (p *Provider) Allow(redirects ...string) {
	storage.RegisterClients(storage.WebClient(p.ClientID, Secret, redirects...))
}

// SetGroups says in which groups the person is.
func (p *Provider) SetGroups(groups ...string) {
	p.store.mu.Lock()
	defer p.store.mu.Unlock()
	p.store.groups = groups
}

// Deny makes the person cancel, or no longer.
func (p *Provider) Deny(deny bool) {
	p.store.mu.Lock()
	defer p.store.mu.Unlock()
	p.store.deny = deny
}

// Close closes the provider.
func (p *Provider) Close() { _ = p.server.Close() }

// login is the page on which a person would type a password.
func (p *Provider) login(back func(context.Context, string) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		id := r.URL.Query().Get("authRequestID")
		p.store.mu.Lock()
		deny := p.store.deny
		p.store.mu.Unlock()
		if deny {
			p.cancel(w, r, id)
			return
		}
		if err := p.store.CheckUsernamePassword(Name, password, id); err != nil {
			http.Error(w, err.Error(), http.StatusForbidden)
			return
		}
		http.Redirect(w, r, back(r.Context(), id), http.StatusFound)
	}
}

// cancel sends the browser back as a person does who presses Cancel.
func (p *Provider) cancel(w http.ResponseWriter, r *http.Request, id string) {
	asked, err := p.store.AuthRequestByID(r.Context(), id)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	query := url.Values{"error": {"access_denied"}, "error_description": {"<b>cancelled</b>"}, "state": {asked.GetState()}}
	http.Redirect(w, r, fmt.Sprintf("%s?%s", asked.GetRedirectURI(), query.Encode()), http.StatusFound)
}
