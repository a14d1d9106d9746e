package relay

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

const maxBody = 1 << 20

// cluster is servers by name, reached without a network. Messages are copied, as on a network.
type cluster map[string]http.HandlerFunc

func (c cluster) Names() []string { return slices.Sorted(maps.Keys(c)) }

func (c cluster) Send(ctx context.Context, server string, r *Request) (Answer, error) {
	if c[server] == nil {
		return nil, errors.New("connection refused")
	}
	a := &answer{ctx: ctx, parts: make(chan *Part), ended: make(chan struct{})}
	go func() {
		defer close(a.ended)
		defer func() {
			if recover() != nil {
				a.err = errors.New("internal error")
			}
		}()
		a.err = Origin{c[server]}.ServeHTTPRequest(ctx, r, func(p *Part) error {
			sent := *p
			sent.Body = bytes.Clone(p.Body)
			select {
			case a.parts <- &sent:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}()
	return a, nil
}

type answer struct {
	ctx   context.Context
	parts chan *Part
	ended chan struct{} // closed when there are no more parts
	err   error
}

func (a *answer) Recv() (*Part, error) {
	select {
	case p := <-a.parts:
		return p, nil
	case <-a.ctx.Done():
		return nil, a.ctx.Err()
	case <-a.ended:
		return nil, cmp.Or(a.err, io.EOF)
	}
}

// relayed serves a handler the way an agent does. stop is the agent's stop.
func relayed(t *testing.T, handler http.HandlerFunc) (stop func(), url string) {
	t.Helper()
	streams, stop := context.WithCancel(t.Context())
	r := New(Config{
		Servers: cluster{"s1": handler}, MaxBody: maxBody, Streams: streams, Logger: slog.New(slog.DiscardHandler),
	})
	front := httptest.NewUnstartedServer(r)
	front.Config.WriteTimeout = 2 * time.Second
	front.Start()
	t.Cleanup(front.Close)
	return stop, front.URL
}

func TestAnAgentRelaysRequestAndAnswerWhole(t *testing.T) {
	long := strings.Repeat("0123456789", 20_000) // several parts
	_, url := relayed(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Method != "PUT" || r.URL.Path != "/a/b c" || r.RequestURI != "/a/b%20c?x=1" || r.Host != "api.example" ||
			!slices.Equal(r.Header.Values("X-Two"), []string{"1", "2"}) || string(body) != "in" || r.RemoteAddr == "" || r.ContentLength != 2 {
			t.Errorf("%s %s %s from %s: %v %q", r.Method, r.Host, r.RequestURI, r.RemoteAddr, r.Header, body)
		}
		w.Header().Add("Vary", "Accept-Encoding")
		w.Header().Add("Vary", "Origin")
		w.Header().Add("Set-Cookie", "a=1")
		w.Header().Add("Set-Cookie", "b=2")
		w.WriteHeader(http.StatusTeapot)
		w.Header().Set("Late", "x")
		_, _ = io.WriteString(w, long)
	})
	req, _ := http.NewRequest("PUT", url+"/a/b%20c?x=1", strings.NewReader("in"))
	req.Host = "api.example"
	req.Header["X-Two"] = []string{"1", "2"}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusTeapot || string(body) != long {
		t.Errorf("%s, %d bytes, %v", resp.Status, len(body), err)
	}
	h := resp.Header
	if !slices.Equal(h["Vary"], []string{"Accept-Encoding", "Origin"}) || len(h["Set-Cookie"]) != 2 || h["Late"] != nil {
		t.Errorf("%v", h)
	}
}

func TestAnAgentRelaysAnswersWithoutABody(t *testing.T) {
	_, url := relayed(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/304":
			w.WriteHeader(http.StatusNotModified)
		case "/empty":
			w.Header().Set("Content-Length", "0")
			w.WriteHeader(http.StatusNotFound)
		case "/head":
			w.Header().Set("Content-Length", "5")
			_, _ = io.WriteString(w, "12345")
		}
	})
	for path, want := range map[string]string{"/304": "304 0", "/empty": "404 0", "/head": "200 5", "/nothing": "200 0"} {
		resp, err := http.Head(url + path)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(resp.StatusCode, max(resp.ContentLength, 0)); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	backend := Origin{http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "12345") })}
	err := backend.ServeHTTPRequest(t.Context(), &Request{Method: "HEAD", URI: "/"}, func(p *Part) error {
		if len(p.Body) > 0 {
			t.Error("the answer to a HEAD has a body")
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	resp, err := http.Post(url, "", strings.NewReader(strings.Repeat("x", maxBody+1)))
	if err != nil || resp.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("a body that is too large: %v, %v", resp, err)
	}
}

func TestAnAgentRelaysAStreamForAsLongAsItsClientIsThere(t *testing.T) {
	next, ended := make(chan struct{}), make(chan error, 1)
	stop, url := relayed(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for {
			select {
			case <-next:
				_, _ = io.WriteString(w, "data: x\n\n")
				_ = http.NewResponseController(w).Flush()
			case <-r.Context().Done():
				ended <- r.Context().Err()
				return
			}
		}
	})
	open := func(ctx context.Context) *bufio.Reader {
		t.Helper()
		go func() { next <- struct{}{} }()
		req, _ := http.NewRequestWithContext(ctx, "GET", url, nil)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { resp.Body.Close() })
		return bufio.NewReader(resp.Body)
	}
	event := func(r *bufio.Reader) {
		t.Helper()
		line, err := r.ReadString('\n')
		if _, err2 := r.ReadString('\n'); line != "data: x\n" || err != nil || err2 != nil {
			t.Fatalf("%q, %v, %v", line, err, err2)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	r := open(ctx)
	event(r)
	<-time.After(2500 * time.Millisecond) // longer than the agent's limit for an answer
	next <- struct{}{}
	event(r)
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the server's end: %v", err)
	}
	r = open(t.Context())
	event(r)
	stop() // the agent stops: the stream ends as if it were whole, and the client comes again elsewhere
	<-ended
	if _, err := r.ReadByte(); err != io.EOF {
		t.Errorf("the client's end: %v", err)
	}
}

