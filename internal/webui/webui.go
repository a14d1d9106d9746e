package webui

import (
	"embed"
	"io/fs"
	"net/http"
	"strings"

	"dkron/internal/respond"
)

// below is where the page lives. The page makes its own paths below it, so they are the page's, not ours.
const below = "/ui/"

//go:embed all:dist
var dist embed.FS

// Built is the page as it was built into the program. It has no index.html if it was not.
func Built() fs.FS {
	built, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // only for a wrong name
	}
	return built
}

// New returns what answers where, by pattern of http.ServeMux. files has index.html, what belongs to it, below assets/
// what has its own hash in its name, and next to any of them the same with .br and .gz. Without index.html a page is
// served that says so. What can't be read counts as not there.
func New(files fs.FS) map[string]http.Handler {
	s := site{files}
	return map[string]http.Handler{
		"/{$}": onlyReads(redirectBrowser),
		"/ui":  onlyReads(redirectSlash),
		below:  onlyReads(s.serve),
	}
}

// redirectBrowser sends browsers to the page. A program that asks for the root finds nothing there.
func redirectBrowser(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Vary", "Accept")
	if !respond.AcceptsHTML(r) {
		w.Header().Set("Content-Length", "0")
		w.WriteHeader(http.StatusNotFound)
		return
	}
	redirect(w, r, http.StatusSeeOther)
}

func redirectSlash(w http.ResponseWriter, r *http.Request) {
	redirect(w, r, http.StatusMovedPermanently)
}

// redirect leads from the root or from /ui to the page. The reference is relative, which http.Redirect would change: the
// client alone knows what a proxy has put before the path.
func redirect(w http.ResponseWriter, r *http.Request, status int) {
	to := strings.TrimPrefix(below, "/")
	if r.URL.RawQuery != "" {
		to += "?" + r.URL.RawQuery
	}
	w.Header().Set("Location", to)
	w.Header().Set("Content-Length", "0") // to HEAD too
	w.WriteHeader(status)
}

// onlyReads refuses every method but GET and HEAD.
func onlyReads(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			next(w, r)
			return
		}
		w.Header().Set("Allow", "GET, HEAD")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		respond.Text(w, http.StatusMethodNotAllowed, "method "+r.Method+" is not allowed here, use GET, HEAD")
	})
}
