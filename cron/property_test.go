package cron_test

import (
	"archive/zip"
	"flag"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dkron/cron"
)

// everything makes the zone test look at each transition of each zone.
var everything = flag.Bool("long", false, "test every transition of every zone (a minute with -race)")

func sprint(parts ...any) string {
	var b strings.Builder
	for _, p := range parts {
		fmt.Fprint(&b, p)
	}
	return b.String()
}

// zoneNames lists the names of the IANA database that comes with Go.
func zoneNames(t *testing.T) []string {
	t.Helper()
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatalf("find GOROOT: %v", err)
	}
	archive, err := zip.OpenReader(filepath.Join(strings.TrimSpace(string(root)), "lib", "time", "zoneinfo.zip"))
	if err != nil {
		t.Fatalf("list zones: %v", err)
	}
	defer archive.Close()
	var names []string
	for _, f := range archive.File {
		if !strings.HasSuffix(f.Name, "/") {
			names = append(names, f.Name)
		}
	}
	if len(names) < 400 {
		t.Fatalf("only %d zones", len(names))
	}
	return names
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := cron.ParseZone(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func offsetAt(loc *time.Location, unix int64) int64 {
	_, offset := time.Unix(unix, 0).In(loc).Zone()
	return int64(offset)
}

const day = 24 * 60 * 60

// transitionsOf finds the first instants of new offsets: it samples the offset every step seconds and bisects where it
// differs.
func transitionsOf(loc *time.Location, from, to, step int64) []int64 {
	var found []int64
	for u := from; u < to; u += step {
		low, high := u, u+step
		before := offsetAt(loc, low)
		if before == offsetAt(loc, high) {
			continue
		}
		for high-low > 1 {
			if middle := low + (high-low)/2; offsetAt(loc, middle) == before {
				low = middle
			} else {
				high = middle
			}
		}
		found = append(found, high)
	}
	return found
}

func yearStart(year int) int64 { return time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC).Unix() }

// sight is a window of moments around a transition, so wide that a local time of its inner half is not shown outside of
// it.
type sight struct {
	zone         string
	step         int64
	moments      []moment
	inner, outer int64 // the instants to compare, both included
	civil        time.Time
}

func look(t testing.TB, name string, transition int64, whole bool) sight {
	loc := zone(t, name)
	shift := max(offsetAt(loc, transition)-offsetAt(loc, transition-1), offsetAt(loc, transition-1)-offsetAt(loc, transition))
	s := sight{zone: name, step: 1}
	if whole && offsetAt(loc, transition)%60 == 0 && offsetAt(loc, transition-1)%60 == 0 {
		s.step = 60
	}
	half := shift + 2*3600
	s.inner, s.outer = transition-half, transition+half
	s.moments = momentsOf(loc, s.inner-shift, s.outer+shift, s.step)
	s.civil = s.moments[slices.IndexFunc(s.moments, func(m moment) bool { return m.unix >= transition })].civil
	return s
}

// compare fails if Next disagrees with the definition in the window, both when walking through it and when starting at
// each instant in between.
func (s sight) compare(o *oracle, fail func(format string, args ...any)) {
	schedule, err := cron.Parse(o.text(), cron.Options{Zone: s.zone, Gap: o.gap, Overlap: o.overlap})
	if err != nil {
		fail("Parse(%q): %v", o.text(), err)
		return
	}
	var want []int64
	for _, u := range o.instants(s.moments, s.step) {
		if s.inner <= u && u <= s.outer {
			want = append(want, u)
		}
	}
	at := time.Unix(s.inner-1, 0)
	for i := 0; ; i++ {
		next := schedule.Next(at)
		if !next.IsZero() && !next.After(at) {
			fail("%q in %s: Next(%v) = %v", o.text(), s.zone, at.UTC(), next)
			return
		}
		ended := next.IsZero() || next.Unix() > s.outer
		if ended != (i == len(want)) || !ended && next.Unix() != want[i] {
			expected := "none in the window"
			if i < len(want) {
				expected = time.Unix(want[i], 0).In(schedule.Location()).String()
			}
			fail("%q in %s (gap %d, overlap %d): Next(%v) = %v, want %s", o.text(), s.zone, o.gap, o.overlap, at.In(schedule.Location()), next, expected)
			return
		}
		if ended {
			return
		}
		if middle := at.Add(next.Sub(at) / 2); !schedule.Next(middle).Equal(next) {
			fail("%q in %s: Next(%v) = %v, want %v", o.text(), s.zone, middle, schedule.Next(middle), next)
			return
		}
		at = next
	}
}

