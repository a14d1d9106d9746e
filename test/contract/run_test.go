package contract

import (
	"os"
	"testing"
	"time"
)

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func touch(t *testing.T, path string) {
	t.Helper()
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestRunAnswersTheJobAsItWasAndTheRequestsLocation(t *testing.T) {
	all(t, func(t *testing.T, s *site) {
		s.create("a", shell("true"))
		for i, path := range []string{s.path("a", ""), s.path("a", "/run")} {
			s.finished("a", i)
			was := s.read("a")
			a := s.post(path, "ignored").wantRun().wantJSON().wantHeader("Location", path)
			var j jobView
			a.decode(&j)
			if j.Name != s.name("a") || j.SuccessCount != was.SuccessCount {
				t.Errorf("%s answers %+v", path, j)
			}
		}
		s.finished("a", 2)
	})
}

// Q14
func TestRunDoesNotWaitForTheEnd(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		mark := t.TempDir() + "/go"
		s.create("a", shell("while [ ! -e "+mark+" ]; do sleep 0.1; done"))
		s.run("a")
		s.until("it is listed as running", func() bool {
			list := s.executions("a")
			return len(list) == 1 && list[0].FinishedAt.IsZero() && !list[0].Success
		})
		touch(t, mark)
		s.finished("a", 1)
	})
}

func TestRunOfAnUnknownJob(t *testing.T) {
	all(t, func(t *testing.T, s *site) {
		s.post(s.path("none", ""), "").wantEmpty(404)
		s.post(s.path("none", "/run"), "").wantEmpty(404)
	})
}

func TestRunWithoutANodeIsRefusedAndLeavesNothing(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.create("a", shell("true").with(job{"tags": job{"pool": "none"}}))
		s.post(s.path("a", "/run"), "").want(404)
		s.post(s.path("a", ""), "").want(404)
		s.get(s.path("a", "/executions")).want(200).wantBody("[]")
	})
}

// Q15
func TestADisabledJobRunsByHandOrSaysWhyNot(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.create("p", job{})
		s.create("a", shell("true").with(job{"disabled": true}))
		s.create("c", shell("true").with(job{"disabled": true, "parent_job": s.name("p"), "schedule": ""}))
		if a := s.post(s.path("a", "/run"), ""); a.status == 409 {
			a.wantText(409, "")
		} else {
			a.wantRun()
			s.finished("a", 1)
		}
		s.run("c")
		s.finished("c", 1)
	})
}

func TestTheWindowDoesNotBindRunsByHand(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.ran("early", shell("true").with(job{"starts_at": "2040-01-01T00:00:00Z"}))
		s.ran("late", shell("true").with(job{"expires_at": "2020-01-01T00:00:00Z"}))
	})
}

// Q16
func TestForbidDoesNotBindRunsByHand(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		mark := t.TempDir() + "/go"
		s.create("a", shell("while [ ! -e "+mark+" ]; do sleep 0.1; done").with(job{"concurrency": "forbid"}))
		s.run("a")
		s.run("a")
		s.until("both run", func() bool { return len(s.executions("a")) == 2 })
		touch(t, mark)
		s.finished("a", 2)
	})
}

func TestToggleFlipsAndAnswersTheJobAsStored(t *testing.T) {
	all(t, func(t *testing.T, s *site) {
		s.create("a", job{"schedule": "@daily"})
		next := s.read("a").Next
		for _, want := range []bool{true, false, true} {
			a := s.post(s.path("a", "/toggle"), "").want(200).wantJSON().wantHeader("Location", s.path("a", "/toggle"))
			if got := a.field("disabled"); got != want {
				a.fail("disabled is %v", got)
			}
			if j := s.read("a"); j.Disabled != want || !j.Next.Equal(next) {
				t.Errorf("read back %+v", j)
			}
		}
		s.post(s.path("none", "/toggle"), "").wantEmpty(404)
	})
}

func TestAToggledJobStopsAndStartsFiring(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.create("a", shell("true").with(job{"schedule": "@every 1s"}))
		s.create("witness", shell("true").with(job{"schedule": "@every 1s"}))
		s.finished("a", 1)
		s.post(s.path("a", "/toggle"), "").want(200)
		stopped, seen := len(s.finished("a", 1)), len(s.executions("witness"))
		s.until("the clock has gone on", func() bool { return len(s.executions("witness")) >= seen+2 })
		if got := len(s.executions("a")); got != stopped {
			t.Errorf("%d executions while disabled", got-stopped)
		}
		again := time.Now()
		s.post(s.path("a", "/toggle"), "").want(200)
		if next := s.read("a").Next; next.Before(again.Add(-time.Second)) { // Q7
			t.Errorf("next is %v, which is past at %v", next, again)
		}
		s.finished("a", stopped+1)
	})
}

// Q40
func TestTogglesFromSeveralDoorsAllCount(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.create("a", job{})
		for range 5 {
			for _, d := range world.doors {
				s.at(d).post(s.path("a", "/toggle"), "").want(200)
			}
		}
		if !s.read("a").Disabled { // 15 times
			t.Error("a toggle was lost")
		}
	})
}
