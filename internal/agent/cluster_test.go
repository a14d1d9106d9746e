package agent

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"dkron"
	"dkron/plugin"
)

// cluster is a node's identity.
type cluster struct{ id, former string }

func (c *cluster) Cluster() string { return c.id }
func (c *cluster) Former() string  { return c.former }
func (c *cluster) Adopt(id string) error {
	if c.id != "" && c.id != id {
		return dkron.Error(dkron.ErrForeign, "another cluster")
	}
	c.id = id
	return nil
}

// openOf opens an agent with an identity.
func openOf(t *testing.T, dir string, e plugin.Executor, c *cluster) *Agent {
	t.Helper()
	a, err := Open(Config{NodeName: "n1", DataDir: dir, Executors: map[string]plugin.Executor{"test": e}, Logger: quiet, Cluster: c})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a
}

func bindOf(a *Agent, term uint64, cluster string) (*link, error) {
	l := newLink(term, cluster)
	return l, a.bind(l)
}

func TestALeaderOfAnotherClusterIsRefusedAndChangesNothing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := openOf(t, t.TempDir(), &executor{}, &cluster{})
		if _, err := bindOf(a, 3, "x"); err != nil {
			t.Fatal(err)
		}
		for _, other := range []string{"y", ""} {
			if _, err := bindOf(a, 99, other); !errors.Is(err, dkron.ErrForeign) {
				t.Errorf("a leader of %q: %v", other, err)
			}
		}
		if _, err := bindOf(a, 4, "x"); err != nil {
			t.Errorf("the own leader is refused after that: %v", err)
		}
	})
}

func TestAnExecutorIsToldItsCluster(t *testing.T) {
	bubble(t, func(t *testing.T) {
		told := make(chan string, 1)
		a := openOf(t, t.TempDir(), &executor{do: func(_ context.Context, r *plugin.ExecuteRequest, _ plugin.Status) (*plugin.ExecuteResponse, error) {
			told <- r.Cluster
			return &plugin.ExecuteResponse{}, nil
		}}, &cluster{})
		if _, err := bindOf(a, 3, "x"); err != nil {
			t.Fatal(err)
		}
		if err := a.accept(3, []dkron.Order{order("job", 1)}); err != nil {
			t.Fatal(err)
		}
		if got := <-told; got != "x" {
			t.Errorf("got %q", got)
		}
	})
}

func TestResultsAreNotGivenToAnotherCluster(t *testing.T) {
	bubble(t, func(t *testing.T) {
		dir := t.TempDir()
		ended := make(chan error, 1)
		e := &adopter{adopt: func(ctx context.Context, _ *plugin.ExecuteRequest, _ []byte, _ plugin.Status) (*plugin.ExecuteResponse, error) {
			<-ctx.Done()
			ended <- context.Cause(ctx)
			return nil, ctx.Err()
		}}
		e.do = func(ctx context.Context, r *plugin.ExecuteRequest, s plugin.Status) (*plugin.ExecuteResponse, error) {
			if r.JobName == "done" {
				return &plugin.ExecuteResponse{}, nil
			}
			if err := s.Started([]byte("h")); err != nil {
				return nil, err
			}
			<-ctx.Done()
			return nil, ctx.Err()
		}
		a := openOf(t, dir, e, &cluster{})
		l, err := bindOf(a, 57, "x")
		if err != nil {
			t.Fatal(err)
		}
		if err := a.accept(57, []dkron.Order{order("done", 1), order("long", 2)}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if r := a.results(l); len(r) != 1 {
			t.Fatalf("the own leader got %d results", len(r))
		}

		// It met the old cluster again: nothing is lost.
		b := openOf(t, crash(t, dir), e, &cluster{former: "x"})
		if l, err = bindOf(b, 58, "x"); err != nil {
			t.Fatal(err)
		}
		if r := b.results(l); len(r) != 1 || b.Running() != 1 {
			t.Fatalf("of the own cluster: %d results, %d run", len(r), b.Running())
		}

		// It has found another: its term counts from the beginning, and what ran for the old one is ended.
		left := crash(t, dir)
		c := openOf(t, left, e, &cluster{former: "x"})
		if _, err := bindOf(c, 1, ""); err == nil {
			t.Fatal("a leader without a cluster is served by a node that has not left its own yet")
		}
		if l, err = bindOf(c, 1, "y"); err != nil {
			t.Fatal(err)
		}
		if cause := <-ended; !errors.Is(cause, errLeft) {
			t.Errorf("what ran was ended by %v", cause)
		}
		synctest.Wait()
		if r := c.results(l); len(r) != 0 || !c.idle() {
			t.Fatalf("the new cluster got %s", summary(r))
		}
		if err := c.accept(1, []dkron.Order{order("done", 1)}); err != nil { // the same identity, in the other cluster
			t.Fatal(err)
		}
		synctest.Wait()
		if r := c.results(l); len(r) != 1 {
			t.Fatalf("its own order has %d results", len(r))
		}
		d := openOf(t, crash(t, left), e, &cluster{id: "y"})
		if l, err = bindOf(d, 2, "y"); err != nil {
			t.Fatal(err)
		}
		if r := d.results(l); len(r) != 1 || r[0].JobName != "done" || d.Running() != 0 {
			t.Fatalf("after a crash: %s, %d run", summary(r), d.Running())
		}
	})
}

func TestAJournalFromBeforeIdsBelongsToTheFirstClusterUnlessThatWasLeft(t *testing.T) {
	bubble(t, func(t *testing.T) {
		dir := t.TempDir()
		l := attach(t, open(t, dir, &executor{}), 57)
		l.order(order("done", 1))
		l.only()
		for former, want := range map[string]int{"": 1, "unknown": 0} {
			a := openOf(t, crash(t, dir), &executor{}, &cluster{former: former})
			term := uint64(58)
			if former != "" {
				term = 1
			}
			l, err := bindOf(a, term, "x")
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
			if r := a.results(l); len(r) != want {
				t.Errorf("former %q: %d results, want %d", former, len(r), want)
			}
		}
	})
}
