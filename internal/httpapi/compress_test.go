package httpapi

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

func decompressed(t *testing.T, a *answer) string {
	t.Helper()
	var r io.Reader
	var err error
	switch coding := a.header.Get("Content-Encoding"); coding {
	case "gzip":
		r, err = gzip.NewReader(strings.NewReader(a.body))
	case "zstd":
		r, err = zstd.NewReader(strings.NewReader(a.body))
	default:
		t.Fatalf("Content-Encoding is %q", coding)
	}
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestLongAnswersAreCompressedForThoseWhoAccept(t *testing.T) {
	s := newServer(t)
	s.many(1200) // more than is held whole
	for _, path := range []string{"/v1/jobs", "/v1/jobs?_end=20"} {
		plain := s.get(path).want(200).wantHeader("Content-Encoding", "").wantVary("Accept-Encoding")
		for accept, coding := range map[string]string{"gzip": "gzip", "zstd": "zstd", "gzip, deflate, br, zstd": "zstd", "zstd;q=0, gzip": "gzip"} {
			a := s.do("GET", path, "", header{"Accept-Encoding", accept}).want(200).wantHeader("Content-Encoding", coding).
				wantHeader("Content-Length", "").wantHeader("X-Total-Count", "1200").wantVary("Accept-Encoding")
			if decompressed(t, a) != plain.body || len(a.body) > len(plain.body)/4 {
				t.Errorf("%s as %s: %d bytes of %d", path, coding, len(a.body), len(plain.body))
			}
			tag := a.header.Get("Etag")
			if !strings.HasSuffix(tag, "-"+coding+`"`) || opaque(tag) != opaque(plain.header.Get("Etag")) {
				t.Errorf("%s as %s has the tag %s, plain %s", path, coding, tag, plain.header.Get("Etag"))
			}
			s.do("GET", path, "", header{"Accept-Encoding", accept}, header{"If-None-Match", tag}).want(304).
				wantBody("").wantHeader("Etag", tag).wantHeader("Content-Encoding", "").wantVary("Accept-Encoding")
		}
		s.do("GET", path, "", header{"Accept-Encoding", "br, gzip;q=0"}).want(200).wantHeader("Content-Encoding", "").wantBody(plain.body)
		s.do("HEAD", path, "", header{"Accept-Encoding", "gzip"}).want(200).wantHeader("Content-Encoding", "").
			wantHeader("Etag", plain.header.Get("Etag")).wantHeader("Content-Length", plain.header.Get("Content-Length"))
	}
	small := s.do("GET", "/v1/jobs/job00001", "", header{"Accept-Encoding", "gzip"}).want(200).wantHeader("Content-Encoding", "")
	small.wantVary("Accept-Encoding").wantHeader("Etag", s.get("/v1/jobs/job00001").header.Get("Etag"))
	s.do("GET", "/v1/jobs/none", "", header{"Accept-Encoding", "gzip"}).want(404).wantHeader("Content-Length", "0")
}

func TestOnlyWhatGainsIsCompressed(t *testing.T) {
	for contentType, want := range map[string]bool{
		"application/json; charset=utf-8": true, "text/plain; charset=utf-8": true, "text/html": true, "application/yaml": true,
		"text/event-stream": false, "text/event-stream; charset=utf-8": false, "image/jpeg": false, "application/zip": false, "": false,
	} {
		if compressible(contentType) != want {
			t.Error(contentType)
		}
	}
}

func TestFlushReachesTheClientThroughCompression(t *testing.T) {
	a := newAPI(Config{NodeName: "n1"})
	more := make(chan struct{})
	rt := route{"/x", map[string]endpoint{"GET": func(w http.ResponseWriter, _ *http.Request) error {
		w.Header().Set("Content-Type", "text/plain")
		_, _ = w.Write([]byte("first"))
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
		<-more
		_, _ = w.Write([]byte("second"))
		return nil
	}}, false}
	srv := httptest.NewServer(a.recoverPanics(a.compressed(rt, a.serve(rt))))
	defer srv.Close()
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
	a := newAPI(Config{NodeName: "n1"})
	rt := route{"/x", map[string]endpoint{"GET": func(w http.ResponseWriter, _ *http.Request) error {
		w.Header().Set("Content-Type", "text/plain")
		_, _ = w.Write([]byte(strings.Repeat("x", 5000)))
		panic("a bug")
	}}, false}
	srv := httptest.NewServer(a.recoverPanics(a.compressed(rt, a.serve(rt))))
	defer srv.Close()
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