// fixedOracle is a schedule with plain numbers.
func fixedOracle(gap cron.Gap, overlap cron.Overlap, minutes, hours []int) *oracle {
	plain := func(values []int, get func(time.Time) int) oracleField {
		text := strings.Trim(strings.ReplaceAll(fmt.Sprint(values), " ", ","), "[]")
		return oracleField{text: text, allows: func(c time.Time) bool { return slices.Contains(values, get(c)) }, plain: true}
	}
	star := oracleField{text: "*", allows: func(time.Time) bool { return true }, star: true}
	return &oracle{
		fields: [6]oracleField{plain([]int{0}, time.Time.Second), plain(minutes, time.Time.Minute), plain(hours, time.Time.Hour), star, star, star},
		gap:    gap, overlap: overlap,
	}
}

// TestEveryZoneAroundItsTransitions: the schedules most sensitive to a change
// of the clock, in each zone, around its transitions.
func TestEveryZoneAroundItsTransitions(t *testing.T) {
	names := zoneNames(t)
	from, to, step := yearStart(1990), yearStart(2041), int64(5*day)
	if *everything {
		step = day / 4
	}
	total := 0
	for i, name := range names {
		transitions := transitionsOf(zone(t, name), from, to, step)
		if !*everything && len(transitions) > 2 {
			// One of spring and one of autumn, a different year for each zone.
			start := i % (len(transitions) - 1)
			transitions = transitions[start : start+2]
		}
		total += len(transitions)
		for _, transition := range transitions {
			s := look(t, name, transition, true)
			near := []int{s.civil.Hour(), (s.civil.Hour() + 23) % 24, (s.civil.Hour() + 22) % 24}
			interval := fixedOracle(cron.GapAfter, cron.OverlapFirst, []int{0, 15, 30, 45}, near)
			interval.fields[1] = oracleField{text: "*/15", allows: func(c time.Time) bool { return c.Minute()%15 == 0 }}
			for _, o := range []*oracle{
				fixedOracle(cron.GapAfter, cron.OverlapFirst, []int{0, 30}, near),
				fixedOracle(cron.GapSkip, cron.OverlapBoth, []int{0, 59}, near),
				fixedOracle(cron.GapAfter, cron.OverlapBoth, []int{17}, near[1:]),
				fixedOracle(cron.GapAfter, cron.OverlapFirst, []int{0}, []int{0}),
				interval,
			} {
				s.compare(o, t.Errorf)
			}
		}
	}
	t.Logf("%d zones, %d transitions", len(names), total)
}

// TestRandomSchedulesAroundTransitions: any schedule in any zone, at any
// transition since local time was kept by the sun, by the second.
func TestRandomSchedulesAroundTransitions(t *testing.T) {
	names := zoneNames(t)
	from, to := yearStart(1840), yearStart(2060)
	rapid.Check(t, func(r *rapid.T) {
		name := rapid.SampledFrom(names).Draw(r, "zone")
		start := rapid.Int64Range(from/day, to/day).Draw(r, "from day") * day
		whole := rapid.IntRange(0, 3).Draw(r, "by the minute") > 0
		transitions := transitionsOf(zone(t, name), start, start+20*365*day, 9*day)
		if len(transitions) == 0 {
			transitions = []int64{start}
		}
		s := look(t, name, rapid.SampledFrom(transitions).Draw(r, "transition"), whole)
		for range 3 {
			s.compare(drawOracle(r, s.civil, s.step == 60), r.Fatalf)
		}
	})
}

