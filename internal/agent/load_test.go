package agent

import (
	"fmt"
	"testing"
	"time"

	"dkron"
	"dkron/internal/clock"
	"dkron/plugin"
)

func TestTheLoadIsReportedOnceInAPeriod(t *testing.T) {
	bubble(t, func(t *testing.T) {
		e := &executor{do: untilStopped}
		since := clock.Now().Add(-time.Minute)
		a, err := Open(Config{
			NodeName: "n1", DataDir: t.TempDir(), Executors: map[string]plugin.Executor{"test": e}, Logger: quiet, MaxRunning: 2,
			Load: func() (dkron.NodeLoad, bool) {
				return dkron.NodeLoad{CPU: 5, High: []dkron.High{{What: dkron.HighCPU, Since: since}}}, true
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		l := attach(t, a, 1)
		time.Sleep(9 * time.Second)
		first := l.loads()
		if len(first) != 1 || first[0].CPU != 5 || first[0].Running != 0 || first[0].MaxRunning != 2 || first[0].Node != "n1" {
			t.Fatalf("%+v", first)
		}
		full := clock.Now()
		l.order(order("job", 1), order("job", 2), order("job", 3))
		time.Sleep(10 * time.Second)
		all := l.loads()
		if len(all) != 2 {
			t.Fatalf("%d reports in 19 seconds", len(all))
		}
		last := all[1]
		if last.Running != 2 || last.Waiting != 1 {
			t.Errorf("%+v", last)
		}
		if len(last.High) != 2 || last.High[1].What != dkron.HighRuns || last.High[1].Since.Sub(full) > time.Second || len(first[0].High) != 1 {
			t.Errorf("high %+v", last.High)
		}
	})
}

func TestANodeThatMeasuresNothingReportsWhatRuns(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := open(t, t.TempDir(), &executor{do: untilStopped})
		a.cfg.Load = func() (dkron.NodeLoad, bool) { return dkron.NodeLoad{}, false }
		l := attach(t, a, 1)
		l.order(order("job", 1))
		time.Sleep(time.Second)
		got := l.loads()
		if len(got) != 1 || got[0].At.IsZero() || got[0].MaxRunning != 0 || fmt.Sprint(got[0].High) != "[]" {
			t.Errorf("%+v", got)
		}
	})
}

// loads returns the loads that were reported.
func (l *leader) loads() (out []dkron.NodeLoad) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, m := range l.got {
		if m.Load != nil {
			out = append(out, *m.Load)
		}
	}
	return out
}
