package cron_test

import (
	"testing"
	"time"

	"dkron/cron"
)

// checkRuns compares the first runs after from with want, all RFC 3339. A last "" means that no more follow.
func checkRuns(t *testing.T, s *cron.Schedule, from string, want ...string) {
	t.Helper()
	at, err := time.Parse(time.RFC3339, from)
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range want {
		at = s.Next(at)
		got := ""
		if !at.IsZero() {
			got = at.Format(time.RFC3339)
		}
		if got != w {
			t.Fatalf("run %d after %s: got %s, want %s", i+1, from, got, w)
		}
	}
}

type runs struct {
	name, text, zone, from string
	want                   []string
}

func (r runs) check(t *testing.T, opt cron.Options) {
	t.Run(r.name, func(t *testing.T) {
		opt.Zone, opt.Anchor = r.zone, anchor
		if opt.Name == "" {
			opt.Name = "abc"
		}
		checkRuns(t, parse(t, r.text, opt), r.from, r.want...)
	})
}

func TestFieldsOnTheCalendar(t *testing.T) {
	for _, r := range []runs{
		{"every second", "* * * * * *", "UTC", "2026-12-31T23:59:58Z", []string{"2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z"}},
		{"strictly after", "0 0 0 * * *", "UTC", "2026-01-01T00:00:00Z", []string{"2026-01-02T00:00:00Z"}},
		{"fraction of a second before", "0 0 0 * * *", "UTC", "2025-12-31T23:59:59.999Z", []string{"2026-01-01T00:00:00Z"}},
		{"five fields mean second 0", "30 4 * * *", "UTC", "2026-01-01T04:30:00Z", []string{"2026-01-02T04:30:00Z"}},
		{"list, range and steps", "0 0,20-40/10,55/2 9 * * *", "UTC", "2026-01-01T00:00:00Z", []string{"2026-01-01T09:00:00Z", "2026-01-01T09:20:00Z", "2026-01-01T09:30:00Z", "2026-01-01T09:40:00Z", "2026-01-01T09:55:00Z", "2026-01-01T09:57:00Z", "2026-01-01T09:59:00Z", "2026-01-02T09:00:00Z"}},
		{"both days restricted: one suffices", "0 0 0 13 * FRI", "UTC", "2026-01-10T00:00:00Z", []string{"2026-01-13T00:00:00Z", "2026-01-16T00:00:00Z"}},
		{"star and weekday", "0 0 0 * * FRI", "UTC", "2026-01-10T00:00:00Z", []string{"2026-01-16T00:00:00Z"}},
		{"question mark and weekday", "0 0 0 ? * FRI", "UTC", "2026-01-10T00:00:00Z", []string{"2026-01-16T00:00:00Z"}},
		{"step of 1 is a star", "0 0 0 */1 * FRI", "UTC", "2026-01-10T00:00:00Z", []string{"2026-01-16T00:00:00Z"}},
		{"step of 2 is a restriction", "0 0 0 */2 * FRI", "UTC", "2026-01-15T00:00:00Z", []string{"2026-01-16T00:00:00Z", "2026-01-17T00:00:00Z"}},
		{"step beyond the range", "0 */99 * * * *", "UTC", "2026-01-01T00:00:00Z", []string{"2026-01-01T01:00:00Z"}},
		{"29 February", "0 0 0 29 2 *", "UTC", "2096-03-01T00:00:00Z", []string{"2104-02-29T00:00:00Z", "2108-02-29T00:00:00Z"}},
		{"fifth Thursday of February", "0 0 0 * 2 4#5", "UTC", "2024-03-01T00:00:00Z", []string{"2052-02-29T00:00:00Z"}},
		{"fifth Sunday of February across 1900", "0 0 0 * 2 0#5", "UTC", "1880-03-01T00:00:00Z", []string{"1920-02-29T00:00:00Z"}},
		{"30 February", "0 0 0 30 2 *", "UTC", "2026-01-01T00:00:00Z", []string{""}},
		{"31 in short months", "0 0 0 31 2,4,6,9,11 *", "UTC", "2026-01-01T00:00:00Z", []string{""}},
		{"last day of 400 years", "0 0 12 * * *", "UTC", "2000-02-28T13:00:00Z", []string{"2000-02-29T12:00:00Z", "2000-03-01T12:00:00Z"}},
		{"from the last day of 400 years", "0 0 12 1 * *", "UTC", "2000-02-29T00:00:00Z", []string{"2000-03-01T12:00:00Z"}},
		{"from winter to a date in summer", "0 0 0 15 7 *", "America/New_York", "2025-12-15T00:00:00Z", []string{"2026-07-15T00:00:00-04:00", "2027-07-15T00:00:00-04:00"}},
		{"from summer to a date in winter", "0 0 0 29 2 *", "America/New_York", "2024-07-15T00:00:00Z", []string{"2028-02-29T00:00:00-05:00", "2032-02-29T00:00:00-05:00"}},
		{"last day of a leap year beyond the zone's table", "0 0 12 31 12,1 *", "America/New_York", "2052-12-30T00:00:00Z", []string{"2052-12-31T12:00:00-05:00", "2053-01-31T12:00:00-05:00"}},
		{"beyond the year 9999", "0 0 0 1 1 *", "UTC", "9999-01-01T00:00:00Z", []string{""}},
		{"before the epoch", "0 0 0 1 1 *", "UTC", "0001-01-01T00:00:00Z", []string{"0002-01-01T00:00:00Z"}},
	} {
		r.check(t, cron.Options{})
	}
}

