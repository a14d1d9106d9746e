package auditapi

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"dkron"
	"dkron/internal/audit"
	"dkron/internal/respond"
	"dkron/internal/roster"
	"dkron/internal/state"
	"dkron/test/openapicheck"
)

type counter struct{ refused int }

func (c *counter) AuditRefused()          { c.refused++ }
func (*counter) AuditLost()               {}
func (*counter) AuditWritten(string, int) {}
func (*counter) AuditFailed(string)       {}
func (*counter) AuditDropped(string, int) {}

// servers is this server, and one that does not answer.
type servers struct{}

func (servers) Servers() ([]roster.Server, error) {
	return []roster.Server{{ID: "s1"}, {ID: "s2"}}, nil
}

func (servers) OwnAudit(context.Context, roster.Server, *audit.Question) (*audit.Answer, error) {
	return nil, errors.New("no answer")
}

type world struct {
	t     *testing.T
	audit *Audit
	count *counter
	store *state.Store
	get   http.Handler
	doc   *openapicheck.Checker
}

func newWorld(t *testing.T) *world {
	st, err := state.Open(filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	w := &world{t: t, count: new(counter), store: st, doc: openapicheck.New(t)}
	w.audit, err = Open(Config{
		Node: "s1", DataDir: t.TempDir(), Store: st, Counter: w.count, Logger: slog.New(slog.DiscardHandler),
		Stops: func(_ string, stop func()) { t.Cleanup(stop) },
	})
	if err != nil {
		t.Fatal(err)
	}
	list := w.audit.Routes(servers{})[0].Methods["GET"]
	w.get = http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if err := list(out, r); err != nil {
			respond.Fail(out, r, err, nil)
		}
	})
	return w
}

func (w *world) add(r dkron.AuditRecord) {
	w.t.Helper()
	applied, err := w.store.Applied()
	if err == nil {
		err = w.store.Update(applied+1, func(tx *state.Tx) error {
			tx.Begin(applied + 1)
			return tx.AddAudit(&r)
		})
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) ask(query string) *httptest.ResponseRecorder {
	w.t.Helper()
	out, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/v1/audit"+query, nil)
	w.get.ServeHTTP(out, r)
	if strings.Contains(query, "format=ndjson") {
		return out // which the checker would read as one value
	}
	if err := w.doc.Check(r, out.Result(), out.Body.Bytes()); err != nil && !errors.Is(err, openapicheck.ErrRequest) {
		w.t.Errorf("%s: %v", query, err)
	}
	return out
}

func TestPagesAndLinesHaveTheSameRecords(t *testing.T) {
	w := newWorld(t)
	for i := range 5 {
		w.add(dkron.AuditRecord{At: time.Unix(int64(1000+i), 0), Action: "SetPaused", AuditNote: dkron.AuditNote{Kind: dkron.AuditPause}})
	}
	var pages []string
	next := ""
	for range 5 {
		out := w.ask("?limit=2&before=" + next)
		var p struct {
			Records []struct{ ID string }
			Next    *string
			Missing []string
		}
		if err := json.Unmarshal(out.Body.Bytes(), &p); err != nil || out.Code != 200 || !slices.Equal(p.Missing, []string{"s2"}) {
			t.Fatalf("%d %s, %v", out.Code, out.Body, err)
		}
		for _, r := range p.Records {
			pages = append(pages, r.ID)
		}
		if p.Next == nil {
			break
		}
		next = *p.Next
	}
	out := w.ask("?format=ndjson")
	var lines []string
	for in := json.NewDecoder(out.Body); in.More(); {
		var r struct{ ID string }
		if err := in.Decode(&r); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, r.ID)
	}
	if strings.Join(pages, " ") != "c5 c4 c3 c2 c1" || !slices.Equal(pages, lines) || out.Header().Get("X-Missing-Servers") != "s2" {
		t.Errorf("%v, %v, %v", pages, lines, out.Header())
	}
	if n := strings.Count(w.ask("?format=ndjson&limit=3").Body.String(), "\n"); n != 3 {
		t.Errorf("%d lines, want 3", n)
	}
	if got := w.ask("?job=none").Body.String(); got != `{"records":[],"next":null,"missing":["s2"]}` {
		t.Error(got)
	}
}

