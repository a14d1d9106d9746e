package webui

import (
	"crypto/rand"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"dkron/internal/respond"
)

// assets is where files never change, since a change gives them another name.
const assets = "assets/"

// site is the page's files.
type site struct {
	files fs.FS
}

// serve answers a file if there is one of that name, else the page, which finds out by itself what to show. A missing
// asset is an error: a script that gets HTML for an answer says something misleading.
func (s site) serve(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, below)
	switch {
	case s.has(name) && !internal(name):
		protect(w.Header(), "")
		s.sendFile(w, r, name)
	case strings.HasPrefix(name, assets):
		protect(w.Header(), "")
		w.Header().Set("Cache-Control", "no-store") // while servers are upgraded, the next one may have it
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

// internal reports whether a file is not to be had by its own name: the page itself, which is sent filled in, the packed
// forms of others, and what tools have left there.
func internal(name string) bool {
	ext := path.Ext(name)
	return name == index || ext == ".br" || ext == ".gz" || strings.HasPrefix(name, ".") || strings.Contains(name, "/.")
}

// unneeded is browser features that the page opts out of. It may write to the clipboard.
const unneeded = "accelerometer=(), autoplay=(), camera=(), clipboard-read=(), display-capture=(), encrypted-media=(), " +
	"geolocation=(), gyroscope=(), hid=(), idle-detection=(), magnetometer=(), microphone=(), midi=(), payment=(), " +
	"picture-in-picture=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), usb=(), xr-spatial-tracking=()"

// protect lets the page load from this server only, run no script that is written into it, be framed by nobody and
// send no referrer. Styles that are written into it need the nonce; "" allows none.
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
