package httpserver

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// Observe reports to fn each request that was answered: the pattern of its route, its method, the status and how long the
// answer took. Both texts are from a fixed set, whatever the client sends. nil: nothing is reported.
func Observe(fn func(route, method string, status int, d time.Duration), next http.Handler) http.Handler {
	if fn == nil {
		return next
	}
	return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		began, w := time.Now(), &written{ResponseWriter: out}
		defer func() { fn(routeOf(r), methodOf(r), w.code(), time.Since(began)) }() // a panic on its way included
		next.ServeHTTP(w, r)
	})
}

// routeOf returns the pattern that the mux has found, which it notes in the request.
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
