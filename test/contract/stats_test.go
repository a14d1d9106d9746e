package contract

import (
	"fmt"
	"testing"
	"time"
)

type stat struct {
	Date    string `json:"date"`
	Success int    `json:"success_count"`
	Failed  int    `json:"failed_count"`
}

func (s *site) stats(query string) []stat {
	s.t.Helper()
	var body struct{ Stats []stat }
	s.get("/v1/stats" + query).want(200).wantJSON().decode(&body)
	return body.Stats
}

func TestStatsHaveAnEntryPerDayOldestFirst(t *testing.T) {
	all(t, func(t *testing.T, s *site) {
		for query, want := range map[string]int{
			"": 30, "?days=1": 1, "?days=2": 2, "?days=0": 30, "?days=-3": 30, "?days=x": 30, "?days=1.5": 30, "?days=365": 365, "?days=9999": 365,
		} {
			before := time.Now().UTC()
			list := s.stats(query)
			if len(list) != want {
				t.Errorf("%q: %d entries, want %d", query, len(list), want)
				continue
			}
			for i, e := range list {
				day := before.AddDate(0, 0, i-want+1).Format("2006-01-02") + "T00:00:00Z"
				if e.Date != day && time.Now().UTC().Day() == before.Day() {
					t.Errorf("%q: entry %d is %s, want %s", query, i, e.Date, day)
				}
			}
		}
	})
}

// Not in parallel with other tests, whose runs count too.
func TestStatsCountEveryAttemptAndForgetNone(t *testing.T) {
	alone(t, func(t *testing.T, s *site) {
		sum := func() (n stat) {
			for _, e := range s.stats("?days=2") { // it may be midnight
				n.Success, n.Failed = n.Success+e.Success, n.Failed+e.Failed
			}
			return n
		}
		before := sum()
		s.create("ok", shell("true"))
		s.create("bad", shell("false").with(job{"retries": 1}))
		s.run("ok")
		s.run("bad")
		s.finished("ok", 1)
		s.finished("bad", 2)
		want := stat{Success: before.Success + 1, Failed: before.Failed + 2}
		if got := sum(); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		s.del(s.path("bad", "/executions")).want(200)
		s.del(s.path("ok", "")).want(200)
		if got := sum(); got != want {
			t.Errorf("after deletions: got %+v, want %+v", got, want)
		}
	})
}

func TestStatsLookAsTheyShould(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		if got := s.get("/v1/stats?days=365&pretty").want(200); got.body[:16] != "{\n    \"stats\": [" {
			t.Errorf("begins with %q", got.body[:16])
		}
		list := s.stats("?days=365")
		want := fmt.Sprint(stat{Date: list[0].Date})
		if got := fmt.Sprint(list[0]); got != want {
			t.Errorf("a day a year ago: %s", got)
		}
	})
}
