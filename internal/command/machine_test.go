package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dkron"
	"dkron/internal/index"
	"dkron/internal/state"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// machine is a machine on a store of its own.
type machine struct {
	*Machine
	store *state.Store
	path  string
	index uint64
}

type tb interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

func newMachine(t tb, dir string) *machine {
	t.Helper()
	path := filepath.Join(dir, "state.db")
	store, err := state.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	return &machine{Machine: NewMachine(store, log, func(err error) { panic(err) }), store: store, path: path}
}

func (m *machine) apply(cmds ...Command) []any {
	entries := make([]Entry, len(cmds))
	for i, c := range cmds {
		m.index++
		entries[i] = Entry{m.index, Encode(c)}
	}
	return m.Apply(entries)
}

// must applies one command that must not be refused.
func must[T any](t tb, m *machine, c Command) T {
	t.Helper()
	var zero T
	switch r := m.apply(c)[0].(type) {
	case error:
		t.Fatalf("%T refused: %v", c, r)
	case T:
		return r
	}
	return zero
}

func (m *machine) snapshot(t tb) []byte {
	t.Helper()
	s, err := m.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var buf bytes.Buffer
	if _, err := s.WriteTo(&buf); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func job(name string, change ...func(*dkron.Job)) *SetJob {
	c := &SetJob{Job: dkron.Job{Name: name, Schedule: "@every 10s", Executor: "shell"}, Now: noon, Next: noon.Add(10 * time.Second)}
	for _, f := range change {
		f(&c.Job)
	}
	return c
}

func TestTwoMachinesEndEqualAlthoughOneIsRestoredMidway(t *testing.T) {
	base, runs := t.TempDir(), 0
	rapid.Check(t, func(t *rapid.T) {
		runs++
		dir := filepath.Join(base, fmt.Sprint(runs))
		a, b := newMachine(t, filepath.Join(dir, "a")), newMachine(t, filepath.Join(dir, "b"))
		defer func() { a.store.Close(); b.store.Close() }()
		gen := &history{t: t, m: a}
		if rapid.Bool().Draw(t, "agreed") { // else in the middle of the history, or never
			for _, m := range []*machine{a, b} {
				m.apply(&Agree{Protocol: 2, Release: "0.2.0"})
			}
		}
		for range rapid.IntRange(1, 40).Draw(t, "batches") {
			var batch []Command
			for range rapid.IntRange(1, 5).Draw(t, "size") {
				c := gen.command()
				if notifying, ok := c.(interface{ SetChannels([]string) }); ok && rapid.Bool().Draw(t, "notifies") {
					notifying.SetChannels(allChannels.Channels)
				}
				batch = append(batch, c)
			}
			a.apply(batch...)
			for _, c := range batch { // the other applies them one by one
				b.apply(c)
			}
			if wrong := a.wrong(); wrong != "" {
				t.Fatal(wrong)
			}
			if rapid.IntRange(0, 4).Draw(t, "restore") == 0 {
				c := newMachine(t, filepath.Join(dir, fmt.Sprint("c", b.index)))
				if err := c.Restore(bytes.NewReader(a.snapshot(t))); err != nil {
					t.Fatal(err)
				}
				b.store.Close()
				c.index, b = b.index, c
				if _, err := b.store.Compact(context.Background()); err != nil {
					t.Fatal(err)
				}
				if wrong := b.wrong(); wrong != "" {
					t.Fatal("restored: " + wrong)
				}
			}
		}
		if x, y := a.healths(gen.now), b.healths(gen.now); x != y { // a server that comes up from a snapshot agrees
			t.Fatalf("the machines find jobs in another health:\n%s\n--- against ---\n%s", x, y)
		}
		if x, y := a.store.Dump(), b.store.Dump(); x != y {
			t.Fatalf("the machines differ:\n%s\n--- against ---\n%s", x, y)
		}
		a.apply(&Configure{dkron.Settings{History: dkron.Retention{Count: 2}, TotalBytes: 11_000}}) // every job is looked at
		for a.unswept() {
			a.apply(new(Clean))
		}
		if wrong := a.wrong(true); wrong != "" {
			t.Fatal("swept: " + wrong)
		}
	})
}

// healths is the health of all jobs as the index has it, now and later.
func (m *machine) healths(now time.Time) (all string) { return healths(m.store.Index(), now) }

func healths(x *index.Index, now time.Time) (all string) {
	for _, later := range []time.Duration{0, time.Minute, time.Hour} {
		x.Each(func(e *index.Entry) bool {
			h, since := e.Health(now.Add(later))
			all += fmt.Sprintln(e.Name, h, since, e.FailureStreak())
			return true
		})
		all += fmt.Sprintln(x.Healths(now.Add(later)))
	}
	return all
}

// history draws commands that are valid often enough to reach interesting states.
type history struct {
	t   *rapid.T
	m   *machine
	now time.Time
}

func (h *history) command() Command {
	if h.now.IsZero() {
		h.now = noon
	}
	h.now = h.now.Add(time.Duration(rapid.IntRange(-500, 3000).Draw(h.t, "ms")) * time.Millisecond) // leaders' clocks differ
	if rapid.IntRange(0, 14).Draw(h.t, "leap") == 0 {                                               // so that the figures of minutes age
		h.now = h.now.Add(time.Duration(rapid.IntRange(-30, 45).Draw(h.t, "hours")) * time.Hour)
	}
	name := rapid.SampledFrom([]string{"a", "ab", "a-1", "b"}).Draw(h.t, "job")
	switch rapid.IntRange(0, 17).Draw(h.t, "kind") {
	case 0, 1:
		return h.setJob(name)
	case 2:
		c := &DeleteJob{Name: name}
		if rapid.Bool().Draw(h.t, "stop") {
			c.Stop = &dkron.Stop{At: h.now, By: "ann"}
		}
		return c
	case 3:
		return h.run(name)
	case 12, 13:
		return h.rerun()
	case 14:
		return h.deliver()
	case 15, 16:
		return h.alert()
	case 17:
		return h.checkIn(name)
	case 4, 5:
		return h.fire()
	case 6:
		return h.assign()
	case 7:
		return h.stop()
	case 8:
		if rapid.IntRange(0, 9).Draw(h.t, "pause") == 0 {
			return rapid.SampledFrom([]Command{&Pause{true}, &Pause{}, &Agree{Protocol: 2, Release: "0.2.0"}}).Draw(h.t, "paused")
		}
		if rapid.IntRange(0, 3).Draw(h.t, "settings") == 0 {
			return &Configure{dkron.Settings{History: dkron.Retention{Count: 5, Age: time.Minute, Bytes: 7}, TotalBytes: rapid.SampledFrom([]uint64{0, 20, 12_000}).Draw(h.t, "total")}}
		}
		if rapid.Bool().Draw(h.t, "stage") {
			part := uint64(rapid.IntRange(0, 1).Draw(h.t, "part"))
			return &Stage{ID: 1 + uint64(h.now.Second()%2), Part: part, Jobs: []dkron.Record{{Job: h.setJob("a-1").(*SetJob).Job}}}
		}
		if rapid.Bool().Draw(h.t, "staged") {
			return &Restore{Stage: 1, Parts: uint64(rapid.IntRange(1, 2).Draw(h.t, "parts")), Now: h.now}
		}
		was := dkron.Progress{SuccessCount: 2, LastError: h.now, Status: dkron.StatusFailed, Next: h.now.Add(time.Second)}
		return &Restore{Jobs: []dkron.Record{{Job: h.setJob("b").(*SetJob).Job, Progress: was}, {Job: h.setJob("a").(*SetJob).Job}}, Now: h.now}
	}
	switch rapid.IntRange(0, 9).Draw(h.t, "clear") {
	case 0:
		return &Clear{Name: name}
	case 1:
		return new(Clean)
	}
	return h.finish()
}

func (h *history) run(name string) Command {
	cause := rapid.SampledFrom([]dkron.Cause{dkron.CauseManual, dkron.CauseCreate}).Draw(h.t, "cause")
	c := &Run{Name: name, Cause: cause, Targets: h.nodes(), Now: h.now, By: "ann", Alone: rapid.Bool().Draw(h.t, "alone")}
	if rapid.Bool().Draw(h.t, "again") {
		c.Of = h.record()
	} else if rapid.Bool().Draw(h.t, "changed") {
		c.Change = &dkron.Change{Env: map[string]string{"A": "b"}, Payload: &dkron.Payload{Text: "p"}}
	}
	return c
}

// launch draws the number of a launch, most often of one that has not ended.
func (h *history) launch() uint64 {
	var open []uint64
	h.m.store.View(func(tx *state.Tx) error {
		return tx.OpenLaunches(0, func(l *dkron.Launch) bool { open = append(open, l.Number); return true })
	})
	if len(open) > 0 && rapid.IntRange(0, 9).Draw(h.t, "any") > 0 {
		return rapid.SampledFrom(open).Draw(h.t, "open")
	}
	return uint64(rapid.IntRange(1, 30).Draw(h.t, "launch"))
}

func (h *history) stop() Command {
	c := &Stop{Wish: dkron.Stop{At: h.now, By: rapid.SampledFrom([]string{"", "ann"}).Draw(h.t, "by"), Reason: "why"}}
	for range rapid.IntRange(0, 2).Draw(h.t, "launches") {
		c.Launches = append(c.Launches, h.launch())
	}
	for range rapid.IntRange(0, 2).Draw(h.t, "executions") {
		c.Executions = append(c.Executions, dkron.ExecutionKey{Launch: h.launch(), Slot: uint64(rapid.IntRange(0, 1).Draw(h.t, "slot"))})
	}
	return c
}

// assign gives nodes to some launches, if they wait, and to retries that want one.
func (h *history) assign() Command {
	c := &Assign{Targets: []dkron.Assignment{{Launch: h.launch(), Nodes: h.nodes()}, {Launch: h.launch(), Nodes: h.nodes()}}, Now: h.now}
	h.m.store.View(func(tx *state.Tx) error {
		return tx.OpenExecutions(func(e *dkron.Execution) bool {
			if e.Unplaced && rapid.Bool().Draw(h.t, "placed") {
				node := rapid.SampledFrom([]string{"n1", "n3"}).Draw(h.t, "node")
				c.Places = append(c.Places, dkron.Placement{Key: e.Key, Attempt: e.Attempt, Node: node})
			}
			return true
		})
	})
	return c
}

func (h *history) nodes() []string {
	return []string{"n1", "n2"}[:rapid.IntRange(0, 2).Draw(h.t, "nodes")]
}

func (h *history) setJob(name string) Command {
	c := job(name, func(j *dkron.Job) {
		j.Retries = uint32(rapid.IntRange(0, 2).Draw(h.t, "retries"))
		j.ParentJob = rapid.SampledFrom([]string{"", "a", "b", "ab"}).Draw(h.t, "parent")
		j.Ephemeral = rapid.Bool().Draw(h.t, "ephemeral")
		j.Concurrency = rapid.SampledFrom([]dkron.Concurrency{"", dkron.Forbid, dkron.Queue, dkron.Replace}).Draw(h.t, "concurrency")
		j.QueueLimit = uint64(rapid.IntRange(0, 3).Draw(h.t, "queue_limit"))
		j.Confirm = rapid.Bool().Draw(h.t, "confirm")
		if rapid.Bool().Draw(h.t, "processed") {
			j.Processors = map[string]map[string]string{"log": nil, "files": {"order": "-1"}}
		}
		j.RetryLost = rapid.Bool().Draw(h.t, "retry_lost")
		j.Backoff.Initial = rapid.SampledFrom([]time.Duration{0, time.Minute}).Draw(h.t, "backoff")
		j.Join = rapid.SampledFrom([]dkron.Join{"", dkron.JoinAny}).Draw(h.t, "join")
		j.Disabled = rapid.IntRange(0, 9).Draw(h.t, "disabled") == 0
		j.RetryOn = rapid.SampledFrom([]dkron.RetryOn{"", dkron.OtherNode}).Draw(h.t, "retry_on")
		j.History.Count = uint64(rapid.IntRange(0, 3).Draw(h.t, "history"))
		j.History.Age = rapid.SampledFrom([]time.Duration{0, 2 * time.Second}).Draw(h.t, "age")
		if more := rapid.SampledFrom([]string{"", "a-1", "b"}).Draw(h.t, "parents"); more != "" && more != j.ParentJob {
			j.Parents = []dkron.Parent{{Job: more, On: rapid.SampledFrom([]dkron.Condition{"", dkron.OnFailure, dkron.OnAlways}).Draw(h.t, "on")}}
		}
	})
	if rapid.IntRange(0, 2).Draw(h.t, "checks in") == 0 {
		c.Job.Executor, c.Job.Retries = dkron.ExecutorCheckIn, 0
	}
	c.Now, c.Next = h.now, h.now.Add(time.Second)
	h.m.store.View(func(tx *state.Tx) error {
		if j, err := tx.Job(name); err == nil {
			c.Base = j.Revision
		}
		return nil
	})
	return c
}

func (h *history) fire() Command {
	c := &Fire{Now: h.now}
	h.m.store.Index().Each(func(e *index.Entry) bool {
		d := dkron.Due{Job: e.Number, Nominal: e.Next, Cause: dkron.CauseSchedule, Targets: h.nodes(), Next: e.Next.Add(time.Second)}
		h.m.store.View(func(tx *state.Tx) error {
			p, err := tx.Progress(e.Number)
			if err == nil {
				d.Revision = p.Revision + uint64(max(0, rapid.IntRange(-8, 1).Draw(h.t, "revision")))
			}
			return err
		})
		if rapid.IntRange(0, 9).Draw(h.t, "missed") == 0 {
			d.Missed, d.Until, d.Reason = 2, e.Next.Add(time.Second), "nobody led"
			d.Next = d.Until.Add(time.Second)
		}
		c.Due = append(c.Due, d)
		return true
	})
	return c
}

func (h *history) finish() Command {
	c := &Finish{Now: h.now}
	h.m.store.View(func(tx *state.Tx) error {
		return tx.OpenExecutions(func(e *dkron.Execution) bool {
			if rapid.Bool().Draw(h.t, "ended") {
				began := h.now.Add(time.Duration(rapid.SampledFrom([]int{0, 0, -5, -26 * 60, 60}).Draw(h.t, "began")) * time.Minute)
				r := result(e, rapid.SampledFrom(outcomes).Draw(h.t, "outcome"), began)
				if rapid.IntRange(0, 3).Draw(h.t, "large") == 0 {
					r.Output = bytes.Repeat([]byte("x"), rapid.SampledFrom([]int{0, 1024, 1025, 9000}).Draw(h.t, "output"))
				}
				c.Results = append(c.Results, r)
			}
			return true
		})
	})
	return c
}

var outcomes = []dkron.Outcome{dkron.Success, dkron.Success, dkron.Failed, dkron.TimedOut, dkron.Stopped, dkron.Lost}

func result(e *dkron.Execution, o dkron.Outcome, at time.Time) dkron.Result {
	return dkron.Result{
		JobName: e.JobName, Key: e.Key, Group: e.Group, Attempt: e.Attempt, NodeName: e.NodeName,
		StartedAt: at, FinishedAt: at.Add(time.Second), Outcome: o, Output: []byte("out"), OutputSize: 3,
	}
}

func TestAnUnknownEntryStopsTheNodeAndAnOptionalOneDoesNot(t *testing.T) {
	m := newMachine(t, t.TempDir())
	defer m.store.Close()
	if r := m.Apply([]Entry{{1, []byte{byte(optional) + 3, 1, 2}}}); r[0] != nil {
		t.Errorf("an optional entry of a newer version returned %v", r[0])
	}
	defer func() {
		if recover() == nil {
			t.Error("the machine went on after an entry that it doesn't know")
		}
	}()
	m.Apply([]Entry{{2, []byte{99}}})
}

func TestAStateThatCannotBeReadStopsTheNode(t *testing.T) {
	m := newMachine(t, t.TempDir())
	must[*dkron.Record](t, m, job("a"))
	if index := m.AppliedIndex(); index != 1 {
		t.Errorf("index %d", index)
	}
	m.store.Close()
	defer func() {
		if recover() == nil {
			t.Error("the machine goes on from an index that it doesn't know")
		}
	}()
	m.AppliedIndex()
}

func TestAFailedRestoreLeavesTheOldState(t *testing.T) {
	m := newMachine(t, t.TempDir())
	defer m.store.Close()
	must[*dkron.Record](t, m, job("a"))
	whole := m.snapshot(t)
	for _, broken := range [][]byte{nil, []byte("garbage"), whole[:len(whole)/2]} {
		if err := m.Restore(bytes.NewReader(broken)); err == nil {
			t.Errorf("a snapshot of %d bytes was accepted", len(broken))
		}
	}
	if err := m.Restore(io.MultiReader(bytes.NewReader(whole[:100]), failing{})); err == nil {
		t.Error("a snapshot whose reader failed was accepted")
	}
	if m.store.Index().Name("a") == nil {
		t.Error("the old state is gone")
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("connection lost") }

func TestAnEntryThatNoDiskCanTakeIsRefusedAndTheOthersOfItsBatchStand(t *testing.T) {
	m := newMachine(t, t.TempDir())
	defer m.store.Close()
	results := m.apply(job("a"), job(strings.Repeat("x", 40_000)), job("b")) // longer than a key may be
	if err, _ := results[1].(error); !errors.Is(err, dkron.ErrInvalid) {
		t.Errorf("got %v", results[1])
	}
	for i, name := range map[int]string{0: "a", 2: "b"} {
		if _, ok := results[i].(*dkron.Record); !ok || m.store.Index().Name(name) == nil {
			t.Errorf("%s: %v", name, results[i])
		}
	}
	if m.Health() != nil || m.store.Index().Len() != 2 {
		t.Errorf("%d jobs, %v", m.store.Index().Len(), m.Health())
	}
}
