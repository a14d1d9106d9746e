package cron_test

import (
	"strings"
	"testing"
	"time"

	robfig "github.com/robfig/cron/v3"
	"pgregory.net/rapid"

	"dkron/cron"
)

// TestAgreesWithRobfigAwayFromTransitions: the library whose syntax the
// language follows finds the same instants where the clock does not change.
func TestAgreesWithRobfigAwayFromTransitions(t *testing.T) {
	reference := robfig.NewParser(robfig.Second | robfig.Minute | robfig.Hour | robfig.Dom | robfig.Month | robfig.Dow | robfig.Descriptor)
	zones := []string{"UTC", "Asia/Tokyo", "Asia/Kolkata", "America/New_York", "Australia/Lord_Howe"}
	compared := 0
	rapid.Check(t, func(r *rapid.T) {
		name := rapid.SampledFrom(zones).Draw(r, "zone")
		loc := zone(t, name)
		at := time.Unix(rapid.Int64Range(yearStart(1990), yearStart(2090)).Draw(r, "at"), 0).In(loc)
		text := drawOracle(r, at, false).text()
		if strings.ContainsAny(text, "LW#") {
			text = rapid.SampledFrom([]string{"@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"}).Draw(r, "descriptor")
		}
		theirs, err := reference.Parse("CRON_TZ=" + name + " " + text)
		if err != nil {
			r.Fatalf("robfig: %q: %v", text, err)
		}
		ours := parse(t, "CRON_TZ="+name+" "+text, cron.Options{})
		for range 5 {
			want, got := theirs.Next(at), ours.Next(at)
			if want.IsZero() { // it gives up after five years
				if !got.IsZero() && got.Before(at.AddDate(5, 0, 0)) {
					r.Fatalf("%q: Next(%v) = %v, robfig finds none", text, at, got)
				}
				return
			}
			margin := int64(2 * day)
			if len(transitionsOf(loc, at.Unix()-margin, want.Unix()+margin, day)) == 0 {
				compared++
				if !got.Equal(want) {
					r.Fatalf("%q: Next(%v) = %v, robfig %v", text, at, got, want)
				}
			}
			at = want
		}
	})
	if compared < 50 {
		t.Errorf("only %d instants compared", compared)
	}
}
