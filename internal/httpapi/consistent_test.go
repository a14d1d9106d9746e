package httpapi

import (
	"context"
	"testing"

	"dkron"
	"dkron/internal/request"
)

// syncs counts its calls and runs a hook in each.
type syncs struct {
	n    int
	err  error
	then func()
}

func (s *syncs) Sync(ctx context.Context) error {
	s.n++
	if _, limited := ctx.Deadline(); !limited {
		panic("no limit")
	}
	if s.then != nil {
		s.then()
	}
	return s.err
}

func TestAConsistentReadWaitsUntilThisServerIsUpToDate(t *testing.T) {
	up := new(syncs)
	s := newServer(t, func(c *Config) { c.Syncer = up })
	up.then = func() { // a write acknowledged elsewhere arrives
		if _, err := request.Do(context.Background(), s, &request.SetJob{Record: dkron.Record{Job: dkron.Job{Name: "late", Schedule: "@hourly"}}}); err != nil {
			t.Error(err)
		}
	}
	s.get("/v1/jobs/late").want(404)
	tag := s.get("/v1/jobs").header.Get("Etag")
	s.get("/v1/jobs/late?consistent").want(200)
	s.do("GET", "/v1/jobs?consistent=yes", "", header{"If-None-Match", tag}).want(200)
	s.do("HEAD", "/v1/jobs/late?consistent", "").want(200)
	if up.n != 3 {
		t.Errorf("%d times", up.n)
	}
	s.do("POST", "/v1/jobs/late/toggle?consistent", "").want(200)
	s.do("OPTIONS", "/v1/jobs?consistent", "").want(204)
	if up.n != 3 {
		t.Error("a write waited, only reads should")
	}
	up.err = dkron.ErrNoLeader
	for _, path := range []string{"/v1/jobs", "/v1/jobs/late", "/v1/members", "/v1/jobs/late/stats", "/v1/stats", "/v1/stats/minutes"} {
		s.get(path+"?consistent").want(503).wantBody("no cluster leader; try again shortly").wantHeader("Etag", "")
		s.get(path).want(200)
	}
	up.err = context.DeadlineExceeded
	s.get("/v1/jobs?consistent").want(503)
	newServer(t).get("/v1/jobs?consistent").want(501)
}
