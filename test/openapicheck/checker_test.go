package openapicheck

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// pair is a request and its answer.
type pair struct {
	method, target, sent string
	status               int
	header               http.Header
	body                 string
}

func (p pair) check(c *Checker) error {
	req := httptest.NewRequest(p.method, p.target, strings.NewReader(p.sent))
	req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(p.sent)), nil }
	h := p.header
	if h == nil {
		h = http.Header{}
	}
	if kind := "application/json; charset=utf-8"; h["Content-Type"] == nil && p.body != "" {
		if p.status >= 400 {
			kind = "text/plain; charset=utf-8"
		}
		h.Set("Content-Type", kind)
	}
	return c.Check(req, &http.Response{StatusCode: p.status, Header: h}, []byte(p.body))
}

func headers(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return h
}

const execution = `{"id":"1-n1","job_name":"a","started_at":"2026-11-23T12:00:00Z","finished_at":"0001-01-01T00:00:00Z",` +
	`"success":false,"node_name":"n1","group":1,"attempt":1,"launch_id":"a.1","output_size":0,"scheduled_at":null,"lateness_ms":0,` +
	`"cpu_seconds":null,"max_rss":null,"memory_limit":null`

func TestTrueAnswersPass(t *testing.T) {
	c := New(t)
	stream := headers("Content-Type", "text/event-stream")
	for _, p := range []pair{
		{"GET", "/v1/pause", "", 200, nil, `{"paused":true}`},
		{"GET", "/v1/pause?pretty", "", 200, headers("X-Whom", "n1"), `{"paused":true}`},
		{"HEAD", "/v1/pause", "", 200, headers("Content-Type", "application/json"), ``},
		{"GET", "/v1/", "", 200, nil, `{"agent":{"name":"n1","version":"x"},"serf":{"a":"1"},"tags":{"role":"dkron"}}`},
		{"GET", "/v1/busy", "", 200, headers("X-Total-Count", "1"), "[" + execution + "}]"},
		{"GET", "/v1/jobs/a", "", 404, nil, ``},
		{"POST", "/v1/jobs/a/run", "", 404, nil, ``},
		{"POST", "/v1/jobs/a/run", "", 404, nil, `no live node matches the job's tags`},
		{"GET", "/v1/jobs?_start=x", "", 400, nil, `wrong on purpose`},
		{"GET", "/v1/jobs/", "", 301, headers("Location", "/v1/jobs"), ``},
		{"GET", "/docs", "", 301, headers("Location", "/docs/"), ``},
		{"GET", "/v2", "", 404, nil, `404 page not found`},
		{"GET", "/v1//jobs", "", 404, nil, `404 page not found`},
		{"DELETE", "/v1/pause", "", 405, headers("Allow", "GET"), `no`},
		{"OPTIONS", "/v1/pause", "", 204, headers("Allow", "GET"), ``},
		{"POST", "/v1/leave", "", 200, nil, `{}`},
		{"GET", "/v1/jobs/a/executions/1-n1/output?follow", "", 200, stream,
			": beat\n\nevent: output\ndata: \"x\"\nid: 1\n\nevent: gap\ndata: {\"from\":1,\"to\":2}\n\nevent: end\ndata: " + execution + "}\n\nevent: out"},
		{"GET", "/v1/events", "", 200, stream.Clone(), "event: job.created\nid: 1.0\ndata: {\"type\":\"job.created\",\"job\":\"a\"}\n\n"},
	} {
		if err := p.check(c); err != nil {
			t.Errorf("%+v: %v", p, err)
		}
	}
}

