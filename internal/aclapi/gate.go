package aclapi

import (
	"errors"
	"math"
	"net"
	"net/http"
	"strconv"
	"strings"

	"dkron"
	"dkron/internal/access"
	"dkron/internal/respond"
)

// Gate decides who gets to an endpoint. It refuses what can be refused by the path; package access's Door decides about each
// request, and endpoints hide what may not be read.
type Gate struct {
	Auth        *access.Authorizer
	OpenMetrics bool // /metrics needs no token
}

// Admit returns the request with its client, and what must be called after the answer; or why it is refused. The mux has set
// the request's pattern.
func (g *Gate) Admit(w http.ResponseWriter, r *http.Request) (*http.Request, func(), error) {
	need := access.NeedOf(r.Method, r.Pattern)
	if need.Scope == access.Nobody || g.OpenMetrics && r.Pattern == "/metrics" {
		return r, func() {}, nil
	}
	i, secret, err := g.identify(w, r)
	if err != nil {
		return nil, nil, err
	}
	seen, err := allowed(i, need, r)
	if err != nil {
		return nil, nil, err
	}
	ctx, release := access.With(r.Context(), seen), func() {}
	if secret != "" {
		ctx, release = g.Auth.Hold(ctx, i, secret)
		ctx = access.With(ctx, seen)
	}
	return r.WithContext(ctx), release, nil
}

// allowed returns the client with the rights that it has for this request, or why it may not make it.
func allowed(i *access.Identity, need access.Need, r *http.Request) (*access.Identity, error) {
	acl := strings.HasPrefix(r.Pattern, "/v1/acl/")
	switch {
	case i.Manager(), r.Pattern == "/v1/acl/self":
		return i, nil
	case acl:
		return nil, respond.Refuse(http.StatusForbidden, "token %q is not a management token, and only these may read or change policies and tokens", i.Who())
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

// identify returns the client that the request's header names, with the secret of its token, "" if it has none.
func (g *Gate) identify(w http.ResponseWriter, r *http.Request) (i *access.Identity, secret string, err error) {
	from := r.RemoteAddr
	if host, _, err := net.SplitHostPort(from); err == nil {
		from = host
	}
	headers := r.Header["Authorization"]
	header := r.Header.Get("Authorization")
	user, password, basic := r.BasicAuth()
	scheme, rest, _ := strings.Cut(header, " ")
	wait := g.Auth.Wait(from)
	switch {
	case len(headers) > 1:
		err = access.ErrUnknown
	case strings.EqualFold(scheme, "Bearer"):
		secret = strings.TrimSpace(rest)
		i, err = g.Auth.Bearer(secret)
	case basic && wait > 0:
		err = access.ErrUnknown // also with the right password: else each guess would get its answer
	case basic:
		i, err = g.Auth.Basic(user, password)
	default:
		err = access.ErrUnknown
	}
	switch {
	case err == nil:
		g.Auth.Succeeded(from)
		return i, secret, nil
	case !errors.Is(err, access.ErrUnknown):
		return nil, "", err
	case wait > 0:
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
		return nil, "", respond.Refuse(http.StatusTooManyRequests, "too many attempts without a valid token or password from this address; wait before the next one")
	case header != "":
		g.Auth.Failed(from)
	}
	for _, c := range g.Auth.Challenges() {
		w.Header().Add("WWW-Authenticate", c)
	}
	return nil, "", respond.Refuse(http.StatusUnauthorized, "%s", err)
}
