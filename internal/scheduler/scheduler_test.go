package scheduler

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"dkron"
	"dkron/internal/command"
	"dkron/internal/state"
)

// fleet is a leader without a network: what is fired is applied to the state at once.
type fleet struct {
	t       testing.TB
	store   *state.Store
	machine *command.Machine
	fired   []dkron.Due
	refuse  atomic.Bool

	differ, doubtful atomic.Bool
	rewinds, stalled atomic.Int64
	reported         atomic.Int64 // launches that Fired was called with

	mu    sync.Mutex // guards index
	index uint64
}

func newFleet(t testing.TB, dir string) *fleet {
	t.Helper()
	store, err := state.Open(filepath.Join(dir, "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	return &fleet{t: t, store: store, machine: command.NewMachine(store, log, func(err error) { panic(err) })}
}

func (f *fleet) apply(c command.Command) any {
	f.t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.index++
	result := f.machine.Apply([]command.Entry{{Index: f.index, Data: command.Encode(c)}})[0]
	if err, ok := result.(error); ok {
		f.t.Fatal(err)
	}
	return result
}

func (f *fleet) Fire(_ context.Context, due []dkron.Due, now time.Time) error {
	if f.refuse.Load() {
		return dkron.ErrUnavailable
	}
	for i := range due {
		due[i].Targets = []string{"n1"}
	}
	f.fired = append(f.fired, due...)
	f.apply(&command.Fire{Due: due, Now: now})
	return nil
}

func (f *fleet) Rewind(_ context.Context, jobs []dkron.Rewound, now time.Time, last bool) error {
	f.apply(&command.Rewind{Jobs: jobs, Now: now, Last: last})
	return nil
}

func (f *fleet) Agree(context.Context, time.Duration) bool { return !f.differ.Load() }

func (f *fleet) Fired(due []dkron.Due)                 { f.reported.Add(int64(len(due))) }
func (f *fleet) ClockJumped(time.Duration)             {}
func (f *fleet) ClockDoubtful(doubtful bool)           { f.doubtful.Store(doubtful) }
func (f *fleet) CursorsBroughtBack(int, time.Duration) { f.rewinds.Add(1) }
func (f *fleet) Stalled(jobs int)                      { f.stalled.Add(int64(jobs)) }

// put stores a job that is due by its schedule from now on.
func (f *fleet) put(j dkron.Job) *dkron.Record {
	f.t.Helper()
	now := time.Now().UTC()
	j.CreatedAt = now
	base := uint64(0)
	if e := f.store.Index().Name(j.Name); e != nil {
		f.store.View(func(tx *state.Tx) error {
			old, err := tx.Job(j.Name)
			if err == nil {
				base, j.CreatedAt = old.Revision, old.CreatedAt
			}
			return err
		})
	}
	s, err := j.Parse()
	if err != nil {
		f.t.Fatal(err)
	}
	return f.apply(&command.SetJob{Job: j, Base: base, Now: now, Next: j.After(s, now)}).(*dkron.Record)
}

// term runs a scheduler for a while.
func (f *fleet) term(d time.Duration) {
	ctx, cancel := context.WithTimeout(f.t.Context(), d)
	defer cancel()
	if err := New(f.store, f, f, f, slog.New(slog.DiscardHandler)).Run(ctx); err != nil {
		f.t.Error(err)
	}
}

// instants are the nominal times of launches, in seconds from start.
func (f *fleet) instants(start time.Time) (out []int) {
	for _, d := range f.fired {
		if d.Missed == 0 {
			out = append(out, int(d.Nominal.Sub(start)/time.Second))
		}
	}
	return out
}

func run(t *testing.T, test func(t *testing.T, f *fleet)) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, dir)
		defer f.store.Close()
		test(t, f)
	})
}

func TestEveryInstantOfAnHourIsFiredOnceAndOnTime(t *testing.T) {
	run(t, func(t *testing.T, f *fleet) {
		start := time.Now()
		f.put(dkron.Job{Name: "a", Schedule: "*/10 * * * * *"})
		f.term(time.Hour + time.Second/2)
		if n := len(f.fired); n != 360 {
			t.Fatalf("fired %d times in an hour, want 360", n)
		}
		for i, d := range f.fired {
			if want := start.Add(time.Duration(i+1) * 10 * time.Second); !d.Nominal.Equal(want) || d.Cause != dkron.CauseSchedule {
				t.Fatalf("firing %d is of %s by %s, want %s", i, d.Nominal, d.Cause, want)
			}
		}
	})
}

func TestANewTermGoesOnWhereTheOldOneStopped(t *testing.T) {
	run(t, func(t *testing.T, f *fleet) {
		start := time.Now()
		f.put(dkron.Job{Name: "a", Schedule: "* * * * * *"})
		f.term(3500 * time.Millisecond)
		time.Sleep(20 * time.Second) // no leader
		f.term(3 * time.Second)
		got := f.instants(start)
		for i, s := range got {
			if s != i+1 {
				t.Fatalf("second %d is followed by %d: %v", i, s, got)
			}
		}
		if len(got) != 26 {
			t.Fatalf("%d seconds fired, want 26", len(got))
		}
	})
}

