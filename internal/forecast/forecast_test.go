package forecast

import (
	"context"
	"fmt"
	"testing"
	"time"

	"dkron"
	"dkron/internal/index"
)

// noon is when everything happens in these tests.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// fill returns an index of jobs whose next instant is the one after noon.
func fill(t *testing.T, jobs ...dkron.Job) *index.Index {
	t.Helper()
	x := index.New()
	for i := range jobs {
		j := jobs[i]
		j.Number, j.Timezone, j.CreatedAt = uint64(i+1), "UTC", noon
		schedule, err := j.Parse()
		if err != nil {
			t.Fatal(err)
		}
		x.Add(index.NewEntry(&j, &dkron.Progress{Next: j.After(schedule, noon.Add(-1))}))
	}
	return x
}

func TestDueIsInOrderOfTimeAndName(t *testing.T) {
	x := fill(t, dkron.Job{Name: "b", Schedule: "0 0 */8 * * *"}, dkron.Job{Name: "a", Schedule: "0 0 16 * * *"}, dkron.Job{Name: "c", Schedule: "@every 11h"})
	for limit, want := range map[int]string{0: " true", 3: "a16 b16 c23  true", 6: "a16 b16 c23 b0 b8 c10  false", 9: "a16 b16 c23 b0 b8 c10  false"} {
		got := ""
		truncated := Due(x, &Query{From: noon, Until: noon.Add(24 * time.Hour), Limit: limit}, time.Now().Add(time.Minute), func(f Firing) {
			got += fmt.Sprintf("%s%d ", f.Job.Name, f.At.Hour())
		})
		if got += fmt.Sprintf(" %t", truncated); got != want {
			t.Errorf("%d: got %q, want %q", limit, got, want)
		}
	}
}

func TestAListThatTakesTooLongSaysSo(t *testing.T) {
	x := fill(t, dkron.Job{Name: "a", Schedule: "@hourly"}, dkron.Job{Name: "b", Schedule: "0 30 * * * *"})
	for from, want := range map[time.Time]int{noon: 1, noon.Add(time.Hour): 0} { // later, not even the first ones are known
		due := 0
		truncated := Due(x, &Query{From: from, Until: from.Add(24 * time.Hour), Limit: 10}, time.Now().Add(-time.Second), func(Firing) { due++ })
		if due != want || !truncated {
			t.Errorf("from %v: %d, %v", from, due, truncated)
		}
	}
}

func TestAMinuteIsCountedOnceForAllWhoAsk(t *testing.T) {
	x, c := fill(t, dkron.Job{Name: "a", Schedule: "0 0 13 * * *"}), NewCounter()
	q := MinutesQuery{From: noon.Unix(), Hours: 2}
	count := func() *Minutes {
		m, err := c.Count(t.Context(), x, q)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	first := count()
	if first.Total != 1 || first.Counts[60] != 1 || count() != first {
		t.Errorf("%+v", first)
	}
	x.Update(map[string]*index.Entry{"a": nil}, nil)
	if again := count(); again == first || again.Total != 0 {
		t.Errorf("%+v", again)
	}
}

func TestOneCountAtATime(t *testing.T) {
	c := NewCounter()
	c.busy <- struct{}{}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Count(ctx, index.New(), MinutesQuery{Hours: 1}); err != context.Canceled {
		t.Error(err)
	}
	<-c.busy
	if _, err := c.Count(t.Context(), index.New(), MinutesQuery{Hours: 1}); err != nil {
		t.Error(err)
	}
}

func TestACountThatTakesTooLongSaysSo(t *testing.T) {
	var jobs []dkron.Job
	for i := range 600 {
		jobs = append(jobs, dkron.Job{Name: fmt.Sprintf("j%03d", i), Schedule: fmt.Sprintf("0 %d %d * * *", i%60, i/60)})
	}
	x := fill(t, jobs...)
	q := MinutesQuery{From: noon.Unix(), Hours: 24}
	if out := countMinutes(x, &q, time.Now().Add(-time.Second)); !out.Truncated || out.Total >= 600 || out.Total == 0 {
		t.Errorf("%d, %v", out.Total, out.Truncated)
	}
	if out := countMinutes(x, &q, time.Now().Add(time.Minute)); out.Truncated || out.Total != 600 {
		t.Errorf("%d, %v", out.Total, out.Truncated)
	}
}

func TestInstantsAreBoundedInTime(t *testing.T) {
	job := &dkron.Job{Schedule: "* * * * * *"}
	parsed, err := job.Parse()
	if err != nil {
		t.Fatal(err)
	}
	if found, tooLong := instants(job, parsed, nil, noon, 10, -1); len(found) != 1 || !tooLong {
		t.Errorf("%d instants, too long %t", len(found), tooLong)
	}
}

func TestWordsOfManySchedulesAreForgotten(t *testing.T) {
	var w Wording
	for i := range 2*maxWorded + 1 {
		w.Of(&dkron.Job{Schedule: fmt.Sprintf("@every %ds", i+1)})
	}
	if got := w.Of(&dkron.Job{Schedule: "@every 90s"}); got != "Every 1 minute 30 seconds" || len(w.words) > maxWorded {
		t.Errorf("%q, %d held", got, len(w.words))
	}
}
