package contract

import (
	"fmt"
	"testing"
	"time"
)

// nextOf stores a job under a unique name and returns when it is due.
func (s *site) nextOf(n, schedule string, more job) time.Time {
	s.t.Helper()
	s.create(n, job{"schedule": schedule, "timezone": "UTC", "disabled": true}.with(more))
	return s.read(n).Next
}

func TestHashesSpreadByTheName(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		h := 0
		for _, r := range s.name("abc") {
			h += int(r)
		}
		for _, c := range []struct {
			schedule string
			ok       func(time.Time) bool
			want     string
		}{
			{"~ 0 0 1 1 *", func(n time.Time) bool { return n.Second() == h%60 }, fmt.Sprint("second ", h%60)},
			{"0 ~ * * * *", func(n time.Time) bool { return n.Minute() == h%60 }, fmt.Sprint("minute ", h%60)},
			{"0 0 ~ * * *", func(n time.Time) bool { return n.Hour() == h%24 }, fmt.Sprint("hour ", h%24)},
			{"0 0  ~ * * *", func(n time.Time) bool { return n.Hour() == h%24 }, fmt.Sprint("hour ", h%24)}, // Q23
			{"TZ=UTC 0 0 ~ * * *", func(n time.Time) bool { return n.Hour() == h%24 }, fmt.Sprint("hour ", h%24)},
			{"0 0 0 ~ * *", func(n time.Time) bool { return n.Day() == h%28+1 }, fmt.Sprint("day ", h%28+1)},
			{"0 0 0 1 ~ *", func(n time.Time) bool { return int(n.Month()) == h%12+1 }, fmt.Sprint("month ", h%12+1)},
			{"0 0 0 * * ~", func(n time.Time) bool { return int(n.Weekday()) == h%7 }, fmt.Sprint("weekday ", h%7)},
			{"0 ~/15 * * * *", func(n time.Time) bool { return n.Minute()%15 == h%60%15 && n.Before(time.Now().Add(16*time.Minute)) }, fmt.Sprintf("minute %d/15", h%15)},
		} {
			if next := s.nextOf("abc", c.schedule, nil); !c.ok(next) {
				t.Errorf("%q: next is %v, want %s", c.schedule, next, c.want)
			}
		}
	})
}

func TestDescriptorsAreAtTheBeginningOfTheirPeriod(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		now := time.Now().UTC()
		day := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)
		for schedule, want := range map[string]time.Time{
			"@yearly": time.Date(now.Year()+1, 1, 1, 0, 0, 0, 0, time.UTC), "@annually": time.Date(now.Year()+1, 1, 1, 0, 0, 0, 0, time.UTC),
			"@monthly": time.Date(now.Year(), now.Month()+1, 1, 0, 0, 0, 0, time.UTC), "@weekly": day.AddDate(0, 0, 7-int(day.Weekday())),
			"@daily": day.AddDate(0, 0, 1), "@midnight": day.AddDate(0, 0, 1), "@hourly": now.Truncate(time.Hour).Add(time.Hour),
		} {
			if next := s.nextOf("a", schedule, nil); !next.Equal(want) {
				t.Errorf("%s: next is %v, want %v", schedule, next, want)
			}
		}
		if next := s.nextOf("a", "@minutely", nil); next.Second() != 0 || next.Before(now) || next.After(now.Add(2*time.Minute)) {
			t.Errorf("@minutely: next is %v", next)
		}
	})
}

func TestFieldsMeanWhatCronSays(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		now := time.Now().UTC()
		year := now.Year() + 1
		for schedule, want := range map[string]time.Time{
			"5 4 3 2 1 *": time.Date(year, 1, 2, 3, 4, 5, 0, time.UTC), "5 4 3 2 jan ?": time.Date(year, 1, 2, 3, 4, 5, 0, time.UTC),
			"0 0 0 29 2 *":    time.Date(year+(4-year%4)%4, 2, 29, 0, 0, 0, 0, time.UTC),
			"50/20 0 0 1 1 *": time.Date(year, 1, 1, 0, 0, 50, 0, time.UTC), "7-9/100 0 0 1 1 *": time.Date(year, 1, 1, 0, 0, 7, 0, time.UTC),
			"TZ=Asia/Tokyo 0 0 9 1 1 *":      time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC),
			"CRON_TZ=Asia/Tokyo 0 0 9 1 1 *": time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC),
			"TZ=Asia/Tokyo @yearly":          time.Date(year-1, 12, 31, 15, 0, 0, 0, time.UTC),
		} {
			if next := s.nextOf("a", schedule, nil); !next.Equal(want) && !next.Equal(want.AddDate(1, 0, 0)) {
				t.Errorf("%q: next is %v, want %v", schedule, next, want)
			}
		}
		// One of the day fields suffices unless one is a star.
		if next := s.nextOf("a", "0 0 0 31 1 SUN", nil); next.Weekday() != time.Sunday && next.Day() != 31 {
			t.Errorf("next is %v", next)
		}
		if next := s.nextOf("a", "0 0 0 * * 3", nil); next.Weekday() != time.Wednesday || next.After(now.AddDate(0, 0, 8)) {
			t.Errorf("next is %v", next)
		}
	})
}

func TestEveryFiresAnIntervalAfterItWasStoredOnWholeSeconds(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		for schedule, interval := range map[string]time.Duration{
			"@every 10m": 10 * time.Minute, "@every 90m1.9s": 90*time.Minute + time.Second, "@every 1ms": time.Second, "@every -5s": time.Second,
		} {
			before := time.Now()
			next := s.nextOf("e", schedule, nil)
			s.del(s.path("e", "")).want(200)
			if d := next.Sub(before); d < interval-time.Second || d > interval+2*time.Second || next.Nanosecond() != 0 {
				t.Errorf("%s: next is %v after it was stored, at %v", schedule, d, next)
			}
		}
	})
}

