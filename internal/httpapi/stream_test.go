package httpapi

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// serveStream serves one streaming route, whose clients have little time for an event, on a server with short limits.
func serveStream(t *testing.T, http2 bool, cfg Config, call func(*api) endpoint) *httptest.Server {
	t.Helper()
	a := newAPI(cfg)
	a.eventTime = 300 * time.Millisecond
	a.streams = map[string]func(*http.Request) bool{"/v1/s": func(*http.Request) bool { return true }}
	rt := route{"/v1/s", map[string]endpoint{"GET": call(a)}, false}
	srv := httptest.NewUnstartedServer(a.recoverPanics(a.compressed(rt, a.serve(rt))))
	srv.Config.WriteTimeout, srv.Config.ReadTimeout = 200*time.Millisecond, 100*time.Millisecond
	if srv.EnableHTTP2 = http2; http2 {
		srv.StartTLS()
	} else {
		srv.Start()
	}
	t.Cleanup(func() {
		srv.Close()
		if n := a.open.Load(); n != 0 {
			t.Errorf("%d streams are left", n)
		}
	})
	return srv
}

// echo sends what comes through a channel until that is closed.
func echo(feed <-chan event) func(*api) endpoint {
	return func(a *api) endpoint {
		return func(w http.ResponseWriter, r *http.Request) error {
			s, err := a.openStream(w, r)
			if err != nil {
				return err
			}
			defer s.close()
			for {
				select {
				case e, ok := <-feed:
					if !ok || s.send(e) != nil {
						return nil
					}
				case <-s.ctx.Done():
					return nil
				}
			}
		}
	}
}

// follow opens the stream as a browser would.
func follow(t *testing.T, ctx context.Context, srv *httptest.Server, path string) (*http.Response, *bufio.Scanner) {
	t.Helper()
	req, _ := http.NewRequestWithContext(ctx, "GET", srv.URL+path, nil)
	req.Header.Set("Accept-Encoding", "gzip, zstd")
	resp, err := srv.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	lines := bufio.NewScanner(resp.Body)
	if !lines.Scan() || lines.Text() != ": open" || !lines.Scan() {
		t.Fatalf("the stream begins with %q, %v", lines.Text(), lines.Err())
	}
	return resp, lines
}

func TestAStreamSendsEventsAtOnceAndOutlivesTheServersLimits(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		checkStream(t, http2)
	}
}

func checkStream(t *testing.T, http2 bool) {
	feed := make(chan event)
	srv := serveStream(t, http2, Config{NodeName: "n1"}, echo(feed))
	resp, lines := follow(t, t.Context(), srv, "/v1/s")
	for key, want := range map[string]string{
		"Content-Type": "text/event-stream", "Cache-Control": "no-store", "Content-Encoding": "", "X-Whom": "n1", "Etag": "",
	} {
		if got := resp.Header.Get(key); got != want {
			t.Errorf("%s is %q", key, got)
		}
	}
	pause := time.NewTimer(400 * time.Millisecond) // longer than all limits
	for _, c := range []struct {
		event event
		want  string
	}{
		{event{"7.1", "job.created", []byte(`{"a":1}`)}, "id: 7.1|event: job.created|data: {\"a\":1}|"},
		{event{"", "x", []byte("one\ntwo\r\nthree\rfour\n")}, "event: x|data: one|data: two|data: three|data: four|data: |"},
		{event{"a\nb\x00", "", nil}, "id: ab|data: |"},
	} {
		feed <- c.event
		got := ""
		for lines.Scan() && lines.Text() != "" {
			got += lines.Text() + "|"
		}
		if got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
		if c.event.id == "7.1" {
			<-pause.C
		}
	}
	close(feed)
	if lines.Scan() || lines.Err() != nil {
		t.Errorf("the end: %q, %v", lines.Text(), lines.Err())
	}
}

func TestAQuietStreamIsKeptAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newAPI(Config{})
		w := httptest.NewRecorder()
		ctx, cancel := context.WithCancel(t.Context())
		s, err := a.openStream(w, httptest.NewRequest("GET", "/v1/s", nil).WithContext(ctx))
		if err != nil {
			t.Fatal(err)
		}
		changed := make(chan struct{})
		go func() {
			time.Sleep(2*beatEvery + time.Second)
			changed <- struct{}{}
			time.Sleep(beatEvery - time.Second) // quiet since the event, not since the last beat
			cancel()
		}()
		if !s.wait(changed) {
			t.Error("a change was not told")
		}
		_ = s.send(event{data: []byte("x")})
		if s.wait(changed) {
			t.Error("the client has gone")
		}
		s.close()
		if got := w.Body.String(); got != ": open\n\n: beat\n\n: beat\n\ndata: x\n\n" {
			t.Errorf("%q", got)
		}
		if s.send(event{}) == nil {
			t.Error("a stream that is over took an event")
		}
	})
}

