package openid

import (
	"context"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/url"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"dkron"
	"dkron/internal/clock"
	"dkron/internal/secret"
)

// flow is what a sign-in that has begun needs for its end. The browser keeps it, sealed.
type flow struct {
	Redirect string `json:"redirect"`
	State    string `json:"state"`
	Nonce    string `json:"nonce"`
	Verifier string `json:"verifier"` // of PKCE
}

// Begin returns where a browser must go to sign in, and what Finish needs when it comes back to the redirect.
func (p *Provider) Begin(ctx context.Context, redirect string) (to, begun string, err error) {
	f, err := p.discover(ctx)
	if err != nil {
		return "", "", err
	}
	own := flow{redirect, rand.Text(), rand.Text(), oauth2.GenerateVerifier()}
	oauth := f.oauth
	oauth.RedirectURL = redirect
	text, err := json.Marshal(own)
	if err != nil {
		return "", "", err
	}
	return oauth.AuthCodeURL(own.State, oidc.Nonce(own.Nonce), oauth2.S256ChallengeOption(own.Verifier)), string(text), nil
}

// Finish returns who has signed in, and for how long, from what Begin returned and the query with which the browser came back.
//
// Errors have a text for people: ErrForbidden if the person, who is returned too if it is known, may not sign in, ErrUnavailable if the provider does not answer, and
// ErrInvalid for all else.
func (p *Provider) Finish(ctx context.Context, begun string, query url.Values) (*dkron.Person, time.Duration, error) {
	var own flow
	if err := json.Unmarshal([]byte(begun), &own); err != nil || own.State == "" {
		return nil, 0, dkron.Invalid("this sign-in was not begun here")
	}
	if subtle.ConstantTimeCompare([]byte(own.State), []byte(query.Get("state"))) != 1 {
		return nil, 0, dkron.Invalid("the answer of the provider is not for this sign-in; begin again")
	}
	if word := query.Get("error"); word != "" {
		p.Logger.Warn("the OpenID Connect provider refused a sign-in", "issuer", p.Issuer, "error", plain(word, 64), "description", plain(query.Get("error_description"), 256))
		return nil, 0, refusal(word)
	}
	if query.Get("code") == "" {
		return nil, 0, dkron.Invalid("the answer of the provider has no code")
	}
	if iss := query.Get("iss"); iss != "" && iss != p.Issuer { // RFC 9207
		return nil, 0, dkron.Invalid("the answer is of another provider")
	}
	f, err := p.discover(ctx)
	if err != nil {
		return nil, 0, err
	}
	return p.exchange(ctx, f, own, query.Get("code"))
}

// exchange gets the ID token for a code, and reads it.
func (p *Provider) exchange(ctx context.Context, f *found, own flow, code string) (*dkron.Person, time.Duration, error) {
	ctx = oidc.ClientContext(ctx, p.Client)
	oauth := f.oauth
	oauth.RedirectURL = own.Redirect
	token, err := oauth.Exchange(ctx, code, oauth2.VerifierOption(own.Verifier))
	if err != nil {
		return nil, 0, p.unanswered(err)
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := f.provider.VerifierContext(ctx, &oidc.Config{
		ClientID: p.ClientID, Now: func() time.Time { return clock.Now().Add(-skew) },
	}).Verify(ctx, raw)
	if err == nil && subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(own.Nonce)) != 1 {
		err = errors.New("the nonce is that of another sign-in")
	}
	var c claims
	if err == nil {
		err = id.Claims(&c)
	}
	if err == nil {
		err = c.forClient(p.ClientID, id.Audience)
	}
	if err != nil {
		p.Logger.Warn("an ID token was refused", "issuer", p.Issuer, "error", err)
		return nil, 0, dkron.Invalid("the provider sent an ID token that can't be accepted; the log of this server says why")
	}
	if err := p.complete(ctx, f, id.Subject, c, token); err != nil {
		return nil, 0, err
	}
	person := &dkron.Person{Issuer: p.Issuer, Subject: id.Subject, Name: p.nameOf(c, id.Subject)}
	if err := p.admit(person, c.groups(p.GroupsClaim)); err != nil {
		return person, 0, err
	}
	return person, p.age(id.Expiry), nil
}

// age returns how long a session may last.
func (p *Provider) age(expiry time.Time) time.Duration {
	if p.Age > 0 {
		return min(p.Age, dkron.MaxSessionAge)
	}
	return min(max(expiry.Sub(clock.Now()), time.Second), dkron.MaxSessionAge) // it may have expired within the skew
}

// unanswered returns why a code got no token.
func (p *Provider) unanswered(err error) error {
	p.Logger.Warn("the OpenID Connect provider gave no token", "issuer", p.Issuer, "error", err)
	var refused *oauth2.RetrieveError
	switch {
	case !errors.As(err, &refused), refused.Response != nil && refused.Response.StatusCode >= 500:
		return dkron.Error(dkron.ErrUnavailable, "the provider %s can't be reached", p.Issuer)
	case refused.ErrorCode == "invalid_grant":
		return dkron.Invalid("the provider no longer accepts this sign-in; begin again")
	}
	return dkron.Invalid("the provider does not accept this server: the settings oidc-client-id, oidc-client-secret and oidc-redirect-url must be those that it knows")
}

// refusal puts an error word of the standard in plain words. The provider's own text is not repeated: anybody can write it into a link.
func refusal(word string) error {
	switch word {
	case "access_denied":
		return dkron.Error(dkron.ErrForbidden, "the provider did not let you in, or you have cancelled")
	case "login_required", "interaction_required", "account_selection_required", "consent_required":
		return dkron.Invalid("the provider needs you to sign in there first; begin again")
	case "temporarily_unavailable", "server_error":
		return dkron.Error(dkron.ErrUnavailable, "the provider has a problem; try again later")
	case "invalid_scope":
		return dkron.Invalid("the provider does not know one of the scopes in oidc-scopes")
	case "unauthorized_client", "unsupported_response_type", "invalid_request":
		return dkron.Invalid("the provider does not accept this server: the settings oidc-client-id and oidc-redirect-url must be those that it knows")
	}
	return dkron.Invalid("the provider refused the sign-in; the log of this server says why")
}

// rounds makes it slow to guess a client secret from what is sealed with it.
const rounds = 210_000

// sealing returns the key for what browsers keep. It comes from the client secret, so that all servers have the same.
func sealing(cfg Config) *secret.Keys {
	raw, err := pbkdf2.Key(sha256.New, cfg.ClientSecret, []byte("dkron sign-in\x00"+cfg.Issuer+"\x00"+cfg.ClientID), rounds, 32)
	if err != nil {
		panic("openid: " + err.Error()) // only for a size that no hash has
	}
	keys, err := secret.NewKeys(raw)
	if err != nil {
		panic("openid: " + err.Error())
	}
	return keys
}

// Seal returns a text that only servers with the same client secret can read or make. It is opened for the same purpose only.
func (p *Provider) Seal(purpose, text string) (string, error) {
	sealed, err := p.keys().Seal(purpose, text)
	return base64.RawURLEncoding.EncodeToString(sealed), err
}

// Open returns the text that was sealed.
func (p *Provider) Open(purpose, sealed string) (string, error) {
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		return "", err
	}
	return p.keys().Open(purpose, raw)
}