// Q7: next is when the job fires, also after an update.
func TestAJobFiresWhenNextSays(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.create("a", shell("true").with(job{"schedule": "@every 2s"}))
		s.create("a", shell("true").with(job{"schedule": "@every 2s", "owner": "o"}))
		next := s.read("a").Next
		e := s.finished("a", 1)[0]
		if late := e.StartedAt.Sub(next); late < 0 || late > 1900*time.Millisecond {
			t.Errorf("due at %v, started at %v", next, e.StartedAt)
		}
		s.until("next moves on", func() bool { return s.read("a").Next.After(next) })
	})
}

func TestAtAndAfterFireOnce(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		stamp := func(d time.Duration) string { return time.Now().Add(d).UTC().Format(time.RFC3339) }
		s.create("at", shell("true").with(job{"schedule": "@at " + stamp(2*time.Second)}))
		s.create("after", shell("true").with(job{"schedule": "@after " + stamp(2*time.Second) + " <PT1H"}))
		s.create("grace", shell("true").with(job{"schedule": "@after " + stamp(-time.Minute) + " <PT1H"}))
		s.create("late", shell("true").with(job{"schedule": "@after " + stamp(-time.Hour) + " <PT1M"}))
		s.create("past", shell("true").with(job{"schedule": "@at " + stamp(-time.Minute)}))
		s.create("witness", shell("true").with(job{"schedule": "@every 1s"}))
		for _, n := range []string{"at", "after", "grace"} {
			s.finished(n, 1)
		}
		seen := len(s.executions("witness"))
		s.until("the clock has gone on", func() bool { return len(s.executions("witness")) >= seen+2 })
		for n, want := range map[string]int{"at": 1, "after": 1, "grace": 1, "late": 0, "past": 0} { // after: Q21
			if got := len(s.executions(n)); got != want {
				t.Errorf("%s has %d executions, want %d", n, got, want)
			}
		}
	})
}

func TestTheWindowBindsScheduledRuns(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		every := shell("true").with(job{"schedule": "@every 1s"})
		opens := time.Now().Add(2500 * time.Millisecond).UTC()
		s.create("opens", every.with(job{"starts_at": opens.Format(time.RFC3339Nano)}))
		s.create("shut", every.with(job{"starts_at": "2040-01-01T00:00:00Z"}))
		s.create("expired", every.with(job{"expires_at": "2020-01-01T00:00:00Z"}))
		s.create("expires", every.with(job{"expires_at": time.Now().Add(2500 * time.Millisecond).UTC().Format(time.RFC3339Nano)}))
		if next := s.read("opens").Next; next.Before(opens) {
			t.Errorf("next is %v, starts_at %v", next, opens)
		}
		first := s.finished("opens", 1)[0]
		if first.StartedAt.Before(opens) {
			t.Errorf("started at %v, before starts_at %v", first.StartedAt, opens)
		}
		s.finished("opens", 3)
		if got := len(s.executions("shut")) + len(s.executions("expired")); got != 0 {
			t.Errorf("%d runs outside of the window", got)
		}
		if got := len(s.finished("expires", 1)); got < 1 || got > 3 {
			t.Errorf("%d runs of the job that expired", got)
		}
		s.get(s.path("expires", "")).want(200)
	})
}

func TestTheWindowBindsChildren(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.create("p", shell("true"))
		child := shell("true").with(job{"parent_job": s.name("p"), "schedule": ""})
		s.create("early", child.with(job{"starts_at": "2040-01-01T00:00:00Z"}))
		s.create("late", child.with(job{"expires_at": "2020-01-01T00:00:00Z"}))
		s.create("disabled", child.with(job{"disabled": true}))
		s.create("open", child)
		s.run("p")
		s.finished("open", 1)
		for _, n := range []string{"early", "late", "disabled"} {
			if got := len(s.executions(n)); got != 0 {
				t.Errorf("%s ran %d times", n, got)
			}
		}
	})
}

func TestAnEphemeralJobGoesAfterItsSuccess(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		once := job{"ephemeral": true}
		s.create("ok", shell("true").with(once))
		s.run("ok")
		s.until("it is gone", func() bool { return s.get(s.path("ok", "")).status == 404 })
		s.ran("bad", shell("false").with(once))
		s.get(s.path("bad", "")).want(200)
		s.create("part", shell(`[ "$DKRON_NODE_NAME" = `+world.agent+` ]`).with(once).with(job{"tags": nil}))
		s.run("part")
		s.finished("part", len(world.nodes))
		s.get(s.path("part", "")).want(200)
		// Q19: a failed attempt does not count if the next one succeeds.
		mark := t.TempDir() + "/mark"
		s.create("retried", shell("[ -e "+mark+" ] || { touch "+mark+"; exit 1; }").with(once).with(job{"retries": 1}))
		s.run("retried")
		s.until("it is gone", func() bool { return s.get(s.path("retried", "")).status == 404 })
	})
}

func TestAnEphemeralParentStaysForItsChildren(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.create("p", shell("true").with(job{"ephemeral": true}))
		s.create("c", shell("true").with(job{"parent_job": s.name("p"), "schedule": ""}))
		s.run("p")
		s.finished("c", 1)
		s.get(s.path("p", "")).want(200)
	})
}
