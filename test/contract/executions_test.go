package contract

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAnExecutionHasItsKeys(t *testing.T) {
	all(t, func(t *testing.T, s *site) {
		e := s.ran("a", shell("echo hello"))
		s.get(s.path("a", "/executions")).want(200).wantHeader("X-Total-Count", "1").golden("executions", executionKeys...)
		s.get(s.path("a", "/executions/"+e.ID)).want(200).wantJSON().golden("execution", executionKeys...)
		if want := fmt.Sprintf("%d-%s", e.Group, e.NodeName); e.ID != want && !strings.HasSuffix(e.ID, "-"+world.agent) {
			t.Errorf("id is %s", e.ID)
		}
		if e.StartedAt.After(e.FinishedAt) || e.Attempt != 1 || e.Group == 0 || e.NodeName != world.agent {
			t.Errorf("%+v", e)
		}
		if s.get(s.path("a", "/executions/"+e.ID)).object()["output_truncated"] != nil {
			t.Error("a single execution has output_truncated")
		}
	})
}

func TestHistoryOfUnknownAndNewJobs(t *testing.T) {
	all(t, func(t *testing.T, s *site) {
		s.create("new", job{})
		s.get(s.path("new", "/executions")).want(200).wantJSON().wantBody("[]").wantHeader("X-Total-Count", "0")
		s.get(s.path("none", "/executions")).wantEmpty(404)
		s.get(s.path("new", "/executions/1-x")).wantEmpty(404)
		s.get(s.path("none", "/executions/1-x")).wantEmpty(404)
		s.del(s.path("none", "/executions")).wantEmpty(404) // Q4
	})
}

func TestHistoryIsSortedNewestFirst(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.create("a", shell("true"))
		for i := range 3 {
			s.run("a")
			s.finished("a", i+1)
		}
		var up []string
		for _, e := range s.executions("a") {
			up = append(up, e.ID)
		}
		down := []string{up[2], up[1], up[0]}
		for query, want := range map[string][]string{
			"": down, "?_order=DESC": down, "?_order=ASC": up, "?_order=nonsense": up, "?_order=desc": up,
			"?_sort=id": down, "?_sort=started_at": down, "?_sort=started_at&_order=ASC": up, "?_sort=finished_at": down, "?_sort=attempt&_order=ASC": up,
			"?_start=1&_end=2": down[1:2], "?_end=1": down[:1], "?_start=9": nil, // Q17
		} {
			a := s.get(s.path("a", "/executions"+query))
			var got []string
			for _, m := range a.list() {
				got = append(got, fmt.Sprint(m["id"]))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				a.fail("%s", diff)
			}
			a.wantHeader("X-Total-Count", "3")
		}
	})
}

func TestOutputOfAListIsCutToItsEnd(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		e := s.ran("a", shell("printf 1234567é"))
		for limit, want := range map[string]string{
			"": "1234567é", "100": "1234567é", "9": "1234567é", "4": "67é", "0": "", "-1": "1234567é", "x": "1234567é",
			"1": "", "2": "é", // Q46: not within a character
		} {
			a := s.get(s.path("a", "/executions?output_size_limit="+limit))
			m := a.list()[0]
			got, _ := m["output"].(string)
			if got != want || m["output_truncated"] != (want != "1234567é") {
				a.fail("output %q, output_truncated %v, want %q", got, m["output_truncated"], want)
			}
		}
		a := s.get(s.path("a", "/executions/"+e.ID+"?output_size_limit=1"))
		if got := a.field("output"); got != "1234567é" {
			a.fail("output %q", got)
		}
	})
}

func TestTimesOfAListAreInTheJobsZone(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		e := s.ran("a", shell("true").with(job{"timezone": "Asia/Tokyo"}))
		listed := s.get(s.path("a", "/executions")).list()[0]
		single := s.get(s.path("a", "/executions/"+e.ID)).object()
		for _, k := range []string{"started_at", "finished_at"} {
			there, _ := listed[k].(string)
			here, _ := single[k].(string)
			if !strings.HasSuffix(there, "+09:00") || !strings.HasSuffix(here, "Z") {
				t.Errorf("%s: %s in the list, %s alone", k, there, here)
			}
			a, err := time.Parse(time.RFC3339, there)
			b, err2 := time.Parse(time.RFC3339, here)
			if err != nil || err2 != nil || !a.Equal(b) {
				t.Errorf("%s: %s and %s differ", k, there, here)
			}
		}
	})
}

