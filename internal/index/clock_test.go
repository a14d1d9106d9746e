package index

import (
	"fmt"
	"testing"
	"time"

	"dkron"
)

func TestJobsWithEqualClocksAreDueTogether(t *testing.T) {
	noon := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	var jobs []dkron.Job
	for i := range 300 {
		j := dkron.Job{Name: fmt.Sprintf("j%d", i), Timezone: []string{"UTC", "Europe/Berlin"}[i%2], CreatedAt: noon.Add(-time.Duration(i%10) * time.Minute)}
		j.Schedule = []string{"0 30 2 * * *", "@every 2m", "0 ~ * * * *", "TZ=Asia/Tokyo @every 7m"}[i/2%4]
		if i%3 == 0 {
			j.ExpiresAt = noon.Add(time.Duration(i%4) * time.Hour)
		}
		if i%5 == 0 {
			j.StartsAt = noon.Add(30 * time.Minute)
		}
		if i%7 == 0 {
			j.DST.Gap = "skip"
		}
		jobs = append(jobs, j)
	}
	instants := func(j *dkron.Job, at time.Time) (list []time.Time) {
		schedule, err := j.Parse()
		if err != nil {
			t.Fatal(err)
		}
		for ; len(list) < 50 && !at.IsZero(); at = j.After(schedule, at) {
			list = append(list, at)
		}
		return list
	}
	type clockAt struct { // keeps the clock's parts alive: otherwise their memory may be reused
		Clock
		next int64
	}
	seen := make(map[clockAt]string)
	for i := range jobs {
		j := &jobs[i]
		schedule, err := j.Parse()
		if err != nil {
			t.Fatal(err)
		}
		e := NewEntry(j, &dkron.Progress{Next: j.After(schedule, noon)})
		want := fmt.Sprint(instants(j, e.Next))
		of := e.Clock().Job()
		if got := fmt.Sprint(instants(&of, e.Next)); got != want {
			t.Fatalf("%+v: its clock is due at\n%s\nwant\n%s", j, got, want)
		}
		key := clockAt{e.Clock(), e.Next.UnixNano()}
		if other, ok := seen[key]; ok && other != want {
			t.Errorf("%+v shares its clock with another", j)
		}
		seen[key] = want
	}
	if len(seen) > 250 {
		t.Errorf("%d clocks of %d jobs", len(seen), len(jobs))
	}
}

func TestEditsGrowWithEachChangeOfAJob(t *testing.T) {
	x := New()
	before := x.Edits()
	x.Update(map[string]*Entry{"a": NewEntry(&dkron.Job{Name: "a", Number: 1}, &dkron.Progress{})}, nil)
	after := x.Edits()
	x.Update(nil, nil)
	if after <= before || x.Edits() != after {
		t.Errorf("%d, %d, %d", before, after, x.Edits())
	}
}
