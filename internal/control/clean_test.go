package control

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"dkron"
	"dkron/internal/command"
	"dkron/internal/request"
	"dkron/internal/state"
)

func TestAnIdleClusterIsSweptAndThenIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, l := newControl(t)
		l.nodes = []dkron.Node{{Name: "n1", Alive: true}}
		if _, _, err := c.setJob(t.Context(), &request.SetJob{Record: dkron.Record{Job: dkron.Job{Name: "a", Schedule: "@manually", Executor: "shell"}}}); err != nil {
			t.Fatal(err)
		}
		for range 60 {
			runOnce(t, c, "a", dkron.MaxOutput)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- c.KeepClean(ctx) }()
		pass := func(d time.Duration) uint64 {
			time.Sleep(d)
			synctest.Wait()
			return l.index
		}
		idle := pass(time.Minute)
		if now := pass(time.Hour); now != idle {
			t.Errorf("%d entries in an hour in which nothing happened", now-idle)
		}
		if _, _, err := c.deleteJob(t.Context(), &request.DeleteJob{Job: "a"}); err != nil {
			t.Fatal(err)
		}
		idle = pass(2 * time.Second)
		size, err := c.state.Size()
		if err != nil || size.Output != 0 {
			t.Errorf("two seconds after the job was deleted %d bytes of its output are there, %v", size.Output, err)
		}
		if idle > 250 {
			t.Errorf("it took %d entries", idle)
		}
		if now := pass(time.Hour); now != idle {
			t.Errorf("%d entries in the hour after", now-idle)
		}
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}

// runOnce runs a job that prints that many bytes.
func runOnce(t *testing.T, c *Control, name string, size int) {
	t.Helper()
	now := time.Now()
	run := &command.Run{Name: name, Cause: dkron.CauseManual, Targets: []string{"n1"}, Now: now}
	if _, _, err := c.propose(t.Context(), run); err != nil {
		t.Fatal(err)
	}
	finish := &command.Finish{Now: now}
	err := c.state.View(func(tx *state.Tx) error {
		return tx.OpenExecutions(func(e *dkron.Execution) bool {
			finish.Results = append(finish.Results, dkron.Result{
				JobName: name, Key: e.Key, Group: e.Group, Attempt: 1, NodeName: "n1", StartedAt: now, FinishedAt: now,
				Outcome: dkron.Success, Output: fmt.Appendf(nil, "%*d", size, 1),
			})
			return true
		})
	})
	if err == nil {
		_, _, err = c.propose(t.Context(), finish)
	}
	if err != nil {
		t.Fatal(err)
	}
}
