package courier

import (
	"testing"
	"testing/synctest"
	"time"

	"dkron"
	"dkron/internal/request"
)

// A job stays silent for longer than its owner expects. Leaders change meanwhile: people are notified once, and again only when it
// has succeeded and falls silent once more.
func TestABrokenObjectiveIsReportedOnceOverChangesOfTheLeader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, dkron.Rule{On: []dkron.AlertEvent{"objective", "recovered"}, Match: dkron.Match{Owner: "ann"}})
		for name, owner := range map[string]string{"b": "ann", "d": "ben"} {
			w.do(&request.SetJob{Record: dkron.Record{Job: dkron.Job{
				Name: name, Schedule: "@manually", Executor: "shell", Owner: owner, Objectives: &dkron.Objectives{MaxSilence: time.Hour},
			}}})
		}
		stop := w.leads()
		time.Sleep(59 * time.Minute)
		w.want()
		time.Sleep(2 * time.Minute)
		w.want("01-01 01:00:00 k/message/1 objective×1")
		applied, _ := w.store.Applied()
		for range 3 {
			stop()
			stop = w.leads()
			time.Sleep(time.Minute)
		}
		w.want()
		if after, _ := w.store.Applied(); after != applied && after != applied+1 { // the result of the message
			t.Errorf("%d entries for what has been noticed", after-applied)
		}
		l := w.do(&request.RunJob{Job: "b", Cause: dkron.CauseManual}).(*request.Launched).Launch
		now := time.Now().UTC()
		if err := w.control.Finish(t.Context(), []dkron.Result{{
			Key: dkron.ExecutionKey{Launch: l.Number}, Group: l.Group, Attempt: 1, NodeName: "n1", JobName: "b", StartedAt: now, FinishedAt: now, Outcome: dkron.Success,
		}}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(59 * time.Minute)
		w.want(now.Format("01-02 15:04:05") + " k/message/2 recovered×1")
		time.Sleep(2 * time.Minute)
		w.want(now.Add(time.Hour).Format("01-02 15:04:05") + " k/message/3 objective×1")
		stop()
	})
}
