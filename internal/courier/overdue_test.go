package courier

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"dkron"
	"dkron/internal/request"
	"dkron/internal/state"
)

// A leader notices what runs long, another takes over before, between and after: people are notified once.
func TestWhatRunsLongIsReportedOnceOverChangesOfTheLeader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, dkron.Rule{On: []dkron.AlertEvent{"long_running", "recovered"}, Longer: 5 * time.Minute, Match: dkron.Match{Owner: "ann"}})
		w.do(&request.SetJob{Record: dkron.Record{Job: dkron.Job{Name: "b", Schedule: "@manually", Executor: "shell", Owner: "ann"}}})
		stop := w.leads()
		w.do(&request.RunJob{Job: "a", Cause: dkron.CauseManual}) // the rule does not match it
		l := w.do(&request.RunJob{Job: "b", Cause: dkron.CauseManual}).(*request.Launched).Launch
		time.Sleep(4 * time.Minute)
		stop()
		time.Sleep(10 * time.Minute) // without a leader
		w.want()
		stop = w.leads()
		w.want("01-01 00:14:00 k/message/1 long_running×1")
		applied, _ := w.store.Applied()
		for range 3 { // changes of the leader
			stop()
			stop = w.leads()
			time.Sleep(time.Minute)
		}
		w.want()
		if after, _ := w.store.Applied(); after != applied && after != applied+1 { // the result of the message
			t.Errorf("%d entries for what has been noticed", after-applied)
		}
		now := time.Now().UTC()
		if err := w.control.Finish(t.Context(), []dkron.Result{{
			Key: dkron.ExecutionKey{Launch: l.Number}, Group: l.Group, Attempt: 1, NodeName: "n1", JobName: "b", StartedAt: now, FinishedAt: now, Outcome: dkron.Success,
		}}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		w.want(fmt.Sprintf("%s k/message/2 recovered×1", now.Format("01-02 15:04:05")))
		stop()
	})
}

// It is noticed when it becomes true, not at the next look.
func TestALongRunIsNoticedInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, dkron.Rule{On: []dkron.AlertEvent{"long_running"}, Longer: 15 * time.Second})
		stop := w.leads()
		w.do(&request.RunJob{Job: "a", Cause: dkron.CauseManual})
		time.Sleep(16 * time.Second)
		w.want("01-01 00:00:15 k/message/1 long_running×1")
		stop()
	})
}

// Each entry is for so many launches; the others follow.
func TestAStormOfLongRunsIsOneOfFewMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, dkron.Rule{On: []dkron.AlertEvent{"long_running"}, Longer: time.Second})
		for range maxOverdue + 10 {
			w.do(&request.RunJob{Job: "a", Cause: dkron.CauseManual})
		}
		time.Sleep(time.Minute)
		stop := w.leads()
		time.Sleep(20 * time.Second)
		synctest.Wait()
		stop()
		if is := w.sender.take(); len(is) != 2 {
			t.Errorf("%q", is)
		}
		_ = w.store.View(func(tx *state.Tx) error {
			return tx.OpenLaunches(0, func(l *dkron.Launch) bool {
				if len(l.Long) != 1 {
					t.Errorf("launch %d was noticed by %q", l.Number, l.Long)
				}
				return len(l.Long) == 1
			})
		})
	})
}
