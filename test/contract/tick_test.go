package contract

import (
	"fmt"
	"testing"
	"time"

	"dkron/test/cluster"

	"github.com/google/go-cmp/cmp"
)

// Q42
func TestWritesAtATickAreNotUndone(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		const jobs = 12
		j := shell("true").with(job{"schedule": "* * * * * *"})
		for i := range jobs {
			s.create(fmt.Sprint("gone", i), j)
			s.create(fmt.Sprint("kept", i), j)
			s.create(fmt.Sprint("off", i), j)
			t.Cleanup(func() { s.forget(fmt.Sprint("kept", i)) })
		}
		s.create("witness", shell("true").with(job{"schedule": "@every 1s"}))
		s.finished("witness", 1)
		tick := time.Now().Truncate(time.Second).Add(time.Second)
		s.until("the tick comes", func() bool { return time.Until(tick) < 100*time.Millisecond })
		for i := range jobs { // for a while around the tick
			s.del(s.path(fmt.Sprint("gone", i), "")).want(200)
			s.create(fmt.Sprint("kept", i), j.with(job{"owner": "new"}))
			s.post(s.path(fmt.Sprint("off", i), "/toggle"), "").want(200)
		}
		seen := len(s.executions("witness"))
		s.until("the clock has gone on", func() bool { return len(s.executions("witness")) >= seen+2 })
		for i := range jobs {
			s.get(s.path(fmt.Sprint("gone", i), "")).wantEmpty(404)
			if got := s.get(s.path(fmt.Sprint("kept", i), "")).field("owner"); got != "new" {
				t.Errorf("kept%d: owner %v", i, got)
			}
			if !s.read(fmt.Sprint("off", i)).Disabled {
				t.Errorf("off%d: not disabled", i)
			}
		}
	})
}

// Q48
func TestEveryServerTellsTheSameNext(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		for i, schedule := range []string{"@every 7m", "@hourly", "0 ~ * * * *", "@at 2040-01-01T00:00:00Z"} {
			n := fmt.Sprint("a", i)
			s.create(n, job{"schedule": schedule})
			var want map[string]any
			for _, url := range world.servers {
				at := s.at(door{url: url})
				at.until("the server has it", func() bool { return at.get(s.path(n, "")).status == 200 })
				got := at.get(s.path(n, "")).object()
				if want == nil {
					want = got
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s: %s", schedule, diff)
				}
			}
		}
	})
}

// Q32
func TestBusyAnswersThoughAServerHangs(t *testing.T) {
	begin(t)
	t.Parallel()
	c, s := own(t, cluster.Config{Servers: 3, Flags: []string{patient}})
	leader := c.Leader()
	victim := c.Servers[0]
	if victim == leader {
		victim = c.Servers[1]
	}
	for _, n := range c.Servers {
		if n == victim {
			continue
		}
		at := s.at(door{url: "http://" + n.HTTP})
		at.get("/v1/busy").want(200)
	}
	victim.Pause()
	defer victim.Resume()
	for _, n := range c.Servers {
		if n == victim {
			continue
		}
		began := time.Now()
		s.at(door{url: "http://" + n.HTTP}).get("/v1/busy").want(200)
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("%s took %v", n.Name, took)
		}
	}
}
