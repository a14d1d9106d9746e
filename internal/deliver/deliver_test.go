package deliver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"dkron"
	"dkron/internal/clock"
	"dkron/internal/state"
	"dkron/plugin"
)

// world is a state with jobs, the processors that they name, and what was recorded.
type world struct {
	t          *testing.T
	st         *state.Store
	processors map[string]plugin.Processor
	nodes      *nodes // nil: there are none

	mu       sync.Mutex // guards what follows
	index    uint64
	recorded []dkron.Delivered
	refuses  int // proposals that fail
	counted  map[string]int

	notifier Notifier
}

func newWorld(t *testing.T, processors map[string]plugin.Processor) *world {
	t.Helper()
	st, err := state.Open(filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	w := &world{t: t, st: st, processors: processors, counted: make(map[string]int)}
	w.update(func(tx *state.Tx) error { tx.Agree(state.Agreement{Protocol: 2}); return nil })
	return w
}

func (w *world) update(fn func(tx *state.Tx) error) {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.index++
	if err := w.st.Update(w.index, fn); err != nil {
		w.t.Fatal(err)
	}
}

// job stores a job with processors; its configurations are empty.
func (w *world) job(number uint64, processors ...string) {
	w.t.Helper()
	w.update(func(tx *state.Tx) error {
		j := &dkron.Job{Name: fmt.Sprint("job", number), Number: number, UpdatedAt: clock.Now(), Processors: make(map[string]map[string]string)}
		j.History.Count = 5000
		for _, p := range processors {
			j.Processors[p] = map[string]string{"key": "value"}
		}
		p, err := tx.Progress(number)
		if errors.Is(err, dkron.ErrNotFound) {
			p, err = new(dkron.Progress), nil
		}
		return errors.Join(err, tx.PutJob(j, p))
	})
}

// ended records the end of an execution.
func (w *world) ended(number uint64, output string) {
	w.t.Helper()
	w.update(func(tx *state.Tx) error {
		j, p, err := tx.Record(fmt.Sprint("job", number))
		if err != nil {
			return err
		}
		tx.Tick(clock.Now())
		e := &dkron.Execution{JobName: j.Name, JobNumber: number, NodeName: "n1", Group: 5, Attempt: 1, Outcome: dkron.Success, Output: []byte(output)}
		if err := tx.RecordExecution(e, p); err != nil {
			return err
		}
		tx.PutProgress(number, p)
		d := &dkron.Delivery{Kind: dkron.DeliverOutput, Job: j.Name, JobNumber: number, Execution: e.Number, At: clock.Now()}
		for _, name := range j.ProcessorNames() {
			d.Targets = append(d.Targets, dkron.DeliveryTarget{Name: name})
		}
		return tx.AddDelivery(d)
	})
}

// Deliver records results, as the log does.
func (w *world) Deliver(_ context.Context, results []dkron.Delivered) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.refuses > 0 {
		w.refuses--
		return errors.New("no majority")
	}
	w.index++
	return w.st.Update(w.index, func(tx *state.Tx) error {
		for _, r := range results {
			w.recorded = append(w.recorded, r)
			d, err := tx.Delivery(r.Number)
			if err != nil {
				return err
			}
			t := d.Target(r.Target)
			if t.State = r.State; r.State == dkron.Undelivered {
				t.Attempts, t.Next = t.Attempts+1, r.Next
			}
			if err := tx.PutDelivery(d); err != nil {
				return err
			}
		}
		return nil
	})
}

// term runs a runner until the returned function is called.
func (w *world) term() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	r := New(Config{
		Node: "leader", Term: 3, Nodes: w.nodes, State: w.st, Recorder: w, Logger: slog.New(slog.DiscardHandler),
		Notifier: w.notifier, Notified: func(channel string, s dkron.DeliveryState) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.counted["told "+channel+" "+string(s)]++
		},
		Find: func(name string) plugin.Processor { return w.processors[name] },
		Count: func(name string, s dkron.DeliveryState) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.counted[name+" "+string(s)]++
		},
	})
	go func() { done <- r.Run(ctx) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			w.t.Error(err)
		}
	}
}

// count returns how often a result of a processor was counted: "a delivered".
func (w *world) count(what string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.counted[what]
}

func (w *world) results() []dkron.Delivered {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.recorded)
}

// processor is a function.
type processor func(context.Context, *plugin.ProcessRequest) (*plugin.ProcessResponse, error)

func (p processor) Process(ctx context.Context, r *plugin.ProcessRequest) (*plugin.ProcessResponse, error) {
	return p(ctx, r)
}

// calls notes the calls of processors.
type calls struct {
	mu    sync.Mutex // guards what follows
	began time.Time
	list  []string
}

func (c *calls) note(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.list = append(c.list, text)
}

func (c *calls) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return strings.Join(c.list, " ")
}

// take returns what was noted since it was last called.
func (c *calls) take() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := c.list
	c.list = nil
	return list
}

