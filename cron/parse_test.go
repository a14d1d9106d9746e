package cron_test

import (
	"strings"
	"testing"
	"time"

	"dkron/cron"
)

var anchor = time.Date(2026, 1, 1, 12, 0, 0, 700e6, time.UTC)

func parse(t testing.TB, text string, opt cron.Options) *cron.Schedule {
	t.Helper()
	s, err := cron.Parse(text, opt)
	if err != nil {
		t.Fatalf("Parse(%q): %v", text, err)
	}
	return s
}

func TestParseAccepts(t *testing.T) {
	for text, kind := range map[string]cron.Kind{
		"0 0 0 1 1 0":                         cron.KindCron,
		"59 59 23 31 12 6":                    cron.KindCron,
		"  *   * *\t* *  * ":                  cron.KindCron,
		"* * * * *":                           cron.KindCron,
		"? ? ? ? ? ?":                         cron.KindCron,
		"1,2,3-5,*/7,9-20/3,50/2 * * * * *":   cron.KindCron,
		"*/100 */100 1-2/99 * * *":            cron.KindCron,
		"0 0 0 * jan,FeB-dec/2 sun,Mon-FRI/2": cron.KindCron,
		"0 0 0 l,L-30,15w,LW,3 * *":           cron.KindCron,
		"0 0 0 * * 5L,friL,1#1,Tue#5,3":       cron.KindCron,
		"0 0 0 30 2 *":                        cron.KindCron,
		"TZ=Europe/Paris 0 0 0 * * *":         cron.KindCron,
		"CRON_TZ=UTC  @daily":                 cron.KindCron,
		"TZ=UTC @every 5s":                    cron.KindEvery,
		"@yearly":                             cron.KindCron,
		"@annually":                           cron.KindCron,
		"@monthly":                            cron.KindCron,
		"@weekly":                             cron.KindCron,
		"@daily":                              cron.KindCron,
		"@midnight":                           cron.KindCron,
		"@hourly":                             cron.KindCron,
		"@minutely":                           cron.KindCron,
		"@every 1h30m":                        cron.KindEvery,
		"@every -5s":                          cron.KindEvery,
		"@at 2030-01-01T00:00:00+02:00":       cron.KindAt,
		"@after 2030-01-01T00:00:00Z <PT2H":   cron.KindAfter,
		"@manually":                           cron.KindManual,
	} {
		if got := parse(t, text, cron.Options{}).Kind(); got != kind {
			t.Errorf("Parse(%q): kind %d, want %d", text, got, kind)
		}
	}
}

