package httpapi

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"dkron"
	"dkron/internal/follow"
	"dkron/internal/launchform"
	"dkron/internal/respond"
)

// followed is a server in a bubble with a job that runs, and the path of its output.
func followed(t *testing.T, test func(t *testing.T, s *server, path string)) {
	inTime(t, func(t *testing.T, s *server) {
		s.create(`{"name":"a","schedule":"@manually"}`)
		s.live.hold(0, "")
		_, execution := s.runs("a")
		test(t, s, "/v1/jobs/a/executions/"+execution+"/output")
	})
}

// tick lets followers poll once more.
func tick() {
	time.Sleep(follow.Every)
	synctest.Wait()
}

func TestOutputAsText(t *testing.T) {
	s := newRunServer(t)
	s.ran("a", noon, done("<1>\xff\n"), failed("exit status 3", "oops\n"))
	a := s.get("/v1/jobs/a/executions/1795435200000000000-n1/output").want(200).wantBody("<1>\ufffd\n")
	a.wantHeader("Content-Type", "text/plain; charset=utf-8").wantHeader("X-Output-Size", "5").wantHeader("X-Execution-State", "success").
		wantVary("Accept", "Accept-Encoding")
	s.do("GET", "/v1/jobs/a/executions/1795435200000000000-n1/output", "", header{"If-None-Match", a.header.Get("Etag")}).want(304)
	s.do("HEAD", "/v1/jobs/a/executions/1795435200000000000-n1/output", "").want(200).wantHeader("Content-Length", "7")
	failed := "/v1/jobs/a/executions/1795435201000000000-n1"
	s.get(failed+"/output").want(200).wantBody("exit status 3\noops\n").wantHeader("X-Execution-State", "failed")
	if got := s.get(failed).object()["output"]; got != s.get(failed+"/output").body {
		t.Errorf("the field output is %q", got)
	}
	s.open("a", time.Now().Add(-time.Second), "n1")
	var list []launchform.Execution
	s.get("/v1/busy").decode(&list)
	s.get("/v1/jobs/a/executions/"+list[0].ID+"/output").want(200).wantBody("live 3").wantHeader("X-Execution-State", "running").wantHeader("X-Output-Size", "6")
}

func TestOutputIsDownloadedAsAFile(t *testing.T) {
	s := newRunServer(t)
	const red = "\x1b[31mred\x1b[0m \x1b]0;title\x07end\n"
	s.ran("a", noon, done(red))
	path := "/v1/jobs/a/executions/1795435200000000000-n1/output"
	s.get(path).want(200).wantBody(red).wantHeader("Content-Disposition", "")
	const named = "attachment; filename=a-1795435200000000000-n1-1.log"
	s.get(path+"?download").want(200).wantBody("red end\n").wantHeader("Content-Disposition", named)
	s.get(path+"?download=raw").want(200).wantBody(red).wantHeader("Content-Disposition", named)
	if got := logName(&dkron.Execution{JobName: "job", Group: 7, NodeName: "../wéb\n1", Attempt: 2}); got != "job-7-.._w_b_1-2.log" {
		t.Errorf("named %q", got)
	}
}

func TestOutputOfWhatDoesNotRun(t *testing.T) {
	s := newRunServer(t)
	launch := s.open("a", time.Now().Add(time.Hour), "n1") // a retry that waits
	waiting := "/v1/jobs/a/executions/" + strings.TrimPrefix(launch, "a.") + "-n1/output"
	for _, path := range []string{waiting, "/v1/jobs/a/executions/1-n1/output", "/v1/jobs/x/executions/1-n1/output"} {
		s.get(path).want(404).wantBody("")
		s.get(path + "?follow").want(404).wantBody("")
	}
}

func TestFollowedOutputComesAsItIsWrittenAndEndsWithTheExecution(t *testing.T) {
	followed(t, func(t *testing.T, s *server, path string) {
		coming := s.later("GET", path+"?follow", "")
		synctest.Wait()
		for _, text := range []string{"one\n", "one\n\xc3", "one\n\xc3\xa9<"} { // one character arrives in two parts
			s.live.hold(0, text)
			tick()
		}
		tick()
		s.finish("a", dkron.Result{Outcome: dkron.Failed, Error: "exit status 1", Output: []byte("one\né<end\xc3")})
		a := (<-coming).wantEvents(`output 4 "one\n"`, `output 7 "é\u003c"`, `output 11 "end\ufffd"`, `end  {"id":…`)
		a.wantHeader("Content-Type", "text/event-stream").wantHeader("X-Whom", "n1").wantHeader("Etag", "")
		end := a.events()[3]
		if !strings.Contains(end, `"error":"exit status 1"`) || strings.Contains(end, `"output":`) || !strings.Contains(end, `"output_size":11`) {
			t.Error(end)
		}
		asked := s.live.asked
		(s.get(path + "?follow")).wantEvents(`output 11 "one\né\u003cend\ufffd"`, `end  {"id":…`)
		if s.live.asked != asked {
			t.Error("the leader is asked for the output of an ended execution")
		}
	})
}

