package contract

import (
	"strings"
	"testing"
	"time"
)

// child is a shell job behind a parent.
func (s *site) child(parent, command string) job {
	return shell(command).with(job{"schedule": "", "parent_job": s.name(parent)})
}

func TestAChildRunsOnceAfterItsParentsSuccess(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.create("p", shell("true").with(job{"tags": nil})) // on all nodes
		s.create("a", s.child("p", "false"))
		s.create("b", s.child("p", "true"))
		s.create("g", s.child("b", "true"))
		s.run("p")
		parents := s.finished("p", len(world.nodes))
		var last time.Time
		for _, e := range parents {
			if e.FinishedAt.After(last) {
				last = e.FinishedAt
			}
		}
		s.finished("g", 1)
		s.finished("a", 1) // its sibling's failure is not its own
		for _, n := range []string{"a", "b", "g"} {
			list := s.executions(n)
			if len(list) != 1 || list[0].Group == parents[0].Group || list[0].StartedAt.Before(last) {
				t.Errorf("%s: %+v, its parent ended at %v", n, list, last)
			}
		}
	})
}

func TestRelatedJobsAreThoseThatHangTogetherByParents(t *testing.T) {
	all(t, func(t *testing.T, s *site) {
		s.create("root", job{})
		s.create("b", job{"parent_job": s.name("root")})
		s.create("a", job{"parent_job": s.name("root")})
		s.create("join", job{"schedule": "", "parents": []job{{"job": s.name("a")}, {"job": s.name("b")}}})
		s.create("other", job{})
		for n, want := range map[string]string{"root": "root a b join", "a": "a join root b", "join": "join a b root", "other": "other"} {
			a := s.get(s.path(n, "/related")).want(200).wantJSON()
			if got := a.names(len(strings.Fields(want))); got != want {
				a.fail("got %q, want %q", got, want)
			}
		}
		s.get(s.path("none", "/related")).wantEmpty(404)
	})
}

func TestAChildDoesNotRunAfterAFailure(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.create("failed", shell("false"))
		s.create("partly", shell(`[ "$DKRON_NODE_NAME" = `+world.agent+` ]`).with(job{"tags": nil}))
		s.create("c", s.child("failed", "true"))
		s.create("d", s.child("partly", "true"))
		s.create("witness", shell("true"))
		s.create("w", s.child("witness", "true"))
		for _, n := range []string{"failed", "partly", "witness"} {
			s.run(n)
		}
		s.finished("failed", 1)
		s.finished("partly", len(world.nodes))
		s.finished("w", 1)
		if got := len(s.executions("c")) + len(s.executions("d")); got != 0 {
			t.Errorf("%d children ran", got)
		}
	})
}

func TestAChildIsNotScheduledByItself(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.create("p", job{})
		s.create("c", s.child("p", "true").with(job{"schedule": "@every 1s"}))
		s.create("witness", shell("true").with(job{"schedule": "@every 1s"}))
		s.finished("witness", 2)
		if got := len(s.executions("c")); got != 0 {
			t.Errorf("%d runs", got)
		}
	})
}

// Q19
func TestAChildRunsAfterARetryThatSucceeds(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		mark := t.TempDir() + "/mark"
		s.create("p", shell("[ -e "+mark+" ] || { touch "+mark+"; exit 1; }").with(job{"retries": 1}))
		s.create("c", s.child("p", "true"))
		s.run("p")
		s.finished("c", 1)
		if j := s.read("p"); j.Status != "success" || j.SuccessCount != 1 || j.ErrorCount != 1 {
			t.Errorf("%+v", j)
		}
	})
}

// Q43
func TestChildrenDoNotWaitForEachOther(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		dir := t.TempDir()
		meet := func(mine, other string) string {
			return "touch " + dir + "/" + mine + "; while [ ! -e " + dir + "/" + other + " ]; do sleep 0.1; done"
		}
		s.create("p", shell("true"))
		s.create("a", s.child("p", meet("a", "b")))
		s.create("b", s.child("p", meet("b", "a")))
		s.run("p")
		s.finished("a", 1)
		s.finished("b", 1)
	})
}

func TestAForbidChildIsSkippedWhileItRuns(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		mark := t.TempDir() + "/go"
		s.create("p", shell("true"))
		s.create("c", s.child("p", "while [ ! -e "+mark+" ]; do sleep 0.1; done").with(job{"concurrency": "forbid"}))
		s.create("w", s.child("p", "true"))
		s.run("p")
		s.until("the child runs", func() bool { return len(s.executions("c")) == 1 })
		s.finished("w", 1)
		s.run("p")
		s.finished("w", 2)
		touch(t, mark)
		if got := len(s.finished("c", 1)); got != 1 {
			t.Errorf("%d runs of the child", got)
		}
	})
}

func TestAFailedAttemptIsRepeated(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.create("a", shell("exit 3").with(job{"retries": 2}))
		s.run("a")
		list := s.finished("a", 3)
		ids := map[string]bool{}
		for i, e := range list {
			ids[e.ID] = true
			if e.Attempt != i+1 || e.Group != list[0].Group || e.NodeName != list[0].NodeName || e.Success {
				t.Errorf("attempt %d: %+v", i+1, e)
			}
			if i > 0 { // Q26
				if pause := e.StartedAt.Sub(list[i-1].FinishedAt); pause < 300*time.Millisecond {
					t.Errorf("attempt %d began %v after the one before", i+1, pause)
				}
			}
		}
		if len(ids) != 3 {
			t.Errorf("ids %v", ids)
		}
		if j := s.read("a"); j.Status != "failed" || j.ErrorCount != 3 || j.SuccessCount != 0 {
			t.Errorf("%+v", j)
		}
	})
}

func TestASuccessIsNotRepeated(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		mark := t.TempDir() + "/mark"
		s.create("a", shell("[ -e "+mark+" ] || { touch "+mark+"; exit 1; }").with(job{"retries": 3}))
		s.run("a")
		s.until("it succeeds", func() bool { return s.read("a").SuccessCount == 1 })
		list := s.finished("a", 2)
		if len(list) != 2 || list[0].Success || !list[1].Success {
			t.Errorf("%+v", list)
		}
	})
}

func TestAllowLetsScheduledRunsOverlapAndForbidDoesNot(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		dir := t.TempDir()
		j := func(policy string) job {
			return shell("while [ ! -e " + dir + "/go ]; do sleep 0.1; done").with(job{"schedule": "@every 1s", "concurrency": policy})
		}
		s.create("allow", j("allow"))
		s.create("empty", j(""))
		s.create("forbid", j("forbid"))
		s.until("runs overlap", func() bool { return len(s.executions("allow")) >= 3 && len(s.executions("empty")) >= 3 })
		if list := s.executions("forbid"); len(list) != 1 || !list[0].FinishedAt.IsZero() {
			t.Errorf("with forbid: %+v", list)
		}
		touch(t, dir+"/go")
		s.until("forbid continues when the run has ended", func() bool { return len(s.executions("forbid")) > 1 })
	})
}
