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
	How           dkron.Proof              `json:"how"`
	Accessor      string                   `json:"accessor"`
	Subject       string                   `json:"subject,omitempty"` // of a person
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
	who := sessionJSON{
		AccessControl: true, SignedIn: i.Session, How: i.How, Accessor: i.Token.Accessor, Name: i.Who(), Type: i.Token.Type,
		Policies: append([]string{}, i.Token.Policies...), ExpiresAt: respond.Nullable(i.Until), May: i.Extents(),
	}
	if i.Person != nil {
		who.Subject = i.Person.Subject
	}
	return respond.JSON(w, r, http.StatusOK, who)
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
	from := access.Attempt{Way: "sign-in", Address: clientOf(r)}
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
		secure := r.TLS != nil || strings.HasPrefix(r.Header.Get("Origin"), "https://")
		i, err = a.open(w, r, i, &request.OpenSession{Accessor: i.Token.Accessor}, secure)
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
func (a *api) open(w http.ResponseWriter, r *http.Request, i *access.Identity, session *request.OpenSession, secure bool) (*access.Identity, error) {
	secret := random()
	session.Hash = access.Hash(secret)
	ctx := access.With(r.Context(), i.Whole()) // what it is about is decided: whoever has proved who it is may sign in
	if _, err := request.Do(ctx, a.Controller, session); err != nil {
		return nil, err
	}
	in, err := a.Gate.Auth.SignedIn(secret)
	if errors.Is(err, access.ErrSignedOut) {
		err = dkron.ErrNotFound // deleted since
	}
	if err != nil {
		return nil, err
	}
	setCookie(w, secret, int(in.Until.Sub(a.Now()).Seconds()), secure)
	return in, nil
}

// setCookie sets the cookie for some seconds, or removes it if they are not above 0. It should be secure if the browser came by
// HTTPS, be it to a proxy or to an agent: then the page's origin, or the address to which the provider sends browsers, says so.
func setCookie(w http.ResponseWriter, secret string, seconds int, secure bool) {
	if seconds <= 0 {
		secret, seconds = "", -1
	}
	http.SetCookie(w, &http.Cookie{
		Name: cookie, Value: secret, Path: "/", MaxAge: seconds, HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: secure,
	})
}

// signOut ends the browser's session, and removes its cookie. With ?all=true it ends all sessions of the client's token, or of the person.
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
		end := &request.EndSession{Accessor: i.Token.Accessor, Person: i.Person}
		if !all {
			end.Hash = access.Hash(cookieOf(r))
		}
		if _, err := request.Do(access.With(r.Context(), i.Whole()), a.Controller, end); err != nil {
			return err
		}
	}
	setCookie(w, "", 0, r.TLS != nil || strings.HasPrefix(r.Header.Get("Origin"), "https://"))
	return respond.JSON(w, r, http.StatusOK, struct{}{})
}

// everywhere reports whether all sessions of the token or person are meant. The values are those of every flag of the API.
func everywhere(r *http.Request) bool {
	q := r.URL.Query()
	return q.Has("all") && !slices.Contains([]string{"false", "0", "no"}, strings.ToLower(q.Get("all")))
}
