package index

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"dkron"
)

var three = time.Date(2026, 11, 29, 3, 0, 0, 0, time.UTC)

func TestHealthIsTheFirstWordThatHolds(t *testing.T) {
	minute := func(n float64) time.Time { return three.Add(time.Duration(n * float64(time.Minute))) }
	failed := dkron.Progress{Last: &dkron.LaunchEnd{State: dkron.LaunchFailed}, Streak: 3, FailingSince: minute(-90)}
	notRun := dkron.Progress{Last: &dkron.LaunchEnd{State: dkron.LaunchMissed}, Due: minute(-30), NotRun: true, Next: minute(5)}
	usual := dkron.Progress{Last: &dkron.LaunchEnd{State: dkron.LaunchSuccess}, Durations: []uint64{45_000}, Next: minute(5)}
	waits := &dkron.Launch{State: dkron.LaunchWaiting, Nominal: minute(-0.5)}
	with := func(p dkron.Progress, change func(*dkron.Progress)) dkron.Progress { change(&p); return p }
	for _, c := range []struct {
		name string
		p    dkron.Progress
		open *dkron.Launch
		want string
	}{
		{"disabled", with(failed, func(p *dkron.Progress) { p.Disabled = true }), nil, "disabled"},
		{"failing", with(failed, func(p *dkron.Progress) { p.NotRun, p.Due = true, minute(-1) }), waits, "failing 01:30"},
		{"of an early version", dkron.Progress{Status: dkron.StatusPartiallyFailed, LastError: minute(-7), Next: minute(1)}, nil, "failing 02:53"},
		{"did not run", notRun, waits, "did_not_run 02:30"},
		{"late, not even recorded", dkron.Progress{Next: minute(-1)}, nil, "late 02:59"},
		{"due half a minute ago", dkron.Progress{Next: minute(-0.5)}, nil, "ok"},
		{"late, without a node", usual, &dkron.Launch{State: dkron.LaunchWaiting, Nominal: minute(-2)}, "late 02:58"},
		{"late, queued", usual, &dkron.Launch{State: dkron.LaunchQueued, Nominal: minute(-3)}, "late 02:57"},
		{"runs long", usual, &dkron.Launch{State: dkron.LaunchRunning, ReadyAt: minute(-1.6), Nodes: 1}, "long_running 02:58"},
		{"does not run long yet", usual, &dkron.Launch{State: dkron.LaunchRunning, ReadyAt: minute(-1.4), Nodes: 1}, "ok"},
		{"runs twice as long, but not a minute", with(usual, func(p *dkron.Progress) { p.Durations = []uint64{10} }),
			&dkron.Launch{State: dkron.LaunchRunning, ReadyAt: minute(-0.9), Nodes: 1}, "ok"},
		{"nothing is usual yet", dkron.Progress{Next: minute(5)}, &dkron.Launch{State: dkron.LaunchRunning, ReadyAt: minute(-600), Nodes: 1}, "ok"},
		{"waits", usual, waits, "waiting 02:59"},
		{"never due", dkron.Progress{Last: &dkron.LaunchEnd{State: dkron.LaunchSuccess}}, nil, "never_due"},
		{"ok", usual, nil, "ok"},
	} {
		x := New()
		x.Update(map[string]*Entry{"a": NewEntry(&dkron.Job{Name: "a", Number: 1}, &c.p)}, nil)
		if c.open != nil {
			c.open.Number, c.open.JobNumber, c.open.Job = 7, 1, "a"
			x.Update(nil, map[uint64]*dkron.Launch{7: c.open})
		}
		h, since := x.Name("a").Health(three)
		got := h.String()
		if !since.IsZero() {
			got += since.Format(" 15:04")
		}
		if got != c.want || x.Healths(three)[h.String()] != 1 {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		x.Update(nil, map[uint64]*dkron.Launch{7: nil})
		if x.Name("a").open != (opening{}) {
			t.Errorf("%s: the launch has ended, the entry still has it", c.name)
		}
	}
	child := NewEntry(&dkron.Job{Name: "c", Number: 2, ParentJob: "a"}, new(dkron.Progress))
	if h, _ := child.Health(three); h != OK {
		t.Errorf("a child that never ran is %s", h)
	}
}

// ill is n jobs in all healths, of which few are bad.
func ill(n int) *Index {
	rnd, x := rand.New(rand.NewPCG(1, 2)), New()
	for _, i := range rnd.Perm(n) {
		p := &dkron.Progress{Last: &dkron.LaunchEnd{State: dkron.LaunchSuccess}, Status: dkron.StatusSuccess, Next: three.Add(time.Duration(rnd.IntN(86400)) * time.Second)}
		switch rnd.IntN(40) {
		case 0:
			p.Streak, p.FailingSince, p.Status = 3, three.Add(-time.Duration(i)*time.Second), dkron.StatusFailed
		case 1:
			p.NotRun, p.Due = true, three.Add(-time.Duration(i)*time.Second)
		case 2:
			p.Next = three.Add(-time.Duration(i) * time.Minute)
		case 3:
			p.Disabled = true
		case 4:
			p.Next = time.Time{}
		case 5:
			x.AddOpen(&dkron.Launch{Number: uint64(i + 1), JobNumber: uint64(i + 1), State: dkron.LaunchWaiting, Nominal: three.Add(-time.Second)})
		}
		x.Add(NewEntry(&dkron.Job{Name: fmt.Sprintf("job-%06d", i), Number: uint64(i + 1), Owner: "ops", Executor: "shell"}, p))
	}
	return x
}

func TestAListByHealthHasTheWorstFirstAndTheOldestOfThose(t *testing.T) {
	x := ill(3000)
	order, _ := OrderBy("health", three)
	all, total := x.List(&Query{Order: order, End: 3000})
	if total != 3000 || !slices.IsSortedFunc(all, func(a, b *Entry) int {
		h, since := a.Health(three)
		g, other := b.Health(three)
		if h != g {
			return int(h.severity()) - int(g.severity())
		}
		return since.Compare(other)
	}) {
		t.Errorf("%d jobs in another order", total)
	}
	count := x.Healths(three)
	for _, word := range HealthWords() {
		f := Filter{Now: three}
		f.Health.Add(word)
		found, n := x.List(&Query{Filter: f, End: 10})
		if n != count[word] || n > 0 && len(found) == 0 {
			t.Errorf("%s: %d jobs of %d", word, n, count[word])
		}
	}
	if h, _ := all[len(all)-1].Health(three); h != Disabled {
		t.Errorf("the last is %s", h)
	}
}

// BenchmarkHealth compares a list by health with the same list by status and by next.
func BenchmarkHealth(b *testing.B) {
	x := ill(20_000)
	failed := dkron.StatusFailed
	health := Filter{Now: three}
	health.Health.Add("failing")
	for _, c := range []struct {
		name   string
		filter Filter
		field  string
	}{{"filter=status", Filter{Status: &failed}, ""}, {"filter=health", health, ""}, {"sort=next", Filter{}, "next"}, {"sort=health", Filter{}, "health"}} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				order, _ := OrderBy(c.field, three)
				if _, n := x.List(&Query{Filter: c.filter, Order: order, End: 25}); n == 0 {
					b.Fatal("nothing")
				}
			}
		})
	}
	b.Run("count", func(b *testing.B) {
		for b.Loop() {
			x.Healths(three)
		}
	})
}
