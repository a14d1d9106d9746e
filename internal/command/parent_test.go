package command

import (
	"errors"
	"testing"

	"dkron"
)

func child(name string, join dkron.Join, parents ...dkron.Parent) *SetJob {
	return job(name, func(j *dkron.Job) { j.Parents, j.Join = parents, join })
}

func newFamily(t *testing.T, c *SetJob) ledger {
	l := newLedger(t)
	must[*dkron.Record](t, l.machine, job("a"))
	must[*dkron.Record](t, l.machine, job("b"))
	must[*dkron.Record](t, l.machine, c)
	return l
}

// run fires a parent once and ends it.
func (l ledger) run(name string, o dkron.Outcome) {
	l.fire(name, "n1")
	l.finish(name, o)
}

func TestAChildOfSeveralWaitsForAllOfThem(t *testing.T) {
	l := newFamily(t, child("c", "", dkron.Parent{Job: "a"}, dkron.Parent{Job: "b", On: dkron.OnFailure}))
	l.run("a", dkron.Success)
	l.run("a", dkron.Success)
	l.wantStates("c", "")
	l.run("b", dkron.Success) // not what it waits for
	l.wantStates("c", "")
	l.run("b", dkron.Failed)
	l.wantStates("c", "waiting")
	if w := l.waiting()[0]; w.Cause != dkron.CauseParent || w.ParentID != l.launches("b")[0].ID() {
		t.Errorf("launch is %+v", w)
	}
	l.run("b", dkron.Failed) // once per round
	l.wantStates("c", "waiting")
}

func TestALaterEndOfAParentTakesAnEarlierOneBack(t *testing.T) {
	l := newFamily(t, child("c", dkron.JoinAll, dkron.Parent{Job: "a"}, dkron.Parent{Job: "b"}))
	l.run("a", dkron.Success)
	l.run("a", dkron.Failed)
	l.run("b", dkron.Success)
	l.wantStates("c", "")
	l.run("a", dkron.Success)
	l.wantStates("c", "waiting")
}

func TestAChildOfAnyIsLaunchedByEachOfThem(t *testing.T) {
	l := newFamily(t, child("c", dkron.JoinAny, dkron.Parent{Job: "a"}, dkron.Parent{Job: "b", On: dkron.OnAlways}))
	l.run("a", dkron.Failed)
	l.wantStates("c", "")
	l.run("a", dkron.Success)
	l.run("b", dkron.Stopped)
	l.wantStates("c", "waiting waiting")
}

func TestConditions(t *testing.T) {
	ends := []dkron.LaunchState{dkron.LaunchSuccess, dkron.LaunchFailed, dkron.LaunchTimedOut, dkron.LaunchLost,
		dkron.LaunchNoTarget, dkron.LaunchStopped, dkron.LaunchSkipped, dkron.LaunchMissed}
	for on, want := range map[dkron.Condition]string{"": "10000000", "success": "10000000", "failure": "01111000", "always": "11111100"} {
		got := ""
		for _, s := range ends {
			if on.Holds(s) {
				got += "1"
			} else {
				got += "0"
			}
		}
		if got != want {
			t.Errorf("%q holds for %s, want %s", on, got, want)
		}
	}
}

func TestParentsKnowTheirChildren(t *testing.T) {
	l := newFamily(t, child("c", "", dkron.Parent{Job: "a"}, dkron.Parent{Job: "b"}))
	if d := l.record("b").Job.DependentJobs; len(d) != 1 || d[0] != "c" {
		t.Fatalf("children of b are %v", d)
	}
	if err, _ := l.apply(&DeleteJob{Name: "b"})[0].(error); !errors.Is(err, dkron.ErrConflict) {
		t.Errorf("got %v, want a conflict", err)
	}
	c := child("c", "", dkron.Parent{Job: "a"})
	c.Base = 1
	must[*dkron.Record](t, l.machine, c)
	if d := l.record("b").Job.DependentJobs; len(d) != 0 {
		t.Errorf("children of b are %v", d)
	}
	must[*dkron.Record](t, l.machine, &DeleteJob{Name: "c"})
	if d := l.record("a").Job.DependentJobs; len(d) != 0 {
		t.Errorf("children of a are %v", d)
	}
}

func TestACycleThroughOneOfSeveralParentsIsRefused(t *testing.T) {
	l := newFamily(t, child("c", "", dkron.Parent{Job: "a"}, dkron.Parent{Job: "b"}))
	c := child("b", "", dkron.Parent{Job: "c"})
	c.Base = 1
	if err, _ := l.apply(c)[0].(error); !errors.Is(err, dkron.ErrInvalid) {
		t.Errorf("got %v, want invalid", err)
	}
	c = child("d", "", dkron.Parent{Job: "a"}, dkron.Parent{Job: "none"})
	if err, _ := l.apply(c)[0].(error); !errors.Is(err, dkron.ErrNoParent) {
		t.Errorf("got %v, want no parent", err)
	}
}

func TestAParentCountsAgainWhenAnotherOfItsEndsIsWanted(t *testing.T) {
	l := newFamily(t, child("c", dkron.JoinAll, dkron.Parent{Job: "a"}, dkron.Parent{Job: "b"}))
	l.run("a", dkron.Success)
	c := child("c", dkron.JoinAll, dkron.Parent{Job: "a", On: dkron.OnFailure}, dkron.Parent{Job: "b"})
	c.Base = 1
	must[*dkron.Record](t, l.machine, c)
	l.run("b", dkron.Success)
	l.wantStates("c", "") // a has succeeded, and its failure is wanted now
	l.run("a", dkron.Failed)
	l.wantStates("c", "waiting")
}

func TestAJobThatDidNotWaitForAllStartsOverWhenItDoes(t *testing.T) {
	all := []dkron.Parent{{Job: "a"}, {Job: "b"}}
	l := newFamily(t, child("c", dkron.JoinAll, all...))
	l.run("a", dkron.Success)
	for i, join := range []dkron.Join{dkron.JoinAny, dkron.JoinAll} {
		c := child("c", join, all...)
		c.Base = uint64(i + 1)
		must[*dkron.Record](t, l.machine, c)
	}
	l.run("b", dkron.Success)
	l.wantStates("c", "")
}

func TestAQueuedLaunchThatIsStoppedIsAnEndForTheChildrenToo(t *testing.T) {
	l := newLedger(t)
	must[*dkron.Record](t, l.machine, job("a", func(j *dkron.Job) { j.Concurrency = dkron.Queue }))
	must[*dkron.Record](t, l.machine, child("c", "", dkron.Parent{Job: "a", On: dkron.OnAlways}))
	l.fire("a", "n1")
	l.fire("a", "n1")
	must[*Stopped](t, l.machine, &Stop{Launches: []uint64{l.openLaunches("a")[1].Number}, Wish: dkron.Stop{At: noon}})
	l.wantStates("c", "waiting")
}
