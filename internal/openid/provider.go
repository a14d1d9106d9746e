package openid

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"dkron"
	"dkron/internal/clock"
	"dkron/internal/secret"
)

// Config is what a Provider needs to know.
type Config struct {
	Issuer       string
	ClientID     string
	ClientSecret string
	Scopes       []string
	NameClaims   []string // the first that a person has is the name
	GroupsClaim  string
	Roles        dkron.Roles
	Age          time.Duration // of a session; 0: until the ID token expires
	Client       *http.Client  // nil: one with a time limit
	Logger       *slog.Logger
}

const (
	// answerTime limits each request to the provider.
	answerTime = 10 * time.Second
	// skew is how far the provider's clock may differ from ours.
	skew = time.Minute

	firstPause   = time.Second
	longestPause = 30 * time.Second
)

// Provider is an OpenID Connect provider. It is asked for what it offers when somebody first wants to sign in, and again, with pauses,
// until it has answered. It is safe for concurrent use.
type Provider struct {
	Config
	keys func() *secret.Keys

	mu     sync.Mutex // guards what follows
	found  *found
	trying chan struct{} // closed when the attempt that goes on has ended; nil: none does
	failed error         // of the last attempt
	pause  time.Duration // after it
	next   time.Time     // no attempt before it
}

// found is what the provider offers.
type found struct {
	provider *oidc.Provider
	oauth    oauth2.Config // without a redirect
}

// New returns a provider. It asks nothing yet.
func New(cfg Config) *Provider {
	if cfg.Client == nil {
		cfg.Client = &http.Client{Timeout: answerTime}
	}
	if !slices.Contains(cfg.Scopes, oidc.ScopeOpenID) {
		cfg.Scopes = append([]string{oidc.ScopeOpenID}, cfg.Scopes...)
	}
	return &Provider{Config: cfg, keys: sync.OnceValue(func() *secret.Keys { return sealing(cfg) })}
}

// Ready returns nil if the provider is known, and else why not. It waits for an attempt as long as ctx allows.
func (p *Provider) Ready(ctx context.Context) error {
	_, err := p.discover(ctx)
	return err
}

// discover returns what the provider offers. The error is an ErrUnavailable with a text for people.
func (p *Provider) discover(ctx context.Context) (*found, error) {
	p.mu.Lock()
	if p.found != nil || p.trying == nil && clock.Now().Before(p.next) {
		defer p.mu.Unlock()
		return p.found, p.failed
	}
	if p.trying == nil {
		p.trying = make(chan struct{})
		go p.try(p.trying) //nolint:gosec // for all who wait, not for this request alone
	}
	ended := p.trying
	p.mu.Unlock()
	select {
	case <-ended:
	case <-ctx.Done():
		return nil, dkron.Error(dkron.ErrUnavailable, "%s has not answered yet", p.Issuer)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.found, p.failed
}

// try asks the provider once.
func (p *Provider) try(ended chan struct{}) {
	ctx, cancel := context.WithTimeout(oidc.ClientContext(context.Background(), p.Client), answerTime)
	defer cancel()
	got, err := p.ask(ctx)
	if err != nil {
		p.Logger.Warn("the OpenID Connect provider can't be reached; people can sign in with tokens only until it can", "issuer", p.Issuer, "error", err)
		err = dkron.Error(dkron.ErrUnavailable, "the provider %s can't be reached", p.Issuer)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.found, p.failed, p.trying = got, err, nil
	if err != nil {
		p.pause = min(max(2*p.pause, firstPause), longestPause)
		p.next = clock.Now().Add(p.pause)
	}
	close(ended)
}

func (p *Provider) ask(ctx context.Context) (*found, error) {
	provider, err := oidc.NewProvider(ctx, p.Issuer)
	if err != nil {
		return nil, err
	}
	var offers struct {
		Auth    string   `json:"authorization_endpoint"`
		Token   string   `json:"token_endpoint"`
		Methods []string `json:"token_endpoint_auth_methods_supported"`
	}
	if err := provider.Claims(&offers); err != nil {
		return nil, err
	}
	if offers.Auth == "" || offers.Token == "" {
		return nil, errors.New("it names no authorization_endpoint or no token_endpoint")
	}
	endpoint := provider.Endpoint()
	endpoint.AuthStyle = oauth2.AuthStyleInHeader // as the standard has it for a provider that does not say
	if len(offers.Methods) > 0 && !slices.Contains(offers.Methods, "client_secret_basic") {
		endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	return &found{provider, oauth2.Config{
		ClientID: p.ClientID, ClientSecret: p.ClientSecret, Endpoint: endpoint, Scopes: p.Scopes,
	}}, nil
}

// admit gives a person what the groups allow. The error says why that is nothing.
func (p *Provider) admit(person *dkron.Person, groups []string) error {
	if p.Roles.Apply(person, groups) {
		return nil
	}
	return dkron.Error(dkron.ErrForbidden, "%s may not sign in here: %s. Whoever runs this server can give a group a role with oidc-roles", person.Name, listed(groups))
}

// listed names some groups.
func listed(groups []string) string {
	const most = 10
	if len(groups) == 0 {
		return "the provider names no groups of this person"
	}
	var names []string
	for _, g := range groups[:min(len(groups), most)] {
		names = append(names, plain(g, 64))
	}
	text := "none of the groups " + strings.Join(names, ", ")
	if len(groups) > most {
		text += " and others"
	}
	return text + " has a role"
}
