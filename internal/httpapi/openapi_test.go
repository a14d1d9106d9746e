package httpapi

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"dkron/internal/auditapi"
	"dkron/internal/noticeapi"
	"dkron/internal/secretapi"
	"dkron/test/openapicheck"
)

// planned are operations of the document that are not built yet. The list must end up empty.
var planned = []string{}

// wrongOnPurpose are requests of the tests that the description forbids and the server accepts, as the public contract
// requires: text in place of a number has a meaning, and so does an impossible filter.
var wrongOnPurpose = map[string]bool{
	"/v1/jobs?_end=99999999999999999999":                  true,
	"/v1/jobs?_end=x":                                     true,
	"/v1/jobs?_start=x&_end=1":                            true,
	"/v1/jobs?metadata=x":                                 true,
	"/v1/jobs?metadata[team]=x&metadata[team]=y":          true,
	"/v1/jobs?_tag[role]=web&_tag[role]=web":              true,
	"/v1/jobs?_tag[role]=web&_tag[role]=web:1":            true,
	"/v1/executions?job=&node=&status=&since=&limit=":     true,
	"/v1/executions?job=a&limit=4&output_size_limit=":     true,
	"/v1/jobs/a/launches?state=nonsense":                  true,
	"/v1/stats?days=":                                     true,
	"/v1/stats?days=-4":                                   true,
	"/v1/stats?days=0":                                    true,
	"/v1/stats?days=18446744073709551615":                 true,
	"/v1/stats?days=9999":                                 true,
	"/v1/stats?days=x":                                    true,
	"/v1/stats/minutes?step=60m":                          true, // the same as 1h
	"/v1/stats/minutes?since=2026-11-23T12:44:59Z&step=":  true,
	"/v1/jobs/a/executions?output_size_limit=x&_order=up": true,

	`{"NAME":"ñandú",`:                                     true, // keys match regardless of case, and text follows the object
	`{"history":{"bytes":5},"history":null}`:               true,
	`{"name":"a","schedule":"@hourly","concurrency":null,`: true, // null is the same as not sent
}

// checkDocument fails a test whose answer differs from the API's description, or whose well-meant request is not
// described.
func checkDocument(t testing.TB, r *http.Request, w *httptest.ResponseRecorder, meansWell bool) {
	t.Helper()
	if _, ok := t.(*testing.B); ok {
		return
	}
	c := openapicheck.New(t)
	path := c.Path(r)
	if path != "" && slices.ContainsFunc(planned, func(op string) bool { return strings.HasSuffix(op, " "+path) }) {
		return
	}
	if w.Code == http.StatusNotImplemented && asks(r.URL.Query(), "consistent") {
		return // only the servers of these tests have no way to wait for consistency
	}
	err := c.Check(r, w.Result(), w.Body.Bytes())
	if err == nil || errors.Is(err, openapicheck.ErrRequest) && (!meansWell || isWrongOnPurpose(r)) {
		return
	}
	t.Error(err)
}

func isWrongOnPurpose(r *http.Request) bool {
	if wrongOnPurpose[r.URL.RequestURI()] {
		return true
	}
	body, err := r.GetBody()
	if err != nil {
		return false
	}
	text, _ := io.ReadAll(body)
	for begin := range wrongOnPurpose {
		if begin[0] == '{' && strings.HasPrefix(string(text), begin) {
			return true
		}
	}
	return false
}

// operations returns every route as the document names it.
func operations(a *api) (list []string) {
	for _, rt := range a.routes() {
		path := strings.Replace(rt.path, "{$}", "", 1)
		if path == "/v1/" {
			continue // the same as /v1
		}
		for method := range rt.methods {
			list = append(list, method+" "+path)
		}
	}
	return list
}

func TestEveryRouteIsDescribedAndTheOtherWayRound(t *testing.T) {
	routes := slices.Concat(noticeapi.Routes(noticeapi.Config{}), secretapi.Routes(secretapi.Config{}), auditapi.Routes(nil))
	a := &api{Config: Config{Metrics: http.NotFoundHandler(), Routes: routes}}
	built, described := operations(a), openapicheck.New(t).Operations()
	for _, op := range built {
		if !slices.Contains(described, op) {
			t.Errorf("%s is served, but not in api/openapi.yaml", op)
		}
		if slices.Contains(planned, op) {
			t.Errorf("%s is built: take it out of planned", op)
		}
	}
	for _, op := range described {
		if strings.Contains(op, " /v1/acl/") || strings.Contains(op, " /v1/signin") {
			continue // aclapi's
		}
		if !slices.Contains(built, op) && !slices.Contains(planned, op) {
			t.Errorf("%s is in api/openapi.yaml, but not served", op)
		}
	}
	for _, op := range planned {
		if !slices.Contains(described, op) {
			t.Errorf("%s is planned, but not in api/openapi.yaml", op)
		}
	}
}

