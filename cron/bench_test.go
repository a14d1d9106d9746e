package cron_test

import (
	"testing"
	"time"

	"dkron/cron"
)

func BenchmarkNext(b *testing.B) {
	from := time.Date(2026, 9, 16, 12, 34, 56, 0, time.UTC)
	for _, zone := range []string{"UTC", "America/New_York"} {
		for name, text := range map[string]string{
			"daily":        "0 30 2 * * *",
			"15s":          "*/15 * * * * *",
			"monthly":      "0 0 0 1 * *",
			"Feb29":        "0 0 0 29 2 *",
			"Feb29Weekday": "0 0 0 * 2 0#5",
			"Feb30":        "0 0 0 30 2 *",
			"lastWeekday":  "0 0 9 LW * *",
			"every":        "@every 7m",
		} {
			s := parse(b, text, cron.Options{Zone: zone})
			b.Run(zone+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					s.Next(from)
				}
			})
		}
	}
	s := parse(b, "0 30 2 * 3 SUN#2", cron.Options{Zone: "America/New_York", Gap: cron.GapSkip})
	b.Run("alwaysSkipped", func(b *testing.B) {
		for b.Loop() {
			s.Next(from)
		}
	})
	daily := parse(b, "0 30 2 * * *", cron.Options{Zone: "America/New_York"})
	b.Run("atGap", func(b *testing.B) {
		at := time.Date(2026, 3, 8, 6, 0, 0, 0, time.UTC)
		for b.Loop() {
			daily.Next(at)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	for name, text := range map[string]string{
		"fields":     "0 */15 9-17 * JAN-JUN MON-FRI",
		"hash":       "~ ~/15 ~ * * *",
		"descriptor": "@daily",
		"every":      "@every 1h30m",
		"zone":       "TZ=Europe/Paris 0 0 0 * * *",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := cron.Parse(text, cron.Options{Zone: "UTC", Name: "abc"}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