func fine(c *calls, name string) processor {
	return func(_ context.Context, r *plugin.ProcessRequest) (*plugin.ProcessResponse, error) {
		c.note(fmt.Sprintf("%s:%s:%s", r.JobName, name, r.Output))
		return &plugin.ProcessResponse{Output: []byte(name)}, nil
	}
}

func bubble(t *testing.T, fn func(t *testing.T)) { t.Helper(); synctest.Test(t, fn) }

func TestProcessorsGetEachOutputInOrder(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := new(calls)
		w := newWorld(t, map[string]plugin.Processor{"a": fine(c, "a"), "b": fine(c, "b")})
		w.job(1, "b", "a")
		w.ended(1, "x")
		w.ended(1, "y")
		defer w.term()()
		synctest.Wait()
		w.ended(1, "z")
		synctest.Wait()
		if want := "job1:a:x job1:b:x job1:a:y job1:b:y job1:a:z job1:b:z"; c.String() != want {
			t.Errorf("%s, want %s", c, want)
		}
		for _, r := range w.results() {
			if r.State != dkron.DeliveryDone || !r.Replaces || string(r.Output) != r.Target {
				t.Errorf("%+v", r)
			}
		}
		if w.count("a delivered") != 3 {
			t.Errorf("%v", w.counted)
		}
	})
}

func TestProcessorsAreGivenWhatTheyMayNeed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		got := make(chan *plugin.ProcessRequest, 1)
		w := newWorld(t, map[string]plugin.Processor{"a": processor(func(_ context.Context, r *plugin.ProcessRequest) (*plugin.ProcessResponse, error) {
			got <- r
			return nil, nil
		})})
		w.job(1, "a")
		w.ended(1, "x")
		defer w.term()()
		r := <-got
		if r.Config["reporting_node"] != "leader" || r.Config["key"] != "value" || r.ReportingNode != "leader" || !r.Success || r.Outcome != "success" ||
			r.ExecutionID != "5-n1" || r.NodeName != "n1" || r.Group != 5 || r.Attempt != 1 || r.LaunchID != "job1.5" {
			t.Errorf("%+v", r)
		}
	})
}

func TestAFailureIsRepeatedAfterLongerAndLongerPausesAndTheNextOutputsWait(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, fails := &calls{began: time.Now()}, 11
		w := newWorld(t, map[string]plugin.Processor{"b": fine(new(calls), "b"), "a": processor(func(_ context.Context, r *plugin.ProcessRequest) (*plugin.ProcessResponse, error) {
			c.note(fmt.Sprintf("%s@%d", r.Output, int(time.Since(c.began).Seconds())))
			if fails--; fails >= 0 {
				return nil, errors.New("disk\nfull")
			}
			return nil, nil
		})})
		w.job(1, "a", "b")
		w.ended(1, "x")
		w.ended(1, "y")
		defer w.term()()
		synctest.Wait()
		if n := w.count("b delivered"); n != 2 {
			t.Errorf("the other processor got %d outputs", n)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if want := "x@0 x@1 x@3 x@7 x@15 x@31 x@63 x@127 x@255 x@511 x@811 x@1111 y@1111"; c.String() != want {
			t.Errorf("%s, want %s", c, want)
		}
		if r := w.results()[0]; r.Error != "disk full" || r.State != dkron.Undelivered || !r.Next.Equal(c.began.Add(time.Second)) {
			t.Errorf("%+v", r)
		}
	})
}

func TestADayOldDeliveryIsGivenUpAndTheNextGoesOn(t *testing.T) {
	bubble(t, func(t *testing.T) {
		w := newWorld(t, map[string]plugin.Processor{"a": processor(func(_ context.Context, r *plugin.ProcessRequest) (*plugin.ProcessResponse, error) {
			if string(r.Output) == "bad" {
				return nil, errors.New("no")
			}
			return nil, nil
		})})
		w.job(1, "a")
		w.ended(1, "bad")
		w.ended(1, "good")
		defer w.term()()
		time.Sleep(25 * time.Hour)
		synctest.Wait()
		if w.count("a failed") != 1 || w.count("a delivered") != 1 {
			t.Errorf("%v", w.counted)
		}
	})
}

func TestWhatCanNeverSucceedIsGivenUpAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		w := newWorld(t, map[string]plugin.Processor{
			"a": processor(func(context.Context, *plugin.ProcessRequest) (*plugin.ProcessResponse, error) {
				return nil, fmt.Errorf("refused: %w", plugin.ErrUndeliverable)
			}),
			"p": processor(func(context.Context, *plugin.ProcessRequest) (*plugin.ProcessResponse, error) { panic("oh") }),
		})
		w.job(1, "a", "nobody", "p")
		w.ended(1, "x")
		defer w.term()()
		synctest.Wait()
		got := make(map[string]string)
		for _, r := range w.results() {
			got[r.Target] = string(r.State) + ": " + r.Error
		}
		for target, want := range map[string]string{
			"a": "failed: refused: no later attempt can succeed", "p": ": the processor panicked: oh",
			"nobody": "failed: this server has no processor of that name: no later attempt can succeed",
		} {
			if got[target] != want {
				t.Errorf("%s: %s", target, got[target])
			}
		}
		if w.count("unknown failed") != 1 {
			t.Errorf("%v", w.counted)
		}
	})
}

