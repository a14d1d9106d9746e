package httpapi

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"dkron"
	"dkron/internal/httpserver"
	"dkron/internal/jobform"
	"dkron/internal/respond"
)

func TestUnknownPathsAnswerThePage(t *testing.T) {
	s := newServer(t)
	for _, path := range []string{"/", "/ui/", "/V1/jobs", "/v1//jobs", "//v1/jobs", "/v1/jobs/a/b", "/v1/x", "/v1/restored", "/v1/acl/policies", "/v1/jobs/../jobs", "/v1/jobs/%2e%2e", "/v1/jobs/a//"} {
		s.get(path).want(404).wantBody("404 page not found").wantHeader("Content-Type", "text/plain").wantHeader("X-Whom", "")
	}
}

func TestPagesAreServedBesideTheAPI(t *testing.T) {
	var routes []string
	s := newServer(t, func(cfg *Config) {
		cfg.Pages = map[string]http.Handler{
			"/{$}":   http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "root") }),
			"/page/": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "page at "+r.URL.Path) }),
			"/bug":   http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("bug") }),
		}
		cfg.Observe = func(route, _ string, _ int, _ time.Duration) { routes = append(routes, route) }
	})
	for _, c := range []struct {
		path   string
		status int
		body   string
	}{
		{"/", 200, "root"},
		{"/page/a/b", 200, "page at /page/a/b"},
		{"/page//a", 404, "404 page not found"},
		{"/bug", 500, respond.InternalText},
		{"/v1/pause", 200, `{"paused":false}`},
		{"/none", 404, "404 page not found"},
	} {
		out := httptest.NewRecorder() // the API's description does not cover pages
		s.handler.ServeHTTP(out, httptest.NewRequest("GET", c.path, nil))
		if out.Code != c.status || out.Body.String() != c.body {
			t.Errorf("%s: %d %q", c.path, out.Code, out.Body)
		}
	}
	if want := []string{"other", "/page/", "other", "/bug", "/v1/pause", "other"}; !slices.Equal(routes, want) {
		t.Errorf("routes %q, want %q", routes, want)
	}
}

func TestSlashRedirects(t *testing.T) {
	s := newServer(t)
	s.get("/v1/jobs/?q=a%20b").want(301).wantHeader("Location", "/v1/jobs?q=a%20b").wantHeader("X-Whom", "").wantBody("")
	s.get("/v1/jobs/%C3%B1/").want(301).wantHeader("Location", "/v1/jobs/%C3%B1")
	s.get("/health/").want(301).wantHeader("Location", "/health")
	s.do("POST", "/v1/jobs/a/run/", "").want(307).wantHeader("Location", "/v1/jobs/a/run")
}

func TestWrongMethodsAreNamed(t *testing.T) {
	s := newServer(t)
	for _, c := range [][3]string{
		{"DELETE", "/v1/jobs", "GET, HEAD, OPTIONS, PATCH, POST"},
		{"PATCH", "/v1/jobs/a", "DELETE, GET, HEAD, OPTIONS, POST, PUT"},
		{"GET", "/v1/leave", "OPTIONS, POST"},
		{"BREW", "/health", "GET, HEAD, OPTIONS"},
	} {
		s.do(c[0], c[1], "").want(405).wantHeader("Allow", c[2]).
			wantBody("method " + c[0] + " is not allowed here, use " + c[2])
		s.do("OPTIONS", c[1], "").want(204).wantHeader("Allow", c[2]).wantBody("")
	}
}