func TestAfterGetsWhatIsNew(t *testing.T) {
	w := newWorld(t)
	w.add(dkron.AuditRecord{At: time.Now(), AuditNote: dkron.AuditNote{Kind: dkron.AuditJob, Object: "old"}})
	var page struct {
		Records []struct{ Object string }
		Next    string
	}
	ask := func(query string) {
		t.Helper()
		page.Records = nil
		if out := w.ask(query); out.Code != 200 || json.Unmarshal(out.Body.Bytes(), &page) != nil || page.Next == "" {
			t.Fatalf("%d %s", out.Code, out.Body)
		}
	}
	if ask("?after"); len(page.Records) != 0 {
		t.Errorf("%+v", page)
	}
	for _, object := range []string{"a", "b"} {
		w.add(dkron.AuditRecord{At: time.Now(), AuditNote: dkron.AuditNote{Kind: dkron.AuditJob, Object: object}})
	}
	if ask("?limit=1&after=" + page.Next); len(page.Records) != 1 || page.Records[0].Object != "a" {
		t.Errorf("%+v", page)
	}
	if ask("?after=" + page.Next); len(page.Records) != 1 || page.Records[0].Object != "b" {
		t.Errorf("%+v", page)
	}
}

func TestAParameterThatIsWrongIsNamed(t *testing.T) {
	w := newWorld(t)
	for query, want := range map[string]string{
		"?jobs=a": "jobs", "?limit=0": "limit", "?limit=1001": "limit", "?limit=x": "limit", "?from=yesterday": "from", "?to=1": "to",
		"?refused=maybe": "refused", "?format=xml": "format", "?before=x": "before", "?after=x": "after", "?after=&before=x": "after",
		"?after=&format=ndjson": "ndjson",
	} {
		if out := w.ask(query); out.Code != 400 || !strings.Contains(out.Body.String(), want) {
			t.Errorf("%s: %d %s", query, out.Code, out.Body)
		}
	}
}

func TestRefusalsAreNotedButNotThoseOfWhoTriesNothing(t *testing.T) {
	w := newWorld(t)
	note := func(method, route string, header http.Header, err error) int {
		before := w.count.refused
		r := httptest.NewRequest(method, "/", nil)
		r.Pattern, r.Header = route, header
		r = r.WithContext(dkron.WithOrigin(r.Context(), dkron.Origin{Address: "10.0.0.1", Server: "s1"}))
		w.audit.Noted(r, err)
		return w.count.refused - before
	}
	secret := http.Header{"Authorization": {"Bearer x"}}
	for _, c := range []struct {
		what   string
		method string
		route  string
		header http.Header
		err    error
		want   int
	}{
		{"a wrong secret", "GET", "/v1/jobs", secret, respond.Refuse(401, "no"), 1},
		{"too many", "GET", "/v1/jobs", secret, respond.Refuse(429, "wait"), 1},
		{"a wrong sign-in", "POST", "/v1/acl/session", nil, respond.Refuse(401, "no"), 1},
		{"not allowed", "GET", "/v1/secrets", nil, dkron.Error(dkron.ErrForbidden, "no"), 1},
		{"no secret", "GET", "/v1/jobs", nil, respond.Refuse(401, "no"), 0},
		{"not there", "GET", "/v1/jobs/{job}", secret, dkron.ErrNotFound, 0},
		{"wrong", "POST", "/v1/jobs", secret, dkron.Invalid("no"), 0},
		{"fine", "POST", "/v1/jobs", secret, nil, 0},
	} {
		if got := note(c.method, c.route, c.header, c.err); got != c.want {
			t.Errorf("%s: noted %d times", c.what, got)
		}
	}
	note("POST", "/v1/leave", nil, nil)
	out := w.ask("?kind=node")
	if !strings.Contains(out.Body.String(), `"action":"POST /v1/leave"`) || !strings.Contains(out.Body.String(), `"object":"s1"`) {
		t.Error(out.Body)
	}
	if got := w.ask("?refused=true&who=10.0.0.1").Body.String(); strings.Count(got, `"status":`) != 4 {
		t.Error(got)
	}
}

func TestWhatAnOperatorCallsIsNoted(t *testing.T) {
	w := newWorld(t)
	w.audit.Called(t.Context(), "RemovePeer", "s9") // by the cluster itself
	w.audit.Called(dkron.WithOrigin(t.Context(), dkron.Origin{How: dkron.ProofRPC, Address: "10.0.0.7"}), "RemovePeer", "s2")
	if got := w.ask("?action=removepeer").Body.String(); strings.Count(got, `"id":`) != 1 || !strings.Contains(got, `"object":"s2"`) {
		t.Error(got)
	}
}
