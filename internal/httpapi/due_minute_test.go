package httpapi

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"dkron"
	"dkron/internal/forecast"
	"dkron/internal/state"
)

// minutes returns what is counted as "hour:minute count", of minutes with something.
func (a *answer) minutes() string {
	a.t.Helper()
	var body dueMinutesJSON
	a.want(200).decode(&body)
	var out []string
	total := 0
	for i, n := range body.Counts {
		if total += n; n > 0 {
			out = append(out, fmt.Sprint(body.From.Add(time.Duration(i)*time.Minute).Format("15:04 "), n))
		}
	}
	if total != body.Total || body.Truncated || body.From.Second() != 0 {
		a.t.Errorf("%+v", body)
	}
	return fmt.Sprint(out)
}

func TestMinutesCountAllThatFiresInEach(t *testing.T) {
	s := newDueServer(t,
		dkron.Job{Name: "a", Schedule: "0 0 13 * * *"}, dkron.Job{Name: "b", Schedule: "0 0 13 * * *"},
		dkron.Job{Name: "c", Schedule: "*/10 5 13,14 * * *"}, dkron.Job{Name: "off", Schedule: "@hourly", Disabled: true},
		dkron.Job{Name: "child", Schedule: "@hourly", ParentJob: "a"},
		dkron.Job{Name: "season", Schedule: "*/5 * * * * *", StartsAt: noon.Add(90*time.Minute + 31*time.Second), ExpiresAt: noon.Add(92 * time.Minute)},
		dkron.Job{Name: "once", Schedule: "@at 2026-11-23T12:59:59.9Z"},
	)
	const hours = "13:00 2 13:05 6 13:30 5 13:31 12 13:32 1"
	for query, want := range map[string]string{
		"hours=3":                            "[12:59 1 " + hours + " 14:05 6]",
		"hours=2&from=2026-11-23T12:00:59Z":  "[12:59 1 " + hours + "]",
		"hours=1&from=2026-11-23T11:00:00Z":  "[]",
		"hours=1&from=2026-11-23T13:01:00Z":  "[13:05 6 13:30 5 13:31 12 13:32 1]",
		"hours=2&from=2026-11-24T12:01:00Z":  "[13:00 2 13:05 6]",
		"from=2026-11-24T15:00:00Z":          "[13:00 2 13:05 6 14:05 6]",
		"hours=48&from=9999-12-31T12:30:00Z": "[13:00 2 13:05 6 14:05 6]",
	} {
		if got := s.get("/v1/due/minutes?" + query).minutes(); got != want {
			t.Errorf("%s\n got %s\nwant %s", query, got, want)
		}
	}
}

func TestMinutesAreTheSameAsWhatIsDue(t *testing.T) {
	var jobs []dkron.Job
	for i := range 60 {
		schedule := []string{"0 */7 * * * *", "@every 17m", "0 ~ */3 * * *", "0 30 2 * * *", "@every 25s", "*/30 */20 * * * *"}[i%6]
		jobs = append(jobs, dkron.Job{Name: fmt.Sprintf("j%02d", i), Schedule: schedule, CreatedAt: noon.Add(-time.Duration(i) * 31 * time.Second)})
	}
	s := newDueServer(t, jobs...)
	for _, from := range []time.Time{noon, noon.Add(13 * time.Hour)} {
		want := make([]int, 60)
		var due dueJSON
		s.get("/v1/due?limit=5000&from=" + from.Format(time.RFC3339) + "&until=" + from.Add(time.Hour).Format(time.RFC3339)).decode(&due)
		for _, f := range due.Due {
			want[int(f.At.Sub(from)/time.Minute)]++
		}
		var got dueMinutesJSON
		s.get("/v1/due/minutes?hours=1&from=" + from.Format(time.RFC3339)).decode(&got)
		if !slices.Equal(got.Counts, want) || got.Total != len(due.Due) || due.Truncated || got.Total < 1000 {
			t.Errorf("from %v: %d\n%v\nwant\n%v", from, got.Total, got.Counts, want)
		}
	}
}

func TestMinutesAreCountedAnewWhenAJobHasChanged(t *testing.T) {
	s := newDueServer(t, dkron.Job{Name: "a", Schedule: "0 0 13 * * *"})
	const path = "/v1/due/minutes?hours=2"
	if got := s.get(path).minutes(); got != "[13:00 1]" {
		t.Error(got)
	}
	s.must(func(tx *state.Tx) error { // it has been fired
		_, p, err := tx.Record("a")
		p.Next = noon.Add(25 * time.Hour)
		tx.PutProgress(1, p)
		return err
	})
	if got := s.get(path).minutes(); got != "[]" {
		t.Error(got)
	}
	if got := s.get("/v1/due/minutes?hours=26").minutes(); got != "[13:00 1]" {
		t.Error(got)
	}
}

func TestDueMinutesRefuseWhatTheyCannotRead(t *testing.T) {
	s := newServer(t)
	for query, want := range map[string]string{
		"hours=0": `hours must be a number from 1 to 48, not "0"`, "hours=49": `hours must be a number from 1 to 48, not "49"`,
		"hours=x": `hours must be a number from 1 to 48, not "x"`, "from=x": `from must be an RFC 3339 time such as "2026-01-31T08:00:00Z", not "x"`,
	} {
		s.get("/v1/due/minutes?" + query).want(400).wantBody(want)
	}
	s.do("POST", "/v1/due/minutes", "{}").want(405)
}

// BenchmarkDueMinutes counts 100,000 jobs again each time.
func BenchmarkDueMinutes(b *testing.B) {
	for _, mix := range mixes {
		s := newSchedules(b, 100_000, mix.schedule)
		for _, query := range []string{"hours=24", "hours=48"} {
			b.Run(mix.name+"/"+query, func(b *testing.B) {
				truncated := 0.0
				for b.Loop() {
					s.api.counter = forecast.NewCounter()
					if a := s.get("/v1/due/minutes?" + query).want(200); strings.Contains(a.body, `"truncated":true`) {
						truncated = 1
					}
				}
				b.ReportMetric(truncated, "truncated")
			})
		}
	}
}
