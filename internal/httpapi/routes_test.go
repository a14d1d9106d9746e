package httpapi

import (
	"strings"
	"testing"
	"time"

	"dkron"
	"dkron/internal/state"
)

func TestEveryReadAnswersHeadToo(t *testing.T) {
	s := newServer(t)
	s.create(`{"name":"a","schedule":"@hourly"}`)
	s.ran("a", noon, done("1"))
	s.do("POST", "/v1/launches/rerun?state=success&since=2026-01-01T00:00:00Z&until=2036-01-01T00:00:00Z", "").want(202)
	s.do("PUT", "/v1/channels/c", `{"type":"slack"}`).want(200)
	s.do("PUT", "/v1/rules/r", `{"on":["failed"],"channels":["c"]}`).want(200)
	s.do("POST", "/v1/silences", `{"duration":"1h","reason":"x"}`).want(201)
	s.must(func(tx *state.Tx) error {
		return tx.AddMessage(&dkron.Message{Channel: "c", At: time.Now(), State: dkron.MessageSent})
	})
	names := strings.NewReplacer("{channel}", "c", "{rule}", "r", "{number}", "1", "{$}", "", "{file}", "start.js", "{job}", "a", "{revision}", "1")
	for _, rt := range s.api.routes() {
		if rt.methods["GET"] == nil {
			continue
		}
		id := "1795435200000000000-n1"
		if strings.HasPrefix(rt.path, "/v1/launches") {
			id = "a.1795435200000000000"
		}
		path := strings.ReplaceAll(names.Replace(rt.path), "{id}", id)
		if strings.HasSuffix(path, "/suggestions") {
			path += "?field=owner"
		}
		a := s.do("HEAD", path, "")
		if a.want(200); rt.path != eventsPath && a.header.Get("Content-Type") == "" {
			t.Errorf("HEAD %s has no type", path)
		}
	}
}

func TestEveryStreamIsARoute(t *testing.T) {
	s := newServer(t)
	found := 0
	for _, rt := range s.api.routes() {
		if streams[rt.path] != nil {
			found++
		}
	}
	if found != 2 || len(streams) != 2 {
		t.Errorf("%d of %d", found, len(streams))
	}
}

func TestStreamsAreNotCompressedAndMayTakeTheirTime(t *testing.T) {
	followed(t, func(t *testing.T, s *server, path string) {
		s.live.hold(0, strings.Repeat("x", 5000))
		for _, path := range []string{"/v1/events", path + "?follow"} {
			l := s.listen(path, header{"Accept-Encoding", "gzip"})
			time.Sleep(2 * requestTime)
			a := l.close().wantHeader("Content-Encoding", "")
			if beats := strings.Count(a.body, ": beat"); beats < 5 {
				t.Errorf("%s: %d beats", path, beats)
			}
		}
	})
}
