package deliver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/spool"
	"dkron/plugin"
)

// newNode returns the node n1, which serves the terms from 3 on.
func newNode(t *testing.T, processors map[string]plugin.Processor) *Node {
	t.Helper()
	outputs, err := spool.Open(t.TempDir(), 1<<20, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return NewNode(NodeConfig{
		Name: "n1", Outputs: outputs, Find: func(name string) plugin.Processor { return processors[name] },
		Serves: func(term uint64) error {
			if term < 3 {
				return errors.New("a leader of a newer term is known: 3")
			}
			return nil
		},
	})
}

// ran keeps an output as an execution on the node does.
func (n *Node) ran(e *dkron.Execution, output string) {
	w := n.Outputs.Begin(e.Ref())
	w.Write([]byte(output))
	w.End()
}

func executed() *dkron.Execution {
	return &dkron.Execution{JobName: "a", NodeName: "n1", Group: 5, Attempt: 1, Key: dkron.ExecutionKey{Slot: 1}, Outcome: dkron.Success, StartedAt: time.Unix(1, 0)}
}

// reads is a processor that notes what it could read of the whole output.
func reads(c *calls) processor {
	return func(ctx context.Context, r *plugin.ProcessRequest) (*plugin.ProcessResponse, error) {
		in, err := r.Whole(ctx)
		if err != nil {
			return nil, err
		}
		defer in.Close()
		data, err := io.ReadAll(in)
		if r.Open != nil && int64(len(data)) != r.Size {
			return nil, fmt.Errorf("%d bytes, not %d: %w", len(data), r.Size, plugin.ErrUndeliverable)
		}
		c.note(string(data))
		return r.Replace("at " + r.Config[plugin.ReportingNode]), err
	}
}

func TestANodeGivesItsProcessorTheWholeOutput(t *testing.T) {
	long := strings.Repeat("0123456789", 40_000)
	short := dkron.GapMark(1, uint64(len(long)))
	for _, c := range []struct {
		name   string
		kept   string
		change func(*dkron.Execution)
		want   string
	}{
		{"whole", long, func(e *dkron.Execution) { e.Output, e.OutputSize = []byte(short), uint64(len(long)) }, long},
		{"with an error", "abc", func(e *dkron.Execution) { e.Error, e.Output, e.OutputSize = "exit status 3", []byte("abc"), 3 }, "exit status 3\nabc"},
		{"cut", long[:300_000], func(e *dkron.Execution) { e.Output, e.OutputSize = []byte(short), uint64(len(long)) }, long[:300_000] + dkron.GapMark(100_000, 400_000)},
		{"lost", "known", func(e *dkron.Execution) { e.Outcome, e.Error = dkron.Lost, "gone" }, "gone\nknown" + UnknownRest},
		{"adopted", "before and after", func(e *dkron.Execution) { e.Output, e.OutputSize = []byte("after"), 5 }, "before and after"},
		{"not kept", "", func(e *dkron.Execution) { e.Output, e.OutputSize = []byte(short), uint64(len(long)) }, short},
		{"hardly kept", "0", func(e *dkron.Execution) { e.Output, e.OutputSize = []byte(short), uint64(len(long)) }, short},
		{"none", "", func(*dkron.Execution) {}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			notes := new(calls)
			n, e := newNode(t, map[string]plugin.Processor{"p": reads(notes)}), executed()
			c.change(e)
			n.ran(e, c.kept)
			call := new(Call)
			if err := codec.Decode(codec.Encode(&Call{Term: 3, Processor: "p", Config: map[string]string{"k": "v"}, Execution: *e}), call); err != nil {
				t.Fatal(err)
			}
			a, err := n.Process(t.Context(), call)
			if err != nil || a.Error != "" || string(a.Output) != "at n1" || !a.Replaces {
				t.Fatalf("%+v, %v", a, err)
			}
			if got := notes.String(); got != c.want {
				t.Errorf("%d bytes, want %d: %.60q, want %.60q", len(got), len(c.want), got, c.want)
			}
		})
	}
}

