package httpserver

import (
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"dkron/internal/respond"
)

// Origins lists the origins whose pages may use an HTTP face, such as https://ops.example.com; "*" is any.
type Origins []string

// Allow lets the page read the answer, if its origin is listed.
func (o Origins) Allow(w http.ResponseWriter, r *http.Request, methods string) {
	if len(o) == 0 {
		return
	}
	h := w.Header()
	h.Add("Vary", "Origin")
	origin := r.Header.Get("Origin")
	if origin == "" || !o.has(origin) {
		return
	}
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Expose-Headers", "*")
	if r.Method == http.MethodOptions {
		h.Set("Access-Control-Allow-Methods", methods)
		h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, If-None-Match, Last-Event-ID")
		h.Set("Access-Control-Max-Age", "600")
	}
}

func (o Origins) has(origin string) bool { return slices.Contains(o, "*") || o.names(origin) }

// names reports whether an origin is listed by itself.
func (o Origins) names(origin string) bool {
	return slices.ContainsFunc(o, func(one string) bool { return strings.EqualFold(strings.TrimSuffix(one, "/"), origin) })
}

// Check refuses a request that a foreign page can make a browser send without a preflight: a change whose body is not
// declared as JSON.
func (o Origins) Check(r *http.Request) error {
	origin := r.Header.Get("Origin")
	if origin == "" || r.Method == http.MethodGet || r.Method == http.MethodHead {
		return nil
	}
	if sameHost(origin, r.Host) || o.has(origin) {
		return nil
	}
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err == nil && media == "application/json" {
		return nil
	}
	return respond.Refuse(http.StatusForbidden, "a change requested by a page of another origin needs Content-Type: application/json")
}

// CheckOwn refuses a change that a foreign page makes a browser request. It is for requests that prove with a cookie who makes
// them: browsers add it whichever page asks, if that page is on the same host. So no content type is enough here, and a page
// must be one of this server, or of an origin that is listed by itself.
func (o Origins) CheckOwn(r *http.Request) error {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return nil
	}
	origin, site := r.Header.Get("Origin"), r.Header.Get("Sec-Fetch-Site")
	switch {
	case site == "same-origin", site == "none", site == "" && origin == "": // the last is no browser
		return nil
	case site == "" && sameHost(origin, r.Host), o.names(origin):
		return nil
	}
	return respond.Refuse(http.StatusForbidden, "a page of another origin (%s) may not change anything with the session of this browser; if that page "+
		"is this server's, the proxy in front must pass the header Host on, or http-allowed-origins must list the origin", respond.Shorten(origin))
}

// sameHost reports whether an origin is the host of the request.
func sameHost(origin, host string) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" {
		return false
	}
	port := ":80"
	if u.Scheme == "https" {
		port = ":443"
	}
	return strings.EqualFold(strings.TrimSuffix(u.Host, port), strings.TrimSuffix(host, port))
}
