package contract

import (
	"net/url"
	"testing"
	"time"
)

type minute struct {
	At       time.Time `json:"at"`
	Success  int       `json:"success_count"`
	Failed   int       `json:"failed_count"`
	NotRun   int       `json:"not_run_count"`
	Lateness *struct {
		P50, P95, Max int
	} `json:"lateness_ms"`
}

func (s *site) minutes(query string) (step string, list []minute) {
	s.t.Helper()
	var body struct {
		Step    string
		Minutes []minute
	}
	s.get("/v1/stats/minutes" + query).want(200).wantJSON().decode(&body)
	return body.Step, body.Minutes
}

func TestMinutesHaveAnEntryPerStepOldestFirst(t *testing.T) {
	all(t, func(t *testing.T, s *site) {
		for query, want := range map[string]time.Duration{
			"": 5 * time.Minute, "?step=1m": time.Minute, "?step=5m": 5 * time.Minute, "?step=15m": 15 * time.Minute, "?step=1h": time.Hour,
		} {
			before := time.Now().Truncate(want)
			step, list := s.minutes(query)
			after := time.Now().Truncate(want)
			if step != want.String() || len(list) != int(24*time.Hour/want) {
				t.Errorf("%q: %d entries of %s", query, len(list), step)
				continue
			}
			for i, m := range list {
				ago := time.Duration(len(list)-1-i) * want
				if m.At.Before(before.Add(-ago)) || m.At.After(after.Add(-ago)) {
					t.Fatalf("%q: entry %d is at %s", query, i, m.At)
				}
			}
		}
		hourAgo := url.QueryEscape(time.Now().Add(-time.Hour).UTC().Format(time.RFC3339))
		if _, list := s.minutes("?since=" + hourAgo); len(list) < 13 || len(list) > 14 { // 14 when a step begins meanwhile
			t.Errorf("since an hour ago: %d", len(list))
		}
		s.get("/v1/stats/minutes?step=7m").wantText(400, "step must be one of 1m, 5m, 15m, 1h, not \"7m\"")
		s.get("/v1/stats/minutes?since=noon").wantText(400, `since must be an RFC 3339 time such as "2026-01-31T08:00:00Z", not "noon"`)
		s.post("/v1/stats/minutes", "").want(405)
	})
}

// Not in parallel with other tests, whose runs count too.
func TestMinutesCountWhatEndedAndWhatDidNotRun(t *testing.T) {
	alone(t, func(t *testing.T, s *site) {
		sum := func() (n minute, late bool) {
			_, list := s.minutes("?step=1m")
			for _, m := range list {
				n.Success, n.Failed, n.NotRun = n.Success+m.Success, n.Failed+m.Failed, n.NotRun+m.NotRun
				if l := m.Lateness; l != nil {
					late = true
					if l.P50 < 0 || l.P50 > l.P95 || l.P95 > l.Max {
						t.Errorf("%s: %+v", m.At, *l)
					}
				}
			}
			return n, late
		}
		before, _ := sum()
		s.create("ok", shell("true"))
		s.create("child", s.child("ok", "true").with(job{"disabled": true}))
		s.create("bad", shell("false").with(job{"retries": 1}))
		s.run("ok")
		s.run("bad")
		s.finished("ok", 1)
		s.finished("bad", 2)
		want := minute{Success: before.Success + 1, Failed: before.Failed + 2, NotRun: before.NotRun + 1}
		if got, late := sum(); got != want || !late {
			t.Errorf("got %+v, lateness %t, want %+v", got, late, want)
		}
		s.del(s.path("bad", "")).want(200)
		s.del(s.path("child", "")).want(200)
		s.del(s.path("ok", "")).want(200)
		if got, _ := sum(); got != want {
			t.Errorf("after deletions: got %+v, want %+v", got, want)
		}
	})
}
