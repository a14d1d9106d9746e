package httpapi

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

type ownNode struct {
	issue error
	left  int
}

func (n *ownNode) Ready() error { return n.issue }

func (n *ownNode) Leave(context.Context) error {
	n.left++
	return nil
}

func TestAnAgentAnswersForItselfAndHandsOnTheRest(t *testing.T) {
	n := new(ownNode)
	next := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	h := NewAgent(Config{NodeName: "a1", Notices: func() []string { return []string{"look"} }}, n, next)
	ask := func(method, path, origin string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, nil)
		if origin != "" {
			r.Header.Set("Origin", origin)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	for _, c := range []struct {
		method, path, origin string
		status               int
	}{
		{"GET", "/v1/jobs", "", http.StatusTeapot}, {"POST", "/v1/jobs/a/run", "", http.StatusTeapot},
		{"GET", "/ready", "", http.StatusOK}, {"HEAD", "/ready", "", http.StatusOK}, {"POST", "/ready", "", http.StatusTeapot},
		{"GET", "/metrics", "", http.StatusTeapot},
		{"GET", "/v1/leave", "", http.StatusMethodNotAllowed}, {"POST", "/v1/leave", "https://evil.example", http.StatusForbidden},
	} {
		if w := ask(c.method, c.path, c.origin); w.Code != c.status {
			t.Errorf("%s %s: %d, want %d", c.method, c.path, w.Code, c.status)
		}
	}
	if n.left != 0 {
		t.Error("the node left without being asked to")
	}
	if w := ask("POST", "/v1/leave", ""); w.Code != http.StatusOK || w.Body.String() != "{}" || w.Header().Get("X-Whom") != "a1" || n.left != 1 {
		t.Errorf("leave: %d %q %v", w.Code, w.Body, w.Header())
	}
	if w := ask("GET", "/health", ""); w.Code != http.StatusOK || w.Body.String() != `{"notices":["look"],"leader":false,"ready":true,"status":"healthy"}` {
		t.Errorf("health: %d %q", w.Code, w.Body)
	}
	n.issue = errors.New("leaving")
	if w := ask("GET", "/health", ""); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"ready":false,"reason":"leaving","status":"healthy"`) {
		t.Errorf("health: %d %q", w.Code, w.Body)
	}
	if w := ask("GET", "/ready", ""); w.Code != http.StatusServiceUnavailable || w.Body.String() != `{"ready":false,"reason":"leaving"}` {
		t.Errorf("ready: %d %q", w.Code, w.Body)
	}
}