func TestAnAnswerThatBreaksOffIsNotRelayedAsWhole(t *testing.T) {
	_, url := relayed(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, strings.Repeat("x", 3*maxPart))
		panic(http.ErrAbortHandler)
	})
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); err == nil {
		t.Errorf("%d bytes look whole", len(body))
	}
}

func TestAReadIsTriedOnAnotherServerAWriteIsNot(t *testing.T) {
	var asked atomic.Int64
	relay := func(c cluster) http.Handler {
		return New(Config{Servers: c, MaxBody: maxBody, Streams: t.Context(), Logger: slog.New(slog.DiscardHandler)})
	}
	r := relay(cluster{"dead": nil, "s1": func(http.ResponseWriter, *http.Request) { asked.Add(1) }})
	for method, want := range map[string]int{"GET": 200, "HEAD": 200, "POST": 502, "DELETE": 502} {
		w := httptest.NewRecorder()
		r.ServeHTTP(w, httptest.NewRequest(method, "/", nil))
		if w.Code != want {
			t.Errorf("%s: %d %s", method, w.Code, w.Body)
		}
		if want == 502 && w.Body.String() != "the request may or may not have been carried out: connection refused\n" {
			t.Errorf("%s: %s", method, w.Body)
		}
	}
	w := httptest.NewRecorder()
	relay(nil).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != 503 || asked.Load() != 2 {
		t.Errorf("without servers %d; asked %d times", w.Code, asked.Load())
	}
}

func TestWhatAProxyWouldChangeReachesTheServerUnchanged(t *testing.T) {
	_, url := relayed(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Forwarded-For") != "192.0.2.1" || r.Header["User-Agent"] != nil || r.URL.RawQuery != "a=1;b=%zz" {
			t.Errorf("%v %q", r.Header, r.URL.RawQuery)
		}
	})
	req, _ := http.NewRequest("GET", url+"/?a=1;b=%zz", nil)
	req.Header.Set("X-Forwarded-For", "192.0.2.1")
	req.Header["User-Agent"] = nil // the client's library sends none
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.ContentLength != 0 || resp.Header.Get("X-Forwarded-For") != "" {
		t.Errorf("%v %v", resp.ContentLength, resp.Header)
	}
}

func TestTheFirstEventOfAStreamIsNotWaitedFor(t *testing.T) {
	_, url := relayed(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	resp, err := http.Get(url) // returns when the header is there
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
}
