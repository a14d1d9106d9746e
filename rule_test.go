package dkron

import (
	"testing"
	"time"
)

func TestQuietHoursFollowTheZone(t *testing.T) {
	night := Quiet{From: "22:00", To: "07:00", Zone: "Europe/Berlin"}
	for at, want := range map[string]bool{
		"2026-03-28T20:59:00Z": false, "2026-03-28T21:00:00Z": true, // the day before the clocks change
		"2026-03-29T04:59:59Z": true, "2026-03-29T05:00:00Z": false, // 07:00 is an hour earlier
		"2026-03-29T19:59:00Z": false, "2026-03-29T20:00:00Z": true,
		"2026-10-25T05:59:59Z": true, "2026-10-25T06:00:00Z": false, // and an hour later again
	} {
		now, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if night.Holds(now) != want {
			t.Errorf("at %s quiet is %t", at, !want)
		}
	}
	day := Quiet{From: "09:00", To: "17:00"}
	if noon := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC); !day.Holds(noon) || day.Holds(noon.Add(5*time.Hour)) || new(Quiet).Holds(noon) {
		t.Error("a quiet day")
	}
}

func TestAMatchNeedsAllOfItsParts(t *testing.T) {
	j := &Job{Name: "backup-db", Owner: "ann", Tags: map[string]string{"role": "db"}, Metadata: map[string]string{"severity": "high", "team": "x"}}
	for _, c := range []struct {
		m    Match
		want bool
	}{
		{Match{}, true},
		{Match{Jobs: []string{"web-*", "backup-??"}}, true},
		{Match{Jobs: []string{"backup"}}, false},
		{Match{Owner: "bob"}, false},
		{Match{Owner: "ann", Metadata: map[string]string{"severity": "high"}}, true},
		{Match{Metadata: map[string]string{"severity": ""}}, false},
		{Match{Tags: map[string]string{"role": "db", "zone": "a"}}, false},
	} {
		if is := c.m.Named(j.Name) && c.m.Has(j); is != c.want {
			t.Errorf("%+v: %t", c.m, is)
		}
	}
}

// A job's first launch ever can fail, so no words may speak of a success before.
func TestTitlesHoldForAJobThatHasNeverSucceeded(t *testing.T) {
	failed := Ended{State: LaunchFailed, Streak: 1}
	r := Rule{On: []AlertEvent{AlertFirstFailure}}
	o := Occurrence{Job: "a", Event: r.On[0]}
	if on := r.Notices(failed); on != AlertFirstFailure {
		t.Errorf("it is %q", on)
	}
	if got := o.Title(); got != "a started failing" {
		t.Errorf("%q", got)
	}
}
