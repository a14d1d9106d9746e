package state

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"
	"pgregory.net/rapid"

	"dkron"
)

// ran counts an execution that was due and started at a time, and whose end the leader stamps with now.
func ran(s *Store, now, started time.Time, late time.Duration, change ...func(*dkron.Execution)) error {
	e := &dkron.Execution{
		Nominal: started.Add(-late), StartedAt: started, FinishedAt: started.Add(time.Second), Attempt: 1, Outcome: dkron.Success,
	}
	for _, f := range change {
		f(e)
	}
	return s.Update(1, func(tx *Tx) error { return tx.Count(e, now) })
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// minutes describes the table: minutes after noon, ends, launches that did not run, starts and the latest of them.
func minutes(t *testing.T, s *Store) string {
	t.Helper()
	var list []string
	must(t, s.View(func(tx *Tx) error {
		return tx.Minutes(time.Time{}, noon.AddDate(9, 0, 0), func(at time.Time, m *Minute) {
			late := m.Lateness
			list = append(list, fmt.Sprintf("%g: %d+%d-%d %d<=%d", at.Sub(noon).Minutes(), m.Successes, m.Failures, m.NotRun, late.Count(), late.Max))
		})
	}))
	return strings.Join(list, ", ")
}

func wantMinutes(t *testing.T, s *Store, want string) {
	t.Helper()
	if got := minutes(t, s); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

func TestEndsCountWhenTheyAreStampedAndLatenessWhenTheyStarted(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "state.db"))
	defer s.Close()
	must(t, ran(s, noon, noon, 0))
	must(t, ran(s, noon.Add(59*time.Second), noon, 7*time.Millisecond))
	must(t, ran(s, noon.Add(10*time.Minute), noon.Add(3*time.Minute), 5*time.Millisecond))
	must(t, ran(s, noon.Add(10*time.Minute), noon, 0, func(e *dkron.Execution) { e.Outcome = dkron.TimedOut }))
	wantMinutes(t, s, "0: 2+0-0 3<=7, 3: 0+0-0 1<=5, 10: 1+1-0 0<=0")
}

func TestAnExecutionThatIsNotKnownToHaveBegunHasNoLateness(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "state.db"))
	defer s.Close()
	for _, f := range []func(*dkron.Execution){
		func(e *dkron.Execution) { e.Outcome = dkron.Lost },
		func(e *dkron.Execution) { e.Outcome, e.FinishedAt = dkron.Stopped, e.StartedAt },
		func(e *dkron.Execution) { e.Outcome, e.Unplaced = dkron.Failed, true },
		func(e *dkron.Execution) { e.Outcome, e.StartedAt = dkron.Failed, time.Time{} },
	} {
		must(t, ran(s, noon, noon, time.Second, f))
	}
	wantMinutes(t, s, "0: 0+4-0 0<=0")
	must(t, ran(s, noon, noon, time.Second, func(e *dkron.Execution) { e.Outcome = dkron.Stopped }))
	must(t, ran(s, noon, noon, time.Hour, func(e *dkron.Execution) { e.Attempt, e.Due = 2, noon.Add(-2*time.Second) }))
	wantMinutes(t, s, "0: 1+5-0 2<=2000")
}

func TestANodesClockReachesNeitherBeforeTheDayNorAheadOfTheLeader(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "state.db"))
	defer s.Close()
	must(t, ran(s, noon, noon.Add(time.Hour), 0))
	must(t, ran(s, noon, noon.Add(-24*time.Hour), 0))
	must(t, ran(s, noon, noon.Add(-24*time.Hour+time.Minute), time.Millisecond))
	must(t, ran(s, noon, time.Unix(0, 0), 0))
	wantMinutes(t, s, "-1439: 0+0-0 1<=1, 0: 4+0-0 1<=0")
}

func TestMinutesAreSweptWhenTheyAreADayOld(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "state.db"))
	defer s.Close()
	for _, at := range []time.Duration{0, 1, 2} {
		must(t, ran(s, noon.Add(at*time.Minute), noon.Add(at*time.Minute), 0))
	}
	must(t, ran(s, noon.Add(24*time.Hour-time.Minute), noon.Add(24*time.Hour-time.Minute), 0))
	wantMinutes(t, s, "0: 1+0-0 1<=0, 1: 1+0-0 1<=0, 2: 1+0-0 1<=0, 1439: 1+0-0 1<=0")
	must(t, ran(s, noon.Add(24*time.Hour+time.Minute), noon.Add(24*time.Hour+time.Minute), 0))
	wantMinutes(t, s, "2: 1+0-0 1<=0, 1439: 1+0-0 1<=0, 1441: 1+0-0 1<=0")
}

