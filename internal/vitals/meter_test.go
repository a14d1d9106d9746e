package vitals

import (
	"context"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"dkron"
)

func TestTheShareOfCPUIsThatBetweenTwoReadings(t *testing.T) {
	at := time.Unix(100, 0)
	before := reading{at: at, busy: 100, all: 1000, cpus: 4}
	now := reading{at: at.Add(10 * time.Second), busy: 110, all: 1040, cpus: 4, used: 5, size: 9}
	if l := now.since(before); l.CPU != 1000 || l.CPUs != 4000 || l.MemoryUsed != 5 || l.MemoryTotal != 9 {
		t.Errorf("of the machine: %+v", l)
	}
	for _, r := range []*reading{&before, &now} {
		r.limit(limits{cpus: 0.5, busy: r.busy / 40, size: 7, used: 8})
	}
	if l := now.since(before); l.CPU != 25 || l.CPUs != 500 || l.MemoryUsed != 7 || l.MemoryTotal != 7 {
		t.Errorf("of the container: %+v", l)
	}
}

func TestWhatIsHighIsSoUntilItIsClearlyLower(t *testing.T) {
	var j judge
	at := time.Unix(0, 0)
	for i, c := range []struct {
		cpu  uint64
		high bool
	}{{899, false}, {900, true}, {1000, true}, {850, true}, {799, false}, {850, false}, {950, true}} {
		got := j.judge(&dkron.NodeLoad{CPU: c.cpu, CPUs: 1000, MemoryUsed: 1, MemoryTotal: 2, Averages: []uint64{1900}}, at.Add(time.Duration(i)*period))
		if (len(got) == 1) != c.high {
			t.Errorf("%d: %+v", i, got)
		}
		if i == 3 && !got[0].Since.Equal(at.Add(period)) {
			t.Errorf("since %v", got[0].Since)
		}
	}
	got := j.judge(&dkron.NodeLoad{CPUs: 1000, MemoryUsed: 95, MemoryTotal: 100, Averages: []uint64{2000, 0, 0}}, at)
	want := []dkron.High{{What: dkron.HighMemory, Since: at}, {What: dkron.HighLoad, Since: at}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
	if got := new(judge).judge(&dkron.NodeLoad{}, at); got != nil {
		t.Errorf("nothing is known: %+v", got)
	}
}

func TestAMeterHasALoadAfterOnePeriod(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0.0
		m := &Meter{read: func() reading {
			n++
			return reading{at: time.Now(), busy: 10 * n, all: 20 * n, cpus: 2}
		}}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); m.Run(ctx) }()
		if _, ok := m.Load(); ok {
			t.Error("before the first period")
		}
		time.Sleep(period + 1)
		synctest.Wait()
		if l, ok := m.Load(); !ok || l.CPU != 1000 || l.At.IsZero() {
			t.Errorf("%+v, %v", l, ok)
		}
		cancel()
		<-done
	})
}

func TestThisMachineCanBeRead(t *testing.T) {
	r := read()
	if r.cpus <= 0 || r.size == 0 || r.used == 0 || r.used > r.size || r.busy <= 0 {
		t.Errorf("%+v", r)
	}
}
