package httpapi

import (
	"context"
	"math"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"dkron/internal/access"
	"dkron/internal/apidoc"
	"dkron/internal/httpserver"
	"dkron/internal/respond"
	"dkron/internal/state"
)

// requestTime limits the work on an answer. It is shorter than the server's write timeout, so that a request that takes
// too long gets an error that says so.
const requestTime = 45 * time.Second

func (a *api) handler() http.Handler {
	mux := http.NewServeMux()
	for _, rt := range a.routes() {
		mux.Handle(rt.path, a.compressed(rt, a.serve(rt)))
		if !strings.HasSuffix(rt.path, "/{$}") && rt.path != "/v1" {
			mux.HandleFunc(rt.path+"/{$}", httpserver.RedirectSlash)
		}
	}
	mux.HandleFunc("/docs", apidoc.Redirect)
	for pattern, page := range a.Pages {
		mux.Handle(pattern, page)
	}
	mux.HandleFunc("/", httpserver.NotFound)
	return httpserver.Observe(a.Observe, httpserver.Recover(a.Logger, httpserver.OnlyClean(mux)))
}

// serve handles every request to a known path.
func (a *api) serve(rt route) http.Handler {
	allow := allowed(rt.methods)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if !rt.bare {
			w.Header().Set("X-Whom", a.NodeName)
			a.origins.Allow(w, r, allow)
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
			err = respond.Refuse(http.StatusMethodNotAllowed, "method %s is not allowed here, use %s", r.Method, allow)
		default:
			err = a.call(call, rt.streaming(r), w, r)
		}
		if err != nil {
			respond.Fail(w, r, err, a.Logger)
		}
	})
}

func (a *api) call(call endpoint, stream bool, w http.ResponseWriter, r *http.Request) (err error) {
	if a.Noted != nil {
		defer func() { a.Noted(r, err) }()
	}
	if err := a.origins.Check(r); err != nil {
		return err
	}
	if err := a.limitBody(w, r); err != nil {
		return err
	}
	r = httpserver.WithActor(r, a.NodeName)
	if a.Gate != nil {
		admitted, release, refused := a.Gate(w, r)
		if admitted != nil { // also of who is known, and may not do this
			r = admitted
		}
		if err = refused; err == nil {
			defer release()
		}
	}
	if late := a.limitRate(w, r, stream); late != nil {
		return late
	}
	if err != nil {
		return err
	}
	if !stream && waits(r) {
		release, err := a.streams.Hold()
		if err != nil {
			return err
		}
		defer release()
	}
	if !stream {
		ctx, cancel := context.WithTimeout(r.Context(), requestTime)
		defer cancel()
		r = r.WithContext(ctx)
	}
	if err := a.sync(r); err != nil {
		return err
	}
	if raw(r) {
		return call(w, r)
	}
	deep := httpserver.LimitDepth(r)
	if err = call(w, r); err != nil && deep() {
		return httpserver.ErrDeep // what the endpoint says of it is less clear
	}
	return err
}

// raw reports whether the body of a request may be something else than JSON.
func raw(r *http.Request) bool {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return r.Body == nil || kind != "application/json" && (r.Pattern == restorePath || r.Pattern == checkInPath)
}

// freeOfRate is what who watches this server asks.
var freeOfRate = map[string]bool{"/health": true, "/ready": true, "/metrics": true}

// limitRate refuses a client that asks too often: a token or a person, or else an address. A stream does not count: a page that
// comes back opens it at once, and there is a limit of their own for streams.
func (a *api) limitRate(w http.ResponseWriter, r *http.Request, stream bool) error {
	if a.Rates == nil || stream || freeOfRate[r.Pattern] {
		return nil
	}
	client := "address " + clientOf(r)
	if i := access.Of(r.Context()); i != nil {
		client = i.Client()
	}
	wait := a.Rates.Take(client, time.Now())
	if wait <= 0 {
		return nil
	}
	w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	return respond.Refuse(http.StatusTooManyRequests, "this client asks more than %d times a second, which is the limit of this server (http-rate); wait before the next request", a.Rates.Each())
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

// read returns what fn reads from one view of the state.
func read[T any](a *api, fn func(*state.Tx) (T, error)) (found T, err error) {
	err = a.Store.View(func(tx *state.Tx) (err error) {
		found, err = fn(tx)
		return err
	})
	return found, err
}

// streams maps routes whose answer may be a stream without end to the requests that get one.
var streams = map[string]func(*http.Request) bool{
	outputPath: follows,
	eventsPath: func(*http.Request) bool { return true },
}

// streaming reports whether the answer to a request is a stream.
func (rt route) streaming(r *http.Request) bool {
	asked := streams[rt.path]
	return asked != nil && asked(r)
}

// compressed compresses the answers of a route, except streams.
func (a *api) compressed(rt route, next http.Handler) http.Handler {
	if rt.bare {
		return next
	}
	small := a.compress(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if rt.streaming(r) {
			next.ServeHTTP(w, r)
			return
		}
		small.ServeHTTP(w, r)
	})
}
