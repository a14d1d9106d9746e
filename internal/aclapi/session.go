package aclapi

import (
	"encoding/hex"
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

// cookie is the name of the cookie that has the secret of a browser's session, without what tells clusters apart. Browsers send a host's
// cookies to all of its ports, so two clusters on one host would overwrite each other's.
const cookie = "dkron_session"

// cookieName returns the name that this cluster's cookie has.
func (g *Gate) cookieName() string {
	if g.Cluster == nil || g.Cluster() == "" {
		return cookie
	}
	return cookie + "_" + hex.EncodeToString(access.Hash(g.Cluster())[:4])
}

// secretsOf returns the secrets that the browser has for this cluster. The second name is what a server calls the cookie that does not
// know its cluster's id yet.
func (g *Gate) secretsOf(r *http.Request) (all []string) {
	for _, name := range slices.Compact([]string{g.cookieName(), cookie}) {
		if c, err := r.Cookie(name); err == nil && c.Value != "" {
			all = append(all, c.Value)
		}
	}
	return all
}

// hasCookie reports whether a browser has a session, of whichever cluster.
func hasCookie(r *http.Request) bool {
	return slices.ContainsFunc(r.Cookies(), func(c *http.Cookie) bool { return strings.HasPrefix(c.Name, cookie) && c.Value != "" })
}

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
	setCookie(w, a.Gate.cookieName(), secret, int(in.Until.Sub(a.Now()).Seconds()), secure)
	return in, nil
}

// setCookie sets the cookie for some seconds, or removes it if they are not above 0. It should be secure if the browser came by
// HTTPS, be it to a proxy or to an agent: then the page's origin, or the address to which the provider sends browsers, says so.
func setCookie(w http.ResponseWriter, name, secret string, seconds int, secure bool) {
	if seconds <= 0 {
		secret, seconds = "", -1
	}
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // not Secure without HTTPS
		Name: name, Value: secret, Path: "/", MaxAge: seconds, HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: secure,
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
	if everywhere(r) {
		i, err := a.Gate.identify(w, r)
		if err != nil {
			return err
		}
		if err := a.end(r, i, nil); err != nil {
			return err
		}
	} else if err := a.endOwn(r); err != nil {
		return err
	}
	secure := r.TLS != nil || strings.HasPrefix(r.Header.Get("Origin"), "https://")
	setCookie(w, a.Gate.cookieName(), "", 0, secure)
	if _, err := r.Cookie(cookie); err == nil && a.Gate.cookieName() != cookie {
		setCookie(w, cookie, "", 0, secure)
	}
	return respond.JSON(w, r, http.StatusOK, struct{}{})
}

// endOwn ends the sessions that the browser has with this cluster. One that has ended is none.
func (a *api) endOwn(r *http.Request) error {
	for _, secret := range a.Gate.secretsOf(r) {
		i, err := a.Gate.Auth.SignedIn(secret)
		if errors.Is(err, access.ErrSignedOut) {
			continue
		}
		if err == nil {
			err = a.end(r, i, access.Hash(secret))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// end ends a session of a client, or all without a hash.
func (a *api) end(r *http.Request, i *access.Identity, hash []byte) error {
	_, err := request.Do(access.With(r.Context(), i.Whole()), a.Controller, &request.EndSession{Accessor: i.Token.Accessor, Person: i.Person, Hash: hash})
	return err
}

// everywhere reports whether all sessions of the token or person are meant. The values are those of every flag of the API.
func everywhere(r *http.Request) bool {
	q := r.URL.Query()
	return q.Has("all") && !slices.Contains([]string{"false", "0", "no"}, strings.ToLower(q.Get("all")))
}
