package rerun

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"dkron"
	"dkron/internal/state"
)

func newStore(t *testing.T, reruns ...*dkron.Rerun) *state.Store {
	t.Helper()
	st, err := state.Open(filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	for i, r := range reruns {
		if err := st.Update(uint64(i+1), func(tx *state.Tx) error { return tx.AddRerun(r) }); err != nil {
			t.Fatal(err)
		}
	}
	return st
}

func TestFiguresAreOfWhatIsStillToBeLaunched(t *testing.T) {
	now := time.Date(2026, 11, 29, 3, 0, 0, 0, time.UTC)
	st := newStore(t,
		&dkron.Rerun{Total: 5, Launched: 3, Gone: 2, EndedAt: now},
		&dkron.Rerun{Total: 4, Gone: 1, Pending: []uint64{1, 2, 3}, Jobs: []uint64{1, 1, 2}},
		&dkron.Rerun{Total: 2, Pending: []uint64{7}, Jobs: []uint64{1}, Launched: 1})
	if f, err := Count(st); err != nil || f != (Figures{Open: 2, Pending: 4, Gone: 3}) {
		t.Errorf("%+v, %v", f, err)
	}
}

// broken can't propose.
type broken struct{}

func (broken) Relaunch(context.Context, uint64, []uint64) error { return errors.New("no majority") }

func TestAStepThatFailsIsCounted(t *testing.T) {
	st := newStore(t, &dkron.Rerun{Total: 1, Pending: []uint64{1}, Jobs: []uint64{9}})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	failed := make(chan struct{}, 10)
	done := make(chan error, 1)
	go func() {
		done <- New(st, broken{}, func() { failed <- struct{}{} }, slog.New(slog.DiscardHandler)).Run(ctx)
	}()
	select {
	case <-failed:
	case <-time.After(time.Minute):
		t.Error("no failure was counted")
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
