package forecast

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"dkron"
	"dkron/internal/index"
)

// picture writes bands as "a13:00 b13:00-14:00×61".
func picture(b *Bands) string {
	var out []string
	for _, j := range b.Jobs {
		for _, band := range j.Bands {
			text := j.Job.Name + band.From.Format("15:04:05")
			if band.Count > 1 {
				text += fmt.Sprintf("-%s×%d", band.Until.Format("15:04:05"), band.Count)
			}
			out = append(out, text)
		}
	}
	return strings.Join(out, " ")
}

func bands(x *index.Index, hours, limit int, s Selection) *Bands {
	q := &BandsQuery{From: noon, Until: noon.Add(time.Duration(hours) * time.Hour), Limit: limit, Selection: s}
	return FindBands(x, q, time.Now().Add(time.Minute))
}

func TestAJobThatIsDueEverySecondIsOneBandAndHidesNoOther(t *testing.T) {
	x := fill(t, dkron.Job{Name: "beat", Schedule: "@every 1s"}, dkron.Job{Name: "night", Schedule: "0 30 3 * * *"},
		dkron.Job{Name: "office", Schedule: "0 */5 16-17 * * *"}, dkron.Job{Name: "twice", Schedule: "10,40 * 13 * * *"}, dkron.Job{Name: "never", Schedule: "@manually"})
	b := bands(x, 24, 100, Selection{})
	const want = "beat12:00:01-11:59:59×86399 night03:30:00 office16:00:00-17:55:00×24 twice13:00:10-13:59:40×120"
	if got := picture(b); got != want || b.Truncated || b.Total != 86399+1+24+120 {
		t.Errorf("%d, %t\n got %s\nwant %s", b.Total, b.Truncated, got, want)
	}
	if got := b.Jobs[2].Bands[0].Every(); got != 5*time.Minute {
		t.Errorf("every %v", got)
	}
}

func TestBandsAreJoinedOnlyAsFarAsTheLimitAsks(t *testing.T) {
	x := fill(t, dkron.Job{Name: "a", Schedule: "@hourly"}, dkron.Job{Name: "b", Schedule: "0 30 20 * * *"}, dkron.Job{Name: "c", Schedule: "0 0 13,23 * * *"})
	for limit, want := range map[int]string{
		100: "24 bands", 27: "24 bands", 26: "a12:00:00-11:00:00×24 b20:30:00 c13:00:00 c23:00:00",
		4: "a12:00:00-11:00:00×24 b20:30:00 c13:00:00 c23:00:00", 3: "a12:00:00-11:00:00×24 b20:30:00 c13:00:00-23:00:00×2",
	} {
		b := bands(x, 24, limit, Selection{})
		got := picture(b)
		if n := len(b.Jobs[0].Bands); n > 1 {
			got = fmt.Sprint(n, " bands")
		}
		if got != want || b.Truncated || b.Total != 27 {
			t.Errorf("%d: %t\n got %s\nwant %s", limit, b.Truncated, got, want)
		}
	}
	if b := bands(x, 24, 2, Selection{}); picture(b) != "a12:00:00-11:00:00×24 b20:30:00" || !b.Truncated {
		t.Errorf("%s, %t", picture(b), b.Truncated)
	}
}

