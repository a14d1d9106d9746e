package consensus

import (
	"math/rand/v2"
	"testing"
	"time"
)

// The meter is compared with a list of all entries, through appends and removals at both ends.
func TestMeterKnowsTheBytesOfTheLog(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	const largest = 100 << 10
	const slack = markEvery + largest
	m, sizes, first := new(meter), []int(nil), uint64(1)
	sum := func(list []int) (n int64) {
		for _, s := range list {
			n += int64(s)
		}
		return n
	}
	start := time.Now()
	for step := range 20_000 {
		now := start.Add(time.Duration(step) * time.Second)
		switch n := r.IntN(100); {
		case n < 2 && len(sizes) > 0: // the head is cut off, or all
			cut := 1 + r.IntN(len(sizes))
			m.remove(first, first+uint64(cut)-1)
			sizes, first = sizes[cut:], first+uint64(cut)
		case n < 4 && len(sizes) > 1: // a conflicting tail
			cut := 1 + r.IntN(min(len(sizes)-1, 20))
			m.remove(first+uint64(len(sizes)-cut), first+uint64(len(sizes))-1)
			sizes = sizes[:len(sizes)-cut]
		default:
			more := make([]int, 1+r.IntN(5))
			for i := range more {
				more[i] = 100 + r.IntN(largest-100)
			}
			m.add(now, first+uint64(len(sizes)), more...)
			sizes = append(sizes, more...)
		}
		// Each cut of a tail may leave as much uncounted as there is between two marks, until that is dropped too.
		if got, want := m.total(), sum(sizes); got < want-20*slack || got > want+20*slack || want == 0 && got != 0 {
			t.Fatalf("step %d: %d bytes, want %d", step, got, want)
		}
		if len(sizes) == 0 {
			continue
		}
		at := r.IntN(len(sizes))
		if got, entries := m.after(first + uint64(at)); entries != uint64(len(sizes)-at-1) {
			t.Fatalf("step %d: %d entries (%d bytes) after the %d. of %d", step, entries, got, at, len(sizes))
		}
	}
}

func TestMeterKeepsAFloorAndMoreOfWhatIsNew(t *testing.T) {
	m, start := new(meter), time.Now()
	for i := range uint64(1000) { // 1 MB each second
		m.add(start.Add(time.Duration(i)*time.Second), i+1, 1_000_000)
	}
	end := start.Add(1000 * time.Second)
	for _, test := range []struct {
		floor, ceiling int64
		since          time.Time
		entries        uint64
		first          uint64
	}{
		{10e6, 100e6, end.Add(-50 * time.Second), 10_000, 951},  // what is new
		{10e6, 100e6, end.Add(-500 * time.Second), 10_000, 901}, // no more than the ceiling
		{10e6, 100e6, end, 10_000, 991},                         // but the floor
		{10e6, 100e6, end.Add(-500 * time.Second), 5, 996},      // no more than so many
	} {
		if first, before := m.keep(test.floor, test.ceiling, test.since, test.entries); first != test.first || before != int64(first-1)*1_000_000 {
			t.Errorf("%+v: keeps from %d, %d bytes before it", test, first, before)
		}
	}
}