func TestSpecialDays(t *testing.T) {
	for _, r := range []runs{
		{"last day", "0 0 0 L * *", "UTC", "2028-01-31T00:00:00Z", []string{"2028-02-29T00:00:00Z", "2028-03-31T00:00:00Z", "2028-04-30T00:00:00Z"}},
		{"days before the last", "0 0 0 L-2 * *", "UTC", "2026-02-01T00:00:00Z", []string{"2026-02-26T00:00:00Z", "2026-03-29T00:00:00Z"}},
		{"more days before the last than the month has", "0 0 0 L-30 * *", "UTC", "2026-01-01T00:00:00Z", []string{"2026-03-01T00:00:00Z", "2026-05-01T00:00:00Z"}},
		{"last Friday", "0 0 0 * * FRIL", "UTC", "2026-01-01T00:00:00Z", []string{"2026-01-30T00:00:00Z", "2026-02-27T00:00:00Z"}},
		{"last Sunday by number", "0 0 0 ? * 0l", "UTC", "2026-05-01T00:00:00Z", []string{"2026-05-31T00:00:00Z", "2026-06-28T00:00:00Z"}},
		{"second Tuesday", "0 0 0 * * TUE#2", "UTC", "2026-01-01T00:00:00Z", []string{"2026-01-13T00:00:00Z", "2026-02-10T00:00:00Z"}},
		{"fifth Monday only where there is one", "0 0 0 * * 1#5", "UTC", "2026-01-01T00:00:00Z", []string{"2026-03-30T00:00:00Z", "2026-06-29T00:00:00Z"}},
		{"nearest to a Saturday is Friday", "0 0 0 15W 8 *", "UTC", "2026-01-01T00:00:00Z", []string{"2026-08-14T00:00:00Z"}},
		{"nearest to a Sunday is Monday", "0 0 0 15W 2 *", "UTC", "2026-01-01T00:00:00Z", []string{"2026-02-16T00:00:00Z"}},
		{"nearest to Saturday the 1st stays in the month", "0 0 0 1W 8 *", "UTC", "2026-01-01T00:00:00Z", []string{"2026-08-03T00:00:00Z"}},
		{"nearest to Sunday the 31st stays in the month", "0 0 0 31W * *", "UTC", "2026-05-01T00:00:00Z", []string{"2026-05-29T00:00:00Z", "2026-07-31T00:00:00Z"}},
		{"nearest to a day that the month lacks", "0 0 0 31W * *", "UTC", "2027-04-01T00:00:00Z", []string{"2027-05-31T00:00:00Z"}},
		{"last weekday", "0 0 0 LW * *", "UTC", "2026-01-01T00:00:00Z", []string{"2026-01-30T00:00:00Z", "2026-02-27T00:00:00Z", "2026-03-31T00:00:00Z"}},
		{"specials in lists", "0 0 0 1,L * *", "UTC", "2026-01-15T00:00:00Z", []string{"2026-01-31T00:00:00Z", "2026-02-01T00:00:00Z"}},
		{"special or weekday", "0 0 0 L * MON#1", "UTC", "2026-01-15T00:00:00Z", []string{"2026-01-31T00:00:00Z", "2026-02-02T00:00:00Z"}},
	} {
		r.check(t, cron.Options{})
	}
}

