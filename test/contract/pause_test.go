package contract

import (
	"strings"
	"testing"
)

const paused = "New job submissions are currently paused"

// Not in parallel with other tests: no one can store jobs in the meantime.
func TestPauseRefusesWritesOfJobsAndNothingElse(t *testing.T) {
	alone(t, func(t *testing.T, s *site) {
		unpause := func() { s.post("/v1/unpause", "").want(200).wantJSON().wantBody(`{"paused":false}`) }
		unpause()
		s.create("a", shell("true"))
		s.create("gone", job{})
		s.create("tick", shell("true").with(job{"schedule": "@every 1s"}))
		s.get("/v1/pause").want(200).wantJSON().wantBody(`{"paused":false}`)
		defer unpause()
		for range 2 {
			s.post("/v1/pause", "").want(200).wantJSON().wantBody(`{"paused":true}`)
		}
		s.get("/v1/pause").want(200).wantBody(`{"paused":true}`)
		for _, w := range writes {
			for _, body := range []string{job{"name": s.name("new"), "schedule": "@manually"}.text(), job{"name": s.name("a"), "schedule": "@manually"}.text(), "nonsense", ""} {
				s.do(w.method, w.path(s, "new"), body).want(503).wantBody(paused).wantHeader("Content-Type", "text/plain; charset=utf-8")
			}
		}
		// Q33: everywhere.
		for _, d := range world.doors {
			at := s.at(d)
			s.until("paused at the "+d.kind, func() bool { return at.get("/v1/pause").body == `{"paused":true}` })
			at.post("/v1/jobs", job{"name": s.name("new"), "schedule": "@manually"}.text()).want(503).wantBody(paused)
		}
		s.get(s.path("new", "")).wantEmpty(404)
		s.run("a")
		ran := len(s.finished("a", 1))
		s.post(s.path("a", "/toggle"), "").want(200)
		s.post(s.path("a", "/toggle"), "").want(200)
		s.del(s.path("gone", "")).want(200)
		s.get("/v1/jobs?q=" + s.prefix).want(200)
		ticks := len(s.executions("tick"))
		s.until("schedules continue", func() bool { return len(s.executions("tick")) > ticks })
		if got := len(s.executions("a")); got != ran {
			t.Errorf("%d runs", got)
		}
	})
}

func TestUnpauseLetsWritesInAgain(t *testing.T) {
	alone(t, func(t *testing.T, s *site) {
		s.post("/v1/pause", "").want(200)
		for _, d := range world.doors { // the answer comes from the leader, even if this server hears of the change late
			s.at(d).post("/v1/pause", "").want(200)
		}
		s.post("/v1/unpause", "").want(200).wantBody(`{"paused":false}`)
		s.create("a", job{})
		for i, d := range world.doors {
			at := s.at(d)
			s.until("open at the "+d.kind, func() bool { return at.get("/v1/pause").body == `{"paused":false}` })
			at.create("b"+strings.Repeat("b", i), job{})
		}
	})
}