var refusals = []struct{ text, want string }{
	{"", "empty spec string"},
	{" \t", "empty spec string"},
	{"TZ=UTC", "empty spec string after TZ=UTC: want fields or a descriptor"},
	{"1 2 3", "expected 5 or 6 fields, found 3: [1 2 3]"},
	{"* * * * * * *", "expected 5 or 6 fields, found 7: [* * * * * * *]"},
	{"60 * * * * *", "end of range (60) above maximum (59): 60"},
	{"* 60 * * * *", "end of range (60) above maximum (59): 60"},
	{"* * 24 * * *", "end of range (24) above maximum (23): 24"},
	{"* * * 32 * *", "end of range (32) above maximum (31): 32"},
	{"* * * 0 * *", "beginning of range (0) below minimum (1): 0"},
	{"* * * * 13 *", "end of range (13) above maximum (12): 13"},
	{"* * * * 0 *", "beginning of range (0) below minimum (1): 0"},
	{"* * * * * 7", "end of range (7) above maximum (6): 7"},
	{"60/5 * * * * *", "beginning of range (60) beyond end of range (59): 60/5"},
	{"5-1 * * * * *", "beginning of range (5) beyond end of range (1): 5-1"},
	{"* * * * * fri-mon", "beginning of range (5) beyond end of range (1): FRI-MON"},
	{"*/0 * * * * *", "step of range should be a positive number: */0"},
	{"*/x * * * * *", "failed to parse int from X: want a whole number as the step of */X"},
	{"1/2/3 * * * * *", "too many slashes: 1/2/3; want one step, e.g. */5"},
	{"1-2-3 * * * * *", "too many hyphens: 1-2-3; want one range, e.g. 1-5"},
	{"1,,2 * * * * *", "empty entry in list: 1,,2; want values separated by single commas"},
	{"x * * * * *", "failed to parse int from X: want a number from 0 to 59"},
	{"-1 * * * * *", "failed to parse int from : want a number from 0 to 59"},
	{"+1 * * * * *", "failed to parse int from +1: want a number from 0 to 59"},
	{"*-5 * * * * *", "failed to parse int from *: want a number from 0 to 59"},
	{"99999999999 * * * * *", "failed to parse int from 99999999999: want a number from 0 to 59"},
	{"* * * * foo *", "failed to parse int from FOO: want a number from 1 to 12 or a name from JAN to DEC"},
	{"* * * * * foo", "failed to parse int from FOO: want a number from 0 to 6 or a name from SUN to SAT"},
	{"L * * * * *", "failed to parse int from L: want a number from 0 to 59"},
	{"* * * L-31 * *", "bad day before the last: L-31; want L-1 to L-30"},
	{"* * * 32W * *", "bad nearest weekday: 32W; want 1W to 31W or LW"},
	{"* * * 0W * *", "bad nearest weekday: 0W; want 1W to 31W or LW"},
	{"* * * * * L", "bad last weekday: L; want 0L to 6L or SUNL to SATL"},
	{"* * * * * 7L", "bad last weekday: 7L; want 0L to 6L or SUNL to SATL"},
	{"* * * * * 1#6", "bad weekday of the month: 1#6; want a day from 0 to 6 or SUN to SAT and a number from 1 to 5, e.g. FRI#2"},
	{"* * * * * 7#1", "bad weekday of the month: 7#1; want a day from 0 to 6 or SUN to SAT and a number from 1 to 5, e.g. FRI#2"},
	{"* ~-3 * * * *", "beginning of range (54) beyond end of range (3): 54-3"},
	{"@reboot", "unrecognized descriptor: @reboot"},
	{"@Daily", "unrecognized descriptor: @Daily"},
	{"@every", "unrecognized descriptor: @every"},
	{"@manually x", "unrecognized descriptor: @manually x"},
	{"@every 1x", `failed to parse duration @every 1x: time: unknown unit "x" in duration "1x"; want e.g. @every 1h30m`},
	{"@every  1s", `failed to parse duration @every  1s: time: invalid duration " 1s"; want e.g. @every 1h30m`},
	{"@at 2030-01-01", `failed to parse date @at 2030-01-01: parsing time "2030-01-01" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "T"; want e.g. @at 2030-01-31T12:00:00Z`},
	{"@at 9999-12-31T23:59:59-12:00", "failed to parse date @at 9999-12-31T23:59:59-12:00: not within the years 0000 to 9999 in UTC; " +
		"want e.g. @at 2030-01-31T12:00:00Z"},
	{"@after 0000-01-01T00:00:00+01:00 <PT1H", "failed to parse date @after 0000-01-01T00:00:00+01:00 <PT1H: " +
		"not within the years 0000 to 9999 in UTC; want e.g. @after 2030-01-31T12:00:00Z <PT2H"},
	{"@after 2030-01-01T00:00:00Z", "no grace period: @after 2030-01-01T00:00:00Z; want e.g. @after 2030-01-31T12:00:00Z <PT2H"},
	{"@after 2030-01-01T00:00:00Z PT1H", "grace period must start with '<', got: PT1H"},
	{"@after 2030-01-01T00:00:00Z <PT0S", `failed to parse grace period @after 2030-01-01T00:00:00Z <PT0S: invalid ISO 8601 duration "PT0S": zero; want PnYnMnDTnHnMnS, e.g. PT2H or P1DT2H30M`},
	{"TZ=Nope @daily", "provided bad location Nope: unknown time zone Nope"},
	{"TZ=../UTC @daily", "provided bad location ../UTC: time: invalid location name"},
	{"TZ= @daily", "provided bad location : no zone after TZ=, want e.g. TZ=Europe/Paris"},
	{"TZ=UTC @manually", "TZ=UTC cannot precede @manually: a zone applies to fields and to descriptors such as @daily"},
}

func TestParseRefusesAndSaysWhy(t *testing.T) {
	for _, c := range refusals {
		_, err := cron.Parse(c.text, cron.Options{Name: "abc"})
		if err == nil || err.Error() != c.want {
			t.Errorf("Parse(%q):\n got %v\nwant %s", c.text, err, c.want)
		}
	}
}

func TestDatesNeedingATMustHaveExactlyOneBlank(t *testing.T) {
	for _, text := range []string{"@at  2030-01-01T00:00:00Z", "@after  2030-01-01T00:00:00Z <PT1H", "@after 2030-01-01T00:00:00Z  <PT1H"} {
		if _, err := cron.Parse(text, cron.Options{}); err == nil {
			t.Errorf("Parse(%q) succeeded", text)
		}
	}
}