// The name abc hashes to 294.
func TestHash(t *testing.T) {
	for _, r := range []runs{
		{"second", "~ * * * * *", "UTC", "2026-01-01T00:00:00Z", []string{"2026-01-01T00:00:54Z"}},
		{"minute", "0 ~ * * * *", "UTC", "2026-01-01T00:00:00Z", []string{"2026-01-01T00:54:00Z"}},
		{"minute of five fields", "~ * * * *", "UTC", "2026-01-01T00:00:00Z", []string{"2026-01-01T00:54:00Z"}},
		{"hour", "0 0 ~ * * *", "UTC", "2026-01-01T00:00:00Z", []string{"2026-01-01T06:00:00Z"}},
		{"day", "0 0 0 ~ * *", "UTC", "2026-01-01T00:00:00Z", []string{"2026-01-15T00:00:00Z"}},
		{"month", "0 0 0 1 ~ *", "UTC", "2026-01-01T00:00:00Z", []string{"2026-07-01T00:00:00Z"}},
		{"weekday", "0 0 0 * * ~", "UTC", "2026-01-01T00:00:00Z", []string{"2026-01-04T00:00:00Z"}},
		{"list", "0 ~,5 * * * *", "UTC", "2026-01-01T00:00:00Z", []string{"2026-01-01T00:05:00Z", "2026-01-01T00:54:00Z"}},
		{"doubled blanks and a zone", "TZ=UTC 0 0  ~ * * *", "Asia/Tokyo", "2026-01-01T00:00:00Z", []string{"2026-01-01T06:00:00Z"}},
		{"step", "0 ~/15 * * * *", "UTC", "2026-01-01T00:30:00Z", []string{"2026-01-01T00:39:00Z", "2026-01-01T00:54:00Z", "2026-01-01T01:09:00Z"}},
		{"step of days", "0 0 0 ~/10 * *", "UTC", "2026-01-01T00:00:00Z", []string{"2026-01-05T00:00:00Z", "2026-01-15T00:00:00Z", "2026-01-25T00:00:00Z", "2026-02-05T00:00:00Z"}},
		{"step beyond the range", "0 ~/100 * * * *", "UTC", "2026-01-01T00:00:00Z", []string{"2026-01-01T00:54:00Z", "2026-01-01T01:54:00Z"}},
		{"range from ~", "0 ~-55 * * * *", "UTC", "2026-01-01T00:00:00Z", []string{"2026-01-01T00:54:00Z", "2026-01-01T00:55:00Z", "2026-01-01T01:54:00Z"}},
	} {
		r.check(t, cron.Options{})
	}
	long := parse(t, "~ * * * * *", cron.Options{Zone: "UTC", Name: "日本"}) // 26085 + 26412
	checkRuns(t, long, "2026-01-01T00:00:00Z", "2026-01-01T00:00:57Z")
}

