package aclapi

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"dkron"
	"dkron/internal/access"
	"dkron/internal/request"
	"dkron/internal/respond"
)

// cookie is the name of the cookie that has the secret of a browser's session.
const cookie = "dkron_session"

func cookieOf(r *http.Request) string {
	if c, err := r.Cookie(cookie); err == nil {
		return c.Value
	}
	return ""
}

func hasCookie(r *http.Request) bool { return cookieOf(r) != "" }

// sessionJSON says who a client is and what it may do.
type sessionJSON struct {
	AccessControl bool                     `json:"access_control"`
	SignedIn      bool                     `json:"signed_in"` // by the cookie
	Accessor      string                   `json:"accessor"`
	Name          string                   `json:"name"`
	Type          dkron.TokenType          `json:"type"`
	Policies      []string                 `json:"policies"`
	ExpiresAt     *time.Time               `json:"expires_at"`
	May           map[string]access.Extent `json:"may"`
}

// session answers who the client is. Without access control it is anybody, who may do everything.
func (a *api) session(w http.ResponseWriter, r *http.Request) error {
	i := access.Of(r.Context())
	if i == nil {
		return respond.JSON(w, r, http.StatusOK, sessionJSON{Policies: []string{}, May: access.Everything()})
	}
	return a.who(w, r, i)
}

func (a *api) who(w http.ResponseWriter, r *http.Request, i *access.Identity) error {
	return respond.JSON(w, r, http.StatusOK, sessionJSON{
		AccessControl: true, SignedIn: i.Session, Accessor: i.Token.Accessor, Name: i.Who(), Type: i.Token.Type,
		Policies: append([]string{}, i.Token.Policies...), ExpiresAt: respond.Nullable(i.Until), May: i.Extents(),
	})
}

// signIn begins a session with the secret of a token in the body, and sets the cookie. Failed attempts slow down further ones
// from the same address; they are counted apart from those of other requests, since a program with a bad token behind the
// same proxy would keep all people out.
func (a *api) signIn(w http.ResponseWriter, r *http.Request) error {
	if a.Gate == nil || !a.Gate.Auth.Tokens {
		return dkron.Conflict("nobody signs in here, since tokens are off; start all nodes with --acl-enabled")
	}
	if err := a.Gate.Origins.CheckOwn(r); err != nil {
		return err
	}
	from := "sign-in " + clientOf(r)
	if wait := a.Gate.Auth.Wait(from); wait > 0 {
		return later(w, wait) // also with the right secret: else each guess would get its answer
	}
	body := struct {
		Secret string `json:"secret"`
	}{}
	in := json.NewDecoder(r.Body)
	in.DisallowUnknownFields()
	if err := in.Decode(&body); err != nil {
		return unreadable(err)
	}
	body.Secret = strings.TrimSpace(body.Secret)
	if body.Secret == "" {
		return dkron.Invalid(`secret is missing: the secret of a token, such as "dkron_…"`)
	}
	i, err := a.Gate.Auth.Bearer(body.Secret)
	if err == nil {
		i, err = a.open(w, r, i)
	}
	if errors.Is(err, access.ErrUnknown) || errors.Is(err, dkron.ErrNotFound) {
		a.Gate.Auth.Failed(from)
		return a.Gate.unknown(w, errors.New("no token has this secret, or it has expired or was deleted"))
	}
	if err != nil {
		return err
	}
	a.Gate.Auth.Succeeded(from)
	return a.who(w, r, i)
}

// open begins a session of a client, and sets its cookie.
func (a *api) open(w http.ResponseWriter, r *http.Request, i *access.Identity) (*access.Identity, error) {
	secret := random()
	ctx := access.With(r.Context(), i.Whole()) // what it is about is decided: whoever has a token may sign in with it
	if _, err := request.Do(ctx, a.Controller, &request.OpenSession{Accessor: i.Token.Accessor, Hash: access.Hash(secret)}); err != nil {
		return nil, err
	}
	in, err := a.Gate.Auth.SignedIn(secret)
	if errors.Is(err, access.ErrSignedOut) {
		err = dkron.ErrNotFound // deleted since
	}
	if err != nil {
		return nil, err
	}
	setCookie(w, r, secret, int(in.Until.Sub(a.Now()).Seconds()))
	return in, nil
}

// setCookie sets the cookie for some seconds, or removes it if they are not above 0. It is Secure if the browser came by HTTPS,
// be it to a proxy or to an agent: then the page's origin says so.
func setCookie(w http.ResponseWriter, r *http.Request, secret string, seconds int) {
	if seconds <= 0 {
		secret, seconds = "", -1
	}
	http.SetCookie(w, &http.Cookie{
		Name: cookie, Value: secret, Path: "/", MaxAge: seconds, HttpOnly: true, SameSite: http.SameSiteStrictMode,
		Secure: r.TLS != nil || strings.HasPrefix(r.Header.Get("Origin"), "https://"),
	})
}

// signOut ends the browser's session, and removes its cookie. With ?all=true it ends all sessions of the client's token.
func (a *api) signOut(w http.ResponseWriter, r *http.Request) error {
	if a.Gate == nil {
		return respond.JSON(w, r, http.StatusOK, struct{}{})
	}
	if err := a.Gate.Origins.CheckOwn(r); err != nil {
		return err
	}
	var i *access.Identity
	var err error
	all := everywhere(r)
	switch {
	case all:
		i, err = a.Gate.identify(w, r)
	case hasCookie(r):
		i, err = a.Gate.Auth.SignedIn(cookieOf(r))
	}
	if err != nil && (all || !errors.Is(err, access.ErrSignedOut)) {
		return err
	}
	if i != nil {
		end := &request.EndSession{Accessor: i.Token.Accessor}
		if !all {
			end.Hash = access.Hash(cookieOf(r))
		}
		if _, err := request.Do(access.With(r.Context(), i.Whole()), a.Controller, end); err != nil {
			return err
		}
	}
	setCookie(w, r, "", 0)
	return respond.JSON(w, r, http.StatusOK, struct{}{})
}

// everywhere reports whether all sessions of the token are meant. The values are those of every flag of the API.
func everywhere(r *http.Request) bool {
	q := r.URL.Query()
	return q.Has("all") && !slices.Contains([]string{"false", "0", "no"}, strings.ToLower(q.Get("all")))
}