func TestAReaderThatStallsIsCutOffAndNobodyElse(t *testing.T) {
	ended := make(chan string, 2)
	ticks := map[string]chan struct{}{"stalled": make(chan struct{}), "good": make(chan struct{})}
	srv := serveStream(t, false, Config{}, func(a *api) endpoint {
		return func(w http.ResponseWriter, r *http.Request) error {
			s, err := a.openStream(w, r)
			if err != nil {
				return err
			}
			who := r.URL.RawQuery
			defer func() { s.close(); ended <- who }()
			e := event{data: []byte("x")}
			if who == "stalled" {
				e.data = bytes.Repeat([]byte("x"), 1<<20)
			}
			for s.wait(ticks[who]) {
				for range 64 {
					if s.send(e) != nil {
						return nil
					}
				}
			}
			return nil
		}
	})
	stalled, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer stalled.Close()
	fmt.Fprintf(stalled, "GET /v1/s?stalled HTTP/1.1\r\nHost: x\r\n\r\n") // and nothing is read
	ctx, cancel := context.WithCancel(t.Context())
	_, lines := follow(t, ctx, srv, "/v1/s?good")
	read := func() (events int) {
		ticks["good"] <- struct{}{}
		for events < 64 && lines.Scan() {
			if lines.Text() == "data: x" {
				events++
			}
		}
		return events
	}
	ticks["stalled"] <- struct{}{}
	if got := read(); got != 64 || len(ended) > 0 {
		t.Errorf("%d events beside a reader that stalls", got)
	}
	if who := <-ended; who != "stalled" {
		t.Errorf("%s was cut off", who)
	}
	if got := read(); got != 64 {
		t.Errorf("%d events afterwards", got)
	}
	cancel()
	<-ended // as its client has gone
}

func TestStreamsEndWhenTheServerStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	srv := serveStream(t, false, Config{Ctx: ctx}, echo(nil))
	srv.Config.RegisterOnShutdown(cancel)
	_, lines := follow(t, t.Context(), srv, "/v1/s")
	limit, done := context.WithTimeout(t.Context(), 5*time.Second)
	defer done()
	if err := srv.Config.Shutdown(limit); err != nil {
		t.Error(err)
	}
	if lines.Scan() || lines.Err() != nil {
		t.Errorf("the client's end: %q, %v", lines.Text(), lines.Err())
	}
	late := echo(nil)(newAPI(Config{Ctx: ctx}))
	if err := late(httptest.NewRecorder(), httptest.NewRequest("GET", "/v1/s", nil)); err != nil {
		t.Error(err)
	}
}

func TestAStreamHasItsLimitsBeforeItBegins(t *testing.T) {
	srv := serveStream(t, false, Config{NodeName: "n1"}, echo(nil))
	resp, err := http.Head(srv.URL + "/v1/s")
	if err != nil || resp.StatusCode != 200 || resp.Header.Get("Content-Type") != eventStream {
		t.Errorf("HEAD: %v, %v", resp, err)
	}
	s, err := newAPI(Config{}).openStream(httptest.NewRecorder(), httptest.NewRequest("HEAD", "/v1/s", nil))
	if err != nil || s.wait(nil) {
		t.Errorf("a HEAD is answered for ever, %v", err)
	}
	s.close()
	a := newAPI(Config{})
	a.open.Store(maxStreams)
	w := httptest.NewRecorder()
	if _, err := a.openStream(w, httptest.NewRequest("GET", "/v1/s", nil)); err == nil || !strings.Contains(err.Error(), "2000 open streams") {
		t.Error(err)
	}
	if a.open.Load() != maxStreams || w.Body.Len() > 0 {
		t.Error("a refused stream left something behind")
	}
}

func TestOnlyStreamsMayTakeLongerThanARequest(t *testing.T) {
	for stream := range map[bool]bool{true: true, false: false} {
		call := func(_ http.ResponseWriter, r *http.Request) error {
			if _, limited := r.Context().Deadline(); limited == stream {
				t.Errorf("stream %t, limited %t", stream, limited)
			}
			return nil
		}
		if err := newAPI(Config{}).call(call, stream, httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)); err != nil {
			t.Error(err)
		}
	}
}

func TestAClientGoesOnBehindTheEventThatItGotLast(t *testing.T) {
	r := httptest.NewRequest("GET", "/v1/s?after=5.1", io.NopCloser(nil))
	if got := resumeFrom(r, "after"); got != "5.1" {
		t.Error(got)
	}
	r.Header.Set("Last-Event-ID", "9.2")
	if got := resumeFrom(r, "after"); got != "9.2" {
		t.Error(got)
	}
}