func TestDescriptors(t *testing.T) {
	for _, r := range []runs{
		{"yearly", "@yearly", "Asia/Tokyo", "2026-01-01T00:00:00Z", []string{"2027-01-01T00:00:00+09:00"}},
		{"annually", "@annually", "UTC", "2026-01-01T00:00:00Z", []string{"2027-01-01T00:00:00Z"}},
		{"monthly", "@monthly", "UTC", "2026-01-01T00:00:00Z", []string{"2026-02-01T00:00:00Z"}},
		{"weekly", "@weekly", "UTC", "2026-01-01T00:00:00Z", []string{"2026-01-04T00:00:00Z"}},
		{"daily in the job's zone", "@daily", "Asia/Tokyo", "2026-01-01T00:00:00Z", []string{"2026-01-02T00:00:00+09:00"}},
		{"midnight", "@midnight", "UTC", "2026-01-01T00:00:00Z", []string{"2026-01-02T00:00:00Z"}},
		{"hourly", "@hourly", "UTC", "2026-01-01T00:00:00Z", []string{"2026-01-01T01:00:00Z"}},
		{"minutely", "@minutely", "UTC", "2026-01-01T00:00:00Z", []string{"2026-01-01T00:01:00Z"}},
		{"manually", "@manually", "UTC", "2026-01-01T00:00:00Z", []string{""}},
		{"every counts from the anchor", "@every 7m", "UTC", "2026-01-01T12:50:00Z", []string{"2026-01-01T12:56:00Z", "2026-01-01T13:03:00Z"}},
		{"every at its own instant", "@every 7m", "UTC", "2026-01-01T12:07:00Z", []string{"2026-01-01T12:14:00Z"}},
		{"every fires first after one interval", "@every 1h", "UTC", "2020-01-01T00:00:00Z", []string{"2026-01-01T13:00:00Z", "2026-01-01T14:00:00Z"}},
		{"every cuts fractions", "@every 1.9s", "UTC", "2026-01-01T12:00:05.5Z", []string{"2026-01-01T12:00:06Z", "2026-01-01T12:00:07Z"}},
		{"every is at least a second", "@every 5ms", "UTC", "2026-01-01T12:00:00Z", []string{"2026-01-01T12:00:01Z", "2026-01-01T12:00:02Z"}},
		{"negative every", "@every -1h", "UTC", "2026-01-01T12:00:00Z", []string{"2026-01-01T12:00:01Z"}},
		{"every ends", "@every 2000000h", "UTC", "9900-01-01T12:00:00Z", []string{""}},
		{"at", "@at 2030-01-01T00:00:00+02:00", "UTC", "2026-01-01T00:00:00Z", []string{"2029-12-31T22:00:00Z", ""}},
		{"at in the past", "@at 2020-01-01T00:00:00Z", "UTC", "2026-01-01T00:00:00Z", []string{""}},
		{"after", "@after 2030-01-01T00:00:00Z <PT2H", "UTC", "2026-01-01T00:00:00Z", []string{"2030-01-01T00:00:00Z", ""}},
	} {
		r.check(t, cron.Options{})
	}
}

func TestFirstHonoursTheGracePeriod(t *testing.T) {
	at := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	s := parse(t, "@after 2030-01-01T00:00:00Z <PT2H", cron.Options{Zone: "UTC"})
	if s.Grace() != 2*time.Hour {
		t.Errorf("Grace() = %v", s.Grace())
	}
	for stored, want := range map[time.Time]time.Time{
		at.Add(-time.Nanosecond):              at,
		at:                                    at,
		at.Add(time.Hour):                     at.Add(time.Hour),
		at.Add(2 * time.Hour):                 at.Add(2 * time.Hour),
		at.Add(2*time.Hour + time.Nanosecond): {},
	} {
		if got := s.First(stored); !got.Equal(want) {
			t.Errorf("First(%v) = %v, want %v", stored, got, want)
		}
	}
	if got := parse(t, "@at 2030-01-01T00:00:00Z", cron.Options{}).First(at); !got.IsZero() {
		t.Errorf("@at stored at its instant is due at %v", got)
	}
	if got := parse(t, "@hourly", cron.Options{}).First(at); !got.Equal(at.Add(time.Hour)) {
		t.Errorf("@hourly: %v", got)
	}
}