func TestMinutesDoNotDependOnHowTheLogIsCutIntoBatches(t *testing.T) {
	base, runs := t.TempDir(), 0
	rapid.Check(t, func(t *rapid.T) {
		runs++
		var stores [2]*Store
		for i := range stores {
			s, err := Open(filepath.Join(base, fmt.Sprint(runs, "-", i), "state.db"))
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			stores[i] = s
		}
		minutes := rapid.SampledFrom([]int{0, 1, 2, 1439, 1440, 1441, 2880, 5000})
		var batch, all []func(tx *Tx) error
		for range rapid.IntRange(1, 20).Draw(t, "ends") {
			now := noon.Add(time.Duration(minutes.Draw(t, "now")) * time.Minute)
			began := now.Add(-time.Duration(minutes.Draw(t, "began")) * time.Minute)
			e := &dkron.Execution{Nominal: noon, StartedAt: began, FinishedAt: now, Attempt: 1}
			batch = append(batch, func(tx *Tx) error { return tx.Count(e, now) })
			all = append(all, batch[len(batch)-1])
			if rapid.Bool().Draw(t, "cut") {
				count(t, stores[0], batch...)
				batch = nil
			}
		}
		count(t, stores[0], batch...)
		for _, one := range all {
			count(t, stores[1], one)
		}
		if x, y := stores[0].Dump(), stores[1].Dump(); x != y {
			t.Fatalf("in batches:\n%s\none by one:\n%s", x, y)
		}
	})
}

// count runs what counts in one transaction.
func count(t *rapid.T, s *Store, all ...func(tx *Tx) error) {
	err := s.Update(1, func(tx *Tx) error {
		for _, one := range all {
			if err := one(tx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestALeaderWhoseClockWasAheadCostsNoLaterFigures(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "state.db"))
	defer s.Close()
	must(t, ran(s, noon.Add(48*time.Hour), noon.Add(48*time.Hour), 0))
	must(t, ran(s, noon, noon, 0))
	must(t, ran(s, noon.Add(time.Minute), noon.Add(time.Minute), 0))
	wantMinutes(t, s, "0: 1+0-0 1<=0, 1: 1+0-0 1<=0, 2880: 1+0-0 1<=0")
}

func TestLaunchesThatDidNotRunCountWithAllTheirInstants(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "state.db"))
	defer s.Close()
	must(t, s.Update(1, func(tx *Tx) error {
		p := new(dkron.Progress)
		for _, l := range []dkron.Launch{
			{State: dkron.LaunchSkipped}, {State: dkron.LaunchMissed, Count: 40}, {State: dkron.LaunchNoTarget},
			{State: dkron.LaunchSuccess}, {State: dkron.LaunchFailed}, {State: dkron.LaunchStopped},
		} {
			l.EndedAt = noon
			if err := tx.CloseLaunch(&l, p); err != nil {
				return err
			}
		}
		return tx.CloseLaunch(&dkron.Launch{State: dkron.LaunchSkipped, EndedAt: noon}, nil) // of a deleted job
	}))
	wantMinutes(t, s, "0: 0+0-42 0<=0")
}

func TestAStateFromBeforeThereWereMinutesOpensAndIsRestored(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	old := open(t, path)
	put(t, old, "a")
	must(t, old.file.db.Update(func(tx *bolt.Tx) error { return tx.DeleteBucket(tableMinute) }))
	snap, err := old.Snapshot()
	must(t, err)
	var buf bytes.Buffer
	_, err = snap.WriteTo(&buf)
	must(t, err)
	must(t, snap.Close())
	must(t, old.Close())

	opened := open(t, path)
	defer opened.Close()
	restored := open(t, filepath.Join(t.TempDir(), "state.db"))
	defer restored.Close()
	must(t, ran(restored, noon, noon, 0)) // gone with the rest
	must(t, restored.Restore(&buf))
	for name, s := range map[string]*Store{"opened": opened, "restored": restored} {
		if got := minutes(t, s); got != "" || s.Index().Name("a") == nil {
			t.Errorf("%s: %s", name, got)
		}
		must(t, ran(s, noon, noon, 0))
		wantMinutes(t, s, "0: 1+0-0 1<=0")
	}
}
