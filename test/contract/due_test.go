package contract

import (
	"net/url"
	"testing"
	"time"

	"dkron/test/cluster"
)

// dueView is what a client reads of what will fire.
type dueView struct {
	Truncated bool
	Due       []struct {
		Job, DisplayName string
		At               time.Time
		Nodes            []string
		Count            int
	}
}

func TestDueTellsWhatWillFire(t *testing.T) {
	all(t, func(t *testing.T, s *site) {
		s.create("child", job{"parent_job": s.parent("a", job{"schedule": "0 0 */8 * * *", "timezone": "UTC", "tags": onAgent, "displayname": "A"})})
		s.create("b", job{"schedule": "@at 2040-01-01T08:00:00Z", "tags": map[string]string{"pool": "agents:1"}})
		s.create("off", job{"schedule": "@hourly", "disabled": true})
		query := url.Values{"job": {s.name("b"), s.name("a"), s.name("off"), s.name("child"), s.name("none")}}
		ask := func(more ...string) (v dueView) {
			for i := 0; i < len(more); i += 2 {
				query.Set(more[i], more[i+1])
			}
			s.get("/v1/due?" + query.Encode()).want(200).wantJSON().decode(&v)
			return v
		}
		if v := ask(); len(v.Due) != 3 || v.Truncated || v.Due[0].Job != s.name("a") || !v.Due[0].At.Equal(s.read("a").Next) {
			t.Errorf("the next day: %+v", v)
		}
		v := ask("from", "2040-01-01T08:00:00Z", "until", "2040-01-01T16:00:00Z")
		if len(v.Due) != 2 || v.Due[0].Job != s.name("a") || v.Due[0].DisplayName != "A" || v.Due[0].Count != 1 || len(v.Due[0].Nodes) != 1 ||
			v.Due[1].Job != s.name("b") || !v.Due[1].At.Equal(time.Date(2040, 1, 1, 8, 0, 0, 0, time.UTC)) {
			t.Errorf("of one instant: %+v", v)
		}
		if v = ask("limit", "1"); len(v.Due) != 1 || !v.Truncated {
			t.Errorf("cut: %+v", v)
		}
		query.Set("_search", "nothing has this word")
		if v = ask("limit", "10"); len(v.Due) != 0 {
			t.Errorf("filtered: %+v", v)
		}
		s.get("/v1/due?limit=5001").wantText(400, `limit must be a number from 1 to 5000, not "5001"`)
		s.get("/v1/due?from=noon").want(400)
	})
}

// A job that is due every second is one band, and the night's job is listed all the same.
func TestDueByJobCoversTheWholeDay(t *testing.T) {
	all(t, func(t *testing.T, s *site) {
		s.create("beat", job{"schedule": "@every 1s", "tags": onAgent, "expires_at": "2040-01-02T00:00:00Z", "starts_at": "2040-01-01T00:00:00Z"})
		s.create("night", job{"schedule": "0 30 3 * * *", "timezone": "UTC", "displayname": "Night"})
		type band struct {
			At, Until time.Time
			Count     int
			Every     float64
		}
		var v struct {
			Truncated  bool
			Total, Gap int
			Targets    []struct {
				Nodes []string
				Count int
			}
			Jobs []struct {
				Job, DisplayName string
				Targets          int
				Due              []band
			}
		}
		query := url.Values{"job": {s.name("beat"), s.name("night")}, "from": {"2040-01-01T00:00:00Z"}}
		s.get("/v1/due/jobs?" + query.Encode()).want(200).wantJSON().decode(&v)
		if len(v.Jobs) != 2 || v.Truncated || v.Total != 86401 || v.Gap < 300 {
			t.Fatalf("%+v", v)
		}
		beat, night := v.Jobs[0], v.Jobs[1]
		if beat.Job != s.name("beat") || len(beat.Due) != 1 || beat.Due[0].Count != 86400 || beat.Due[0].Every != 1 || len(v.Targets[beat.Targets].Nodes) != 1 {
			t.Errorf("%+v", beat)
		}
		if want := (band{At: time.Date(2040, 1, 1, 3, 30, 0, 0, time.UTC)}); night.DisplayName != "Night" || len(night.Due) != 1 || night.Due[0] != want {
			t.Errorf("%+v", night)
		}
		s.get("/v1/due/jobs?limit=50001").wantText(400, `limit must be a number from 1 to 50000, not "50001"`)
		s.get("/v1/due/jobs?_child=x").want(400)
	})
}

// parent creates a job and returns its name.
func (s *site) parent(n string, fields job) string {
	s.create(n, fields)
	return s.name(n)
}

// On a server of its own: the counts are over all jobs.
func TestDueMinutesCountWhatWillFire(t *testing.T) {
	begin(t)
	t.Parallel()
	_, s := own(t, cluster.Config{Servers: 1})
	at := time.Date(2040, 2, 3, 4, 5, 0, 0, time.UTC)
	for _, n := range []string{"a", "b"} {
		s.create(n, job{"schedule": "@at " + at.Add(59*time.Second).Format(time.RFC3339)})
	}
	s.create("off", job{"schedule": "@at " + at.Format(time.RFC3339), "disabled": true})
	s.create("c", job{"schedule": "*/5 5 4 * * *", "timezone": "UTC"})
	check := func(want int) {
		t.Helper()
		var v struct {
			From      time.Time
			Counts    []int
			Total     int
			Truncated bool
		}
		s.get("/v1/due/minutes?hours=1&from=" + at.Add(30*time.Second).Format(time.RFC3339)).want(200).wantJSON().decode(&v)
		if !v.From.Equal(at) || len(v.Counts) != 60 || v.Truncated || v.Counts[0] != want || v.Total != want {
			t.Errorf("%+v, want %d in the first minute alone", v, want)
		}
	}
	check(14)
	s.del(s.path("a", "")).want(200)
	check(13)
	if n := len(s.get("/v1/due/minutes").want(200).field("counts").([]any)); n != 24*60 {
		t.Errorf("%d minutes", n)
	}
	s.get("/v1/due/minutes?hours=49").wantText(400, `hours must be a number from 1 to 48, not "49"`)
	s.get("/v1/due/minutes?from=noon").want(400)
}

func TestASchedulesWordsAreShownAndIgnoredInWrites(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		s.create("a", job{"schedule": "0 0 9-17 * * MON-FRI", "schedule_text": "Never"}).wantHeader("Warning", "")
		const want = "Every hour from 09:00 to 17:00, Monday to Friday"
		for _, path := range []string{"", "/preview"} {
			if got := s.get(s.path("a", path)).want(200).field("schedule_text"); got != want {
				t.Errorf("%s: %v", path, got)
			}
		}
		s.create("child", job{"parent_job": s.name("a")})
		if got := s.get(s.path("child", "")).want(200).field("schedule_text"); got != "" {
			t.Errorf("of a child: %v", got)
		}
	})
}
