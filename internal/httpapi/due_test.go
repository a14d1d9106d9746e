package httpapi

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"dkron"
	"dkron/internal/state"
)

// firings returns what is due as "job day-hour:minute:second", and whether there is more.
func (a *answer) firings() string {
	a.t.Helper()
	var body dueJSON
	a.want(200).decode(&body)
	var out []string
	for _, f := range body.Due {
		if f.At.Location() != time.UTC || f.At.Before(body.From) || !f.At.Before(body.Until) {
			a.t.Errorf("%+v", f)
		}
		out = append(out, f.Job+" "+f.At.Format("02-15:04:05"))
	}
	if body.Truncated {
		out = append(out, "…")
	}
	return strings.Join(out, ", ")
}

// newDueServer is a server whose clock is stopped at noon, with jobs whose next instant after noon is stored.
func newDueServer(t testing.TB, jobs ...dkron.Job) *server {
	s := newServer(t)
	s.api.now = func() time.Time { return noon }
	s.must(func(tx *state.Tx) error {
		for i := range jobs {
			j := jobs[i]
			j.Number, j.Timezone = tx.NewJobNumber(), "UTC"
			if j.CreatedAt.IsZero() {
				j.CreatedAt = noon
			}
			schedule, err := j.Parse()
			if err != nil {
				return err
			}
			if err := tx.PutJob(&j, &dkron.Progress{Next: j.After(schedule, noon.Add(-1))}); err != nil {
				return err
			}
		}
		return nil
	})
	return s
}

func TestDueIsEveryInstantInOrderOfTimeAndName(t *testing.T) {
	s := newDueServer(t,
		dkron.Job{Name: "b", Schedule: "0 0 */8 * * *", DisplayName: "Job B"}, dkron.Job{Name: "a", Schedule: "0 0 16 * * *"},
		dkron.Job{Name: "c", Schedule: "@every 11h"}, dkron.Job{Name: "once", Schedule: "@at 2026-11-24T11:59:59.5Z"},
		dkron.Job{Name: "late", Schedule: "@at 2026-11-24T12:00:00Z"},
	)
	const all = "a 23-16:00:00, b 23-16:00:00, c 23-23:00:00, b 24-00:00:00, b 24-08:00:00, c 24-10:00:00, once 24-11:59:59"
	for query, want := range map[string]string{
		"":                                    all,
		"limit=7":                             all,
		"limit=1":                             "a 23-16:00:00, …",
		"limit=3":                             "a 23-16:00:00, b 23-16:00:00, c 23-23:00:00, …",
		"from=2026-11-23T16:00:00Z&limit=1":   "a 23-16:00:00, …", // from is included
		"from=2026-11-23T16:00:00.1Z&limit=2": "c 23-23:00:00, b 24-00:00:00, …",
		"until=2026-11-23T16:00:00Z":          "", // until is not
		"until=2026-11-23T16:00:01Z":          "a 23-16:00:00, b 23-16:00:00",
		"from=2026-11-25T00:30:00%2B02:00&limit=2": "b 25-00:00:00, b 25-08:00:00, …",
		"job=b&job=b&limit=2":                      "b 23-16:00:00, b 24-00:00:00, …",
		"job=c":                                    "c 23-23:00:00, c 24-10:00:00",
		"job=none":                                 "",
		"job=&limit=1":                             "a 23-16:00:00, …",
		"from=2020-01-01T00:00:00Z":                "", // what was due then has been decided
		"from=9999-12-31T07:00:00Z&job=a&job=b":    "b 31-08:00:00, a 31-16:00:00, b 31-16:00:00",
		"from=2026-11-23T12:00:00Z&until=2026-11-23T12:00:00Z": "",
	} {
		if got := s.get("/v1/due?" + query).firings(); got != want {
			t.Errorf("%s\n got %s\nwant %s", query, got, want)
		}
	}
	s.get("/v1/due?job=b&limit=1").want(200).wantBody(`{"from":"2026-11-23T12:00:00Z","until":"2026-11-24T12:00:00Z","truncated":true,` +
		`"due":[{"job":"b","displayname":"Job B","at":"2026-11-23T16:00:00Z","nodes":["n1"],"count":1}]}`)
}

