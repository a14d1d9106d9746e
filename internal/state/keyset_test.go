package state

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"dkron"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// newHistory returns a store with jobs a and b, each with an execution and a launch a minute, in turn.
func newHistory(t *testing.T, minutes int) *Store {
	t.Helper()
	s, err := Open(filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	err = s.Update(1, func(tx *Tx) error {
		progress := map[string]*dkron.Progress{}
		for _, name := range []string{"a", "b"} {
			j := &dkron.Job{Name: name, Number: tx.NewJobNumber(), Revision: 1, History: dkron.Retention{Count: 5}}
			progress[name] = new(dkron.Progress)
			if err := tx.PutJob(j, progress[name]); err != nil {
				return err
			}
		}
		for i := range minutes {
			name := []string{"a", "b"}[i%2]
			at := noon.Add(time.Duration(i) * time.Minute)
			tx.Tick(at)
			e := &dkron.Execution{JobName: name, JobNumber: uint64(i%2) + 1, Attempt: uint64(i), FinishedAt: at}
			if err := tx.RecordExecution(e, progress[name]); err != nil {
				return err
			}
			l := &dkron.Launch{Number: tx.NewLaunchNumber(), Job: name, JobNumber: e.JobNumber, Group: int64(i), EndedAt: at}
			if err := tx.CloseLaunch(l, progress[name]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *Store) attempts(t *testing.T, before uint64, until time.Time, limit int) (list []uint64) {
	t.Helper()
	err := s.View(func(tx *Tx) error {
		return tx.Executed(before, until, func(e *dkron.Execution) bool {
			list = append(list, e.Attempt)
			return len(list) < limit
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestListsAcrossJobsGoFromTheNewestBack(t *testing.T) {
	s := newHistory(t, 400)
	for _, c := range []struct {
		before uint64
		until  time.Time
		limit  int
		want   string
	}{
		{0, time.Time{}, 3, "[399 398 397]"},
		{398, time.Time{}, 3, "[396 395 394]"},                            // record numbers begin at 1
		{0, time.Time{}, 99, "[399 398 397 396 395 394 393 392 391 390]"}, // five of each are kept
		{0, noon.Add(332 * time.Minute), 3, "[391 390]"},                  // recorded less than an hour after until
		{0, noon.Add(-time.Hour), 3, "[]"},
		{1, time.Time{}, 3, "[]"},
		{9999, time.Time{}, 1, "[399]"},
	} {
		if got := fmt.Sprint(s.attempts(t, c.before, c.until, c.limit)); got != c.want {
			t.Errorf("before %d until %s: %s, want %s", c.before, c.until, got, c.want)
		}
	}
	var groups []int64
	err := s.View(func(tx *Tx) error {
		return tx.Launched(0, time.Time{}, func(n uint64, l *dkron.Launch) bool {
			if n != uint64(l.Group)+1 {
				t.Errorf("launch %d is record %d", l.Group, n)
			}
			groups = append(groups, l.Group)
			return true
		})
	})
	if err != nil || len(groups) != 20 || groups[0] != 399 {
		t.Errorf("%v, %v", groups, err)
	}
}

func TestEventsHaveTheSamePlaceHoweverEntriesAreBatched(t *testing.T) {
	record := func(batches ...[]uint64) (list []string) {
		s, err := Open(filepath.Join(t.TempDir(), "state.db"))
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		for _, batch := range batches {
			err := s.Update(batch[len(batch)-1], func(tx *Tx) error {
				for _, index := range batch {
					tx.Begin(index)
					tx.NoteJob(JobCreated, &dkron.Job{Name: "a", Revision: index})
					tx.NoteJob(JobUpdated, &dkron.Job{Name: "a", Revision: index})
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		events, _, ok := s.Events().After(Position{}, 100)
		if !ok {
			t.Fatal("events are lost")
		}
		for _, e := range events {
			list = append(list, fmt.Sprint(e.At, e.Type))
		}
		return list
	}
	a, b := record([]uint64{1, 2, 3}, []uint64{7}), record([]uint64{1}, []uint64{2, 3}, []uint64{7})
	if !slices.Equal(a, b) || !strings.HasPrefix(a[7], "{7 2}") {
		t.Errorf("%v\n%v", a, b)
	}
}

func TestAReaderOfEventsGoesOnWhereItWas(t *testing.T) {
	x := newEvents()
	x.since(10)
	if _, _, ok := x.After(Position{Index: 9}, 1); ok {
		t.Error("a reader got an answer for events that are no longer known")
	}
	list, more, ok := x.After(x.Last(), 10)
	if len(list) != 0 || !ok {
		t.Fatalf("%v, %t", list, ok)
	}
	x.add([]Event{{At: Position{11, 1}}, {At: Position{11, 2}}, {At: Position{12, 1}}})
	select {
	case <-more:
	default:
		t.Fatal("no reader was woken")
	}
	if list, _, _ = x.After(Position{11, 1}, 1); len(list) != 1 || list[0].At != (Position{11, 2}) {
		t.Errorf("%v", list)
	}
	for i := range uint64(keepEvents) {
		x.add([]Event{{At: Position{20 + i, 1}}})
	}
	if _, _, ok = x.After(Position{11, 2}, 1); ok {
		t.Error("a reader that lags too far got no error")
	}
	if list, _, ok = x.After(Position{12, 1}, 2*keepEvents); !ok || len(list) != keepEvents || list[0].At.Index != 20 {
		t.Errorf("%d events, %t", len(list), ok)
	}
	if x.Last().Index != 20+keepEvents-1 {
		t.Errorf("last is %v", x.Last())
	}
}

func TestTheHistoryOfOneJobCanBeginAnywhere(t *testing.T) {
	s := newHistory(t, 40) // records 31, 33 … 39 of job 1 are kept
	for from, want := range map[uint64]string{40: "[38 36 34 32 30]", 39: "[38 36 34 32 30]", 36: "[34 32 30]", 35: "[34 32 30]", 31: "[30]", 30: "[]", 29: "[]"} {
		var attempts, groups []uint64
		err := s.View(func(tx *Tx) error {
			_, p, err := tx.Record("a")
			if err != nil {
				return err
			}
			err = tx.HistoryFrom(p, 1, from, func(e *dkron.Execution) bool {
				attempts = append(attempts, e.Attempt)
				return true
			})
			if err != nil {
				return err
			}
			return tx.LaunchHistoryFrom(p, 1, from, func(n uint64, l *dkron.Launch) bool {
				if n != uint64(l.Group)+1 {
					t.Errorf("launch %d is record %d", l.Group, n)
				}
				groups = append(groups, uint64(l.Group))
				return len(groups) < len(attempts)
			})
		})
		if err != nil || fmt.Sprint(attempts) != want && len(attempts)+len(want) != 2 {
			t.Errorf("from %d: %v, want %s, %v", from, attempts, want, err)
		}
		if len(attempts) > 0 && !slices.Equal(groups, attempts) {
			t.Errorf("from %d: launches %v", from, groups)
		}
	}
}
