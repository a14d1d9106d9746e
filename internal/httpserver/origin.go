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

func (o Origins) has(origin string) bool {
	return slices.ContainsFunc(o, func(one string) bool {
		return one == "*" || strings.EqualFold(strings.TrimSuffix(one, "/"), origin)
	})
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