func TestDueTakesTheFiltersOfTheListOfJobs(t *testing.T) {
	s := newDueServer(t,
		dkron.Job{Name: "a", Schedule: "0 0 16 * * *", Owner: "ann", Tags: map[string]string{"role": "web:1"}},
		dkron.Job{Name: "b", Schedule: "0 0 16 * * *", Owner: "bob", Metadata: map[string]string{"team": "data"}, DisplayName: "Big"},
	)
	for query, want := range map[string]string{
		"_owner=ann": "a", "_tag[role]=web:1": "a", "metadata[team]=data": "b", "_search=big": "b", "q=Bi": "b", "_owner=ann&job=b": "",
		"disabled=x": "", "disabled=false": "ab", "_child=true": "", "status=untriggered": "ab", "status=failed": "", "health=ok": "ab", "health=failing,late": "",
	} {
		var list dueJSON
		var jobs dueJobsJSON
		var minutes dueMinutesJSON
		s.get("/v1/due?" + query).want(200).decode(&list)
		s.get("/v1/due/jobs?" + query).want(200).decode(&jobs)
		s.get("/v1/due/minutes?" + query).want(200).decode(&minutes)
		got, byJob := "", ""
		for _, f := range list.Due {
			got += f.Job
		}
		for _, j := range jobs.Jobs {
			byJob += j.Job
		}
		if got != want || byJob != want || minutes.Total != len(want) {
			t.Errorf("%s: %s, %s, %d, want %s", query, got, byJob, minutes.Total, want)
		}
	}
	for _, path := range []string{"/v1/due", "/v1/due/jobs", "/v1/due/minutes"} {
		s.get(path + "?_child=x").want(400).wantBody(`_child must be "true" or "false", got "x"`)
	}
}

func TestDueByJobIsInBands(t *testing.T) {
	s := newDueServer(t, dkron.Job{Name: "a", Schedule: "@every 1s"}, dkron.Job{Name: "b", Schedule: "0 0 3 * * *", DisplayName: "B"})
	s.get("/v1/due/jobs").want(200).wantBody(`{"from":"2026-11-23T12:00:00Z","until":"2026-11-24T12:00:00Z","gap":338,"total":86400,"truncated":false,` +
		`"targets":[{"nodes":["n1"],"count":1}],"jobs":[` +
		`{"job":"a","displayname":"","targets":0,"due":[{"at":"2026-11-23T12:00:01Z","until":"2026-11-24T11:59:59Z","count":86399,"every":1}]},` +
		`{"job":"b","displayname":"B","targets":0,"due":[{"at":"2026-11-24T03:00:00Z"}]}]}`)
	s.get("/v1/due/jobs?limit=0").want(400).wantBody(`limit must be a number from 1 to 50000, not "0"`)
	s.get("/v1/due/jobs?until=2026-11-23T11:00:00Z").want(400)
}

func TestDueOfManyJobsDropsNoneThatMatters(t *testing.T) {
	const spare = 500 // forecast drops jobs once it has this many more than can matter
	jobs := []dkron.Job{{Name: "a", Schedule: "0 0,30 13 * * *"}}
	for i := range 2 * spare {
		schedule := []string{"0 0 14 * * *", "0 30 13 * * *"}[i%2]
		if i == spare+7 {
			schedule = "0 29 13 * * *"
		}
		jobs = append(jobs, dkron.Job{Name: fmt.Sprintf("b%04d", i), Schedule: schedule})
	}
	s := newDueServer(t, jobs...)
	for query, want := range map[string]string{
		"limit=2": "a 23-13:00:00, b0507 23-13:29:00, …", "limit=3": "a 23-13:00:00, b0507 23-13:29:00, a 23-13:30:00, …",
		"limit=4": "a 23-13:00:00, b0507 23-13:29:00, a 23-13:30:00, b0001 23-13:30:00, …",
	} {
		if got := s.get("/v1/due?" + query).firings(); got != want {
			t.Errorf("%s\n got %s\nwant %s", query, got, want)
		}
	}
}