func TestFixedTimeInAGapRunsRightAfterIt(t *testing.T) {
	for _, r := range []runs{
		{"hour", "0 30 2 * * *", "America/New_York", "2026-03-07T12:00:00Z", []string{"2026-03-08T03:00:00-04:00", "2026-03-09T02:30:00-04:00"}},
		{"first skipped second", "0 0 2 * * *", "America/New_York", "2026-03-07T12:00:00Z", []string{"2026-03-08T03:00:00-04:00", "2026-03-09T02:00:00-04:00"}},
		{"several in one gap run once", "0 0,15,30 2 * * *", "America/New_York", "2026-03-07T12:00:00Z", []string{"2026-03-08T03:00:00-04:00", "2026-03-09T02:00:00-04:00"}},
		{"in the gap and right after it run once", "0 0 2,3 * * *", "America/New_York", "2026-03-07T12:00:00Z", []string{"2026-03-08T03:00:00-04:00", "2026-03-09T02:00:00-04:00"}},
		{"half an hour", "0 15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00:00Z", []string{"2026-10-04T02:30:00+11:00", "2026-10-05T02:15:00+11:00"}},
		{"midnight in Sao Paulo", "@daily", "America/Sao_Paulo", "2018-11-03T12:00:00Z", []string{"2018-11-04T01:00:00-02:00", "2018-11-05T00:00:00-02:00"}},
		{"midnight in Beirut", "@daily", "Asia/Beirut", "2022-03-26T12:00:00Z", []string{"2022-03-27T01:00:00+03:00", "2022-03-28T00:00:00+03:00"}},
		{"a whole day", "0 0 10 * * *", "Pacific/Apia", "2011-12-29T21:00:00Z", []string{"2011-12-31T00:00:00+14:00", "2011-12-31T10:00:00+14:00"}},
		{"a whole day by weekday", "0 0 10 * * FRI", "Pacific/Apia", "2011-12-29T21:00:00Z", []string{"2011-12-31T00:00:00+14:00", "2012-01-06T10:00:00+14:00"}},
		{"offsets with seconds", "0 15 0 * * *", "Africa/Monrovia", "1972-01-06T12:00:00Z", []string{"1972-01-07T00:44:30Z", "1972-01-08T00:15:00Z"}},
		{"only on the days it is due", "0 30 2 * * MON", "America/New_York", "2026-03-07T12:00:00Z", []string{"2026-03-09T02:30:00-04:00"}},
		{"standing at the end of the gap", "0 30 2 * * *", "America/New_York", "2026-03-08T03:00:00-04:00", []string{"2026-03-09T02:30:00-04:00"}},
	} {
		r.check(t, cron.Options{})
	}
}

func TestFixedTimeInAGapIsDroppedOnRequest(t *testing.T) {
	for _, r := range []runs{
		{"hour", "0 30 2 * * *", "America/New_York", "2026-03-07T12:00:00Z", []string{"2026-03-09T02:30:00-04:00"}},
		{"midnight", "@daily", "America/Sao_Paulo", "2018-11-03T12:00:00Z", []string{"2018-11-05T00:00:00-02:00"}},
		{"a whole day", "0 0 10 30 12 *", "Pacific/Apia", "2011-01-01T00:00:00Z", []string{"2012-12-30T10:00:00+14:00"}},
		{"always in the gap", "0 30 2 * 3 SUN#2", "America/New_York", "2026-01-01T00:00:00Z", []string{""}},
	} {
		r.check(t, cron.Options{Gap: cron.GapSkip})
	}
}

func TestFixedTimeInAnOverlapRunsOnce(t *testing.T) {
	for _, r := range []runs{
		{"hour", "0 30 1 * * *", "America/New_York", "2026-10-31T12:00:00Z", []string{"2026-11-01T01:30:00-04:00", "2026-11-02T01:30:00-05:00"}},
		{"standing between both", "0 30 1 * * *", "America/New_York", "2026-11-01T01:45:00-04:00", []string{"2026-11-02T01:30:00-05:00"}},
		{"half an hour", "0 45 1 * * *", "Australia/Lord_Howe", "2026-04-04T12:00:00Z", []string{"2026-04-05T01:45:00+11:00", "2026-04-06T01:45:00+10:30"}},
		{"midnight", "@daily", "America/Havana", "2026-10-31T12:00:00Z", []string{"2026-11-01T00:00:00-04:00", "2026-11-02T00:00:00-05:00"}},
	} {
		r.check(t, cron.Options{})
	}
}