func TestANightWithoutALeaderIsRecordedAsMissedAndNotReplayed(t *testing.T) {
	run(t, func(t *testing.T, f *fleet) {
		f.put(dkron.Job{Name: "a", Schedule: "0 * * * * *"})
		time.Sleep(10*time.Hour + 30*time.Second)
		f.term(time.Second)
		if len(f.fired) != 2 || f.fired[0].Missed != 599 || f.fired[1].Missed != 0 {
			t.Fatalf("want one record of 599 missed instants and the one within the window, got %+v", f.fired)
		}
	})
}

func TestCatchUpPolicies(t *testing.T) {
	for policy, want := range map[dkron.CatchupPolicy]string{
		dkron.CatchupAll:  "[1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20]",
		dkron.CatchupLast: "[20]",
		dkron.CatchupSkip: "[15 16 17 18 19 20]", // what is at most 5 s late is on schedule
	} {
		t.Run(string(policy), func(t *testing.T) {
			run(t, func(t *testing.T, f *fleet) {
				start := time.Now()
				f.put(dkron.Job{Name: "a", Schedule: "* * * * * *", Catchup: dkron.Catchup{Policy: policy}})
				time.Sleep(20 * time.Second)
				f.term(500 * time.Millisecond)
				if got := fmt.Sprint(f.instants(start)); got != want {
					t.Errorf("fired %s, want %s", got, want)
				}
			})
		})
	}
}

func TestAnAtJobIsCaughtUpWithForADay(t *testing.T) {
	run(t, func(t *testing.T, f *fleet) {
		at := time.Now().Add(time.Minute).UTC().Format(time.RFC3339)
		f.put(dkron.Job{Name: "a", Schedule: "@at " + at})
		time.Sleep(5 * time.Hour)
		f.term(time.Hour)
		if len(f.fired) != 1 || f.fired[0].Missed != 0 || f.fired[0].Cause != dkron.CauseCatchup {
			t.Fatalf("fired %+v, want the one instant as a catch-up", f.fired)
		}
	})
}

func TestAnEditTakesEffectWithoutARestart(t *testing.T) {
	run(t, func(t *testing.T, f *fleet) {
		start := time.Now()
		f.put(dkron.Job{Name: "a", Schedule: "*/10 * * * * *"})
		go func() {
			time.Sleep(15 * time.Second)
			f.put(dkron.Job{Name: "a", Schedule: "*/20 * * * * *"})
			time.Sleep(40 * time.Second)
			f.put(dkron.Job{Name: "a", Schedule: "*/20 * * * * *", Disabled: true})
		}()
		f.term(2 * time.Minute)
		if got := fmt.Sprint(f.instants(start)); got != "[10 20 40]" {
			t.Errorf("fired at %s, want [10 20 40]", got)
		}
	})
}

func TestALauncherThatFailsIsAskedAgain(t *testing.T) {
	run(t, func(t *testing.T, f *fleet) {
		f.put(dkron.Job{Name: "a", Schedule: "*/10 * * * * *"})
		f.refuse.Store(true)
		go func() {
			time.Sleep(12 * time.Second)
			f.refuse.Store(false)
		}()
		f.term(19 * time.Second)
		if len(f.fired) != 1 || f.reported.Load() != 1 {
			t.Errorf("fired %d times and reported %d, want 1", len(f.fired), f.reported.Load())
		}
	})
}

func TestOnlyJobsThatWillBeDueCount(t *testing.T) {
	run(t, func(t *testing.T, f *fleet) {
		f.put(dkron.Job{Name: "a", Schedule: "*/10 * * * * *"})
		f.put(dkron.Job{Name: "b", Schedule: "@manually"})
		if n := New(f.store, f, f, f, slog.New(slog.DiscardHandler)).Jobs(); n != 1 {
			t.Errorf("%d jobs", n)
		}
	})
}

func BenchmarkSchedulerLoad(b *testing.B) {
	for _, jobs := range []int{1_000, 100_000, 1_000_000} {
		if jobs > 100_000 && testing.Short() {
			continue
		}
		b.Run(fmt.Sprint(jobs), func(b *testing.B) {
			s := &Scheduler{log: slog.New(slog.DiscardHandler)}
			for b.Loop() {
				s.due.Fill(jobs, func(add func(uint64, time.Time)) {
					for i := range jobs {
						add(uint64(i), time.Unix(int64(i*7919%jobs), 0))
					}
				})
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(jobs), "ns/job")
		})
		b.Run(fmt.Sprintf("%d/reschedule", jobs), func(b *testing.B) {
			var s Scheduler
			s.due.Fill(jobs, func(add func(uint64, time.Time)) {
				for i := range jobs {
					add(uint64(i), time.Unix(int64(i*7919%jobs), 0))
				}
			})
			now := time.Unix(0, 0)
			for b.Loop() {
				now = now.Add(time.Second)
				n, ok := s.due.Pop(now.Add(1 << 40))
				if !ok {
					b.Fatal("empty")
				}
				s.due.Set(n, now.Add(time.Duration(jobs)*time.Second))
			}
		})
	}
}
