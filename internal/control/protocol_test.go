package control

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"dkron"
	"dkron/internal/command"
	"dkron/internal/request"
	"dkron/internal/state"
)

func TestNothingNewIsWrittenBeforeAllServersKnowIt(t *testing.T) {
	c, l := newControl(t)
	newer := &command.Agree{Protocol: 1, Release: "0.1.0"} // the first command that is not from the beginning
	for range 3 {
		_, _, err := c.propose(t.Context(), newer)
		if !errors.Is(err, dkron.ErrUnavailable) || !strings.Contains(err.Error(), "server s2 speaks protocol 0, and this needs 1") {
			t.Fatalf("while s2 is old: %v", err)
		}
	}
	if l.index != 0 || l.asked != 1 {
		t.Errorf("%d entries were written, and the servers asked %d times", l.index, l.asked)
	}
	c.refused.at = c.refused.at.Add(-2 * askAgain)
	l.lowest = 1
	for range 3 {
		if _, _, err := c.propose(t.Context(), newer); err != nil {
			t.Fatal(err)
		}
	}
	agreed, err := c.state.Agreed()
	if err != nil || agreed.Protocol != 1 || l.asked != 2 {
		t.Errorf("agreed on %+v, %v, after %d questions", agreed, err, l.asked)
	}
	l.lowest = 0 // the state remembers
	if _, _, err := c.propose(t.Context(), newer); err != nil {
		t.Error(err)
	}
}

func TestWhatWasThereFromTheBeginningAsksNobody(t *testing.T) {
	c, l := newControl(t)
	if _, _, err := c.Do(t.Context(), &request.SetPaused{Paused: true}); err != nil || l.asked != 0 {
		t.Errorf("%v, after %d questions", err, l.asked)
	}
}

func TestNotesConfirmAndChannelsAreRefusedWhileAServerWouldDropThem(t *testing.T) {
	c, l := newControl(t)
	l.lowest = 1
	for _, job := range []dkron.Job{{Confirm: true}, {Notes: "# Call ops"}, {Channels: []string{"team"}}} {
		job.Name, job.Schedule = "a", "@manually"
		_, _, err := c.setJob(t.Context(), &request.SetJob{Record: dkron.Record{Job: job}})
		if !errors.Is(err, dkron.ErrUnavailable) || !strings.Contains(err.Error(), "server s2 speaks protocol 1, and this needs 2") {
			t.Errorf("%+v: %v", job, err)
		}
	}
	plain := dkron.Job{Name: "a", Schedule: "@manually"}
	if _, _, err := c.setJob(t.Context(), &request.SetJob{Record: dkron.Record{Job: plain}}); err != nil {
		t.Errorf("a job without them: %v", err)
	}
}

func TestReasonsAreWrittenOnceAllServersKnowThem(t *testing.T) {
	c, l := newControl(t)
	l.nodes, l.lowest = []dkron.Node{{Name: "n1", Alive: true}}, 1
	const old = "1 of 1 nodes did not succeed"
	if got := l.fails(c, "before"); got != old || l.usage(c, "before") != nil {
		t.Errorf("while a server is old: %q, %v", got, l.usage(c, "before"))
	}
	l.mu.Lock()
	l.lowest = 2
	l.mu.Unlock()
	for i := 0; ; i++ { // the servers are asked while results are recorded, and again after askAgain
		got := l.fails(c, fmt.Sprintf("after-%d", i))
		if got == "exit code 3 on n1: no space left" {
			if u := l.usage(c, fmt.Sprintf("after-%d", i)); u == nil || *u != (dkron.Usage{CPU: time.Second, MaxRSS: 9}) {
				t.Errorf("what it used: %v", u)
			}
			break
		}
		if got != old || i > 100 {
			t.Fatalf("after the upgrade: %q", got)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// fails runs a job that fails and returns the reason of the launch.
func (l *leader) fails(c *Control, job string) (reason string) {
	l.t.Helper()
	ctx := l.t.Context()
	if _, _, err := c.setJob(ctx, &request.SetJob{Record: dkron.Record{Job: dkron.Job{Name: job, Schedule: "@manually", Executor: "shell"}}}); err != nil {
		l.t.Fatal(err)
	}
	if _, _, err := c.runJob(ctx, &request.RunJob{Job: job, Cause: dkron.CauseManual}); err != nil {
		l.t.Fatal(err)
	}
	var results []dkron.Result
	err := c.state.View(func(tx *state.Tx) error {
		return tx.OpenExecutions(func(e *dkron.Execution) bool {
			results = append(results, dkron.Result{
				JobName: job, Key: e.Key, Group: e.Group, Attempt: e.Attempt, NodeName: e.NodeName, Outcome: dkron.Failed, Reason: "",
				StartedAt: time.Now(), FinishedAt: time.Now(), ExitCode: &dkron.ExitCode{Code: 3}, Output: []byte("no space left\n"),
				Usage: &dkron.Usage{CPU: time.Second, MaxRSS: 9},
			})
			return true
		})
	})
	if err == nil {
		err = c.Finish(ctx, results)
	}
	if err == nil {
		err = c.state.View(func(tx *state.Tx) error {
			_, p, err := tx.Record(job)
			if err != nil {
				return err
			}
			return tx.LaunchHistory(p, func(x *dkron.Launch) bool { reason = x.Reason; return false })
		})
	}
	if err != nil {
		l.t.Fatal(err)
	}
	return reason
}

// usage returns what the last execution of a job used.
func (l *leader) usage(c *Control, job string) (u *dkron.Usage) {
	l.t.Helper()
	err := c.state.View(func(tx *state.Tx) error {
		_, p, err := tx.Record(job)
		if err != nil {
			return err
		}
		return tx.History(p, func(e *dkron.Execution) bool { u = e.Usage; return false })
	})
	if err != nil {
		l.t.Fatal(err)
	}
	return u
}
