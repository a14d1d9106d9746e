package httpserver

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

func TestOnlyATrustedProxyNamesTheUser(t *testing.T) {
	const proxy, anybody = "10.0.0.1:7", "192.0.2.1:7"
	long := strings.Repeat("x", maxUser+1)
	for _, c := range []struct {
		peer          string
		users, groups []string
		want          string
	}{
		{proxy, []string{"ann"}, nil, "ann []"},
		{proxy, []string{"Änn Ω"}, []string{"ops, on call ,,staff"}, "Änn Ω [ops|on call|staff]"},
		{"[::ffff:10.0.0.1]:7", []string{"ann"}, []string{""}, "ann []"},
		{anybody, []string{"ann"}, []string{"ops"}, "nobody"},
		{anybody, []string{"ann", "eve"}, nil, "nobody"},
		{proxy, nil, []string{"ops"}, "nobody"},
		{proxy, []string{""}, []string{"ops"}, "nobody"},
		{proxy, []string{"ann", "eve"}, nil, "X-Forwarded-User came 2 times"},
		{proxy, []string{"", "eve"}, nil, "X-Forwarded-User came 2 times"},
		{proxy, []string{"ann"}, []string{"staff", "ops"}, "X-Forwarded-Groups came 2 times"},
		{proxy, []string{"an\u200dn"}, nil, "can't be seen"}, // looks like ann
		{proxy, []string{"nna\u202e"}, nil, "can't be seen"}, // turns the text around
		{proxy, []string{"ann\u00a0"}, nil, "can't be seen"}, // ends with a space
		{proxy, []string{"ann\t"}, nil, "can't be seen"},     // as the two next
		{proxy, []string{"a\u0085nn"}, nil, "can't be seen"}, //
		{proxy, []string{"a\x00nn"}, nil, "can't be seen"},   //
		{proxy, []string{"\xc4nn"}, nil, "is not UTF-8"},     // Latin-1
		{proxy, []string{long}, nil, "128 are allowed"},      //
		{proxy, []string{"ann"}, []string{"o\u200bps"}, "can't be seen"},
		{proxy, []string{"ann"}, []string{"staff," + long + long}, "256 are allowed"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr, r.Header["X-Forwarded-For"] = c.peer, []string{"10.0.0.1"}
		r.Header["X-Forwarded-User"], r.Header["X-Forwarded-Groups"] = c.users, c.groups
		got := "nobody"
		next := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if n := NamedOf(r.Context()); n != nil && n.Err != nil {
				got = n.Err.Error() + n.User
			} else if n != nil {
				got = fmt.Sprintf("%s [%s]", n.User, strings.Join(n.Groups, "|"))
			}
			if len(r.Header) != 1 {
				t.Errorf("a handler sees %v", r.Header)
			}
		})
		guard := NewGuard(8, netip.MustParsePrefix("10.0.0.0/8")).Naming("x-forwarded-user", "X-Forwarded-Groups")
		guard.handler(next).ServeHTTP(httptest.NewRecorder(), r)
		if !strings.HasSuffix(got, c.want) && !(strings.Contains(got, c.want) && strings.HasPrefix(got, "the header")) {
			t.Errorf("%s, users %q, groups %q: %s, want %s", c.peer, c.users, c.groups, got, c.want)
		}
	}
}

func TestWithoutTheSettingAHeaderNamesNobody(t *testing.T) {
	for _, guard := range []*Guard{NewGuard(8, netip.MustParsePrefix("10.0.0.0/8")), NewGuard(8).Naming("X-Forwarded-User", "")} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr, r.Header["X-Forwarded-User"] = "10.0.0.1:7", []string{"ann"}
		next := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if n := NamedOf(r.Context()); n != nil {
				t.Errorf("%+v", n)
			}
		})
		guard.handler(next).ServeHTTP(httptest.NewRecorder(), r)
	}
}
