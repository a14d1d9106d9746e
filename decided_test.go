package dkron

import (
	"testing"
	"time"
)

// A clock was an hour ahead for a moment and was corrected. Whatever misses and edits follow, what was launched too
// early must not silence the job for the rest of that hour.
func TestManySpansDoNotSilenceAJob(t *testing.T) {
	noon := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	j := &Job{Schedule: "*/5 * * * * *", CreatedAt: noon.Add(-time.Hour)}
	s, err := j.Parse()
	if err != nil {
		t.Fatal(err)
	}
	p := &Progress{Since: noon.Add(-time.Hour), Cursor: noon}
	p.Miss(noon.Add(59 * time.Minute))
	p.Cursor = noon.Add(time.Hour)
	p.Restart(noon.Add(4 * time.Second))
	now := p.Cursor
	for range 3 * maxSpans {
		now = p.NextDue(j, s, now)
		p.Cursor = now
		p.Miss(now.Add(20 * time.Second))
		now = p.Cursor
		if next := p.NextDue(j, s, now); next.Sub(now) > 5*time.Second {
			t.Fatalf("at %s the job is due at %s", now, next)
		}
	}
	if ahead := noon.Add(time.Hour); !p.Decided(ahead) {
		t.Error("what was launched ahead of its time would be launched again")
	}
	if len(p.Launched) > maxSpans {
		t.Errorf("%d spans", len(p.Launched))
	}
}
