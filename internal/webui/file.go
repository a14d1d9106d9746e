package webui

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"dkron/internal/respond"
)

const gzipped = ".gz" // the extension of files that are stored packed

// sendFile answers with an existing file, in the coding that the client prefers.
func (s site) sendFile(w http.ResponseWriter, r *http.Request, name string) {
	coding := ""
	if s.has(name + gzipped) {
		coding = respond.Coding(r, "gzip")
	}
	body, err := s.read(name, coding != "")
	if err != nil {
		respond.Text(w, http.StatusNotFound, "404 page not found")
		return
	}
	h := w.Header()
	h.Set("Vary", "Accept-Encoding")
	if strings.HasPrefix(name, assets) {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		h.Set("Cache-Control", "no-cache") // keep it, but revalidate before use
		h.Set("Etag", tagOf(body))
	}
	h.Set("Content-Type", typeOf(name))
	if coding != "" {
		h.Set("Content-Encoding", coding)
		h.Set("Content-Length", strconv.Itoa(len(body))) // http.ServeContent does not, as it can't know who encoded it
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// read returns a file, packed or plain. The plain one comes out of the packed one if it is not stored itself.
func (s site) read(name string, packed bool) ([]byte, error) {
	if packed {
		return fs.ReadFile(s.files, name+gzipped)
	}
	body, err := fs.ReadFile(s.files, name)
	if !errors.Is(err, fs.ErrNotExist) {
		return body, err
	}
	stored, err := s.files.Open(name + gzipped)
	if err != nil {
		return nil, err
	}
	defer stored.Close()
	unpacked, err := gzip.NewReader(stored)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(unpacked)
}

// tagOf returns the strong entity tag of an answer. Each coding of a file has its own, since a tag identifies exact
// bytes.
func tagOf(body []byte) string {
	sum := sha256.Sum256(body)
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:15]) + `"`
}

// types maps file extensions to content types. The machine's own table is not used: it may say anything.
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
