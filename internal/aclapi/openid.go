package aclapi

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"dkron"
	"dkron/internal/access"
	"dkron/internal/httpserver"
	"dkron/internal/request"
	"dkron/internal/respond"
)

// OpenID is how people sign in with an OpenID Connect provider.
type OpenID struct {
	Provider Provider
	Name     string // of the provider, for people
	Redirect string // where the provider sends browsers back to; "": to where they reach this server, if that can be known
}

// Provider is an OpenID Connect provider. Its errors have texts for people.
type Provider interface {
	// Ready returns why the provider can't be used now. It waits as long as ctx allows.
	Ready(ctx context.Context) error
	// Begin returns where a browser must go, and what Finish needs.
	Begin(ctx context.Context, redirect string) (to, begun string, err error)
	// Finish returns who came back with a query, and how long a session may last. With ErrForbidden it returns who that is, if it knows.
	Finish(ctx context.Context, begun string, query url.Values) (*dkron.Person, time.Duration, error)
	// Seal and Open protect what a browser keeps for a purpose. All servers open what one has sealed.
	Seal(purpose, text string) (string, error)
	Open(purpose, sealed string) (string, error)
}

const (
	waysPath     = "/v1/signin"
	openIDPath   = "/v1/signin/openid"
	callbackPath = "/v1/signin/openid/callback"

	flowCookie   = "dkron_signin"        // a sign-in that has begun
	failedCookie = "dkron_signin_failed" // why the last one failed, until the page has read it
	flowTime     = 10 * time.Minute
	failedTime   = time.Minute

	// readyTime is how long the page waits to hear whether the provider can be reached.
	readyTime = 2 * time.Second
	// beginTime is how long a browser waits for it.
	beginTime = 15 * time.Second

	maxBack = 1000 // bytes
)

func (a *api) openIDRoutes() []httpserver.Route {
	get := func(path string, call httpserver.Endpoint) httpserver.Route {
		return httpserver.Route{Path: path, Methods: methods(map[string]httpserver.Endpoint{"GET": call})}
	}
	return []httpserver.Route{get(waysPath, a.ways), get(openIDPath, a.beginOpenID), get(callbackPath, a.endOpenID)}
}

// waysJSON is how one can sign in here.
type waysJSON struct {
	Tokens bool      `json:"tokens"`
	OpenID *wayJSON  `json:"openid"` // null: not offered
	Failed *failJSON `json:"failed"` // the last sign-in of this browser; null: it did not, or that was answered before
}

type wayJSON struct {
	Name    string `json:"name"`
	Problem string `json:"problem,omitempty"` // why it can't be used now
}

type failJSON struct {
	Text string `json:"text"`
}

// ways answers how one can sign in, and, once, why the last sign-in with the provider failed.
func (a *api) ways(w http.ResponseWriter, r *http.Request) error {
	all := waysJSON{Tokens: a.Gate != nil && a.Gate.Auth.Tokens}
	if a.OpenID != nil {
		all.OpenID = &wayJSON{Name: a.OpenID.Name}
		ctx, cancel := context.WithTimeout(r.Context(), readyTime)
		defer cancel()
		if err := a.OpenID.Provider.Ready(ctx); err != nil && ctx.Err() == nil {
			all.OpenID.Problem = err.Error()
		}
		if c, err := r.Cookie(failedCookie); err == nil {
			if text, err := a.OpenID.Provider.Open(failedCookie, c.Value); err == nil {
				all.Failed = &failJSON{text}
			}
			a.keep(w, r, failedCookie, "", 0)
		}
	}
	return respond.JSON(w, r, http.StatusOK, all)
}

// begun is a sign-in that has begun, as its cookie has it.
type begun struct {
	Flow  string    `json:"flow"`
	Back  string    `json:"back"` // the page to return to
	Until time.Time `json:"until"`
}

