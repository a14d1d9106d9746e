package cron_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"dkron/cron"
)

func TestTallyCountsWhatNextFinds(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 11))
	zones := []string{"UTC", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Monrovia", "Asia/Kathmandu"}
	begins := []time.Time{
		time.Date(2026, 3, 28, 23, 0, 0, 0, time.UTC), time.Date(2026, 10, 24, 20, 0, 0, 0, time.UTC), time.Date(2026, 4, 4, 10, 0, 0, 0, time.UTC),
		time.Date(1972, 1, 6, 12, 0, 0, 0, time.UTC), // Monrovia is 44 minutes and 30 seconds behind until the next day
	}
	schedules := []string{"@every 7s", "@every 1s", "@every 59s", "@every 90s", "@every 61m", "*/7 * * * * *", "5-50/9 */2 * * * *", "* * 1-3 * * *",
		"0,30 30 2 * * *", "0 * * * * *", "@hourly", "@at 2026-03-29T01:00:00.5Z", "@manually", "3,4 0 0 30 2 *"}
	for i := range 600 {
		text, zone := schedules[i%len(schedules)], zones[r.IntN(len(zones))]
		from := begins[r.IntN(len(begins))].Add(time.Duration(r.Int64N(int64(3 * time.Hour))))
		if i%3 == 0 {
			from = from.Truncate(time.Minute)
		}
		until := from.Add(time.Duration(r.Int64N(int64(7 * time.Hour))))
		s, err := cron.Parse(text, cron.Options{Zone: zone, Anchor: from.Add(-time.Duration(r.Int64N(int64(time.Hour))))})
		if err != nil {
			t.Fatal(err)
		}
		want, got := make(map[int64]int), make(map[int64]int)
		for at := s.Next(from.Add(-1)); !at.IsZero() && at.Before(until); at = s.Next(at) {
			want[at.Truncate(time.Minute).Unix()]++
		}
		var last time.Time
		s.Tally(from, until, func(at time.Time, n int) bool {
			if at.Before(from) || !at.Before(until) || !at.After(last) || n < 1 {
				t.Errorf("%s: %v after %v, %d", text, at, last, n)
			}
			last = at
			got[at.Truncate(time.Minute).Unix()] += n
			return true
		})
		if len(got) != len(want) {
			t.Fatalf("%s in %s from %v until %v: %d minutes, want %d", text, zone, from, until, len(got), len(want))
		}
		for minute, n := range want {
			if got[minute] != n {
				t.Fatalf("%s in %s from %v until %v: %d at %v, want %d", text, zone, from, until, got[minute], time.Unix(minute, 0).UTC(), n)
			}
		}
	}
}

func TestTallyEndsOnRequest(t *testing.T) {
	from := time.Date(2026, 3, 28, 23, 0, 30, 0, time.UTC)
	for _, text := range []string{"@every 7s", "* * * * * *", "0 * * * * *"} {
		s, err := cron.Parse(text, cron.Options{Zone: "UTC", Anchor: from.Add(-time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		for limit := range 50 {
			calls := 0
			s.Tally(from, from.Add(2*time.Hour), func(time.Time, int) bool {
				calls++
				return calls <= limit
			})
			if calls != limit+1 {
				t.Fatalf("%s: called %d times, want %d", text, calls, limit+1)
			}
		}
	}
}
