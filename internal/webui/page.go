package webui

import (
	"bytes"
	"compress/gzip"
	_ "embed" // missing.html
	"io/fs"
	"net/http"
	"strconv"
	"strings"

	"dkron/internal/respond"
)

const index = "index.html"

//go:embed missing.html
var missing []byte

// sendPage answers with index.html, its base and nonce filled in. Both are for this answer only, so it has no tag.
func (s site) sendPage(w http.ResponseWriter, r *http.Request, nonce string) {
	page, err := fs.ReadFile(s.files, index)
	if err != nil {
		page = missing
	}
	base := `<base href="` + baseOf(r) + `" />`
	text := strings.NewReplacer(
		`<base href="./" />`, base, `<base href="./"/>`, base, `<base href="./">`, base, // tools write any of these
		"__CSP_NONCE__", nonce,
	).Replace(string(page))

	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-cache")
	h.Set("Vary", "Accept-Encoding")
	body := []byte(text)
	if coding := respond.Coding(r, "gzip"); coding != "" {
		h.Set("Content-Encoding", coding)
		body = pack(body)
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(body)
}

// baseOf returns the relative path from the requested path up to the page's; an escaped slash does not separate.
func baseOf(r *http.Request) string {
	up := strings.Count(r.URL.EscapedPath(), "/") - strings.Count(below, "/")
	if up <= 0 {
		return "./"
	}
	return strings.Repeat("../", up)
}

// pack compresses a body with gzip.
func pack(body []byte) []byte {
	var out bytes.Buffer
	in := gzip.NewWriter(&out)
	_, _ = in.Write(body) // writing to a buffer never fails
	_ = in.Close()
	return out.Bytes()
}