func TestDueLeavesOutWhatTheClockWillNotFire(t *testing.T) {
	s := newDueServer(t,
		dkron.Job{Name: "off", Schedule: "@hourly", Disabled: true}, dkron.Job{Name: "hand", Schedule: "@manually"},
		dkron.Job{Name: "child", Schedule: "@hourly", ParentJob: "off"},
		dkron.Job{Name: "season", Schedule: "@hourly", StartsAt: noon.Add(90 * time.Minute), ExpiresAt: noon.Add(3 * time.Hour)},
		dkron.Job{Name: "over", Schedule: "@hourly", ExpiresAt: noon.Add(-time.Hour)},
	)
	if got, want := s.get("/v1/due").firings(), "season 23-14:00:00, season 23-15:00:00"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestDueBeginsWithTheInstantThatTheStateHas(t *testing.T) {
	s := newDueServer(t, dkron.Job{Name: "a", Schedule: "@hourly"})
	s.must(func(tx *state.Tx) error { // noon has been fired, by a clock that is ahead of this one
		_, p, err := tx.Record("a")
		p.Next = noon.Add(time.Hour)
		tx.PutProgress(1, p)
		return err
	})
	if got, want := s.get("/v1/due?limit=1").firings(), "a 23-13:00:00, …"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestDueTellsTargetsByTheTagsOfEachJob(t *testing.T) {
	s := newDueServer(t,
		dkron.Job{Name: "all", Schedule: "@hourly"}, dkron.Job{Name: "one", Schedule: "@hourly", Tags: map[string]string{"role": "web:1"}},
		dkron.Job{Name: "none", Schedule: "@hourly", Tags: map[string]string{"role": "db"}},
	)
	s.cluster.members = []Member{
		{Name: "n1", Status: MemberAlive, Tags: map[string]string{"role": "web"}},
		{Name: "n2", Status: MemberAlive, Tags: map[string]string{"role": "web"}}, {Name: "n3", Status: MemberFailed},
	}
	var body dueJSON
	s.get("/v1/due?until=2026-11-23T12:30:00Z").decode(&body)
	var got []string
	for _, f := range body.Due {
		got = append(got, fmt.Sprint(f.Job, f.Nodes, f.Count))
	}
	if want := []string{"all[n1 n2] 2", "none[] 0", "one[] 1"}; !slices.Equal(got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestDueRefusesWhatItCannotRead(t *testing.T) {
	s := newServer(t)
	s.api.now = func() time.Time { return noon }
	for query, want := range map[string]string{
		"limit=0":                        `limit must be a number from 1 to 5000, not "0"`,
		"limit=5001":                     `limit must be a number from 1 to 5000, not "5001"`,
		"limit=x":                        `limit must be a number from 1 to 5000, not "x"`,
		"from=x":                         `from must be an RFC 3339 time such as "2026-01-31T08:00:00Z", not "x"`,
		"until=1":                        `until must be an RFC 3339 time such as "2026-01-31T08:00:00Z", not "1"`,
		"from=9999-12-31T23:59:59-01:00": `from must be within the years 1 to 9999 in UTC, not "9999-12-31T23:59:59-01:00"`,
		"until=2026-11-23T11:59:59Z":     "until must not be before from, which is 2026-11-23T12:00:00Z",
	} {
		s.get("/v1/due?" + query).want(400).wantBody(want)
	}
	s.do("POST", "/v1/due", "{}").want(405)
}

func TestDueIsTheSameAsThePreviewsOfAllJobs(t *testing.T) {
	var jobs []dkron.Job
	for i := range 40 {
		schedule := []string{"0 */7 * * * *", "@every 17m", "0 ~ */3 * * *", "0 30 2 * * *"}[i%4]
		jobs = append(jobs, dkron.Job{Name: fmt.Sprintf("j%02d", i), Schedule: schedule, CreatedAt: noon.Add(-time.Duration(i) * time.Minute)})
	}
	s := newDueServer(t, jobs...)
	type firing struct {
		at  time.Time
		job string
	}
	var want []firing
	for _, j := range jobs {
		var p previewJSON
		s.get("/v1/jobs/" + j.Name + "/preview?n=1000&from=2026-11-23T12:00:00Z").decode(&p)
		for _, i := range p.Instants {
			if i.At.Before(noon.Add(12 * time.Hour)) {
				want = append(want, firing{i.At, j.Name})
			}
		}
	}
	slices.SortFunc(want, func(a, b firing) int {
		if c := a.at.Compare(b.at); c != 0 {
			return c
		}
		return strings.Compare(a.job, b.job)
	})
	for _, from := range []time.Time{noon, noon.Add(5 * time.Hour)} {
		var got []firing
		var body dueJSON
		s.get("/v1/due?limit=5000&until=2026-11-24T00:00:00Z&from=" + from.Format(time.RFC3339)).decode(&body)
		for _, f := range body.Due {
			got = append(got, firing{f.At, f.Job})
		}
		rest := slices.DeleteFunc(slices.Clone(want), func(f firing) bool { return f.at.Before(from) })
		if !slices.Equal(got, rest) || len(got) < 100 {
			t.Errorf("from %v: %d, want %d", from, len(got), len(rest))
		}
	}
}

// newSchedules is a server with n jobs of an hourly and daily mix, each at its next instant after noon.
func newSchedules(b *testing.B, n int, schedule func(i int) string) *server {
	jobs := make([]dkron.Job, n)
	for i := range jobs {
		jobs[i] = dkron.Job{
			Name: fmt.Sprintf("job-%06d", i), Schedule: schedule(i), Tags: map[string]string{"role": fmt.Sprintf("web-%d:1", i%20)},
			CreatedAt: noon.Add(-time.Duration(i%100_000) * time.Second),
		}
	}
	return newDueServer(b, jobs...)
}

// mixes are typical schedules of large fleets.
var mixes = []struct {
	name     string
	schedule func(i int) string
}{
	{"Hourly", func(int) string { return "@hourly" }},
	{"Mixed", func(i int) string {
		if i%3 == 0 {
			return fmt.Sprintf("0 %d * * * *", i%60)
		}
		return fmt.Sprintf("0 %d %d * * *", i%60, i%24)
	}},
	{"AllDifferent", func(i int) string {
		if i%3 == 0 {
			return fmt.Sprintf("%d %d * * * *", i/60%60, i%60)
		}
		return fmt.Sprintf("%d %d %d * * *", i/60%60, i%60, i/3600%24)
	}},
	{"Every", func(int) string { return "@every 1h" }},
	{"Hashed", func(int) string { return "0 ~ ~ * * *" }},
	{"Minutely", func(i int) string { return fmt.Sprintf("%d * * * * *", i%60) }},
	{"EverySecond", func(i int) string { return fmt.Sprintf("@every %ds", i%10+1) }},
}

// BenchmarkDueJobs is the handler alone, of 20,000 jobs.
func BenchmarkDueJobs(b *testing.B) {
	for _, mix := range mixes {
		s := newSchedules(b, 20_000, mix.schedule)
		for _, query := range []string{"", "limit=50000"} {
			b.Run(mix.name+"/"+query, func(b *testing.B) {
				for b.Loop() {
					s.get("/v1/due/jobs?" + query).want(200)
				}
			})
		}
	}
}

// BenchmarkDue is the handler alone, of 100,000 jobs.
func BenchmarkDue(b *testing.B) {
	for _, mix := range mixes {
		s := newSchedules(b, 100_000, mix.schedule)
		for _, query := range []string{"limit=10", "limit=100", "limit=5000", "limit=10&from=2026-11-24T00:30:00Z"} {
			b.Run(mix.name+"/"+query, func(b *testing.B) {
				for b.Loop() {
					s.get("/v1/due?" + query).want(200)
				}
			})
		}
	}
}
