package httpapi

import (
	"context"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"
)

// requestTime is how long a request may work on its answer. It is shorter than the server's write timeout, so that a
// request that takes too long is told so.
const requestTime = 45 * time.Second

// endpoint answers one method of one path. An error that it returns is answered from the table in error.go; it must
// not have written anything then.
type endpoint func(w http.ResponseWriter, r *http.Request) error

func (a *api) handler() http.Handler {
	mux := http.NewServeMux()
	for _, rt := range a.routes() {
		mux.Handle(rt.path, a.compressed(rt, a.serve(rt)))
		if !strings.HasSuffix(rt.path, "/{$}") && rt.path != "/v1" {
			mux.HandleFunc(rt.path+"/{$}", redirectSlash)
		}
	}
	mux.HandleFunc("/docs", redirectDocs)
	for pattern, page := range a.Pages {
		mux.Handle(pattern, page)
	}
	mux.HandleFunc("/", noPage)
	return a.observe(a.recoverPanics(onlyClean(mux)))
}

// serve is what every request to a known path passes through.
func (a *api) serve(rt route) http.Handler {
	allow, streams := allowed(rt.methods), a.streaming(rt.path)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if !rt.bare {
			w.Header().Set("X-Whom", a.NodeName)
			a.allowOrigin(w, r, allow)
		}
		method := r.Method
		if method == http.MethodHead {
			method = http.MethodGet
		}
		call, ok := rt.methods[method]
		var err error
		switch {
		case r.Method == http.MethodOptions:
			w.Header().Set("Allow", allow)
			w.WriteHeader(http.StatusNoContent)
		case !ok:
			w.Header().Set("Allow", allow)
			err = refuse(http.StatusMethodNotAllowed, "method %s is not allowed here, use %s", r.Method, allow)
		default:
			err = a.call(call, streams(r), w, r)
		}
		if err != nil {
			a.fail(w, r, err)
		}
	})
}

func (a *api) call(call endpoint, streams bool, w http.ResponseWriter, r *http.Request) error {
	if err := a.checkOrigin(r); err != nil {
		return err
	}
	if err := a.limitBody(w, r); err != nil {
		return err
	}
	r = withActor(r)
	if !streams && waits(r) {
		if err := a.hold(); err != nil {
			return err
		}
		defer a.open.Add(-1)
	}
	if !streams {
		ctx, cancel := context.WithTimeout(r.Context(), requestTime)
		defer cancel()
		r = r.WithContext(ctx)
	}
	if err := a.sync(r); err != nil {
		return err
	}
	return call(w, r)
}

func allowed(methods map[string]endpoint) string {
	names := []string{http.MethodOptions}
	for name := range methods {
		names = append(names, name)
	}
	if methods[http.MethodGet] != nil {
		names = append(names, http.MethodHead)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// redirectSlash sends a path that ends in one slash too many to the right one.
func redirectSlash(w http.ResponseWriter, r *http.Request) {
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

func noPage(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain")
	w.WriteHeader(http.StatusNotFound)
	_, _ = w.Write([]byte("404 page not found"))
}

// onlyClean answers 404 to paths that the mux would redirect to their clean form: doubled slashes and dots are
// significant.
func onlyClean(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		clean := path.Clean("/" + r.URL.Path)
		if strings.HasSuffix(r.URL.Path, "/") && clean != "/" {
			clean += "/"
		}
		if clean != r.URL.Path {
			noPage(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}
