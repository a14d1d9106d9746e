package agent

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"dkron"
	"dkron/internal/spool"
	"dkron/plugin"
)

// openKeeping opens an agent that keeps whole outputs in dir.
func openKeeping(t *testing.T, dir, outputs string, e plugin.Executor) (*Agent, *spool.Spool) {
	t.Helper()
	kept, err := spool.Open(outputs, 1<<20, quiet)
	if err != nil {
		t.Fatal(err)
	}
	a, err := Open(Config{NodeName: "n1", DataDir: dir, Executors: map[string]plugin.Executor{"test": e}, Logger: quiet, Outputs: kept})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a, kept
}

func keptOf(t *testing.T, s *spool.Spool, o dkron.Order) string {
	t.Helper()
	if _, err := s.Size(o.Ref()); err != nil {
		return err.Error()
	}
	f, err := s.Open(o.Ref())
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func keeping(job string, launch uint64) dkron.Order {
	o := order(job, launch)
	o.KeepOutput = true
	return o
}

func TestTheWholeOutputIsKeptIfTheOrderAsksForIt(t *testing.T) {
	bubble(t, func(t *testing.T) {
		all := bytes.Repeat([]byte("0123456789"), 50_000)
		a, kept := openKeeping(t, t.TempDir(), t.TempDir(), &executor{do: func(_ context.Context, r *plugin.ExecuteRequest, s plugin.Status) (*plugin.ExecuteResponse, error) {
			for part := range slices.Chunk(all, 7777) {
				s.Write(part, false)
			}
			if r.JobName == "response" {
				return &plugin.ExecuteResponse{Output: []byte("instead")}, nil
			}
			return &plugin.ExecuteResponse{Error: "exit status 1"}, nil
		}})
		l := attach(t, a, 1)
		for n, c := range []struct {
			order dkron.Order
			want  string
		}{
			{keeping("status", 1), string(all)},
			{keeping("response", 2), "instead"},
			{order("plain", 3), spool.ErrNone.Error()},
		} {
			l.order(c.order)
			r := l.only()
			if got := keptOf(t, kept, c.order); got != c.want {
				t.Errorf("%d: %d bytes are kept, want %d: %.40s", n, len(got), len(c.want), got)
			}
			if c.order.KeepOutput && r.OutputSize != uint64(len(c.want)) {
				t.Errorf("%d: the result says %d", n, r.OutputSize)
			}
		}
	})
}

func TestAWholeOutputGoesOnAfterACrash(t *testing.T) {
	bubble(t, func(t *testing.T) {
		dir, outputs := t.TempDir(), t.TempDir()
		a, _ := openKeeping(t, dir, outputs, &executor{do: func(ctx context.Context, r *plugin.ExecuteRequest, s plugin.Status) (*plugin.ExecuteResponse, error) {
			s.Write([]byte("before"), false)
			if r.JobName == "adopted" {
				if err := s.Started([]byte("handle")); err != nil {
					return nil, err
				}
			}
			<-ctx.Done()
			return nil, ctx.Err()
		}})
		l := attach(t, a, 1)
		l.order(keeping("adopted", 1), keeping("lost", 2))
		l.goesOn()
		left := crash(t, dir)
		a, kept := openKeeping(t, left, outputs, &adopter{adopt: func(_ context.Context, _ *plugin.ExecuteRequest, _ []byte, s plugin.Status) (*plugin.ExecuteResponse, error) {
			s.Write([]byte("after"), false)
			return &plugin.ExecuteResponse{}, nil
		}})
		l = attach(t, a, 2)
		time.Sleep(time.Second)
		if r := l.results(); len(r) != 2 {
			t.Fatal(summary(r))
		}
		if got := keptOf(t, kept, keeping("adopted", 1)); got != "before"+spool.Resumed+"after" {
			t.Errorf("adopted: %q", got)
		}
		if got := keptOf(t, kept, keeping("lost", 2)); got != "before" {
			t.Errorf("lost: %q", got)
		}
	})
}

func TestALeaderOfAnOlderTermIsNotServed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := open(t, t.TempDir(), &executor{})
		l := attach(t, a, 5)
		l.goesOn()
		if err := a.Serves(4); !errors.Is(err, errTerm) {
			t.Errorf("%v", err)
		}
		for _, term := range []uint64{5, 6} {
			if err := a.Serves(term); err != nil {
				t.Errorf("%d: %v", term, err)
			}
		}
	})
}
