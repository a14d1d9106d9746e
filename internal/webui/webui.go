package webui

import (
	"embed"
	"io/fs"
	"net"
	"net/http"
	"strconv"
	"strings"

	"dkron/internal/respond"
)

// below is the page's path. The paths below it are the page's own.
const below = "/ui/"

//go:embed all:dist
var dist embed.FS

// Built returns the page built into the program; without index.html if it was built without the page.
func Built() fs.FS {
	built, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // only for an invalid name
	}
	return built
}

// URL returns the page's address for a browser on the machine that serves it at addr.
func URL(addr net.Addr, secure bool) string {
	host := addr.String()
	if tcp, ok := addr.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		host = net.JoinHostPort("localhost", strconv.Itoa(tcp.Port))
	}
	if secure {
		return "https://" + host + below
	}
	return "http://" + host + below
}

// New returns handlers by pattern of http.ServeMux. files contains index.html, its files, those with a hash in their
// name below assets/, and compressed forms with .gz: next to any of them, or alone. Without index.html, a page that says so
// is served. An unreadable file counts as missing.
func New(files fs.FS) map[string]http.Handler {
	s := site{files}
	return map[string]http.Handler{
		"/{$}": onlyReads(redirectBrowser),
		"/ui":  onlyReads(redirectSlash),
		below:  onlyReads(s.serve),
	}
}

// redirectBrowser sends browsers to the page. Other clients get 404 at the root.
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

// redirect leads from the root or from /ui to the page. The reference is relative, which http.Redirect would change:
// only the client knows the prefix that a proxy has added to the path.
func redirect(w http.ResponseWriter, r *http.Request, status int) {
	to := strings.TrimPrefix(below, "/")
	if r.URL.RawQuery != "" {
		to += "?" + r.URL.RawQuery
	}
	w.Header().Set("Location", to)
	w.Header().Set("Content-Length", "0") // for HEAD too
	w.WriteHeader(status)
}

// onlyReads refuses every method except GET and HEAD.
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