var errNoOpenID = respond.Refuse(http.StatusNotFound, "nobody signs in with OpenID Connect here; the setting oidc-issuer, on all servers, would offer it")

// beginOpenID sends a browser to the provider.
func (a *api) beginOpenID(w http.ResponseWriter, r *http.Request) error {
	if a.OpenID == nil {
		return errNoOpenID
	}
	back, err := backOf(r.URL.Query().Get("return"))
	if err != nil {
		return err
	}
	redirect, err := a.redirect(r)
	if err != nil {
		return a.failed(w, r, "../../ui/"+back, err)
	}
	ctx, cancel := context.WithTimeout(r.Context(), beginTime)
	defer cancel()
	to, flow, err := a.OpenID.Provider.Begin(ctx, redirect)
	if err != nil {
		return a.failed(w, r, "../../ui/"+back, err)
	}
	text, err := json.Marshal(begun{flow, back, a.Now().Add(flowTime)})
	if err != nil {
		return err
	}
	sealed, err := a.OpenID.Provider.Seal(flowCookie, string(text))
	if err != nil {
		return err
	}
	a.keep(w, r, flowCookie, sealed, flowTime)
	return redirectTo(w, to)
}

// endOpenID begins the session of a browser that comes back from the provider.
func (a *api) endOpenID(w http.ResponseWriter, r *http.Request) error {
	if a.OpenID == nil {
		return errNoOpenID
	}
	from := access.Attempt{Way: "openid", Address: clientOf(r)}
	if wait := a.Gate.Auth.Wait(from); wait > 0 {
		return later(w, wait)
	}
	b, err := a.begunOf(r)
	a.keep(w, r, flowCookie, "", 0)
	page := "../../../ui/" + b.Back
	var p *dkron.Person
	if err == nil {
		p, err = a.arrive(w, r, b)
	}
	if err != nil {
		if errors.Is(err, dkron.ErrInvalid) {
			a.Gate.Auth.Failed(from)
		}
		a.refused(r, p, err)
		return a.failed(w, r, page, err)
	}
	a.Gate.Auth.Succeeded(from)
	return redirectTo(w, page)
}

// refused notes that somebody was not let in: who has no rights here, and who came with an answer of the provider that is not accepted. One
// without a code is no try, and a program gets the refusal as its answer, which is noted as all are.
func (a *api) refused(r *http.Request, p *dkron.Person, why error) {
	if a.Refused == nil || !respond.AcceptsHTML(r) {
		return
	}
	if p != nil {
		r = r.WithContext(access.With(r.Context(), a.Gate.Auth.Arriving(p)))
	}
	switch {
	case errors.Is(why, dkron.ErrForbidden):
		a.Refused(r, why)
	case errors.Is(why, dkron.ErrInvalid) && r.URL.Query().Has("code"):
		a.Refused(r, respond.Refuse(http.StatusUnauthorized, "%s", why))
	}
}

// arrive finds out who came back, and signs the browser in.
func (a *api) arrive(w http.ResponseWriter, r *http.Request, b begun) (*dkron.Person, error) {
	p, age, err := a.OpenID.Provider.Finish(r.Context(), b.Flow, r.URL.Query())
	if err != nil {
		return p, err
	}
	missing, err := a.missing(p.Policies)
	if err != nil {
		return p, err
	}
	p.Policies = slices.DeleteFunc(p.Policies, func(name string) bool { return slices.Contains(missing, name) })
	if len(p.Policies) == 0 && p.Type != dkron.ManagementToken {
		return p, dkron.Error(dkron.ErrForbidden, "the policies that %s would have do not exist: %.200s", p.Name, strings.Join(missing, ", "))
	}
	redirect, err := a.redirect(r)
	if err != nil {
		return p, err
	}
	_, err = a.open(w, r, a.Gate.Auth.Arriving(p), &request.OpenSession{Person: p, Age: age}, strings.HasPrefix(redirect, "https:"))
	return p, err
}

