package webui

import (
	"crypto/sha256"
	"encoding/base64"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
)

// packed is the codings that a file may lie there in, the smallest first, and what its name ends in then.
var packed = []struct{ coding, ext string }{{"br", ".br"}, {"gzip", ".gz"}}

// sendFile answers a file that is there, in the coding that the client likes best.
func (s site) sendFile(w http.ResponseWriter, r *http.Request, name string) {
	var there []string
	for _, p := range packed {
		if s.has(name + p.ext) {
			there = append(there, p.coding)
		}
	}
	coding, stored := choose(r, there...), name
	for _, p := range packed {
		if p.coding == coding {
			stored += p.ext
		}
	}
	body, err := fs.ReadFile(s.files, stored)
	if err != nil {
		writeText(w, http.StatusNotFound, "404 page not found")
		return
	}
	h := w.Header()
	h.Set("Vary", "Accept-Encoding")
	if strings.HasPrefix(name, assets) {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		h.Set("Cache-Control", "no-cache") // keep it, but ask before it is used again
		tag := tagOf(body)
		h.Set("Etag", tag)
		if holds(r, tag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	h.Set("Content-Type", typeOf(name))
	if coding != "" {
		h.Set("Content-Encoding", coding)
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(body)
}

// tagOf is the strong entity tag of an answer. Each coding of a file has another, since it stands for the very bytes.
func tagOf(body []byte) string {
	sum := sha256.Sum256(body)
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:15]) + `"`
}

// holds reports whether the client has the answer of that tag already.
func holds(r *http.Request, tag string) bool {
	tags := strings.Split(strings.Join(r.Header.Values("If-None-Match"), ","), ",") // ours have no comma
	return slices.ContainsFunc(tags, func(one string) bool {
		one = strings.TrimSpace(one)
		return one == "*" || strings.TrimPrefix(one, "W/") == tag
	})
}

// types is what files are, by how their names end. The machine's own table is not asked: it may say anything.
var types = map[string]string{
	".css":         "text/css; charset=utf-8",
	".gif":         "image/gif",
	".html":        "text/html; charset=utf-8",
	".ico":         "image/x-icon",
	".jpg":         "image/jpeg",
	".js":          "text/javascript; charset=utf-8",
	".json":        "application/json; charset=utf-8",
	".map":         "application/json; charset=utf-8",
	".mjs":         "text/javascript; charset=utf-8",
	".png":         "image/png",
	".svg":         "image/svg+xml",
	".txt":         "text/plain; charset=utf-8",
	".wasm":        "application/wasm",
	".webmanifest": "application/manifest+json",
	".webp":        "image/webp",
	".woff":        "font/woff",
	".woff2":       "font/woff2",
}

func typeOf(name string) string {
	if known, ok := types[strings.ToLower(path.Ext(name))]; ok {
		return known
	}
	return "application/octet-stream"
}
