package aclapi

import (
	"errors"
	"math"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"dkron"
	"dkron/internal/access"
	"dkron/internal/httpserver"
	"dkron/internal/respond"
)

// Gate decides who gets to an endpoint. It refuses what can be refused by the path; package access's Door decides about each
// request, and endpoints hide what may not be read.
type Gate struct {
	Auth        *access.Authorizer
	OpenMetrics bool               // /metrics needs no token
	Cluster     func() string      // the cluster's id; "": it is not known yet. nil: as if it were not
	Origins     httpserver.Origins // whose pages may use the session of a browser, besides the server's own
}

// Admit returns the request with its client, and what must be called after the answer; or why it is refused, with the request if
// its client is known. The mux has set the request's pattern.
func (g *Gate) Admit(w http.ResponseWriter, r *http.Request) (*http.Request, func(), error) {
	need := access.NeedOf(r.Method, r.Pattern)
	if need.Scope == access.Nobody || g.OpenMetrics && r.Pattern == "/metrics" {
		return r, func() {}, nil
	}
	i, err := g.identify(w, r)
	switch {
	case err != nil && i != nil:
		return r.WithContext(access.With(r.Context(), i)), nil, err
	case err != nil:
		return nil, nil, err
	}
	seen, err := allowed(i, need, r)
	if err != nil {
		return r.WithContext(access.With(r.Context(), i)), nil, err
	}
	ctx, release := g.Auth.Hold(r.Context(), i)
	return r.WithContext(access.With(ctx, seen)), release, nil
}

// allowed returns the client with the rights that it has for this request, or why it may not make it.
func allowed(i *access.Identity, need access.Need, r *http.Request) (*access.Identity, error) {
	acl := strings.HasPrefix(r.Pattern, "/v1/acl/")
	switch {
	case i.Manager(), r.Pattern == "/v1/acl/self", r.Pattern == "/v1/acl/session":
		return i, nil
	case acl:
		return nil, respond.Refuse(http.StatusForbidden, "%s %q may not manage access, and only a management token, or who is like one, may read or change policies and tokens", i.Kind(), i.Who())
	case i.Path(r.Method, r.URL.EscapedPath()):
		return i.Whole(), nil
	}
	switch need.Scope {
	case access.Some:
		if !i.Some(need.Verb) {
			return nil, i.Refuse(need.Verb, "any job")
		}
	case access.OfJob:
		job := jobOf(r)
		if job == "" || !i.May(need.Verb, job) {
			return nil, i.Refuse(need.Verb, "job "+strconv.Quote(respond.Shorten(job)))
		}
	default:
		if !i.May(need.Verb, "") {
			return nil, i.Refuse(need.Verb, "what concerns all jobs, such as "+r.Method+" "+r.Pattern)
		}
	}
	return i, nil
}

// jobOf returns the job that the path names: itself, or by a launch.
func jobOf(r *http.Request) string {
	if job := r.PathValue("job"); job != "" {
		return job
	}
	job, _, err := dkron.ParseLaunchID(r.PathValue("id"))
	if err != nil {
		return ""
	}
	return job
}

// identify returns the client that the request's header Authorization names; without one, that of the browser's session; without
// either, whom a trusted proxy has named. With the error there is a client if it is known and is refused all the same.
func (g *Gate) identify(w http.ResponseWriter, r *http.Request) (i *access.Identity, err error) {
	header := r.Header.Get("Authorization")
	user, password, basic := r.BasicAuth()
	scheme, secret, _ := strings.Cut(header, " ")
	try := access.Attempt{Way: "token", Address: clientOf(r)}
	if basic { // apart, so that who has a token can't forget wrong passwords by it
		try.Way, try.Account = "password", user
	}
	wait := g.Auth.Wait(try)
	switch {
	case len(r.Header["Authorization"]) > 1:
		err = access.ErrUnknown
	case strings.EqualFold(scheme, "Bearer"):
		i, err = g.Auth.Bearer(strings.TrimSpace(secret))
	case basic && wait > 0:
		err = access.ErrUnknown // also with the right password: else each guess would get its answer
	case basic:
		i, err = g.Auth.Basic(user, password)
	case len(g.secretsOf(r)) > 0:
		return g.signedIn(w, r)
	case httpserver.NamedOf(r.Context()) != nil:
		return g.named(w, r)
	default:
		err = access.ErrUnknown
	}
	switch {
	case err == nil:
		g.Auth.Succeeded(try)
		return i, nil
	case !errors.Is(err, access.ErrUnknown):
		return nil, err
	case wait > 0:
		return nil, later(w, wait)
	case header != "":
		g.Auth.Failed(try)
	}
	return nil, g.unknown(w, err)
}

// signedIn returns the client of the browser's session. A session that has ended does not count as an attempt:
// its page does not know yet.
func (g *Gate) signedIn(w http.ResponseWriter, r *http.Request) (*access.Identity, error) {
	w.Header().Add("Vary", "Cookie") // a cache must not give the answer to others
	var i *access.Identity
	var err error
	for _, secret := range g.secretsOf(r) {
		if i, err = g.Auth.SignedIn(secret); err == nil {
			break
		}
	}
	switch {
	case errors.Is(err, access.ErrSignedOut) && httpserver.NamedOf(r.Context()) != nil:
		return g.named(w, r)
	case errors.Is(err, access.ErrSignedOut):
		return nil, g.unknown(w, err)
	case err == nil:
		err = g.Origins.CheckOwn(r)
	}
	return i, err
}

// named returns the client whom a trusted proxy has named. The proxy knows a browser by a cookie of its own or by its network, so
// whichever page asks, the request is the user's: changes must come from pages of this server, as with a session.
func (g *Gate) named(w http.ResponseWriter, r *http.Request) (*access.Identity, error) {
	n := httpserver.NamedOf(r.Context())
	w.Header().Add("Vary", n.Header)
	if n.Err != nil {
		return nil, respond.Refuse(http.StatusForbidden, "%s", n.Err)
	}
	i, err := g.Auth.Named(n.User, n.Groups)
	if err == nil {
		err = g.Origins.CheckOwn(r)
	}
	return i, err
}

// clientOf returns the address of the client.
func clientOf(r *http.Request) string {
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		return host
	}
	return r.RemoteAddr
}

// unknown refuses a client that has not proved who it is, with the ways to do so.
func (g *Gate) unknown(w http.ResponseWriter, why error) error {
	for _, c := range g.Auth.Challenges() {
		w.Header().Add("WWW-Authenticate", c)
	}
	return respond.Refuse(http.StatusUnauthorized, "%s", why)
}

// later refuses a client that has to wait.
func later(w http.ResponseWriter, wait time.Duration) error {
	w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	return respond.Refuse(http.StatusTooManyRequests, "too many attempts without a valid token or password, from this address or for this user; wait before the next one")
}
