package courier

import (
	"slices"
	"strings"
	"testing"
	"time"

	"dkron"
	"dkron/internal/command"
	"dkron/internal/request"
	"dkron/internal/state"
)

// finishes runs the job a on targets, and ends what each line says, such as "n1 failed text".
func (w *world) finishes(lines ...string) {
	w.t.Helper()
	propose := func(c command.Command) any {
		w.t.Helper()
		done, _, err := w.log.Propose(w.t.Context(), command.Encode(c))
		if failed, ok := done.(error); ok || err != nil {
			w.t.Fatal(failed, err)
		}
		return done
	}
	now := time.Now().UTC()
	l := propose(&command.Run{Name: "a", Cause: dkron.CauseManual, Targets: []string{"n1", "n2", "n3"}, Now: now}).(*dkron.Launched).Launch
	for _, line := range lines {
		node, rest, _ := strings.Cut(line, " ")
		outcome, text, _ := strings.Cut(rest, " ")
		var r dkron.Result
		err := w.store.View(func(tx *state.Tx) error {
			return tx.LaunchExecutions(l.Number, func(e *dkron.Execution) bool {
				if e.NodeName == node {
					r = dkron.Result{
						Key: e.Key, Group: e.Group, Attempt: e.Attempt, NodeName: node, JobName: "a", StartedAt: now, FinishedAt: now,
						Outcome: dkron.Outcome(outcome), Output: []byte(text),
					}
				}
				return true
			})
		})
		if err != nil || r.NodeName == "" {
			w.t.Fatal(line, err)
		}
		propose(&command.Finish{Results: []dkron.Result{r}, Now: now})
	}
}

func TestAMessageHasTheOutputOfTheNodeThatFailed(t *testing.T) {
	w := newWorld(t, dkron.Rule{On: []dkron.AlertEvent{dkron.AlertFailed, dkron.AlertOutput}, Output: "fine"})
	w.do(&request.SetJob{Record: dkron.Record{Job: dkron.Job{Name: "a", Schedule: "@manually", Executor: "shell", Retries: 1}}})
	w.finishes("n2 failed too early", "n2 failed disk full", "n1 failed no answer", "n1 success one", "n3 success fine")
	if err := w.control.Compose(t.Context(), "c", 0, nil, time.Now()); err != nil {
		t.Fatal(err)
	}
	lines := make(map[dkron.AlertEvent][]string)
	err := w.store.View(func(tx *state.Tx) error {
		c, err := tx.Channel("c")
		if err != nil {
			return err
		}
		m, err := tx.Message(1)
		if err != nil {
			return err
		}
		for _, it := range NewBrief(tx, c, m, "").Items {
			lines[it.Event] = it.Lines
		}
		return nil
	})
	if err != nil || !slices.Equal(lines[dkron.AlertFailed], []string{"disk full"}) || !slices.Equal(lines[dkron.AlertOutput], []string{"fine"}) {
		t.Errorf("%q, %v", lines, err)
	}
}
