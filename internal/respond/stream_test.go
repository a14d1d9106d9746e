package respond

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// endpoint answers one stream.
type endpoint func(s *Streams, w http.ResponseWriter, r *http.Request) error

// serveStream serves streams, whose clients have little time for an event, on a server with short limits.
func serveStream(t *testing.T, http2 bool, ctx context.Context, call endpoint) *httptest.Server {
	t.Helper()
	streams := newStreams(ctx)
	streams.time = 300 * time.Millisecond
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := call(streams, w, r); err != nil {
			Fail(w, r, err, slog.New(slog.DiscardHandler))
		}
	}))
	srv.Config.WriteTimeout, srv.Config.ReadTimeout = 2*time.Second, time.Second
	if srv.EnableHTTP2 = http2; http2 {
		srv.StartTLS()
	} else {
		srv.Start()
	}
	t.Cleanup(func() {
		srv.Close()
		if n := streams.Open(); n != 0 {
			t.Errorf("%d streams are still open", n)
		}
	})
	return srv
}

const maxStreams = 2000

func newStreams(ctx context.Context) *Streams { return NewStreams(ctx, maxStreams) }

// echo sends what comes through a channel until that is closed.
func echo(feed <-chan Event) endpoint {
	return func(streams *Streams, w http.ResponseWriter, r *http.Request) error {
		s, err := streams.Begin(w, r)
		if err != nil {
			return err
		}
		defer s.Close()
		for {
			select {
			case e, ok := <-feed:
				if !ok || s.Send(e) != nil {
					return nil
				}
			case <-s.Context().Done():
				return nil
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
	feed := make(chan Event)
	srv := serveStream(t, http2, t.Context(), echo(feed))
	resp, lines := follow(t, t.Context(), srv, "/v1/s")
	for key, want := range map[string]string{
		"Content-Type": "text/event-stream", "Cache-Control": "no-store", "Content-Encoding": "", "Etag": "",
	} {
		if got := resp.Header.Get(key); got != want {
			t.Errorf("%s is %q", key, got)
		}
	}
	pause := time.NewTimer(2500 * time.Millisecond) // longer than all limits
	for _, c := range []struct {
		event Event
		want  string
	}{
		{Event{"7.1", "job.created", []byte(`{"a":1}`)}, "id: 7.1|event: job.created|data: {\"a\":1}|"},
		{Event{"", "x", []byte("one\ntwo\r\nthree\rfour\n")}, "event: x|data: one|data: two|data: three|data: four|data: |"},
		{Event{"a\nb\x00", "", nil}, "id: ab|data: |"},
	} {
		feed <- c.event
		got := ""
		for lines.Scan() && lines.Text() != "" {
			got += lines.Text() + "|"
		}
		if got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
		if c.event.ID == "7.1" {
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
		a := newStreams(t.Context())
		w := httptest.NewRecorder()
		ctx, cancel := context.WithCancel(t.Context())
		s, err := a.Begin(w, httptest.NewRequest("GET", "/v1/s", nil).WithContext(ctx))
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
		if !s.Wait(changed) {
			t.Error("Wait does not report a change")
		}
		_ = s.Send(Event{Data: []byte("x")})
		if s.Wait(changed) {
			t.Error("Wait reports a change after the client has gone")
		}
		s.Close()
		if got := w.Body.String(); got != ": open\n\n: beat\n\n: beat\n\ndata: x\n\n" {
			t.Errorf("%q", got)
		}
		if s.Send(Event{}) == nil {
			t.Error("a closed stream took an event")
		}
	})
}

func TestAReaderThatStallsIsCutOffAndNobodyElse(t *testing.T) {
	ended := make(chan string, 2)
	ticks := map[string]chan struct{}{"stalled": make(chan struct{}), "good": make(chan struct{})}
	srv := serveStream(t, false, t.Context(), func(a *Streams, w http.ResponseWriter, r *http.Request) error {
		s, err := a.Begin(w, r)
		if err != nil {
			return err
		}
		who := r.URL.RawQuery
		defer func() { s.Close(); ended <- who }()
		e := Event{Data: []byte("x")}
		if who == "stalled" {
			e.Data = bytes.Repeat([]byte("x"), 1<<20)
		}
		for s.Wait(ticks[who]) {
			for range 64 {
				if s.Send(e) != nil {
					return nil
				}
			}
		}
		return nil
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
		t.Errorf("%d events while another reader stalls", got)
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
	srv := serveStream(t, false, ctx, echo(nil))
	srv.Config.RegisterOnShutdown(cancel)
	_, lines := follow(t, t.Context(), srv, "/v1/s")
	limit, done := context.WithTimeout(t.Context(), 20*time.Second)
	defer done()
	if err := srv.Config.Shutdown(limit); err != nil {
		t.Error(err)
	}
	if lines.Scan() || lines.Err() != nil {
		t.Errorf("the client's end: %q, %v", lines.Text(), lines.Err())
	}
	if err := echo(nil)(newStreams(ctx), httptest.NewRecorder(), httptest.NewRequest("GET", "/v1/s", nil)); err != nil {
		t.Error(err)
	}
}

func TestAStreamHasItsLimitsBeforeItBegins(t *testing.T) {
	srv := serveStream(t, false, t.Context(), echo(nil))
	resp, err := http.Head(srv.URL + "/v1/s")
	if err != nil || resp.StatusCode != 200 || resp.Header.Get("Content-Type") != EventStream {
		t.Errorf("HEAD: %v, %v", resp, err)
	}
	s, err := newStreams(t.Context()).Begin(httptest.NewRecorder(), httptest.NewRequest("HEAD", "/v1/s", nil))
	if err != nil || s.Wait(nil) {
		t.Errorf("the answer to a HEAD does not end, %v", err)
	}
	s.Close()
	a := newStreams(t.Context())
	a.open.Store(maxStreams)
	w := httptest.NewRecorder()
	if _, err := a.Begin(w, httptest.NewRequest("GET", "/v1/s", nil)); err == nil || !strings.Contains(err.Error(), "2000 open streams") {
		t.Error(err)
	}
	if a.open.Load() != maxStreams || w.Body.Len() > 0 {
		t.Error("a refused stream left something behind")
	}
}

func TestAClientGoesOnAfterTheEventThatItGotLast(t *testing.T) {
	r := httptest.NewRequest("GET", "/v1/s?after=5.1", io.NopCloser(nil))
	if got := ResumeFrom(r, "after"); got != "5.1" {
		t.Error(got)
	}
	r.Header.Set("Last-Event-ID", "9.2")
	if got := ResumeFrom(r, "after"); got != "9.2" {
		t.Error(got)
	}
}
