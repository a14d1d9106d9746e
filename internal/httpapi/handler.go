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

type route struct {
	path    string
	methods map[string]endpoint
	bare    bool // without X-Whom and CORS
}

func (a *api) routes() []route {
	status := map[string]endpoint{"GET": a.getStatus}
	routes := []route{
		{"/health", map[string]endpoint{"GET": a.getHealth}, true},
		{"/ready", map[string]endpoint{"GET": a.getReady}, true},
		{"/debug/vars", map[string]endpoint{"GET": a.getVars}, false},
		{"/v1", status, false},
		{"/v1/{$}", status, false},
		{"/v1/members", map[string]endpoint{"GET": a.getMembers}, false},
		{"/v1/leader", map[string]endpoint{"GET": a.getLeader}, false},
		{"/v1/isleader", map[string]endpoint{"GET": a.getIsLeader}, false},
		{"/v1/leave", map[string]endpoint{"POST": a.leave}, false},
		{"/v1/busy", map[string]endpoint{"GET": a.getBusy}, false},
		{"/v1/pause", map[string]endpoint{"GET": a.getPause, "POST": a.pause}, false},
		{"/v1/unpause", map[string]endpoint{"POST": a.unpause}, false},
		{"/v1/settings", map[string]endpoint{"GET": a.getSettings, "PUT": a.putSettings}, false},
		{"/v1/export", map[string]endpoint{"GET": a.export}, false},
		{restorePath, map[string]endpoint{"POST": a.restore}, false},
		{"/v1/stats", map[string]endpoint{"GET": a.getStats}, false},
		{"/v1/jobs", map[string]endpoint{"GET": a.listJobs, "POST": a.setJob, "PATCH": a.setJob}, false},
		{"/v1/jobs/{job}", map[string]endpoint{"GET": a.getJob, "POST": a.runJob, "PUT": a.setJob, "DELETE": a.deleteJob}, false},
		{"/v1/jobs/{job}/run", map[string]endpoint{"POST": a.runJob}, false},
		{"/v1/jobs/{job}/stop", map[string]endpoint{"POST": a.stopJob}, false},
		{"/v1/jobs/{job}/toggle", map[string]endpoint{"POST": a.toggleJob}, false},
		{"/v1/jobs/{job}/executions", map[string]endpoint{"GET": a.listExecutions, "DELETE": a.clearExecutions}, false},
		{"/v1/jobs/{job}/executions/{id}", map[string]endpoint{"GET": a.getExecution}, false},
		{outputPath, map[string]endpoint{"GET": a.getOutput}, false},
		{"/v1/jobs/{job}/executions/{id}/stop", map[string]endpoint{"POST": a.stopExecution}, false},
		{"/v1/jobs/{job}/launches", map[string]endpoint{"GET": a.listLaunches}, false},
		{"/v1/executions", map[string]endpoint{"GET": a.listAllExecutions}, false},
		{"/v1/launches", map[string]endpoint{"GET": a.listAllLaunches}, false},
		{"/v1/launches/{id}", map[string]endpoint{"GET": a.getLaunch}, false},
		{"/v1/launches/{id}/stop", map[string]endpoint{"POST": a.stopLaunch}, false},
		{eventsPath, map[string]endpoint{"GET": a.getEvents}, false},
		{"/v1/jobs/{job}/versions", map[string]endpoint{"GET": a.listVersions}, false},
		{"/v1/jobs/{job}/versions/{revision}", map[string]endpoint{"GET": a.getVersion}, false},
		{"/v1/jobs/{job}/versions/{revision}/revert", map[string]endpoint{"POST": a.revert}, false},
		{"/v1/jobs/{job}/preview", map[string]endpoint{"GET": a.previewJob}, false},
		{"/v1/jobs/{job}/stats", map[string]endpoint{"GET": a.getJobStats}, false},
		{"/v1/preview", map[string]endpoint{"POST": a.preview}, false},
	}
	if a.Metrics != nil {
		routes = append(routes, route{"/metrics", map[string]endpoint{"GET": a.getMetrics}, false})
	}
	return routes
}

func (a *api) handler() http.Handler {
	mux := http.NewServeMux()
	for _, rt := range a.routes() {
		mux.Handle(rt.path, a.compressed(rt, a.serve(rt)))
		if !strings.HasPrefix(rt.path, "/v1/{$}") && rt.path != "/v1" {
			mux.HandleFunc(rt.path+"/{$}", redirectSlash)
		}
	}
	mux.HandleFunc("/", noPage)
	return a.recoverPanics(onlyClean(mux))
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
