package scheduler

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestAStepOfTheWallClockIsReportedAndPassingTimeIsNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var jumps []time.Duration
		var log strings.Builder
		c := newWallClock(slog.New(slog.NewTextHandler(&log, nil)), func(d time.Duration) { jumps = append(jumps, d) })
		time.Sleep(time.Hour)
		c.now()
		if len(jumps) != 0 || log.Len() != 0 {
			t.Fatalf("an hour that passed is reported as %v: %s", jumps, &log)
		}
		for _, d := range []time.Duration{time.Minute, -time.Minute, time.Second, -time.Second} {
			c.judge(d)
		}
		if fmt.Sprint(jumps) != "[1m0s -1m0s]" || strings.Count(log.String(), "jumped") != 2 {
			t.Errorf("reported %v: %s", jumps, &log)
		}
	})
}
