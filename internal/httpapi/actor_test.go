package httpapi

import (
	"net/http/httptest"
	"strings"
	"testing"

	"dkron"
)

func TestWhoAsksIsNotedByAddress(t *testing.T) {
	s := newServer(t)
	ask := func(addr, name, method, path, body string) *answer {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.RemoteAddr = addr
		r.Header.Set("X-Forwarded-For", "198.51.100.7")
		if name != "" {
			r = r.WithContext(dkron.WithActor(r.Context(), name))
		}
		return s.serveRaw(t, r)
	}
	const job = `{"name":"a","schedule":"@hourly"}`
	for _, c := range []struct{ addr, name, want string }{
		{"192.0.2.8:555", "", "192.0.2.8"},
		{"[2001:db8::1]:80", "", "2001:db8::1"},
		{"127.0.0.1:1", "", "127.0.0.1"},
		{"127.0.0.1:1", "somebody", "somebody"}, // forwarded for them
		{"", "", ""},
	} {
		s.do("DELETE", "/v1/jobs/a", "")
		if got := ask(c.addr, c.name, "POST", "/v1/jobs", job).want(201).object()["updated_by"]; got != c.want {
			t.Errorf("%s: updated_by is %v", c.addr, got)
		}
		id := ask(c.addr, c.name, "POST", "/v1/jobs/a/run", "").want(200).header.Get("X-Launch-Id")
		if got, _ := s.get("/v1/launches/" + id).object()["requested_by"].(string); got != c.want {
			t.Errorf("%s: requested_by is %v", c.addr, got)
		}
	}
}
