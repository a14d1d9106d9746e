package httpapi

import (
	"compress/gzip"
	"io"
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
	s.many(1200) // too large to be buffered whole
	for _, path := range []string{"/v1/jobs", "/v1/jobs?_end=20"} {
		plain := s.get(path).want(200).wantHeader("Content-Encoding", "").wantVary("Accept-Encoding")
		for accept, coding := range map[string]string{"gzip": "gzip", "zstd": "zstd", "gzip, deflate, br, zstd": "zstd", "zstd;q=0, gzip": "gzip"} {
			a := s.do("GET", path, "", header{"Accept-Encoding", accept}).want(200).wantHeader("Content-Encoding", coding).
				wantHeader("Content-Length", "").wantHeader("X-Total-Count", "1200").wantVary("Accept-Encoding")
			if decompressed(t, a) != plain.body || len(a.body) > len(plain.body)/4 {
				t.Errorf("%s as %s: %d bytes of %d", path, coding, len(a.body), len(plain.body))
			}
			tag := a.header.Get("Etag")
			if !strings.HasSuffix(tag, "-"+coding+`"`) || strings.Replace(tag, "-"+coding, "", 1) != plain.header.Get("Etag") {
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
