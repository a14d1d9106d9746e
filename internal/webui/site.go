package webui

import (
	"crypto/rand"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"dkron/internal/respond"
)

// assets holds files that never change: a changed file gets another name.
const assets = "assets/"

// site is the page's files.
type site struct {
	files fs.FS
}

// serve answers with the file of that name, else with the page, which chooses what to show. A missing asset is an
// error: a script that gets HTML would report something misleading.
func (s site) serve(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, below)
	switch {
	case (s.has(name) || s.has(name+gzipped)) && !internal(name):
		if runs(name) {
			protect(w.Header(), "")
		} else {
			w.Header().Set("X-Content-Type-Options", "nosniff")
		}
		s.sendFile(w, r, name)
	case strings.HasPrefix(name, assets):
		protect(w.Header(), "")
		w.Header().Set("Cache-Control", "no-store") // during an upgrade the next server may have it
		respond.Text(w, http.StatusNotFound, "404 page not found")
	default:
		nonce := rand.Text()
		protect(w.Header(), nonce)
		s.sendPage(w, r, nonce)
	}
}

// has reports whether there is a file of that name.
func (s site) has(name string) bool {
	info, err := fs.Stat(s.files, name)
	return err == nil && info.Mode().IsRegular()
}

// internal reports whether a file is not served under its own name: the page, which is sent filled in, the packed forms
// of other files, and what tools have left there.
func internal(name string) bool {
	return name == index || path.Ext(name) == gzipped || strings.HasPrefix(name, ".") || strings.Contains(name, "/.")
}

// runs reports whether a browser that opens a file by its address makes a document of it, whose rights the headers limit.
// Scripts, styles and fonts have those of the page that loads them. It loads dozens, and the headers are longer than some of them.
func runs(name string) bool {
	switch path.Ext(name) {
	case ".css", ".js", ".mjs", ".woff", ".woff2":
		return false
	}
	return true
}

// unneeded is browser features that the page opts out of. It may write to the clipboard.
const unneeded = "accelerometer=(), autoplay=(), camera=(), clipboard-read=(), display-capture=(), encrypted-media=(), " +
	"geolocation=(), gyroscope=(), hid=(), idle-detection=(), magnetometer=(), microphone=(), midi=(), payment=(), " +
	"picture-in-picture=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), usb=(), xr-spatial-tracking=()"

// protect allows the page only content from this server, no inline scripts, no framing and no referrer. Inline styles
// need the nonce; "" allows none.
func protect(h http.Header, nonce string) {
	styles := "'self'"
	if nonce != "" {
		styles += " 'nonce-" + nonce + "'"
	}
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src "+styles+"; img-src 'self' data:; font-src 'self'; "+
		"connect-src 'self'; manifest-src 'self'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Permissions-Policy", unneeded)
}
