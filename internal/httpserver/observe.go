package httpserver

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// Observe reports each answered request to fn: the pattern of its route, its method, the status and the duration. Both
// texts are from a fixed set, whatever the client sends. If fn is nil, nothing is reported.
func Observe(fn func(route, method string, status int, d time.Duration), next http.Handler) http.Handler {
	if fn == nil {
		return next
	}
	return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		began, w := time.Now(), &written{ResponseWriter: out}
		defer func() { fn(routeOf(r), methodOf(r), w.code(), time.Since(began)) }() // also during a panic
		next.ServeHTTP(w, r)
	})
}

// routeOf returns the pattern that the mux has set in the request.
func routeOf(r *http.Request) string {
	route := strings.TrimSuffix(r.Pattern, "/{$}")
	if route == "" || route == "/" {
		return "other"
	}
	return route
}

var knownMethods = []string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions,
}

func methodOf(r *http.Request) string {
	if slices.Contains(knownMethods, r.Method) {
		return r.Method
	}
	return "other"
}