func TestHeadAnswersLikeGet(t *testing.T) {
	srv := httptest.NewServer(newListServer(t).handler)
	defer srv.Close()
	for _, path := range []string{"/v1", "/v1/jobs", "/v1/jobs/a", "/v1/jobs/a/executions", "/v1/jobs/none"} {
		get, err := http.Get(srv.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(get.Body)
		get.Body.Close()
		head, err := http.Head(srv.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		head.Body.Close()
		if head.StatusCode != get.StatusCode || head.Header.Get("X-Total-Count") != get.Header.Get("X-Total-Count") ||
			head.ContentLength != int64(len(body)) && path != "/v1/jobs" {
			t.Errorf("%s: %v and %v", path, head, get)
		}
	}
}

func TestForeignPagesCannotChangeAnything(t *testing.T) {
	s := newServer(t, func(c *Config) { c.AllowedOrigins = []string{"https://ops.example.com"} })
	job := `{"name":"a","schedule":"@hourly"}`
	json := header{"Content-Type", "application/json; charset=utf-8"}
	form := header{"Content-Type", "text/plain"}
	s.do("POST", "/v1/jobs", job).want(201)
	s.do("POST", "/v1/jobs", job, form).want(201)
	for _, origin := range []string{"https://evil.example", "null", "http://example.com:8080", "http://example.com.evil", "%"} {
		a := s.do("POST", "/v1/jobs", job, header{"Origin", origin}, form).want(403)
		a.wantHeader("Access-Control-Allow-Origin", "").wantHeader("Content-Type", "text/plain; charset=utf-8")
		s.do("POST", "/v1/jobs/a/run", "", header{"Origin", origin}).want(403)
		s.do("POST", "/v1/jobs", job, header{"Origin", origin}, json).want(201)
		s.do("GET", "/v1/jobs", "", header{"Origin", origin}).want(200).wantHeader("Access-Control-Allow-Origin", "")
		s.do("OPTIONS", "/v1/jobs", "", header{"Origin", origin}).want(204).wantHeader("Access-Control-Allow-Methods", "")
	}
	for _, origin := range []string{"http://example.com", "http://EXAMPLE.com:80", "https://ops.example.com"} {
		s.do("POST", "/v1/jobs", job, header{"Origin", origin}, form).want(201)
	}
}

func TestCORSOnlyIfConfigured(t *testing.T) {
	ops := header{"Origin", "https://ops.example.com"}
	a := newServer(t).do("GET", "/v1/jobs", "", ops).want(200)
	a.wantHeader("Access-Control-Allow-Origin", "").wantVary("Accept-Encoding")
	for _, allowed := range []string{"https://ops.example.com/", "*"} {
		s := newServer(t, func(c *Config) { c.AllowedOrigins = []string{allowed} })
		s.do("GET", "/v1/jobs", "", ops).wantHeader("Access-Control-Allow-Origin", ops.value).
			wantHeader("Access-Control-Expose-Headers", "*").wantVary("Accept-Encoding", "Origin")
		s.do("OPTIONS", "/v1/jobs", "", ops).want(204).wantHeader("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS, PATCH, POST").
			wantHeader("Access-Control-Allow-Headers", "Authorization, Content-Type, If-None-Match, Last-Event-ID")
		s.do("GET", "/health", "", ops).want(200).wantHeader("Access-Control-Allow-Origin", "")
	}
}

// unread fails the test if it is read.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) {
	u.t.Error("the body was read")
	return 0, io.EOF
}

func TestLargeBodiesAreRefused(t *testing.T) {
	s := newServer(t)
	r := httptest.NewRequest("POST", "/v1/jobs", unread{t})
	r.ContentLength = DefaultMaxBody + 1
	s.serveRaw(t, r).want(413).wantHeader("Connection", "close").wantBody("the body must not be larger than 1048576 bytes")

	long := `{"name":"a","schedule":"@hourly","owner":"` + strings.Repeat("x", DefaultMaxBody) + `"}`
	r = httptest.NewRequest("POST", "/v1/jobs", strings.NewReader(long))
	r.ContentLength = -1
	s.serveRaw(t, r).want(413)

	s = newServer(t, func(c *Config) { c.MaxBody = 40 })
	s.do("POST", "/v1/jobs", `{"name":"a","schedule":"@hourly"}`).want(201)
	s.do("POST", "/v1/jobs", `{"name":"a","schedule":"@hourly"}          `).want(413)
}

func TestAPanicEndsOneRequestOnly(t *testing.T) {
	var log bytes.Buffer
	s := newServer(t, func(c *Config) { c.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	s.cluster.panics = true
	s.get("/v1/members").want(500).wantBody(respond.InternalText)
	if !strings.Contains(log.String(), "a bug") || !strings.Contains(log.String(), "getMembers") {
		t.Error(log.String())
	}
	s.get("/v1/jobs").want(200)
}

func TestServerHasLimits(t *testing.T) {
	srv := httpserver.New(http.NotFoundHandler(), httpserver.NewGuard(8), slog.New(slog.DiscardHandler))
	if srv.ReadHeaderTimeout != 10*time.Second || srv.ReadTimeout != 30*time.Second || srv.WriteTimeout != 60*time.Second ||
		srv.IdleTimeout != 120*time.Second || srv.MaxHeaderBytes != 64<<10 || requestTime >= srv.WriteTimeout {
		t.Errorf("%+v", srv)
	}
}

func TestOnlyStreamsMayTakeLongerThanARequest(t *testing.T) {
	for stream := range map[bool]bool{true: true, false: false} {
		call := func(_ http.ResponseWriter, r *http.Request) error {
			if _, limited := r.Context().Deadline(); limited == stream {
				t.Errorf("stream %t, limited %t", stream, limited)
			}
			return nil
		}
		if err := newAPI(Config{}).call(call, stream, httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)); err != nil {
			t.Error(err)
		}
	}
}

func FuzzDecodeJob(f *testing.F) {
	for _, seed := range []string{
		`{"name":"a","schedule":"@hourly","retries":3,"tags":{"a":"b"},"processors":{"log":null},"catchup":{"window":"1h"},"dst":{"gap":"skip"}}`,
		`{"starts_at":"2026-12-01T10:00","expires_at":null,"next":"2026-12-01T10:00:00Z","x":1}`, ` { "NAME" : 5 } `, `{"tags":{"a":null}}`, `{}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		object, err := readObject(httptest.NewRequest("POST", "/v1/jobs", bytes.NewReader(body)))
		if err != nil {
			return
		}
		b, err := jobform.Decode(object)
		if err != nil {
			return
		}
		w := httptest.NewRecorder()
		r := httptest.NewRequest("GET", "/", nil)
		if err := respond.JSON(w, r, 200, jobform.New(&dkron.Record{Job: b.Job})); err != nil {
			t.Fatalf("%s: %v", strconv.Quote(string(body)), err)
		}
		again, err := jobform.Decode(w.Body.Bytes())
		if err != nil || !again.Job.SameDefinition(&b.Job) || len(again.Unknown) > 0 {
			t.Fatalf("%s reads back as %s: %v", body, w.Body, err)
		}
	})
}
