package httpapi

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"dkron"
	"dkron/internal/state"
)

// later makes a request in the background and returns the channel for its answer.
func (s *server) later(method, target, body string) <-chan *answer {
	out := make(chan *answer, 1)
	go func() { out <- s.do(method, target, body) }()
	return out
}

// inTime runs a test in a bubble of time, where a server waits for nothing but the test.
func inTime(t *testing.T, test func(t *testing.T, s *server)) {
	synctest.Test(t, func(t *testing.T) { test(t, newServer(t)) })
}

func TestRunWaitsForTheEndOfTheLaunch(t *testing.T) {
	inTime(t, func(t *testing.T, s *server) {
		s.create(`{"name":"a","schedule":"@manually","retries":1}`, `{"name":"other","schedule":"@manually"}`)
		s.do("POST", "/v1/jobs/a/run", "").want(200).wantHeader("X-Launch-State", "running")
		s.finish("a", dkron.Result{Outcome: dkron.Success})
		coming := s.later("POST", "/v1/jobs/a/run?wait", "")
		synctest.Wait()
		s.do("POST", "/v1/jobs/other/run", "")
		s.finish("other", dkron.Result{Outcome: dkron.Success})
		s.finish("a", dkron.Result{Outcome: dkron.Failed})
		synctest.Wait()
		if len(coming) > 0 {
			t.Fatal("answered before the last attempt")
		}
		began := time.Now()
		s.finish("a", dkron.Result{Outcome: dkron.Failed})
		a := (<-coming).want(200).wantHeader("X-Launch-State", "failed").wantHeader("Location", "/v1/jobs/a/run?wait")
		if time.Since(began) > 0 {
			t.Error("it waited for the clock and not for the log")
		}
		if got := a.object(); got["launch_id"] != a.header.Get("X-Launch-Id") || got["success_count"] != 1.0 || got["error_count"] != 0.0 {
			t.Errorf("the job is not as it was before: %v", got)
		}
	})
}

func TestRunDoesNotWaitForEver(t *testing.T) {
	inTime(t, func(t *testing.T, s *server) {
		s.create(`{"name":"a","schedule":"@manually","concurrency":"queue"}`)
		for _, want := range []string{"running", "queued"} {
			began := time.Now()
			s.do("POST", "/v1/jobs/a?wait", "").want(200).wantHeader("X-Launch-State", want)
			if took := time.Since(began); took != 40*time.Second {
				t.Errorf("it took %s", took)
			}
		}
		stop, cancel := context.WithCancel(t.Context())
		s.api.Ctx = stop
		coming := s.later("POST", "/v1/jobs/a/run?wait=please", "")
		synctest.Wait()
		began := time.Now()
		cancel() // the server stops, but still answers every request
		(<-coming).want(200).wantHeader("X-Launch-State", "queued")
		if took := time.Since(began); took > 0 {
			t.Errorf("a server that stops waits for %s", took)
		}
	})
}

func TestRunTellsOfALaunchThatEndedAtOnce(t *testing.T) {
	s := newServer(t)
	s.create(`{"name":"a","schedule":"@manually","concurrency":"queue","queue_limit":1}`)
	for _, want := range []string{"running", "queued", "skipped"} {
		s.do("POST", "/v1/jobs/a/run", "").want(200).wantHeader("X-Launch-State", want)
	}
	s.do("POST", "/v1/jobs/a/run?wait", "").want(200).wantHeader("X-Launch-State", "skipped")
}

func TestRunWaitsForALaunchThatTakesItsJobAlong(t *testing.T) {
	inTime(t, func(t *testing.T, s *server) {
		s.create(`{"name":"once","schedule":"@manually","ephemeral":true}`, `{"name":"gone","schedule":"@manually"}`)
		coming := s.later("POST", "/v1/jobs/once/run?wait", "")
		synctest.Wait()
		s.finish("once", dkron.Result{Outcome: dkron.Success})
		(<-coming).want(200).wantHeader("X-Launch-State", "success")
		s.get("/v1/jobs/once").want(404)
		coming = s.later("POST", "/v1/jobs/gone/run?wait", "")
		synctest.Wait()
		s.do("DELETE", "/v1/jobs/gone", "").want(200)
		s.finish("gone", dkron.Result{Outcome: dkron.Failed})
		(<-coming).want(200).wantHeader("X-Launch-State", "failed") // it is in no history, but waiting clients get it
	})
}

func TestRunWaitsThroughMoreEventsThanAreHeld(t *testing.T) {
	inTime(t, func(t *testing.T, s *server) {
		s.create(`{"name":"a","schedule":"@manually"}`)
		coming := s.later("POST", "/v1/jobs/a/run?wait", "")
		synctest.Wait()
		s.must(func(tx *state.Tx) error { // all in one commit, the end first
			r, err := readRecord(tx, "a")
			if err != nil {
				return err
			}
			l, err := tx.Launch(tx.OpenLaunchesOf(r.Job.Number)[0])
			if err != nil {
				return err
			}
			l.State = dkron.LaunchLost
			if err := tx.CloseLaunch(l, &r.Progress); err != nil {
				return err
			}
			tx.PutProgress(r.Job.Number, &r.Progress)
			for range 20_000 {
				tx.NoteJob(state.JobUpdated, &dkron.Job{Name: "x"})
			}
			return nil
		})
		(<-coming).want(200).wantHeader("X-Launch-State", "lost")
	})
}

func TestADisabledJobRunsByHand(t *testing.T) {
	s := newServer(t)
	s.create(`{"name":"a","schedule":"@hourly","disabled":true,"tags":{"role":"dkron"}}`)
	s.do("POST", "/v1/jobs/a/run", "").want(200).wantHeader("X-Launch-State", "running")
	s.fleet.names = nil
	s.do("POST", "/v1/jobs/a/run?wait", "").want(404).wantBody("no live node matches the job's tags").wantHeader("X-Launch-Id", "")
}

func TestRunOnCreateWaitsIfAsked(t *testing.T) {
	inTime(t, func(t *testing.T, s *server) {
		coming := s.later("POST", "/v1/jobs?runoncreate&wait", `{"name":"a","schedule":"@manually"}`)
		synctest.Wait()
		s.finish("a", dkron.Result{Outcome: dkron.TimedOut})
		a := (<-coming).want(201).wantHeader("X-Launch-State", "timed_out").wantHeader("Location", "/v1/jobs/a")
		if id := a.header.Get("X-Launch-Id"); !strings.HasPrefix(id, "a.") || a.object()["launch_id"] != id {
			t.Error(a.body)
		}
	})
}
