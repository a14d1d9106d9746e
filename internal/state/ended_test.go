package state

import (
	"errors"
	"path/filepath"
	"testing"

	"dkron"
)

// finish records an execution and a launch as ended.
func finish(tx *Tx) error {
	p := new(dkron.Progress)
	if err := tx.RecordExecution(&dkron.Execution{Outcome: dkron.Success}, p); err != nil {
		return err
	}
	return tx.CloseLaunch(&dkron.Launch{Number: tx.NewLaunchNumber(), State: dkron.LaunchSuccess}, p)
}

func TestWhatEndedIsReportedOnceAndOnlyIfItIsCommitted(t *testing.T) {
	var s *Store
	var told Ended
	calls := 0
	s = open(t, filepath.Join(t.TempDir(), "state.db"), Observer{Ended: func(e Ended) {
		calls++
		told = e
		if size, err := s.Size(); err != nil || size.Executions != 1 || size.Launches != 1 {
			t.Errorf("reported before the commit: %+v %v", size, err)
		}
	}})
	defer s.Close()
	full := errors.New("disk full")
	if err := s.Update(1, func(tx *Tx) error { return errors.Join(finish(tx), full) }); !errors.Is(err, full) || calls != 0 {
		t.Fatalf("a failed transaction: %v, reported %d times", err, calls)
	}
	if err := s.Update(1, finish); err != nil {
		t.Fatal(err)
	}
	if calls != 1 || len(told.Executions) != 1 || len(told.Launches) != 1 || told.Launches[0].State != dkron.LaunchSuccess {
		t.Errorf("reported %d times: %+v", calls, told)
	}
}

func TestSizeCountsWhatIsOpenAndWhatEverEnded(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "state.db"))
	defer s.Close()
	err := s.Update(1, func(tx *Tx) error {
		tx.PutLaunch(&dkron.Launch{Number: tx.NewLaunchNumber(), State: dkron.LaunchRunning})
		for slot := range uint64(3) {
			if err := tx.PutExecution(&dkron.Execution{Key: dkron.ExecutionKey{Launch: 1, Slot: slot}}); err != nil {
				return err
			}
		}
		return finish(tx)
	})
	if err != nil {
		t.Fatal(err)
	}
	size, err := s.Size()
	if err != nil || size.OpenLaunches != 1 || size.OpenExecutions != 3 || size.Launches != 1 || size.Executions != 1 || size.Disk == 0 {
		t.Errorf("%+v %v", size, err)
	}
}
