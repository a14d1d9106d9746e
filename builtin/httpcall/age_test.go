package httpcall

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"dkron/plugin"
)

// hosts is a network in memory: an HTTP server per address, and the name that leads to one of them at a time.
type hosts struct {
	mu    sync.Mutex // guards the rest
	at    string     // the address that the name has
	dials int
	doors map[string]chan net.Conn
}

func (h *hosts) dial(context.Context, string, string) (net.Conn, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.dials++
	ours, theirs := net.Pipe()
	h.doors[h.at] <- theirs
	return ours, nil
}

func (h *hosts) moveTo(addr string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.at = addr
}

func (h *hosts) dialled() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.dials
}

// door is a listener for what is dialled to one address.
type door struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (d door) Accept() (net.Conn, error) {
	select {
	case c := <-d.conns:
		return c, nil
	case <-d.closed:
		return nil, net.ErrClosed
	}
}
func (d door) Close() error   { close(d.closed); return nil }
func (d door) Addr() net.Addr { return &net.TCPAddr{} }

// newHosts serves each address with its own name as the answer. A request for /slow is answered after ten seconds.
func newHosts(t *testing.T, addrs ...string) *hosts {
	h := &hosts{doors: make(map[string]chan net.Conn), at: addrs[0]}
	for _, addr := range addrs {
		conns := make(chan net.Conn, 10)
		h.doors[addr] = conns
		srv := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/slow" {
				time.Sleep(10 * time.Second)
			}
			_, _ = io.WriteString(w, addr)
		})}
		go func() { _ = srv.Serve(door{conns, make(chan struct{})}) }()
		t.Cleanup(func() { srv.Close() })
	}
	return h
}

type text struct{ strings.Builder }

func (t *text) Write(chunk []byte, _ bool) { t.Builder.Write(chunk) }
func (*text) Started([]byte) error         { return nil }

func get(t *testing.T, e *Executor, path string) string {
	t.Helper()
	var out text
	resp, err := e.Execute(t.Context(), &plugin.ExecuteRequest{Config: map[string]string{"method": "GET", "url": "http://name.test" + path}}, &out)
	if err != nil || resp.Error != "" {
		t.Fatal(resp, err)
	}
	return out.String()
}

func TestAKeptConnectionAgesAndItsNameIsLookedUpAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, e := newHosts(t, "old", "new"), New(nil)
		e.transports.dial = h.dial
		defer e.Close()
		for range 10 { // a job every 2 s, which never leaves the connection unused for long
			if got := get(t, e, "/"); got != "old" {
				t.Fatal(got)
			}
			time.Sleep(2 * time.Second)
		}
		if n := h.dialled(); n != 1 {
			t.Errorf("%d connections in 20 s, want one that is kept", n)
		}
		h.moveTo("new") // while the old host keeps answering
		for range 5 {
			get(t, e, "/")
			time.Sleep(2 * time.Second)
		}
		if got := get(t, e, "/"); got != "new" {
			t.Errorf("30 s after the connection was made the answer is from the %s host", got)
		}
		if n := h.dialled(); n != 2 {
			t.Errorf("%d connections, want 2", n)
		}
	})
}

func TestACallUnderWaySurvivesTheEndOfItsConnectionsAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, e := newHosts(t, "old", "new"), New(nil)
		e.transports.dial = h.dial
		defer e.Close()
		get(t, e, "/")
		time.Sleep(25 * time.Second)
		slow := make(chan string)
		go func() { slow <- get(t, e, "/slow") }()
		h.moveTo("new")
		time.Sleep(6 * time.Second)
		if got := get(t, e, "/"); got != "new" {
			t.Errorf("answer from the %s host", got)
		}
		if got := <-slow; got != "old" {
			t.Errorf("the call under way was answered by the %s host", got)
		}
		if got := get(t, e, "/"); got != "new" {
			t.Errorf("the old connection is used again: answer from the %s host", got)
		}
	})
}
