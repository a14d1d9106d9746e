package contract

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDeleteAnswersTheJobAsItWas(t *testing.T) {
	all(t, func(t *testing.T, s *site) {
		s.ran("a", shell("true"))
		was := s.get(s.path("a", "")).object()
		a := s.del(s.path("a", "")).want(200).wantJSON()
		if diff := cmp.Diff(only(was, jobKeys), only(a.object(), jobKeys)); diff != "" {
			a.fail("%s", diff)
		}
		for _, path := range []string{"", "/executions"} {
			s.get(s.path("a", path)).wantEmpty(404)
		}
		// History is gone for good, also when the name is used again.
		s.create("a", shell("true"))
		s.get(s.path("a", "/executions")).want(200).wantBody("[]")
		if j := s.read("a"); j.SuccessCount != 0 || j.Status != "" {
			t.Errorf("the new job has %+v", j)
		}
	})
}

func TestDeleteOfAnUnknownJob(t *testing.T) {
	all(t, func(t *testing.T, s *site) { s.del(s.path("none", "")).wantEmpty(404) })
}

// Q12
func TestAJobWithChildrenIsNotDeletedBeforeThem(t *testing.T) {
	all(t, func(t *testing.T, s *site) {
		s.create("p", job{})
		s.create("c", job{"parent_job": s.name("p")})
		s.del(s.path("p", "")).wantText(409, "")
		s.get(s.path("p", "")).want(200)
		s.del(s.path("c", "")).want(200)
		s.del(s.path("p", "")).want(200)
	})
}

func TestADeletedJobStopsFiring(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		tick, witness := s.name("tick"), s.name("witness")
		s.create("tick", shell("true").with(job{"schedule": "@every 1s"}))
		s.create("witness", shell("true").with(job{"schedule": "@every 1s"}))
		s.finished("tick", 1)
		s.del("/v1/jobs/" + tick).want(200)
		seen := len(s.executions("witness"))
		s.until("the clock has gone on", func() bool { return len(s.executions("witness")) >= seen+2 })
		// Q42: it does not come back.
		s.get("/v1/jobs/" + tick).wantEmpty(404)
		s.get("/v1/jobs/" + witness).want(200)
	})
}

func TestADeletedJobsRunGoesOnAndItsResultIsDropped(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		mark := t.TempDir() + "/mark"
		s.create("a", shell("touch "+mark+".began; while [ ! -e "+mark+".go ]; do sleep 0.1; done; touch "+mark+".ended"))
		s.run("a")
		s.until("it runs", func() bool { return exists(mark + ".began") })
		s.del(s.path("a", "")).want(200)
		touch(t, mark+".go")
		s.until("it ends", func() bool { return exists(mark + ".ended") })
		s.get(s.path("a", "/executions")).wantEmpty(404)
	})
}

// Q41
func TestJobsWhoseNamesBeginAlikeKeepTheirHistory(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		for _, n := range []string{"a", "ab", "a-1"} {
			s.ran(n, shell("true"))
		}
		s.del(s.path("a", "/executions")).want(200)
		s.del(s.path("a", "")).want(200)
		for _, n := range []string{"ab", "a-1"} {
			if got := len(s.executions(n)); got != 1 {
				t.Errorf("%s has %d executions", n, got)
			}
		}
	})
}
