package httpserver

import (
	"compress/gzip"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"dkron/internal/respond"
)

// compressing serves a handler whose answers are compressed.
func compressing(t *testing.T, call http.HandlerFunc) *httptest.Server {
	t.Helper()
	srv := httptest.NewServer(Recover(slog.New(slog.DiscardHandler), respond.NewCompressor()(call)))
	t.Cleanup(srv.Close)
	return srv
}

func TestFlushReachesTheClientThroughCompression(t *testing.T) {
	more := make(chan struct{})
	srv := compressing(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		_, _ = w.Write([]byte("first"))
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
		<-more
		_, _ = w.Write([]byte("second"))
	})
	for _, accept := range []string{"identity", "gzip"} {
		req, _ := http.NewRequest("GET", srv.URL+"/x", nil)
		req.Header.Set("Accept-Encoding", accept)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		var body io.Reader = resp.Body
		if accept == "gzip" {
			if body, err = gzip.NewReader(resp.Body); err != nil {
				t.Fatal(err)
			}
		}
		got := make([]byte, 5)
		if _, err := io.ReadFull(body, got); err != nil || string(got) != "first" {
			t.Fatalf("%s: %q, %v", accept, got, err)
		}
		more <- struct{}{}
		if rest, err := io.ReadAll(body); err != nil || string(rest) != "second" {
			t.Errorf("%s: %q, %v", accept, rest, err)
		}
		resp.Body.Close()
	}
}

func TestAPanicWithinACompressedAnswerAbortsIt(t *testing.T) {
	srv := compressing(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		_, _ = w.Write([]byte(strings.Repeat("x", 5000)))
		panic("a bug")
	})
	for _, accept := range []string{"identity", "gzip", "zstd"} {
		req, _ := http.NewRequest("GET", srv.URL+"/x", nil)
		req.Header.Set("Accept-Encoding", accept)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			continue // aborted before its head was sent
		}
		if body, err := io.ReadAll(resp.Body); err == nil {
			t.Errorf("%s: half an answer of %d bytes looks whole", accept, len(body))
		}
		resp.Body.Close()
	}
}
