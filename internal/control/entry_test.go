package control

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"dkron"
	"dkron/internal/clock"
	"dkron/internal/command"
	"dkron/internal/request"
	"dkron/internal/state"
)

// maxEntry is the largest entry that the log takes.
const maxEntry = 4 << 20

// leader is a log and a fleet: it applies what is proposed, unless that is too large.
type leader struct {
	t       *testing.T
	machine *command.Machine
	mu      sync.Mutex // guards index, and is held while an entry is applied
	index   uint64
	nodes   []dkron.Node
	coming  []dkron.Node
	away    []dkron.Node
	lowest  uint64 // protocol of all servers
	asked   int    // number of calls that asked for it
}

func (l *leader) Propose(_ context.Context, data []byte) (any, uint64, error) {
	if len(data) > maxEntry {
		return nil, 0, fmt.Errorf("%d bytes are too large", len(data))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.index++
	return l.machine.Apply([]command.Entry{{Index: l.index, Data: data}})[0], l.index, nil
}

func (l *leader) Leads() error                              { return nil }
func (l *leader) ReadIndex(context.Context) (uint64, error) { return l.index, nil }
func (l *leader) Lowest(context.Context) (uint64, string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked++
	return l.lowest, "s2", nil
}
func (l *leader) Reach() dkron.Reach {
	return dkron.Reach{Live: l.nodes, Coming: l.coming, Away: l.away}
}

func newControl(t *testing.T) (*Control, *leader) {
	t.Helper()
	st, err := state.Open(filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	l := &leader{t: t, machine: command.NewMachine(st, slog.New(slog.DiscardHandler), func(err error) { panic(err) })}
	return New(Config{Log: l, State: st, Fleet: l, Judge: func(*dkron.Job) []dkron.Problem { return nil }, Suits: func(string, *dkron.Change) error { return nil }}), l
}

// The fleet is so large, and so many jobs are due on all of it, that one entry could not hold all targets. In a log that
// refuses such an entry nothing would ever run again.
func TestWhatIsDueAndWhatWaitsIsProposedInEntriesThatTheLogTakes(t *testing.T) {
	c, l := newControl(t)
	ctx := t.Context()
	var due []dkron.Due
	for i := range 60 {
		r, _, err := c.setJob(ctx, &request.SetJob{Record: dkron.Record{Job: dkron.Job{Name: fmt.Sprintf("job-%d", i), Schedule: "@every 1h", Executor: "shell"}}})
		if err != nil {
			t.Fatal(err)
		}
		at := r.Progress.Next
		due = append(due, dkron.Due{Job: r.Job.Number, Revision: 1, Nominal: at, Cause: dkron.CauseSchedule, Next: at.Add(time.Hour)})
	}
	if err := c.Fire(ctx, due, clock.Now()); err != nil { // no node is there: all launches wait
		t.Fatal(err)
	}
	for i := range 400 {
		l.nodes = append(l.nodes, dkron.Node{Name: fmt.Sprintf("%0200d", i), Alive: true})
	}
	for i := range due {
		due[i].Nominal, due[i].Next = due[i].Next, due[i].Next.Add(time.Hour)
	}
	if err := c.Fire(ctx, due, clock.Now()); err != nil {
		t.Fatal(err)
	}
	var waiting []dkron.Waiting
	running := func() (n int) {
		waiting = nil
		err := c.state.View(func(tx *state.Tx) error {
			return tx.OpenLaunches(0, func(l *dkron.Launch) bool {
				if l.State == dkron.LaunchRunning {
					n++
				} else {
					waiting = append(waiting, dkron.Waiting{Launch: l.Number, Job: l.Job})
				}
				return true
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := running(); n != 60 || len(waiting) != 60 {
		t.Fatalf("%d launches run, %d wait", n, len(waiting))
	}
	if err := c.Assign(ctx, waiting, nil); err != nil {
		t.Fatal(err)
	}
	if n := running(); n != 120 {
		t.Errorf("%d launches run, %d wait", n, len(waiting))
	}
}
