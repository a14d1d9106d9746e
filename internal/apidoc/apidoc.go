// Package apidoc serves the description of the HTTP API: as YAML, as JSON, and as a page.
package apidoc

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path"

	"github.com/swaggest/swgui/v5/static"

	"dkron"
	"dkron/api"
	"dkron/internal/respond"
)

// Docs serves the description that names a version of the program.
type Docs struct{ Version string }

// YAML answers with the document as it was written.
func (d Docs) YAML(w http.ResponseWriter, r *http.Request) error {
	respond.Bytes(w, r, "application/yaml; charset=utf-8", "", api.YAML(d.Version))
	return nil
}

// JSON answers with the document as JSON.
func (d Docs) JSON(w http.ResponseWriter, r *http.Request) error {
	body, err := api.JSON(d.Version)
	if err != nil {
		return err
	}
	return respond.JSON(w, r, http.StatusOK, json.RawMessage(body))
}

// docsPolicy allows the page only content from this server, no inline scripts, and no framing.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

//go:embed docs
var docs embed.FS

const (
	typeHTML   = "text/html; charset=utf-8"
	typeScript = "text/javascript; charset=utf-8"
	typeStyle  = "text/css; charset=utf-8"
)

// docsFiles are the page's files, by their names below /docs/. Those of the library are compressed.
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

// Page answers with the page that shows the document, or the one of its files that the path value "file" names.
func (Docs) Page(w http.ResponseWriter, r *http.Request) error {
	file, ok := docsFiles[r.PathValue("file")]
	if !ok {
		return dkron.ErrNotFound
	}
	body, err := file.in.ReadFile(file.name)
	if err != nil {
		return err
	}
	encoding := ""
	if path.Ext(file.name) == ".gz" {
		if encoding = respond.Coding(r, "gzip"); encoding != "" {
			// as it is
		} else if body, err = gunzip(body); err != nil {
			return err
		}
	}
	w.Header().Set("Content-Security-Policy", docsPolicy)
	w.Header().Set("Referrer-Policy", "no-referrer")
	respond.Bytes(w, r, file.kind, encoding, body)
	return nil
}

// Redirect leads to the page, whose address ends in a slash.
func Redirect(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Location", "/docs/")
	w.WriteHeader(http.StatusMovedPermanently)
}

func gunzip(body []byte) ([]byte, error) {
	in, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("decompress: %w", err)
	}
	return io.ReadAll(in)
}