func TestAProcessorThatHangsDelaysNoOtherJobAndIsNotCalledTwice(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, release := new(calls), make(chan struct{})
		w := newWorld(t, map[string]plugin.Processor{"b": fine(c, "b"), "hangs": processor(func(context.Context, *plugin.ProcessRequest) (*plugin.ProcessResponse, error) {
			c.note("hangs")
			<-release // whatever its context says
			return nil, nil
		})})
		for job := range uint64(perTarget + 4) {
			w.job(job+1, "hangs")
			w.ended(job+1, "x")
		}
		w.job(100, "b")
		w.ended(100, "y")
		defer w.term()()
		synctest.Wait()
		if n := strings.Count(c.String(), "hangs"); n != perTarget || !strings.Contains(c.String(), "job100:b:y") {
			t.Errorf("%d calls hang: %s", n, c)
		}
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if n := strings.Count(c.String(), "hangs"); n != perTarget {
			t.Errorf("%d calls hang", n)
		}
		if r := w.results(); len(r) != perTarget+1 || r[1].Error != "it took longer than 30 s and still goes on" {
			t.Errorf("%d results: %+v", len(r), r)
		}
		close(release)
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := w.count("hangs delivered"); n != perTarget+4 {
			t.Errorf("%d are delivered", n)
		}
	})
}

func TestACallThatEndsAtItsDeadlineIsTriedAgain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		w := newWorld(t, map[string]plugin.Processor{"a": processor(func(ctx context.Context, _ *plugin.ProcessRequest) (*plugin.ProcessResponse, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		})})
		w.job(1, "a")
		w.ended(1, "x")
		defer w.term()()
		time.Sleep(31 * time.Second)
		synctest.Wait()
		if r := w.results(); len(r) != 1 || r[0].Error != "it took longer than 30 s: context deadline exceeded" {
			t.Errorf("%+v", r)
		}
	})
}

func TestTheNextLeaderGoesOnWhereTheLastOneStopped(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c, broken := &calls{began: time.Now()}, true
		w := newWorld(t, map[string]plugin.Processor{"a": fine(c, "a"), "b": processor(func(ctx context.Context, r *plugin.ProcessRequest) (*plugin.ProcessResponse, error) {
			if broken {
				return nil, errors.New("no")
			}
			return fine(c, "b")(ctx, r)
		})})
		w.job(1, "a", "b")
		w.ended(1, "x")
		stop := w.term()
		time.Sleep(10 * time.Second) // 4 attempts failed; the next is at 15 s
		stop()
		broken = false
		stop = w.term()
		synctest.Wait()
		if got := c.String(); got != "job1:a:x" {
			t.Errorf("%s", got)
		}
		time.Sleep(6 * time.Second)
		synctest.Wait()
		if got := c.String(); got != "job1:a:x job1:b:x" {
			t.Errorf("%s", got)
		}
		stop()
	})
}

func TestAJobThatIsWrittenAgainIsTriedAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		tries := 0
		w := newWorld(t, map[string]plugin.Processor{"a": processor(func(context.Context, *plugin.ProcessRequest) (*plugin.ProcessResponse, error) {
			tries++
			return nil, errors.New("no")
		})})
		w.job(1, "a")
		w.ended(1, "x")
		defer w.term()()
		time.Sleep(600 * time.Second)
		synctest.Wait()
		before := tries
		w.job(1, "a")
		synctest.Wait()
		if tries != before+1 {
			t.Errorf("%d tries, then %d", before, tries)
		}
	})
}

func TestWhatIsGoneIsDropped(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := new(calls)
		w := newWorld(t, map[string]plugin.Processor{"a": fine(c, "a")})
		w.job(1, "a")
		w.ended(1, "deleted")
		w.job(2, "a")
		w.ended(2, "no longer named")
		w.update(func(tx *state.Tx) error {
			j, err := tx.Job("job1")
			return errors.Join(err, tx.DeleteJob(j))
		})
		w.job(2)
		defer w.term()()
		synctest.Wait()
		if c.String() != "" || w.count("a dropped") != 2 {
			t.Errorf("%s %v", c, w.counted)
		}
	})
}

func TestResultsThatCouldNotBeRecordedAreProposedAgain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		c := new(calls)
		w := newWorld(t, map[string]plugin.Processor{"a": fine(c, "a")})
		w.refuses = 3
		w.job(1, "a")
		for range maxUnrecorded + 100 {
			w.ended(1, "x")
		}
		defer w.term()()
		synctest.Wait()
		if n := strings.Count(c.String(), "job1"); n != maxUnrecorded {
			t.Errorf("%d calls were made although nothing can be recorded", n)
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if n, m := strings.Count(c.String(), "job1"), len(w.results()); n != maxUnrecorded+100 || m != n {
			t.Errorf("%d calls, %d results", n, m)
		}
	})
}