func TestANodeServesNoOldLeader(t *testing.T) {
	notes := new(calls)
	n, e := newNode(t, map[string]plugin.Processor{"p": reads(notes)}), executed()
	n.ran(e, "x")
	a, err := n.Process(t.Context(), &Call{Term: 2, Processor: "p", Execution: *e})
	if !errors.Is(err, dkron.ErrConflict) || notes.String() != "" {
		t.Errorf("%+v, %v, %s", a, err, notes)
	}
	if err := n.Drop(&Drop{Term: 2, Execution: e.Ref()}); !errors.Is(err, dkron.ErrConflict) || n.Outputs.Bytes() != 1 {
		t.Errorf("%v, %d bytes", err, n.Outputs.Bytes())
	}
	if err := n.Drop(&Drop{Term: 3, Execution: e.Ref()}); err != nil || n.Outputs.Bytes() != 0 {
		t.Errorf("%v, %d bytes", err, n.Outputs.Bytes())
	}
}

func TestANodeSaysWhatFailed(t *testing.T) {
	n, e := newNode(t, map[string]plugin.Processor{
		"full": processor(func(context.Context, *plugin.ProcessRequest) (*plugin.ProcessResponse, error) {
			return nil, errors.New("disk\nfull")
		}),
		"bad": processor(func(context.Context, *plugin.ProcessRequest) (*plugin.ProcessResponse, error) {
			return nil, fmt.Errorf("refused: %w", plugin.ErrUndeliverable)
		}),
		"panics": processor(func(context.Context, *plugin.ProcessRequest) (*plugin.ProcessResponse, error) { panic("oh") }),
	}), executed()
	for name, want := range map[string]Answer{
		"full":   {Error: "disk full"},
		"bad":    {Error: "refused: no later attempt can succeed", Hopeless: true},
		"panics": {Error: "the processor panicked: oh"},
		"nobody": {Error: "it has no processor of that name: no later attempt can succeed", Hopeless: true},
	} {
		a, err := n.Process(t.Context(), &Call{Term: 3, Processor: name, Execution: *e})
		if err != nil || a.Error != want.Error || a.Hopeless != want.Hopeless || a.Replaces {
			t.Errorf("%s: %+v, %v", name, a, err)
		}
		if _, err := a.response("n1"); err == nil || err.Error() != "node n1: "+want.Error || errors.Is(err, plugin.ErrUndeliverable) != want.Hopeless {
			t.Errorf("%s: %v", name, err)
		}
	}
	n.Outputs.Begin(e.Ref())
	if a, err := n.Process(t.Context(), &Call{Term: 3, Processor: "full", Execution: *e}); err != nil || a.Error != spool.ErrRuns.Error() {
		t.Errorf("%+v, %v", a, err)
	}
}

// A leader dies during a call, and the next one repeats it; a processor hangs.
func TestANodeDoesNotCallTwiceAtOnceAndBoundsItsCalls(t *testing.T) {
	bubble(t, func(t *testing.T) {
		release, c := make(chan struct{}), new(calls)
		n := newNode(t, map[string]plugin.Processor{"p": processor(func(context.Context, *plugin.ProcessRequest) (*plugin.ProcessResponse, error) {
			c.note("p")
			<-release // whatever its context says
			return nil, nil
		})})
		answers := make(chan string, 100)
		ask := func(group int64) {
			e := executed()
			e.Group = group
			ctx, cancel := context.WithTimeout(t.Context(), 35*time.Second)
			defer cancel()
			a, err := n.Process(ctx, &Call{Term: 3, Processor: "p", Execution: *e})
			if err != nil {
				t.Error(err)
				return
			}
			answers <- a.Error
		}
		go ask(1)
		synctest.Wait()
		ask(1)
		if got := <-answers; got != "an earlier call with this output still goes on" {
			t.Errorf("%q", got)
		}
		for i := range int64(perTarget) {
			go ask(2 + i)
		}
		time.Sleep(time.Minute)
		count := make(map[string]int)
		for range perTarget + 1 {
			count[<-answers]++
		}
		if count["it took longer than 30 s and still goes on"] != perTarget || count["16 other calls of the processor go on there"] != 1 || strings.Count(c.String(), "p") != perTarget {
			t.Errorf("%v, %s", count, c)
		}
		close(release)
		synctest.Wait()
		ask(1)
		if got := <-answers; got != "" {
			t.Errorf("after it has returned: %q", got)
		}
	})
}
