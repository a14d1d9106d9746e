//go:build clockshift

package clock

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing/synctest"
	"time"

	"dkron"
	"dkron/internal/command"
	"dkron/internal/compat"
	"dkron/internal/control"
	"dkron/internal/request"
	"dkron/internal/scheduler"
	"dkron/internal/state"
)

// world is a minimal cluster: the real use cases, state machine and scheduler, one leader at a time, and a log that
// loses nothing. True time is that of the bubble; the leader's wall clock differs from it by offset.
type world struct {
	faults  []string
	store   *state.Store
	machine *command.Machine
	control *control.Control
	file    string // that sets the clock
	offset  time.Duration
	index   uint64
	stop    func() // ends the leader's term

	stalled  atomic.Int64
	revision []revision // of the one job
	calm     []span     // true time in which the clock was right and there was a leader
	began    time.Time  // start of the current calm; zero if there is none
}

// revision is a definition and when, in true time, it was written.
type revision struct {
	job   dkron.Job
	since time.Time
}

type span struct{ from, to time.Time }

func newWorld(dir, file string) *world {
	store, err := state.Open(filepath.Join(dir, "state.db"))
	if err != nil {
		panic(err)
	}
	w := &world{store: store, file: file}
	w.machine = command.NewMachine(store, slog.New(slog.DiscardHandler), func(err error) { panic(err) })
	w.control = control.New(control.Config{Log: w, State: store, Fleet: w, Judge: func(*dkron.Job) []dkron.Problem { return nil }, Suits: func(string, *dkron.Change) error { return nil }})
	w.setClock(0)
	return w
}

// fault records a failure. It must not end the goroutine, since that is the bubble's.
func (w *world) fault(format string, args ...any) {
	w.faults = append(w.faults, fmt.Sprintf(format, args...))
}

// The world implements control's log and fleet, and the scheduler's interfaces.

func (w *world) Propose(_ context.Context, data []byte) (any, uint64, error) {
	w.index++
	return w.machine.Apply([]command.Entry{{Index: w.index, Data: data}})[0], w.index, nil
}
func (w *world) Leads() error                              { return nil }
func (w *world) ReadIndex(context.Context) (uint64, error) { return w.index, nil }
func (w *world) Lowest(context.Context) (uint64, string, error) {
	return compat.Protocol, "n1", nil
}
func (w *world) Reach() dkron.Reach {
	return dkron.Reach{Live: []dkron.Node{{Name: "n1", Alive: true}}}
}

// Agree is true if this leader's clock is right: those of the others always are.
func (w *world) Agree(_ context.Context, limit time.Duration) bool { return w.offset.Abs() <= limit }

func (w *world) Fired([]dkron.Due)                     {}
func (w *world) ClockJumped(time.Duration)             {}
func (w *world) ClockDoubtful(bool)                    {}
func (w *world) CursorsBroughtBack(int, time.Duration) {}
func (w *world) Stalled(jobs int)                      { w.stalled.Add(int64(jobs)) }

// lead begins a term.
func (w *world) lead() {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- scheduler.New(w.store, w.control, w, w, slog.New(slog.DiscardHandler)).Run(ctx) }()
	w.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			w.fault("%v", err)
		}
		w.stop = nil
	}
	w.noteCalm()
}

// setClock makes the leader's clock differ from true time.
func (w *world) setClock(offset time.Duration) {
	w.offset = offset
	if err := os.WriteFile(w.file, []byte(offset.String()), 0o600); err != nil {
		w.fault("%v", err)
	}
	w.noteCalm()
}

// noteCalm starts or ends a span of calm.
func (w *world) noteCalm() {
	calm := w.offset == 0 && w.stop != nil
	switch {
	case calm && w.began.IsZero():
		w.began = time.Now()
	case !calm && !w.began.IsZero():
		w.calm = append(w.calm, span{w.began, time.Now()})
		w.began = time.Time{}
	}
}

// pass lets time pass.
func (w *world) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// write stores the job.
func (w *world) write(j dkron.Job) {
	if _, _, err := w.control.Do(context.Background(), &request.SetJob{Record: dkron.Record{Job: j}}); err != nil {
		w.fault("write %+v: %v", j, err)
	}
	w.revision = append(w.revision, revision{j, time.Now()})
	synctest.Wait()
}

