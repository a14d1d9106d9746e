package cron_test

import (
	"testing"
	"time"

	"dkron/cron"
)

// FuzzParse: no text makes Parse, Describe or Next panic or hang; an error has a
// text; a schedule has words, and its instants strictly increase.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"", " ", "* * * * * *", "*/5 * * * *", "0 0 0 1,15,L-3,LW,5W * 1#2,FRIL,SUN-TUE/2", "0 30 2 * 3 SUN#2", "0 ~ ~/3 ~-28 ~ ~",
		"59/1 1-5/2 ?/3 JAN,31 feb-DEC MON", "0 0 0 29 2 0#5", "0 0 0 30 2 *", "0 1,2,3 1,2,3 * * *",
		"TZ=America/New_York 0 30 1,2 * * *", "CRON_TZ=Pacific/Apia @daily", "TZ=", "TZ=Nope @daily", "TZ=UTC",
		"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly", "@minutely", "@manually", "@reboot",
		"@every 1h30m", "@every -9223372036s", "@every 1x", "@at 2030-01-01T00:00:00Z", "@at 9999-12-31T23:59:59.9-23:59",
		"@after 2030-01-01T00:00:00Z <P1Y2M3DT4H5M6.789S", "@after 0000-01-01T00:00:00Z <P292Y",
	} {
		f.Add(text, "abc", int64(1772971200), false)
		f.Add(text, "日本", int64(1793509200), true)
	}
	zones := []string{"America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Pacific/Apia", "Africa/Monrovia", "UTC"}
	f.Fuzz(func(t *testing.T, text, name string, unix int64, other bool) {
		from := time.Unix(unix, 0)
		opt := cron.Options{Name: name, Zone: zones[uint64(unix)%uint64(len(zones))], Anchor: from}
		if other {
			opt.Gap, opt.Overlap = cron.GapSkip, cron.OverlapBoth
		}
		s, err := cron.Parse(text, opt)
		if err != nil {
			if err.Error() == "" || s != nil {
				t.Fatalf("Parse(%q) = %v, %q", text, s, err)
			}
			return
		}
		if cron.Describe(text) == "" {
			t.Fatalf("%q has no words", text)
		}
		if first := s.First(from); !first.IsZero() && first.Before(from) {
			t.Fatalf("%q: First(%v) = %v", text, from, first)
		}
		at := from
		for range 20 {
			next := s.Next(at)
			if next.IsZero() {
				return
			}
			if !next.After(at) {
				t.Fatalf("%q: Next(%v) = %v", text, at, next)
			}
			at = next
		}
	})
}
