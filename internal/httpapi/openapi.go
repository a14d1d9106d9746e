package httpapi

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/swaggest/swgui/v5/static"

	"dkron"
	document "dkron/api" // api is the receiver of the handlers here
)

func (a *api) getDocumentYAML(w http.ResponseWriter, r *http.Request) error {
	return writeFixed(w, r, "application/yaml; charset=utf-8", document.YAML(a.Version), false)
}

func (a *api) getDocumentJSON(w http.ResponseWriter, r *http.Request) error {
	body, err := document.JSON(a.Version)
	if err != nil {
		return err
	}
	if pretty(r) {
		var out bytes.Buffer
		if err := json.Indent(&out, body, "", indent); err != nil {
			return fmt.Errorf("encode answer: %w", err)
		}
		body = out.Bytes()
	}
	return writeFixed(w, r, "application/json; charset=utf-8", body, false)
}

// docsPolicy lets the page load from this server only, run no script that is written into it, and be framed by nobody.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

//go:embed docs
var docs embed.FS

const (
	typeHTML   = "text/html; charset=utf-8"
	typeScript = "text/javascript; charset=utf-8"
	typeStyle  = "text/css; charset=utf-8"
)

// docsFiles are the files of the page, by their names below /docs/. Those of the library are compressed.
var docsFiles = map[string]struct {
	kind string
	in   embed.FS
	name string
}{
	"":                     {typeHTML, docs, "docs/index.html"},
	"start.js":             {typeScript, docs, "docs/start.js"},
	"page.css":             {typeStyle, docs, "docs/page.css"},
	"swagger-ui-bundle.js": {typeScript, static.FS, "swagger-ui-bundle.js.gz"},
	"swagger-ui.css":       {typeStyle, static.FS, "swagger-ui.css.gz"},
}

// getDocs answers the page that shows the document, and what it is made of.
func (a *api) getDocs(w http.ResponseWriter, r *http.Request) error {
	file, ok := docsFiles[r.PathValue("file")]
	if !ok {
		return dkron.ErrNotFound
	}
	body, err := file.in.ReadFile(file.name)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Security-Policy", docsPolicy)
	w.Header().Set("Referrer-Policy", "no-referrer")
	return writeFixed(w, r, file.kind, body, path.Ext(file.name) == ".gz")
}

func redirectDocs(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Location", "/docs/")
	w.WriteHeader(http.StatusMovedPermanently)
}

// writeFixed answers what changes with the program only. A client may keep it, and asks whether it is still right.
func writeFixed(w http.ResponseWriter, r *http.Request, kind string, body []byte, compressed bool) error {
	h := w.Header()
	sum := sha256.Sum256(body)
	tag := fmt.Sprintf(`W/"%x"`, sum[:8]) // weak: the same for the compressed form and the other
	h.Set("ETag", tag)
	h.Set("Cache-Control", "no-cache")
	if compressed {
		h.Add("Vary", "Accept-Encoding")
	}
	if strings.Contains(r.Header.Get("If-None-Match"), strings.TrimPrefix(tag, "W/")) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	switch {
	case compressed && acceptsGzip(r):
		h.Set("Content-Encoding", "gzip")
	case compressed:
		in, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return fmt.Errorf("decompress: %w", err)
		}
		if body, err = io.ReadAll(in); err != nil {
			return fmt.Errorf("decompress: %w", err)
		}
	}
	h.Set("Content-Type", kind)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(body)
	return nil
}

// acceptsGzip reports whether the client can read gzip and has not refused it by a weight of 0.
func acceptsGzip(r *http.Request) bool {
	encodings := strings.ReplaceAll(r.Header.Get("Accept-Encoding"), " ", "")
	return strings.Contains(encodings, "gzip") && !strings.Contains(encodings, "gzip;q=0,") && !strings.HasSuffix(encodings, "gzip;q=0")
}
