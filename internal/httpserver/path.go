package httpserver

import (
	"net/http"
	"path"
	"strings"
)

// RedirectSlash redirects a path with a superfluous last slash.
func RedirectSlash(w http.ResponseWriter, r *http.Request) {
	to := strings.TrimRight(r.URL.EscapedPath(), "/")
	if r.URL.RawQuery != "" {
		to += "?" + r.URL.RawQuery
	}
	status := http.StatusTemporaryRedirect
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		status = http.StatusMovedPermanently
	}
	w.Header().Set("Location", to)
	w.WriteHeader(status)
}

// NotFound answers an unknown path.
func NotFound(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain")
	w.WriteHeader(http.StatusNotFound)
	_, _ = w.Write([]byte("404 page not found"))
}

// OnlyClean answers 404 to paths that the mux would redirect to their clean form: doubled slashes and dots are
// significant.
func OnlyClean(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		clean := path.Clean("/" + r.URL.Path)
		if strings.HasSuffix(r.URL.Path, "/") && clean != "/" {
			clean += "/"
		}
		if clean != r.URL.Path {
			NotFound(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}
