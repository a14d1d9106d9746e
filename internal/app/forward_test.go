package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"dkron"
	"dkron/internal/rpc"
)

// relayed serves a handler the way an agent does: through RPC from a server that has it.
func relayed(t *testing.T, handler http.HandlerFunc) (agent *Node, url string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	backend := rpc.NewServer(l, 100, nobody{}, nil, &server{http: handler}, nil, log)
	go func() { _ = backend.Serve() }()
	t.Cleanup(backend.Close)
	agent = &Node{log: log, pool: rpc.NewPatientPool(2 * time.Second)}
	t.Cleanup(agent.pool.Close)
	agent.streams, agent.endStreams = context.WithCancel(t.Context())
	servers := []dkron.Node{{Name: "s1", RPCAddr: l.Addr().String()}}
	front := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { agent.handOn(w, r, servers) }))
	front.Config.WriteTimeout = 300 * time.Millisecond
	front.Start()
	t.Cleanup(front.Close)
	return agent, front.URL
}

// nobody is a node that takes no orders.
type nobody struct{}

func (nobody) Attach(context.Context, rpc.NodeLink) error { return errors.New("not here") }

func (nobody) Name() string { return "s1" }

func (nobody) Leave(context.Context) (rpc.LeaveReply, error) {
	return rpc.LeaveReply{}, errors.New("not here")
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
	backend := &server{http: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "12345") })}
	err := backend.ServeHTTPRequest(t.Context(), &rpc.HTTPRequest{Method: "HEAD", URI: "/"}, func(p *rpc.HTTPPart) error {
		if len(p.Body) > 0 {
			t.Error("the answer to a HEAD takes its body along")
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	resp, err := http.Post(url, "", strings.NewReader(strings.Repeat("x", maxForward+1)))
	if err != nil || resp.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("a body that is too large: %v, %v", resp, err)
	}
}

func TestAnAgentRelaysAStreamForAsLongAsItsClientIsThere(t *testing.T) {
	next, ended := make(chan struct{}), make(chan error, 1)
	agent, url := relayed(t, func(w http.ResponseWriter, r *http.Request) {
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
	<-time.After(500 * time.Millisecond) // longer than the agent's limit for an answer
	next <- struct{}{}
	event(r)
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the server's end: %v", err)
	}
	r = open(t.Context())
	event(r)
	agent.endStreams() // the agent stops: the stream ends as if it were whole, and the client comes again elsewhere
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
	agent, _ := relayed(t, nil)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dead := l.Addr().String()
	l.Close()
	var asked atomic.Int64
	alive, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	backend := rpc.NewServer(alive, 100, nobody{}, nil, &server{http: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) })}, nil, agent.log)
	go func() { _ = backend.Serve() }()
	t.Cleanup(backend.Close)
	servers := []dkron.Node{{Name: "dead", RPCAddr: dead}, {Name: "s1", RPCAddr: alive.Addr().String()}}
	for method, want := range map[string]int{"GET": 200, "HEAD": 200, "POST": 502, "DELETE": 502} {
		w := httptest.NewRecorder()
		agent.handOn(w, httptest.NewRequest(method, "/", nil), servers)
		if w.Code != want {
			t.Errorf("%s: %d %s", method, w.Code, w.Body)
		}
	}
	w := httptest.NewRecorder()
	agent.handOn(w, httptest.NewRequest("GET", "/", nil), nil)
	if w.Code != 503 || asked.Load() != 2 {
		t.Errorf("without servers %d; asked %d times", w.Code, asked.Load())
	}
}

func TestAnAgentsPortIsTheWholeAPI(t *testing.T) {
	gossip, api := freePort(t), freePort(t)
	server := startServer(t, "DKRON_BIND_ADDR=127.0.0.1:"+gossip, "DKRON_HTTP_ALLOWED_ORIGINS=https://ops.example.com")
	startNode(t, "DKRON_NODE_NAME=a1", "DKRON_DATA_DIR="+t.TempDir(), "DKRON_BIND_ADDR=127.0.0.1:"+freePort(t),
		"DKRON_RPC_PORT="+freePort(t), "DKRON_HTTP_ADDR=127.0.0.1:"+api, "DKRON_RETRY_JOIN=127.0.0.1:"+gossip)
	agent := "http://127.0.0.1:" + api
	waitFor(t, "the agent to know the server", func() bool { code, _ := get(agent + "/v1/jobs"); return code == 200 })
	if code, body := post(agent+"/v1/jobs", `{"name":"a","schedule":"@hourly","what":1}`); code != 201 {
		t.Fatal(code, body)
	}
	req, _ := http.NewRequest("GET", agent+"/v1/jobs/a?consistent", nil)
	req.Header.Set("Origin", "https://ops.example.com")
	for _, want := range []int{200, 304} {
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		h := resp.Header
		if resp.StatusCode != want || h.Get("X-Whom") != "n1" || h.Get("Access-Control-Allow-Origin") != "https://ops.example.com" ||
			len(h["Vary"]) != 2 || h.Get("Etag") == "" {
			t.Errorf("%s %v", resp.Status, h)
		}
		req.Header.Set("If-None-Match", h.Get("Etag"))
	}
	_, direct := get(server + "/v1/jobs?pretty")
	if _, body := get(agent + "/v1/jobs?pretty"); len(direct) < 1024 || body != direct { // long enough to be compressed
		t.Errorf("%s\nis not %s", body, direct)
	}
}
