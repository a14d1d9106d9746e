package httpserver

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
)

func TestOnlyATrustedProxyNamesTheClient(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, c := range []struct {
		peer string
		said []string
		want string
	}{
		{"192.0.2.1:7", nil, "192.0.2.1:7"},
		{"192.0.2.1:7", []string{"198.51.100.9"}, "192.0.2.1:7"}, // says who it likes
		{"10.0.0.1:7", nil, "10.0.0.1:7"},
		{"10.0.0.1:7", []string{"198.51.100.9"}, "198.51.100.9:0"},
		{"10.0.0.1:7", []string{"127.0.0.1, 198.51.100.9"}, "198.51.100.9:0"}, // the first is the client's own invention
		{"10.0.0.1:7", []string{"127.0.0.1", "198.51.100.9"}, "198.51.100.9:0"},
		{"10.0.0.1:7", []string{"198.51.100.9, 10.0.0.2"}, "198.51.100.9:0"}, // two proxies
		{"10.0.0.1:7", []string{"10.0.0.3,10.0.0.2"}, "10.0.0.3:0"},
		{"10.0.0.1:7", []string{"198.51.100.9, nonsense"}, "10.0.0.1:7"},
		{"10.0.0.1:7", []string{"nonsense, 198.51.100.9"}, "198.51.100.9:0"},
		{"10.0.0.1:7", []string{"198.51.100.9:4711"}, "198.51.100.9:0"},
		{"10.0.0.1:7", []string{"2001:db8::1"}, "[2001:db8::1]:0"},
		{"[fd00::1]:7", []string{"[2001:db8::1]:4711"}, "[2001:db8::1]:0"},
		{"[::ffff:10.0.0.1]:7", []string{"::ffff:198.51.100.9"}, "198.51.100.9:0"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr, r.Header["X-Forwarded-For"] = c.peer, c.said
		got := ""
		next := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.RemoteAddr })
		NewGuard(8, trusted...).handler(next).ServeHTTP(httptest.NewRecorder(), r)
		if got != c.want {
			t.Errorf("%s said %q: %s, want %s", c.peer, c.said, got, c.want)
		}
		NewGuard(8).handler(next).ServeHTTP(httptest.NewRecorder(), func() *http.Request { r.RemoteAddr = c.peer; return r }())
		if got != c.peer {
			t.Errorf("without trusted proxies %s said %q: %s", c.peer, c.said, got)
		}
	}
}