// begunOf returns the sign-in that this browser has begun.
func (a *api) begunOf(r *http.Request) (b begun, err error) {
	lost := dkron.Invalid("this sign-in was begun in another browser or at another address, or more than 10 minutes ago; begin again")
	c, err := r.Cookie(flowCookie)
	if err != nil {
		return b, lost
	}
	text, err := a.OpenID.Provider.Open(flowCookie, c.Value)
	if err != nil || json.Unmarshal([]byte(text), &b) != nil {
		return begun{}, lost
	}
	if a.Now().After(b.Until) {
		return begun{Back: b.Back}, lost
	}
	return b, nil
}

// failed sends a browser back to the page, which asks why. The reason is sealed, so that no link can put words into the page.
func (a *api) failed(w http.ResponseWriter, r *http.Request, page string, why error) error {
	if !respond.AcceptsHTML(r) {
		return why
	}
	text := why.Error()
	if !errors.Is(why, dkron.ErrInvalid) && !errors.Is(why, dkron.ErrForbidden) && !errors.Is(why, dkron.ErrUnavailable) && !errors.Is(why, dkron.ErrNoLeader) {
		text = "this server could not do it; its log says why"
	}
	sealed, err := a.OpenID.Provider.Seal(failedCookie, text)
	if err != nil {
		return err
	}
	a.keep(w, r, failedCookie, sealed, failedTime)
	return redirectTo(w, page)
}

// keep makes the browser keep a value for a time, also when it comes back from the provider's site.
func (a *api) keep(w http.ResponseWriter, r *http.Request, name, value string, d time.Duration) {
	redirect, _ := a.redirect(r)
	seconds := int(d.Seconds())
	if seconds <= 0 {
		seconds = -1
	}
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // not Secure without HTTPS
		Name: name, Value: value, Path: "/", MaxAge: seconds, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: strings.HasPrefix(redirect, "https:"),
	})
}

// redirectTo sends the browser on. A relative address is not made absolute: a proxy in front may have a prefix of its own.
func redirectTo(w http.ResponseWriter, to string) error {
	w.Header().Set("Location", to)
	w.Header().Set("Referrer-Policy", "no-referrer") // the address has a code
	w.WriteHeader(http.StatusSeeOther)
	return nil
}

// redirect returns where the provider sends a browser back to. Without the setting that is where the browser reached this server, if
// nobody can have changed that on the way: by TLS, or from this machine.
func (a *api) redirect(r *http.Request) (string, error) {
	switch {
	case a.OpenID.Redirect != "":
		return a.OpenID.Redirect, nil
	case r.TLS != nil:
		return "https://" + r.Host + callbackPath, nil
	case loopback(r.Host):
		return "http://" + r.Host + callbackPath, nil
	}
	return "", dkron.Invalid("this server can't know at which address browsers reach it; set oidc-redirect-url, such as https://dkron.example.com%s", callbackPath)
}

// loopback reports whether a host of a URL is this machine.
func loopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return strings.EqualFold(host, "localhost") || err == nil && ip.IsLoopback()
}

// backOf returns the page to return to, as a reference that is relative to /ui/ and stays below it.
func backOf(text string) (string, error) {
	u, err := url.Parse(text)
	bad := err != nil || len(text) > maxBack || u.IsAbs() || u.Host != "" || u.User != nil || u.Opaque != "" ||
		strings.HasPrefix(text, "/") || strings.ContainsFunc(text, func(c rune) bool { return c <= ' ' || c == '\\' || c == 0x7f })
	if !bad {
		bad = slices.ContainsFunc(strings.FieldsFunc(u.Path, func(c rune) bool { return c == '/' || c == '\\' }), func(s string) bool { return s == ".." })
	}
	if bad {
		return "", dkron.Invalid("return must be a page of this server, relative to /ui/, such as jobs/backup, of at most %d bytes", maxBack)
	}
	return u.String(), nil
}