func (w *world) job() dkron.Job { return w.revision[len(w.revision)-1].job }

// records returns every launch of the job, ended or not.
func (w *world) records() (out []*dkron.Launch) {
	err := w.store.View(func(tx *state.Tx) error {
		_, p, err := tx.Record("job")
		if err != nil {
			return err
		}
		add := func(l *dkron.Launch) bool {
			out = append(out, l)
			return true
		}
		if err := tx.OpenLaunches(0, add); err != nil {
			return err
		}
		return tx.LaunchHistory(p, add)
	})
	if err != nil {
		w.fault("%v", err)
	}
	return out
}

// check verifies all promises.
func (w *world) check() {
	w.noteEnd()
	launched, ids := make(map[int64]int), make(map[string]bool)
	var gaps []*dkron.Launch
	for _, l := range w.records() {
		if ids[l.ID()] {
			w.fault("two launches are %s", l.ID())
		}
		ids[l.ID()] = true
		if l.State == dkron.LaunchMissed || l.State == dkron.LaunchSkipped {
			gaps = append(gaps, l)
			continue
		}
		if launched[l.Nominal.UnixNano()]++; launched[l.Nominal.UnixNano()] > 1 {
			w.fault("%s is launched twice", l.Nominal)
		}
	}
	if n := w.stalled.Load(); n > 0 {
		w.fault("%d proposals changed nothing", n)
	}
	recorded := func(at instant) (found, ahead bool) {
		for _, l := range gaps {
			if !at.instant.Before(l.Nominal) && !at.instant.After(l.Until) {
				found, ahead = true, ahead || strings.Contains(l.Reason, "a clock that was ahead had already launched")
			}
		}
		return found, ahead
	}
	for _, at := range w.due() {
		found, ahead := recorded(at)
		switch {
		case launched[at.instant.UnixNano()] == 1, found && !at.sure, ahead:
		case at.sure:
			w.fault("%s was due by a right clock and is not launched; a record of it: %t", at.instant, found)
		default:
			w.fault("%s was due when the job was changed and has no record", at.instant)
		}
	}
}

func (w *world) noteEnd() {
	w.offset = time.Nanosecond // ends the last calm
	w.noteCalm()
}

type instant struct {
	instant time.Time
	sure    bool // must be launched; others may instead be recorded, since the job was changed
}

// due returns the job's instants within calm, except in the first seconds of each span, when the leader may still be
// comparing clocks.
func (w *world) due() (out []instant) {
	const findsOut = 3 * time.Second
	for i, r := range w.revision {
		until, changed := time.Now().Add(time.Hour), false
		if i+1 < len(w.revision) {
			until, changed = w.revision[i+1].since, true
		}
		if r.job.Disabled {
			continue
		}
		j := r.job
		j.CreatedAt = w.revision[0].since
		s, err := j.Parse()
		if err != nil {
			w.fault("%v", err)
			return nil
		}
		for _, c := range w.calm {
			from, to := later(c.from.Add(findsOut), r.since), until
			if c.to.Before(to) {
				to = c.to.Add(-time.Second) // the last instants fall to the next leader, or clock
			}
			for at := j.After(s, from); !at.IsZero() && !at.After(to); at = j.After(s, at) {
				out = append(out, instant{at, !changed || until.Sub(at) > time.Second})
			}
		}
	}
	return out
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// silence fails if the job is not about to fire although it should be.
func (w *world) silence() {
	err := w.store.View(func(tx *state.Tx) error {
		j, p, err := tx.Record("job")
		if err != nil || j.Disabled {
			return err
		}
		if !p.Next.After(p.Cursor) {
			return fmt.Errorf("the next instant %s is not after the cursor %s", p.Next, p.Cursor)
		}
		if d := time.Until(p.Next); d < -time.Second || d > 2*time.Minute {
			return fmt.Errorf("the job is due in %s, which is not what its schedule %q says", d, j.Schedule)
		}
		return nil
	})
	if err != nil {
		w.fault("%v", err)
	}
}
