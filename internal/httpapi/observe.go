package httpapi

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// observe tells Config.Observe of every request.
func (a *api) observe(next http.Handler) http.Handler {
	if a.Observe == nil {
		return next
	}
	return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		began, w := time.Now(), &written{ResponseWriter: out}
		defer func() { a.Observe(routeOf(r), methodOf(r), w.code(), time.Since(began)) }() // a panic on its way included
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