// What the checker lets pass, a test would let pass: each kind of lie has to be found.
func TestLiesAreFound(t *testing.T) {
	c := New(t)
	stream := headers("Content-Type", "text/event-stream")
	for _, l := range []struct {
		lie  string
		pair pair
		kind error
	}{
		{"a status", pair{"GET", "/v1/pause", "", 201, nil, `{"paused":true}`}, ErrResponse},
		{"a field of the wrong type", pair{"GET", "/v1/pause", "", 200, nil, `{"paused":"true"}`}, ErrResponse},
		{"a field that is missing", pair{"GET", "/v1/pause", "", 200, nil, `{}`}, ErrResponse},
		{"a field too many", pair{"GET", "/v1/pause", "", 200, nil, `{"paused":true,"since":1}`}, ErrResponse},
		{"a field too many, deep down", pair{"GET", "/v1/busy", "", 200, headers("X-Total-Count", "1"), "[" + execution + `,"extra":1}]`}, ErrResponse},
		{"a time that is none", pair{"GET", "/v1/busy", "", 200, headers("X-Total-Count", "1"),
			"[" + strings.Replace(execution, "2026-11-23T12:00:00Z", "today", 1) + `}]`}, ErrResponse},
		{"a header that is missing", pair{"GET", "/v1/busy", "", 200, nil, `[]`}, ErrResponse},
		{"a header of the wrong type", pair{"GET", "/v1/busy", "", 200, headers("X-Total-Count", "many"), `[]`}, ErrResponse},
		{"a header too many", pair{"GET", "/v1/pause", "", 200, headers("X-Secret", "1"), `{"paused":true}`}, ErrResponse},
		{"a content type", pair{"GET", "/v1/pause", "", 200, headers("Content-Type", "text/plain"), `{"paused":true}`}, ErrResponse},
		{"no body where there should be one", pair{"GET", "/v1/pause", "", 500, nil, ``}, ErrResponse},
		{"a body where there should be none", pair{"GET", "/v1/jobs/a", "", 404, nil, `no such job`}, ErrResponse},
		{"an error of two lines", pair{"GET", "/v1/pause", "", 500, nil, "a\nb"}, ErrResponse},
		{"not JSON", pair{"GET", "/v1/pause", "", 200, nil, `{"paused":`}, ErrResponse},
		{"a page where there is none", pair{"GET", "/v2", "", 200, nil, `{}`}, ErrResponse},
		{"a redirect to elsewhere", pair{"GET", "/v1/jobs/", "", 301, headers("Location", "/v2"), ``}, ErrResponse},
		{"a method", pair{"DELETE", "/v1/pause", "", 200, nil, `{}`}, ErrResponse},
		{"HEAD with another status", pair{"HEAD", "/v1/pause", "", 405, headers("Allow", "GET"), ``}, ErrResponse},
		{"an encoding that nobody asked for", pair{"GET", "/v1/pause", "", 200, headers("Content-Encoding", "br"), `x`}, ErrResponse},
		{"an event", pair{"GET", "/v1/jobs/a/executions/1-n1/output", "", 200, stream, "event: x\ndata: 1\n\n"}, ErrResponse},
		{"data of an event", pair{"GET", "/v1/jobs/a/executions/1-n1/output", "", 200, stream.Clone(), "event: output\ndata: 1\n\n"}, ErrResponse},
		{"a field of an event", pair{"GET", "/v1/events", "", 200, stream.Clone(), "event: reset\ndata: {\"type\":\"reset\",\"x\":1}\n\n"}, ErrResponse},
		{"data of an event that is not JSON", pair{"GET", "/v1/events", "", 200, stream.Clone(), "event: output\ndata: {\n\n"}, ErrResponse},
		{"a parameter that was accepted", pair{"GET", "/v1/stats?days=0", "", 200, nil,
			`{"stats":[],"health":{"disabled":0,"failing":0,"did_not_run":0,"late":0,"long_running":0,"waiting":0,"never_due":0,"ok":0}}`}, ErrRequest},
		{"a body that was accepted", pair{"PUT", "/v1/settings", `{"history":{"count":-1}}`, 200, nil, `{"history":{}}`}, ErrRequest},
	} {
		if err := l.pair.check(c); !errors.Is(err, l.kind) {
			t.Errorf("%s: %v", l.lie, err)
		}
	}
}

func TestCompressedBodiesAreRead(t *testing.T) {
	c := New(t)
	for encoding, pack := range map[string]func(io.Writer) io.WriteCloser{
		"gzip": func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) },
		"zstd": func(w io.Writer) io.WriteCloser { z, _ := zstd.NewWriter(w); return z },
	} {
		for body, good := range map[string]bool{`{"paused":true}`: true, `{"paused":1}`: false} {
			var packed bytes.Buffer
			w := pack(&packed)
			_, _ = w.Write([]byte(body))
			w.Close()
			p := pair{"GET", "/v1/pause", "", 200, headers("Content-Encoding", encoding), packed.String()}
			if err := p.check(c); good != (err == nil) {
				t.Errorf("%s %s: %v", encoding, body, err)
			}
		}
	}
}

func TestTheFirstOfALongListStandForAll(t *testing.T) {
	list := "[" + strings.Repeat(execution+"},", 1000) + execution + "}]"
	short := shorten([]byte(list))
	if want := "[" + strings.Repeat(execution+"},", maxChecked-1) + execution + "}]"; string(short) != want {
		t.Errorf("%d bytes, want %d", len(short), len(want))
	}
	if got := shorten([]byte(`[1,2]`)); string(got) != `[1,2]` {
		t.Errorf("%s", got)
	}
}