// TestRandomDates: the calendar alone, by the day, for up to 45 years; at noon,
// when no clock changes, and with different offsets at both ends.
func TestRandomDates(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		from, to, name := 1, 9950, "UTC"
		if rapid.Bool().Draw(r, "with a zone") {
			from, to = 1920, 2100
			name = rapid.SampledFrom([]string{"America/New_York", "Europe/London", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Tokyo"}).Draw(r, "zone")
		}
		loc := zone(t, name)
		start := time.Unix(rapid.Int64Range(yearStart(from)/day, yearStart(to)/day).Draw(r, "day")*day, 0).UTC()
		for range 10 {
			o := drawOracle(r, start.AddDate(0, 0, 1), true)
			copy(o.fields[:3], fixedOracle(o.gap, o.overlap, []int{0}, []int{12}).fields[:3])
			s := parse(t, o.text(), cron.Options{Zone: name, Gap: o.gap, Overlap: o.overlap})
			date := start.Add(12 * time.Hour)
			for range 3 {
				at := time.Date(date.Year(), date.Month(), date.Day(), 12, 0, 0, 0, loc)
				date = o.dayAfter(date)
				var want time.Time
				if !date.IsZero() {
					want = time.Date(date.Year(), date.Month(), date.Day(), 12, 0, 0, 0, loc)
				}
				if got := s.Next(at); !got.Equal(want) {
					r.Fatalf("%q: Next(%v) = %v, want %v", o.text(), at, got, want)
				}
				if want.IsZero() {
					break
				}
			}
		}
	})
}

// TestNextIsStrictlyIncreasing also checks that no instant is missed between
// t and Next(t): each instant in between leads to the same one.
func TestNextIsStrictlyIncreasing(t *testing.T) {
	names := zoneNames(t)
	rapid.Check(t, func(r *rapid.T) {
		at := time.Unix(rapid.Int64Range(yearStart(1800), yearStart(2200)).Draw(r, "at"), rapid.Int64Range(0, 999999999).Draw(r, "ns"))
		o := drawOracle(r, at.UTC(), false)
		s := parse(t, o.text(), cron.Options{Zone: rapid.SampledFrom(names).Draw(r, "zone"), Gap: o.gap, Overlap: o.overlap})
		for range 30 {
			next := s.Next(at)
			if next.IsZero() {
				return
			}
			if !next.After(at) || next.Nanosecond() != 0 {
				r.Fatalf("%q: Next(%v) = %v", o.text(), at, next)
			}
			between := at.Add(time.Duration(rapid.Float64Range(0, 0.999).Draw(r, "between") * float64(next.Sub(at))))
			if got := s.Next(between); !got.Equal(next) {
				r.Fatalf("%q: Next(%v) = %v, but Next(%v) = %v", o.text(), at, next, between, got)
			}
			at = next
		}
	})
}

func TestEveryCountsFromItsAnchor(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		anchor := time.Unix(rapid.Int64Range(yearStart(1950), yearStart(2050)).Draw(r, "anchor"), rapid.Int64Range(0, 999999999).Draw(r, "ns"))
		at := anchor.Add(time.Duration(rapid.Int64Range(-1e15, 1e15).Draw(r, "offset")))
		interval := time.Duration(rapid.Int64Range(1e9, 1e14).Draw(r, "interval"))
		s := parse(t, sprint("@every ", interval), cron.Options{Anchor: anchor})
		interval = interval.Truncate(time.Second)
		next := s.Next(at)
		phase := next.Sub(anchor.Truncate(time.Second))
		first := phase == interval
		if phase <= 0 || phase%interval != 0 || !next.After(at) || !first && next.Add(-interval).After(at) {
			r.Fatalf("@every %v from %v: Next(%v) = %v", interval, anchor, at, next)
		}
	})
}
