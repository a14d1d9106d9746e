// Package rerun runs again the ended launches that clients selected by a filter: it runs for one term of the leader,
// proposes the launches of all reruns in progress at catch-up's rate, and waits, for a job whose launches may not
// overlap, for the end of the one before. It keeps no truth of its own: what is still to be launched is in the state,
// and the log takes each launch off that list when it makes the new one.
package rerun

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"dkron"
	"dkron/internal/state"
)

// Launcher proposes launches.
type Launcher interface {
	// Relaunch makes the launches of a rerun for the given records of the launch history.
	Relaunch(ctx context.Context, rerun uint64, records []uint64) error
}

const (
	// pace is the pause between two steps.
	pace = 100 * time.Millisecond
	// step is how many launches one step makes, so that all of them together keep to the rate of catch-up.
	step = dkron.CatchupRate / int(time.Second/pace)
	// again is the pause before a step that failed, or could not do everything, is repeated: not every end of a launch wakes Run.
	again = time.Second
)

// Runner is one term's runner of reruns.
type Runner struct {
	state    *state.Store
	launcher Launcher
	failed   func()
	log      *slog.Logger
	open     bool // a rerun is in progress
}

// New returns a runner for one term. It calls failed for each step that fails and is tried again.
func New(st *state.Store, launcher Launcher, failed func(), log *slog.Logger) *Runner {
	return &Runner{state: st, launcher: launcher, failed: failed, log: log}
}

// Figures is how far the kept reruns are.
type Figures struct {
	Open    uint64 // reruns that have not ended
	Pending uint64 // launches that these have still to make
	Gone    uint64 // launches that all reruns left out
}

// Count returns how far the reruns are.
func Count(st *state.Store) (f Figures, err error) {
	err = st.View(func(tx *state.Tx) error {
		all, err := tx.Reruns()
		for _, r := range all {
			if f.Gone += r.Gone; r.EndedAt.IsZero() {
				f.Open++
				f.Pending += uint64(len(r.Pending))
			}
		}
		return err
	})
	return f, err
}

// Run launches what reruns ask for until ctx ends.
func (r *Runner) Run(ctx context.Context) error {
	watch := r.state.Watch()
	defer watch.Close()
	retry := time.NewTimer(time.Hour)
	defer retry.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-watch.C:
		case <-retry.C:
		}
		changes := watch.Take()
		r.open = r.open || changes.All || changes.Reruns
		if !r.open {
			continue
		}
		if err := r.step(ctx); err != nil && ctx.Err() == nil {
			r.failed()
			r.log.Warn("could not run launches again; trying again", "error", err, "retry_in", again)
		}
		if r.open {
			retry.Reset(again)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pace):
		}
	}
}

// batch is the launches of a rerun whose turn it is.
type batch struct {
	rerun   uint64
	records []uint64
}

// step proposes up to step launches. If it proposed any, its commits wake Run again.
func (r *Runner) step(ctx context.Context) error {
	batches, err := r.plan()
	for i := 0; err == nil && i < len(batches); i++ {
		err = r.launcher.Relaunch(ctx, batches[i].rerun, batches[i].records)
	}
	return err
}

// plan returns the launches whose turn it is, the oldest rerun first.
func (r *Runner) plan() (batches []batch, err error) {
	r.open = false
	room, taken := step, make(map[uint64]bool)
	err = r.state.View(func(tx *state.Tx) error {
		all, err := tx.Reruns()
		if err != nil {
			return err
		}
		for _, one := range all {
			if !one.EndedAt.IsZero() {
				continue
			}
			r.open = true
			b := batch{rerun: one.Number}
			for i := 0; i < len(one.Pending) && room > 0; i++ {
				if taken[one.Jobs[i]] {
					continue
				}
				goes, only, err := takes(tx, one.Jobs[i])
				if err != nil {
					return err
				}
				taken[one.Jobs[i]] = !goes || only
				if goes {
					b.records = append(b.records, one.Pending[i])
					room--
				}
			}
			if len(b.records) > 0 {
				batches = append(batches, b)
			}
		}
		return nil
	})
	if err != nil {
		r.open = true
	}
	return batches, err
}

// takes reports whether a job can get a launch now, and whether only one. A deleted job can: the log then drops what is
// left of the rerun for it.
func takes(tx *state.Tx, job uint64) (goes, only bool, err error) {
	p, err := tx.Progress(job)
	if errors.Is(err, dkron.ErrNotFound) {
		return true, false, nil
	}
	if err != nil {
		return false, false, err
	}
	return p.TakesRerun(), p.Concurrency != "" && p.Concurrency != dkron.Allow, nil
}