func TestAFollowerGoesOnWhereItWas(t *testing.T) {
	followed(t, func(t *testing.T, s *server, path string) {
		s.live.hold(0, "0123456789")
		first := s.later("GET", path+"?follow&offset=8", "")
		second := make(chan *answer, 1)
		go func() {
			second <- s.do("GET", path+"?offset=2", "", header{"Last-Event-ID", "9"}, header{"Accept", "text/html, text/event-stream;q=0.9"})
		}()
		ahead := s.later("GET", path+"?follow&offset=99", "")
		tick()
		s.finish("a", dkron.Result{Outcome: dkron.Success, Output: []byte("0123456789ab")})
		(<-first).wantEvents(`output 10 "89"`, `output 12 "ab"`, `end  {…`)
		(<-second).wantEvents(`output 10 "9"`, `output 12 "ab"`, `end  {…`)
		(<-ahead).wantEvents(`end  {…`)
		for _, bad := range []string{"x", "-1", "1.5", "99999999999999999999"} {
			s.get(path + "?follow&offset=" + bad).want(400).wantBody(`offset must be a number of bytes, 0 or more, not "` + bad + `"`)
		}
	})
}

func TestAFollowerIsToldOfGaps(t *testing.T) {
	followed(t, func(t *testing.T, s *server, path string) {
		s.live.hold(0, "head")
		coming := s.later("GET", path+"?follow", "")
		tick()
		s.live.hold(100, "\xa9middle") // the tail of a long output, cut inside a character
		tick()
		head, tail := "head of it", strings.Repeat("t", 50)
		const total = 1000
		stored := head + dkron.GapMark(total-uint64(len(head)+len(tail)), total) + tail
		s.finish("a", dkron.Result{Outcome: dkron.Success, Output: []byte(stored), OutputSize: total})
		end := fmt.Sprintf(`output 1000 "%s"`, tail)
		(<-coming).wantEvents(`output 4 "head"`, `gap 101 {"from":4,"to":101}`, `output 107 "middle"`, `gap 950 {"from":107,"to":950}`, end, `end  {…`)
		s.get(path+"?follow").wantEvents(`output 10 "head of it"`, `gap 950 {"from":10,"to":950}`, end, `end  {…`)
		s.get(path+"?follow&offset=4").wantEvents(`output 10 " of it"`, `gap 950 {"from":10,"to":950}`, end, `end  {…`)
		s.get(path+"?follow&offset=500").wantEvents(`gap 950 {"from":500,"to":950}`, end, `end  {…`)
		s.get(path+"?follow&offset=999").wantEvents(`output 1000 "t"`, `end  {…`)
		s.get(path + "?follow&offset=1000").wantEvents(`end  {…`)
	})
}

func TestAFollowerOutlivesItsLeader(t *testing.T) {
	followed(t, func(t *testing.T, s *server, path string) {
		s.live.hold(0, "before")
		coming := s.later("GET", path+"?follow", "")
		tick()
		s.live.lose()
		time.Sleep(31 * time.Second)
		s.live.hold(0, "bef") // a new leader, which has only part of it so far
		tick()
		s.live.hold(0, "before and behind")
		tick()
		s.finish("a", dkron.Result{Outcome: dkron.Success, Output: []byte("before and behind")})
		a := (<-coming).wantEvents(`output 6 "before"`, `output 17 " and behind"`, `end  {…`)
		if beats := strings.Count(a.body, ": beat\n\n"); beats != 2 {
			t.Errorf("%d beats in 31 s", beats)
		}
	})
}

func TestAFollowerOfWhatNobodyRecordsIsToldOfTheEnd(t *testing.T) {
	followed(t, func(t *testing.T, s *server, path string) {
		coming := s.later("GET", path+"?follow", "")
		synctest.Wait()
		s.do("DELETE", "/v1/jobs/a", "").want(200)
		tick()
		if len(coming) > 0 {
			t.Error("the stream ended while the execution still ran")
		}
		s.live.hold(0, "last words")
		tick()
		s.finish("a", dkron.Result{Outcome: dkron.Success, Output: []byte("last words")})
		a := (<-coming).wantEvents(`output 10 "last words"`, `end  {"id":…`)
		if !strings.Contains(a.body, `"outcome":"success"`) {
			t.Error("the end event does not say how the execution ended")
		}
	})
}

func TestAFollowerStaysWithOneAttempt(t *testing.T) {
	inTime(t, func(t *testing.T, s *server) {
		s.create(`{"name":"a","schedule":"@manually","retries":1}`)
		s.live.hold(0, "first")
		_, execution := s.runs("a")
		coming := s.later("GET", "/v1/jobs/a/executions/"+execution+"/output?follow", "")
		tick()
		s.finish("a", dkron.Result{Outcome: dkron.Failed, Output: []byte("first")})
		s.live.hold(0, "the second attempt")
		tick()
		if end := (<-coming).wantEvents(`output 5 "first"`, `end  {…`).events()[1]; !strings.Contains(end, `"attempt":1`) || !strings.Contains(end, `"outcome":"failed"`) {
			t.Error(end)
		}
	})
}

func TestFollowersAreBoundedAndLeaveNothingBehind(t *testing.T) {
	followed(t, func(t *testing.T, s *server, path string) {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan bool)
		go func() {
			r := httptest.NewRequest("GET", path+"?follow", nil).WithContext(ctx)
			s.handler.ServeHTTP(httptest.NewRecorder(), r)
			close(done)
		}()
		synctest.Wait()
		if s.api.followers.Load() != 1 || s.api.streams.Open() != 1 {
			t.Error("a follower is not counted")
		}
		cancel() // the client disconnects
		<-done
		s.do("HEAD", path+"?follow", "").want(200).wantHeader("Content-Type", respond.EventStream)
		if s.api.followers.Load() != 0 || s.api.streams.Open() != 0 {
			t.Error("a follower is still counted")
		}
		s.api.followers.Store(maxFollowers)
		s.get(path + "?follow").want(503).wantBody("this server has 500 followers of output, which is its limit; try another server")
		s.get(path).want(200)
		if s.api.followers.Load() != maxFollowers {
			t.Error("a refused follower is counted")
		}
	})
}