func TestTheDocumentTellsTheServersVersion(t *testing.T) {
	s := newServer(t, func(c *Config) { c.Version = "4.2.0" })
	a := s.get("/v1/openapi.json").want(200).wantHeader("Content-Type", "application/json; charset=utf-8").wantHeader("X-Whom", "n1")
	if got := a.object()["info"].(map[string]any)["version"]; got != "4.2.0" {
		t.Errorf("version %v", got)
	}
	a = s.get("/v1/openapi.yaml").want(200).wantHeader("Content-Type", "application/yaml; charset=utf-8")
	if !strings.Contains(a.body, "\n  version: \"4.2.0\"\n") {
		t.Error(a.body[:300])
	}
	if a = s.get("/v1/openapi.json?pretty").want(200); !strings.HasPrefix(a.body, "{\n    \"openapi\": \"3.1.0\",\n") {
		t.Error(a.body[:100])
	}
}

func TestTheDocumentIsSentOnce(t *testing.T) {
	s := newServer(t)
	for _, path := range []string{"/v1/openapi.json", "/v1/openapi.yaml", "/docs/", "/docs/swagger-ui.css"} {
		tag := s.get(path).want(200).wantHeader("Cache-Control", "no-cache").header.Get("ETag")
		if tag == "" {
			t.Errorf("%s has no ETag", path)
		}
		for _, known := range []string{tag, `"other", ` + tag, strings.TrimPrefix(tag, "W/")} {
			s.do("GET", path, "", header{"If-None-Match", known}).want(304).wantBody("").wantHeader("ETag", tag)
		}
		s.do("GET", path, "", header{"If-None-Match", `"other"`}).want(200)
	}
}

func TestDocsNeedNoOtherHost(t *testing.T) {
	s := newServer(t)
	page := s.get("/docs/").want(200).wantHeader("Content-Type", "text/html; charset=utf-8").wantHeader("Referrer-Policy", "no-referrer")
	policy := page.header.Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, part) {
			t.Errorf("%s is not in %s", part, policy)
		}
	}
	if strings.Contains(policy, "unsafe") || strings.Contains(policy, "http") || strings.Contains(page.body, "://") {
		t.Errorf("%s\n%s", policy, page.body)
	}
	files := regexp.MustCompile(`(?:src|href)="([^":]+)"`).FindAllStringSubmatch(page.body, -1)
	if len(files) < 4 {
		t.Fatal(files)
	}
	for _, f := range files {
		s.get(path.Join("/docs", f[1])).want(200)
	}
}

func TestDocsPaths(t *testing.T) {
	s := newServer(t)
	s.get("/docs").want(301).wantHeader("Location", "/docs/").wantBody("")
	s.get("/docs/none.js").want(404).wantBody("")
	s.get("/docs/docs/index.html").want(404).wantBody("404 page not found")
	s.get("/docs/start.js/").want(301).wantHeader("Location", "/docs/start.js")
	s.do("POST", "/docs/", "").want(405)
}

func TestDocsAreCompressedForThoseWhoCanReadIt(t *testing.T) {
	s := newServer(t)
	plain := s.get("/docs/swagger-ui.css").want(200).wantHeader("Content-Encoding", "").wantVary("Accept-Encoding")
	for _, refused := range []string{"br", "gzip;q=0", "gzip; q=0, br"} {
		s.do("GET", "/docs/swagger-ui.css", "", header{"Accept-Encoding", refused}).wantHeader("Content-Encoding", "").wantBody(plain.body)
	}
	packed := s.do("GET", "/docs/swagger-ui.css", "", header{"Accept-Encoding", "br, gzip"}).want(200).wantHeader("Content-Encoding", "gzip")
	in, err := gzip.NewReader(strings.NewReader(packed.body))
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(in); err != nil || string(body) != plain.body {
		t.Errorf("another file, %v", err)
	}
}
