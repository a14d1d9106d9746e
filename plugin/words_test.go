package plugin

import (
	"testing"
	"time"
)

func TestDurationsReadLikeWords(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 ms", 250 * time.Millisecond: "250 ms", 5 * time.Second: "5 s", 1500 * time.Millisecond: "1.5 s", 90 * time.Second: "1 min 30 s",
		2 * time.Hour: "2 h", time.Hour + time.Second: "1 h 1 s", 999*time.Millisecond + 700*time.Microsecond: "1 s", -1500 * time.Millisecond: "-1.5 s",
	} {
		if got := InWords(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}