func TestARunningExecutionIsInTheHistory(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		mark := t.TempDir() + "/go"
		s.create("a", shell("while [ ! -e "+mark+" ]; do sleep 0.1; done").with(job{"timezone": "Asia/Tokyo"}))
		s.run("a")
		s.until("it is there", func() bool { return len(s.executions("a")) == 1 })
		s.get(s.path("a", "/executions")).want(200).golden("executions_running", executionKeys...)
		touch(t, mark)
		s.finished("a", 1)
	})
}

func TestClearingTheHistory(t *testing.T) {
	all(t, func(t *testing.T, s *site) {
		s.create("c", shell("true").with(job{"displayname": "kept", "schedule": "@daily"}))
		s.run("c")
		s.finished("c", 1)
		s.create("c", shell("false").with(job{"displayname": "kept", "schedule": "@daily"}))
		s.run("c")
		s.finished("c", 2)
		next := s.read("c").Next
		a := s.del(s.path("c", "/executions")).want(200).wantJSON()
		a.golden("job_cleared", jobKeys...)
		s.get(s.path("c", "/executions")).want(200).wantBody("[]")
		if j := s.read("c"); j.Status != "" || j.SuccessCount != 0 || j.ErrorCount != 0 || !j.Next.Equal(next) { // status: Q18
			t.Errorf("%+v", j)
		}
	})
}

func TestAHundredExecutionsAreKept(t *testing.T) {
	begin(t)
	t.Parallel()
	through(t, 1, func(t *testing.T, s *site) {
		s.create("a", shell("true"))
		const runs = 105
		var first string
		for i := range runs {
			s.run("a")
			if i == 0 {
				first = s.finished("a", 1)[0].ID
			}
		}
		s.until("all have ended", func() bool { return s.read("a").SuccessCount == runs })
		list := s.executions("a")
		if len(list) != 100 {
			t.Errorf("%d executions", len(list))
		}
		s.get(s.path("a", "/executions/"+first)).wantEmpty(404)
	})
}

func TestCountersAndStatusFollowTheRuns(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.create("a", shell("true"))
		if j := s.read("a"); j.Status != "" || j.LastSuccess != nil || j.LastError != nil {
			t.Errorf("before: %+v", j)
		}
		s.run("a")
		first := s.finished("a", 1)[0]
		j := s.read("a")
		if j.Status != "success" || j.SuccessCount != 1 || j.ErrorCount != 0 || j.LastError != nil || j.LastSuccess == nil || !j.LastSuccess.Equal(first.FinishedAt) {
			t.Errorf("after a success that ended at %v: %+v", first.FinishedAt, j)
		}
		s.create("a", shell("false"))
		s.run("a")
		second := s.finished("a", 2)[1]
		j = s.read("a")
		if j.Status != "failed" || j.SuccessCount != 1 || j.ErrorCount != 1 || j.LastError == nil || !j.LastError.Equal(second.FinishedAt) || !j.LastSuccess.Equal(first.FinishedAt) {
			t.Errorf("after a failure that ended at %v: %+v", second.FinishedAt, j)
		}
		// Some nodes succeed, some fail.
		s.create("a", shell(`[ "$DKRON_NODE_NAME" = `+world.agent+` ]`).with(job{"tags": nil}))
		s.run("a")
		s.finished("a", 2+len(world.nodes))
		j = s.read("a")
		if j.Status != "partially_failed" || j.SuccessCount != 2 || j.ErrorCount != len(world.nodes) {
			t.Errorf("after a partial failure: %+v", j)
		}
	})
}

func TestARunThatEndsAfterTheHistoryWasClearedIsInIt(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		mark := t.TempDir() + "/go"
		s.ran("a", shell("[ -e "+mark+" ] || exit 1"))
		s.create("a", shell("while [ ! -e "+mark+" ]; do sleep 0.1; done"))
		s.run("a")
		s.until("it runs", func() bool { return len(s.executions("a")) == 2 })
		s.del(s.path("a", "/executions")).want(200)
		touch(t, mark)
		s.until("it has ended", func() bool { return s.read("a").SuccessCount == 1 })
		if list := s.executions("a"); len(list) != 1 || !list[0].Success {
			t.Errorf("%+v", list)
		}
		if j := s.read("a"); j.ErrorCount != 0 || j.Status != "success" {
			t.Errorf("%+v", j)
		}
	})
}