func TestBandsHaveAllDueTimes(t *testing.T) {
	schedules := []string{"@every 7s", "@every 90s", "*/20 * * * * *", "5,6,50 */3 * * * *", "0 ~ * * * *", "~ ~ */2 * * *", "@hourly", "0 0,1 * * * *"}
	var jobs []dkron.Job
	for i := range 40 {
		j := dkron.Job{Name: fmt.Sprintf("j%02d", i), Schedule: schedules[i%len(schedules)]}
		if i%3 == 0 {
			j.ExpiresAt = noon.Add(time.Duration(i) * 5 * time.Minute)
		}
		jobs = append(jobs, j)
	}
	x := fill(t, jobs...)
	for hours, limit := range map[int]int{1: 10_000, 3: 500, 8: 5000, 24: 60} {
		q := &BandsQuery{From: noon.Add(7 * time.Second), Until: noon.Add(time.Duration(hours) * time.Hour), Limit: limit}
		got := FindBands(x, q, time.Now().Add(time.Minute))
		due := make(map[string][]Band)
		Due(x, &Query{From: q.From, Until: q.Until, Limit: 1 << 30}, time.Now().Add(time.Minute), func(f Firing) {
			due[f.Job.Name] = append(due[f.Job.Name], Band{f.At, f.At, 1})
		})
		if len(got.Jobs) != len(due) || got.Truncated {
			t.Fatalf("%d hours: %d jobs, want %d", hours, len(got.Jobs), len(due))
		}
		for _, j := range got.Jobs {
			if want := join(due[j.Job.Name], got.Gap); !slices.Equal(j.Bands, want) {
				t.Errorf("%d hours, %s: got %v, want %v", hours, j.Job.Name, j.Bands, want)
			}
		}
	}
}

func TestBandsThatTakeTooLongSaySo(t *testing.T) {
	var jobs []dkron.Job
	for i := range 600 {
		jobs = append(jobs, dkron.Job{Name: fmt.Sprintf("j%03d", i), Schedule: fmt.Sprintf("0 %d %d * * *", i%60, i/60)})
	}
	q := &BandsQuery{From: noon, Until: noon.Add(24 * time.Hour), Limit: 10_000}
	b := FindBands(fill(t, jobs...), q, time.Now().Add(-time.Second))
	if len(b.Jobs) == 0 || len(b.Jobs) == 600 || !b.Truncated {
		t.Errorf("%d jobs, truncated %t", len(b.Jobs), b.Truncated)
	}
}

func TestASelectionIsByNameAndByFilter(t *testing.T) {
	x := fill(t, dkron.Job{Name: "a", Schedule: "@hourly", Owner: "ann", Tags: map[string]string{"role": "web"}},
		dkron.Job{Name: "b", Schedule: "@hourly", Owner: "ann"}, dkron.Job{Name: "c", Schedule: "@hourly", Owner: "bob", Metadata: map[string]string{"team": "Data"}})
	disabled := true
	for i, c := range []struct {
		Selection
		want string
	}{
		{Selection{}, "abc"},
		{Selection{Filter: new(index.Filter)}, "abc"},
		{Selection{Filter: &index.Filter{Owner: "ann"}}, "ab"},
		{Selection{Filter: &index.Filter{Words: []string{"data"}}}, "c"},
		{Selection{Filter: &index.Filter{Owner: "ann"}, Jobs: []string{"c", "b", "b", "x"}}, "b"},
		{Selection{Filter: &index.Filter{Tags: []index.Label{{Key: "role", Value: "web"}}}, Jobs: []string{"a", "b"}}, "a"},
		{Selection{Filter: &index.Filter{Metadata: []index.Label{{Key: "team", Value: "Data"}}}, Jobs: []string{"a", "c"}}, "c"},
		{Selection{Filter: &index.Filter{Health: index.HealthSet(1) << index.Failing}, Jobs: []string{"a"}}, ""},
		{Selection{Filter: &index.Filter{Disabled: &disabled}, Jobs: []string{"a"}}, ""},
		{Selection{None: true}, ""},
	} {
		got, due := "", ""
		for _, j := range bands(x, 1, 10, c.Selection).Jobs {
			got += j.Job.Name
		}
		Due(x, &Query{From: noon, Until: noon.Add(time.Hour), Limit: 10, Selection: c.Selection}, time.Now().Add(time.Minute), func(f Firing) { due += f.Job.Name })
		m, err := NewCounter().Count(t.Context(), x, MinutesQuery{From: noon.Unix(), Hours: 1, Selection: c.Selection})
		if got != c.want || due != c.want || err != nil || m.Total != len(c.want) {
			t.Errorf("%d: bands of %q, due %q, %d counted, %v, want %q", i, got, due, m.Total, err, c.want)
		}
	}
}