func TestZoneOfPrefixWinsOverJob(t *testing.T) {
	for text, want := range map[string]string{
		"@daily":                       "Europe/Paris",
		"@every 5s":                    "Europe/Paris",
		"0 0 0 * * *":                  "Europe/Paris",
		"TZ=Asia/Tokyo 0 0 0 * * *":    "Asia/Tokyo",
		"CRON_TZ=Asia/Tokyo @daily":    "Asia/Tokyo",
		"TZ=Local 0 0 0 * * *":         "Local",
		"@at 2030-01-01T00:00:00Z":     "Europe/Paris",
		"@manually":                    "Europe/Paris",
		"TZ=America/New_York @every 1": "",
	} {
		s, err := cron.Parse(text, cron.Options{Zone: "Europe/Paris"})
		if want == "" {
			if err == nil {
				t.Errorf("Parse(%q) succeeded", text)
			}
			continue
		}
		if err != nil || s.Location().String() != want {
			t.Errorf("Parse(%q): %v, %v, want %s", text, s, err, want)
		}
	}
	if _, err := cron.Parse("@daily", cron.Options{Zone: "Nope"}); err == nil || err.Error() != "unknown time zone Nope" {
		t.Errorf("bad job zone: %v", err)
	}
}

func TestZoneNames(t *testing.T) {
	for name, want := range map[string]*time.Location{"": time.Local, "Local": time.Local, "UTC": time.UTC} {
		if loc, err := cron.ParseZone(name); err != nil || loc != want {
			t.Errorf("ParseZone(%q) = %v, %v", name, loc, err)
		}
	}
	for name, want := range map[string]string{
		"Nope":          "unknown time zone Nope",
		" UTC":          "unknown time zone  UTC",
		"UTC ":          "unknown time zone UTC ",
		"+02:00":        "unknown time zone +02:00",
		"utc+1":         "unknown time zone utc+1",
		"europe/Paris":  "unknown time zone europe/Paris",
		"Europe":        "unknown time zone Europe",
		"Europe//Paris": "unknown time zone Europe//Paris",
		"./UTC":         "unknown time zone ./UTC",
		"/UTC":          "time: invalid location name",
		"a/../UTC":      "time: invalid location name",
	} {
		if _, err := cron.ParseZone(name); err == nil || err.Error() != want {
			t.Errorf("ParseZone(%q): %v, want %s", name, err, want)
		}
	}
}

func TestISODuration(t *testing.T) {
	const day = 24 * time.Hour
	for text, want := range map[string]time.Duration{
		"PT2H":            2 * time.Hour,
		"P1DT2H30M":       day + 150*time.Minute,
		"PT1.5S":          1500 * time.Millisecond,
		"P1Y2M3DT4H5M6S":  (365+60+3)*day + 4*time.Hour + 5*time.Minute + 6*time.Second,
		"P1M":             30 * day,
		"PT1M":            time.Minute,
		"PT0.0000000019S": time.Nanosecond,
		"P0DT1S":          time.Second,
		"PT9223372036S":   9223372036 * time.Second,
	} {
		if got, err := cron.ParseISODuration(text); err != nil || got != want {
			t.Errorf("ParseISODuration(%q) = %v, %v, want %v", text, got, err, want)
		}
	}
	for text, why := range map[string]string{
		"": "wrong form", "P": "wrong form", "PT": "wrong form", "P1DT": "wrong form", "2H": "wrong form", "-PT1H": "wrong form",
		"P2H": `unit "H" unknown`, "P1W": `unit "W"`, "PT1H1H": `unit "H"`, "PT1M1H": `unit "H"`, "pt1h": "wrong form",
		"PT1h": `unit "h"`, "PT5": "without a unit", "PTH": "bad number", "PT.5S": "bad number", "PT1.S": "bad number",
		"PT1.5.5S": "bad number", "PT1.5H": "bad number", "PT0S": "zero", "PT0.0000000001S": "zero",
		"P293Y": "too long", "PT99999999999999999999S": "too long", "P290YT99999999H": "too long", "PT9223372036.9S": "too long", "PT-1S": `unit "-"`, "PT1H\xff": "unit",
	} {
		_, err := cron.ParseISODuration(text)
		if err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("ParseISODuration(%q): %v, want …%s…", text, err, why)
		}
	}
}
