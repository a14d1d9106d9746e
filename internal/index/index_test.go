package index

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dkron"
)

func entry(name string, number uint64) *Entry {
	return NewEntry(&dkron.Job{Name: name, Number: number}, &dkron.Progress{Name: name})
}

// TestTheIndexEqualsAMap makes the same changes to an index and a map, enough for many shelves to be filled, split and
// emptied.
func TestTheIndexEqualsAMap(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	x, model, last := New(), make(map[string]*Entry), uint64(0)
	for round := range 300 {
		changed := make(map[string]*Entry)
		for range rnd.IntN(100) {
			name := fmt.Sprintf("%04d", rnd.IntN(4000))
			if round < 100 && round%2 == 0 {
				name = fmt.Sprintf("5%05d", last) // jobs that come in order
			}
			old := model[name]
			switch kind := rnd.IntN(10); {
			case round > 200 && kind > 0, kind == 1:
				changed[name] = nil
			case old == nil || kind == 2: // a new one, maybe replacing another
				last++
				changed[name] = entry(name, last)
			case kind == 3: // written again
				changed[name] = entry(name, old.Number)
			default: // a run
				e := *old
				e.SuccessCount++
				e.Next, e.off = time.Unix(rnd.Int64N(100), 0), rnd.IntN(5) == 0
				changed[name] = &e
			}
		}
		x.Update(changed, nil)
		maps.Copy(model, changed)
		maps.DeleteFunc(model, func(_ string, e *Entry) bool { return e == nil })
		compare(t, rnd, x, model)
	}
	for name := range model {
		x.Update(map[string]*Entry{name: nil}, nil)
	}
	compare(t, rnd, x, nil)
}

func compareDue(t *testing.T, x *Index, all []*Entry, until int64) {
	t.Helper()
	var want, got []*Entry
	for _, e := range all {
		if due := e.Due(); !due.IsZero() && due.Unix() <= until {
			want = append(want, e)
		}
	}
	x.EachDue(func() int64 { return until }, func(e *Entry) bool { got = append(got, e); return true })
	if !slices.Equal(got, want) {
		t.Fatalf("%d jobs are due until %d, not %d", len(got), until, len(want))
	}
}

func compare(t *testing.T, rnd *rand.Rand, x *Index, model map[string]*Entry) {
	t.Helper()
	var want, got []*Entry
	for _, name := range slices.Sorted(maps.Keys(model)) {
		want = append(want, model[name])
	}
	x.Each(func(e *Entry) bool { got = append(got, e); return true })
	if !slices.Equal(got, want) || x.Len() != len(want) || len(x.number) != len(want) {
		t.Fatalf("the index has %d jobs, %d of them are seen, of %d", x.Len(), len(got), len(want))
	}
	compareDue(t, x, want, rnd.Int64N(100))
	start := rnd.IntN(len(want) + 2)
	end := start + rnd.IntN(1000)
	if part := want[min(start, len(want)):min(end, len(want))]; !slices.Equal(x.Slice(start, end), part) {
		t.Fatalf("the slice from %d to %d differs", start, end)
	}
	for i := rnd.IntN(7); i < len(want); i += 7 {
		if e := want[i]; x.Name(e.Name) != e || x.Job(e.Number) != e {
			t.Fatalf("%s is not found", e.Name)
		}
	}
	for _, s := range x.names {
		if len(s.jobs) == 0 || len(s.jobs) > shelfSize {
			t.Fatalf("a shelf of %d", len(s.jobs))
		}
	}
	if x.Name("none") != nil || x.Job(1<<60) != nil {
		t.Error("a missing job is found")
	}
}

func TestEachStopsWhenItIsTold(t *testing.T) {
	x := New()
	x.Update(map[string]*Entry{"a": entry("a", 1), "b": entry("b", 2)}, nil)
	n := 0
	x.Each(func(*Entry) bool { n++; return false })
	if n != 1 {
		t.Errorf("%d jobs", n)
	}
}

// TestEachSeesJobsOnceWhileOthersComeAndGo also shows that the callback may call the index.
func TestEachSeesJobsOnceWhileOthersComeAndGo(t *testing.T) {
	x := New()
	stays := make(map[string]*Entry)
	for i := range 2000 {
		name := fmt.Sprintf("%04d-stays", i)
		stays[name] = entry(name, uint64(i+1))
	}
	x.Update(stays, nil)
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for n := uint64(10_000); ; n++ {
			select {
			case <-stop:
				return
			default:
			}
			name := fmt.Sprintf("%04d-goes", n*7919%2000)
			x.Update(map[string]*Entry{name: entry(name, n)}, nil)
			if n%3 > 0 {
				x.Update(map[string]*Entry{name: nil}, nil)
			}
		}
	}()
	for range 50 {
		seen := make(map[string]int)
		x.Each(func(e *Entry) bool {
			seen[e.Name]++
			return x.Len() >= len(stays)
		})
		for name := range stays {
			if seen[name] != 1 {
				t.Fatalf("%s was seen %d times", name, seen[name])
			}
		}
		for name, times := range seen {
			if times > 1 {
				t.Fatalf("%s was seen %d times", name, times)
			}
		}
	}
	close(stop)
	<-done
}

func TestLabelsHoldWhatTheMapHeld(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.OneOf(rapid.String(), rapid.StringN(120, 140, -1), rapid.SampledFrom([]string{"", "a", "b", "\x01a", "\x00"}))
		m := rapid.MapOf(word, word).Draw(t, "map")
		l := NewLabels(m)
		if got := maps.Collect(l.All()); !maps.Equal(got, m) {
			t.Fatalf("%q instead of %q", got, m)
		}
		for range 5 {
			key, value := word.Draw(t, "key"), word.Draw(t, "value")
			if have, ok := m[key]; l.Has(key, value) != (ok && have == value) || ok && !l.Has(key, have) {
				t.Fatalf("%q: another answer for %q", m, key)
			}
		}
	})
}