func TestFixedTimeInAnOverlapRunsTwiceOnRequest(t *testing.T) {
	runs{"hour", "0 30 1 * * *", "America/New_York", "2026-10-31T12:00:00Z", []string{"2026-11-01T01:30:00-04:00", "2026-11-01T01:30:00-05:00", "2026-11-02T01:30:00-05:00"}}.check(t, cron.Options{Overlap: cron.OverlapBoth})
}

func TestIntervalsFollowRealTime(t *testing.T) {
	for _, r := range []runs{
		{"half hours in the repeated hour", "0 */30 * * * *", "America/New_York", "2026-11-01T00:45:00-04:00", []string{"2026-11-01T01:00:00-04:00", "2026-11-01T01:30:00-04:00", "2026-11-01T01:00:00-05:00", "2026-11-01T01:30:00-05:00", "2026-11-01T02:00:00-05:00"}},
		{"hours in the repeated hour", "@hourly", "America/New_York", "2026-11-01T00:45:00-04:00", []string{"2026-11-01T01:00:00-04:00", "2026-11-01T01:00:00-05:00", "2026-11-01T02:00:00-05:00"}},
		{"hours across the gap", "@hourly", "America/New_York", "2026-03-08T01:00:00-05:00", []string{"2026-03-08T03:00:00-04:00", "2026-03-08T04:00:00-04:00"}},
		{"range of hours, repeated", "0 0 0-3 * * *", "America/New_York", "2026-11-01T00:45:00-04:00", []string{"2026-11-01T01:00:00-04:00", "2026-11-01T01:00:00-05:00"}},
		{"step of minutes in a skipped hour", "0 */30 2 * * *", "America/New_York", "2026-03-07T12:00:00Z", []string{"2026-03-09T02:00:00-04:00"}},
		{"a skipped local hour of half an hour", "@hourly", "Australia/Lord_Howe", "2026-10-04T01:00:00+10:30", []string{"2026-10-04T03:00:00+11:00"}},
	} {
		r.check(t, cron.Options{})
	}
}

func TestNothingIsOutsideTheYears1To9999(t *testing.T) {
	for _, text := range []string{"* * * * * *", "@every 5s", "@at 2030-01-01T00:00:00Z"} {
		s := parse(t, text, cron.Options{Zone: "America/New_York", Anchor: anchor})
		for _, from := range []time.Time{time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), time.Date(20000, 1, 1, 0, 0, 0, 0, time.UTC), time.Unix(1<<62, 0)} {
			if got := s.Next(from); !got.IsZero() {
				t.Errorf("%s: Next(%v) = %v", text, from, got)
			}
		}
	}
	s := parse(t, "* * * * * *", cron.Options{Zone: "UTC"})
	if got := s.Next(time.Date(-5000, 1, 1, 0, 0, 0, 0, time.UTC)); got.Unix() != (time.Time{}).Unix() {
		t.Errorf("Next of a time before the year 1 is %v", got)
	}
}

func TestNextDoesNotAllocate(t *testing.T) {
	for _, text := range []string{"0 30 2 * * *", "*/15 * * * * *", "0 0 0 29 2 *", "0 0 0 LW * 1#1", "@every 5s", "@at 2030-01-01T00:00:00Z"} {
		s := parse(t, text, cron.Options{Zone: "America/New_York"})
		from := time.Date(2026, 3, 7, 12, 0, 0, 0, time.UTC)
		if n := testing.AllocsPerRun(100, func() { s.Next(from) }); n != 0 {
			t.Errorf("%s: %v allocations", text, n)
		}
	}
}
