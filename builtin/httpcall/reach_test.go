package httpcall_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"dkron/builtin/httpcall"
	"dkron/internal/reach"
)

// guarded returns an executor that does not call some addresses.
func guarded(t *testing.T, deny ...string) *httpcall.Executor {
	t.Helper()
	policy, bad, _ := reach.New(deny, nil)
	if bad != nil {
		t.Fatal(bad)
	}
	e := httpcall.New(policy)
	t.Cleanup(e.Close)
	return e
}

// serveAt serves at another address of this machine, and counts the requests.
func serveAt(t *testing.T, host string) (url string, served *atomic.Int32) {
	t.Helper()
	l, err := net.Listen("tcp", host+":0")
	if err != nil {
		t.Skipf("this machine has no %s: %v", host, err)
	}
	served = new(atomic.Int32)
	s := &httptest.Server{Listener: l, Config: &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		served.Add(1)
		io.WriteString(w, "inside")
	})}}
	s.Start()
	t.Cleanup(s.Close)
	return s.URL, served
}

// wantRefused wants a failure with the reason, after which nothing has been served.
func wantRefused(t *testing.T, r result, served *atomic.Int32, reason string) {
	t.Helper()
	if r.err != nil || r.TimedOut || r.Reason != reason+", which this node does not call: set allow-addresses to allow it" || !strings.HasSuffix(r.Error, r.Reason) {
		t.Errorf("got %+v, %v\nwant %s", r.ExecuteResponse, r.err, reason)
	}
	if served != nil && served.Load() != 0 {
		t.Error("the request was sent")
	}
}

func TestAnAddressThatTheNodeDoesNotCallFailsTheExecution(t *testing.T) {
	inside, served := serveAt(t, "127.0.0.2")
	const reason = "127.0.0.2 is in 127.0.0.2/32 of deny-addresses"
	wantRefused(t, callWith(t, t.Context(), guarded(t, "127.0.0.2"), inside), served, reason)
	wantRefused(t, callWith(t, t.Context(), guarded(t, "127.0.0.2"), inside, "method", "POST", "body", "x"), served, reason)
	wantRefused(t, callWith(t, t.Context(), newExecutor(t), "http://169.254.169.254/latest/meta-data/"), nil, "169.254.169.254 is a link-local address")
	if r := callWith(t, t.Context(), guarded(t, "none"), inside); r.output != "inside" {
		t.Errorf("%+v, %v", r.ExecuteResponse, r.err)
	}
}

func TestANameIsCheckedAfterItIsResolved(t *testing.T) {
	url, served := serveAt(t, "127.0.0.1")
	r := callWith(t, t.Context(), guarded(t, "127.0.0.1", "::1"), strings.Replace(url, "127.0.0.1", "localhost", 1))
	if r.err != nil || !strings.HasPrefix(r.Reason, "localhost is ") || served.Load() != 0 {
		t.Errorf("%+v, %v", r.ExecuteResponse, r.err)
	}
}

func TestEachRedirectIsChecked(t *testing.T) {
	inside, served := serveAt(t, "127.0.0.2")
	outside := redirecting(t, inside+"/secret")
	e := guarded(t, "127.0.0.2")
	for _, code := range []string{"301", "302", "303", "307", "308"} {
		r := callWith(t, t.Context(), e, outside+"/"+code)
		wantRefused(t, r, served, "127.0.0.2 is in 127.0.0.2/32 of deny-addresses")
		if !strings.Contains(r.Error, inside+"/secret") {
			t.Errorf("the error does not say where the redirect leads: %s", r.Error)
		}
	}
	if r := callWith(t, t.Context(), e, outside+"/302", "followRedirects", "false", "expectCode", "302"); r.err != nil || r.Error != "" {
		t.Errorf("a redirect that is not followed: %+v, %v", r.ExecuteResponse, r.err)
	}
}

func TestAProxyIsNoWayAroundTheCheck(t *testing.T) {
	inside, served := serveAt(t, "127.0.0.2")
	proxy, used := relay(t)
	e := guarded(t, "127.0.0.2")
	const reason = "127.0.0.2 is in 127.0.0.2/32 of deny-addresses"
	wantRefused(t, callWith(t, t.Context(), e, inside, "proxy", proxy), served, reason)
	wantRefused(t, callWith(t, t.Context(), e, strings.Replace(inside, "http:", "https:", 1), "proxy", proxy), served, reason)
	mapped := strings.Replace(inside, "127.0.0.2", "[::ffff:127.0.0.2]", 1)
	wantRefused(t, callWith(t, t.Context(), e, mapped, "proxy", proxy), served, "::ffff:127.0.0.2 is 127.0.0.2, in 127.0.0.2/32 of deny-addresses")
	if used.Load() != 0 {
		t.Error("the proxy was asked")
	}
	if r := callWith(t, t.Context(), e, "http://inside.invalid/", "proxy", proxy); r.output != "by the proxy: http://inside.invalid/" {
		t.Errorf("what a name means is known to the proxy alone: %+v, %v", r.ExecuteResponse, r.err)
	}
	r := callWith(t, t.Context(), e, "http://outside.invalid/", "proxy", inside)
	if r.err != nil || !strings.HasPrefix(r.Reason, reason) || served.Load() != 0 {
		t.Errorf("the proxy itself is not checked: %+v, %v", r.ExecuteResponse, r.err)
	}
}

func TestAUnixSocketIsNoAddress(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	s := &httptest.Server{Listener: l, Config: &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Host) })}}
	s.Start()
	defer s.Close()
	if r := callWith(t, t.Context(), guarded(t, "127.0.0.2"), "http://127.0.0.2/", "unixSocket", socket); r.err != nil || r.output != "127.0.0.2" {
		t.Errorf("%+v, %v", r.ExecuteResponse, r.err)
	}
}
