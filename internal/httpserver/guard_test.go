package httpserver

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"dkron/internal/limit"
)

// guardedServer serves handler through a guard that allows that many connections.
func guardedServer(t *testing.T, connections int, handler http.HandlerFunc) (*Guard, string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := NewGuard(connections)
	srv := New(handler, g, slog.New(slog.DiscardHandler))
	go srv.Serve(g.Listener(l))
	t.Cleanup(func() { srv.Close() })
	return g, l.Addr().String()
}

// speak opens a connection and says something.
func speak(t *testing.T, addr, text string) (net.Conn, *bufio.Reader) {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(10 * time.Second))
	io.WriteString(c, text)
	return c, bufio.NewReader(c)
}

func reply(t *testing.T, r *bufio.Reader) (status int, retry, text string) {
	t.Helper()
	resp, err := http.ReadResponse(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, resp.Header.Get("Retry-After"), string(body)
}

const get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

func TestUnfinishedRequestsMakeWay(t *testing.T) {
	g, addr := guardedServer(t, 4, func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err == nil {
			fmt.Fprint(w, "fine")
		}
	})
	for _, text := range []string{"", "GET / HTTP/1.1\r\nHost: x\r\n", get, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n12"} {
		for range 20 {
			speak(t, addr, text)
		}
		_, r := speak(t, addr, get)
		if status, _, body := reply(t, r); status != http.StatusOK || body != "fine" {
			t.Errorf("after %q: %d %s", text, status, body)
		}
		if u := g.Connections(); u.Open > 4 {
			t.Errorf("%+v", u)
		}
	}
}

func TestOneClientLeavesRoomForOthers(t *testing.T) {
	over := make(chan struct{})
	inside := make(chan struct{}, 8)
	g, addr := guardedServer(t, 4, func(_ http.ResponseWriter, r *http.Request) {
		inside <- struct{}{}
		select {
		case <-over:
		case <-r.Context().Done():
		}
	})
	for range 2 {
		speak(t, addr, get)
		<-inside
	}
	_, r := speak(t, addr, get)
	if status, retry, text := reply(t, r); status != http.StatusTooManyRequests || retry == "" || !strings.Contains(text, "2 requests") {
		t.Errorf("%d %q %s", status, retry, text)
	}
	// Another client can still have two; then all four are busy.
	other := func() *bufio.Reader {
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}
		c, err := d.Dial("tcp", addr)
		if err != nil {
			t.Skip("this machine has no second loopback address")
		}
		t.Cleanup(func() { c.Close() })
		c.SetDeadline(time.Now().Add(10 * time.Second))
		io.WriteString(c, get)
		return bufio.NewReader(c)
	}
	for range 2 {
		other()
		<-inside
	}
	if status, retry, text := reply(t, other()); status != http.StatusServiceUnavailable || retry == "" || !strings.Contains(text, "all connections") {
		t.Errorf("%d %q %s", status, retry, text)
	}
	close(over)
	if u := g.Connections(); u.Refused != 1 {
		t.Errorf("%+v", u)
	}
}

func TestBodiesShareABudgetOfMemory(t *testing.T) {
	g, addr := guardedServer(t, 8, func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err != nil {
			http.Error(w, "the body could not be read", http.StatusBadRequest)
			return
		}
		fmt.Fprint(w, "fine")
	})
	g.bodies = limit.NewBytes(1000)
	c, first := speak(t, addr, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 601\r\n\r\n"+strings.Repeat("x", 600))
	for limit := time.Now().Add(5 * time.Second); ; time.Sleep(time.Millisecond) {
		if used := g.BodyBytes(); used == 600 {
			break
		} else if time.Now().After(limit) {
			t.Fatalf("%d bytes are counted", used)
		}
	}
	_, second := speak(t, addr, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n"+strings.Repeat("x", 500))
	if status, retry, text := reply(t, second); status != http.StatusServiceUnavailable || retry == "" || !strings.Contains(text, "memory") {
		t.Errorf("%d %q %s", status, retry, text)
	}
	io.WriteString(c, "x")
	if status, _, text := reply(t, first); status != http.StatusOK || text != "fine" {
		t.Errorf("%d %s", status, text)
	}
	for limit := time.Now().Add(5 * time.Second); ; time.Sleep(time.Millisecond) {
		if used := g.BodyBytes(); used == 0 {
			return
		} else if time.Now().After(limit) {
			t.Fatalf("%d bytes are still counted", used)
		}
	}
}
