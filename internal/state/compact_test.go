package state

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"dkron"
)

// fill appends executions of job number 1 with 100 KB of output each.
func fill(t testing.TB, s *Store, executions int) {
	t.Helper()
	for range executions {
		err := s.Update(0, func(tx *Tx) error {
			p, err := tx.Progress(1)
			if err != nil {
				return err
			}
			tx.PutProgress(1, p)
			return tx.RecordExecution(&dkron.Execution{JobNumber: 1, Output: make([]byte, 100_000)}, p)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// drop deletes the job and its history.
func drop(t testing.TB, s *Store, name string) {
	t.Helper()
	err := s.Update(0, func(tx *Tx) error {
		j, err := tx.Job(name)
		if err != nil {
			return err
		}
		if err := tx.DeleteJob(j); err != nil {
			return err
		}
		for tx.Unswept() {
			if _, err := tx.Clean(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func fileSize(t testing.TB, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

func TestAFileThatIsMostlyFreeIsMadeSmaller(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	s := open(t, path)
	put(t, s, "a", "b")
	fill(t, s, 450)
	before := fileSize(t, path)
	drop(t, s, "a")
	want := s.Dump()
	ctx, cancel := context.WithCancel(t.Context())
	err := s.KeepCompact(ctx, func(c Compaction, err error) {
		if cancel(); err != nil || c.Before < 40<<20 || c.After > 1<<20 {
			t.Errorf("from %d to %d bytes, %v", c.Before, c.After, err)
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if after := fileSize(t, path); after > before/10 {
		t.Errorf("the file has %d bytes of %d", after, before)
	}
	put(t, s, "c")
	if s.Index().Name("c") == nil {
		t.Error("the store no longer takes writes")
	}
	s.Close()
	s = open(t, path)
	defer s.Close()
	if s.Index().Len() != 2 || len(s.Dump()) <= len(want) {
		t.Errorf("%d jobs are there when it is opened again", s.Index().Len())
	}
	if size, err := s.Size(); err != nil || size.Compactions != 0 {
		t.Error(size, err)
	}
}

func TestAFileIsLeftAloneWhereLittleIsFree(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "state.db"))
	defer s.Close()
	put(t, s, "a")
	fill(t, s, 50)
	drop(t, s, "a")
	if size, free := s.space(); s.isWorn() {
		t.Errorf("a file of %d bytes is copied for %d that are free", size, free)
	}
}

// A snapshot may take minutes to be sent to another server: it shows the state at its start, whatever happens to the
// file.
func TestASnapshotOutlivesTheFileThatItIsOf(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "state.db"))
	put(t, s, "a")
	fill(t, s, 10)
	want := s.Dump()
	snap, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		put(t, s, fmt.Sprint("later-", i))
		if _, err := s.Compact(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	var data bytes.Buffer
	_, err = snap.WriteTo(&data)
	if err := errors.Join(err, snap.Close()); err != nil {
		t.Fatal(err)
	}
	if s.Index().Len() != 4 {
		t.Errorf("%d jobs", s.Index().Len())
	}
	if err := s.Restore(&data); err != nil {
		t.Fatal(err)
	}
	if s.Dump() != want {
		t.Error("the snapshot differs from the state at its start")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestACompactionThatEndsEarlyLeavesTheStateAsItWas(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	if err := os.WriteFile(path+compacting, []byte("left by a process that was killed"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, path)
	defer s.Close()
	gone := func(when string) {
		t.Helper()
		if _, err := os.Stat(path + compacting); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: the copy is still there: %v", when, err)
		}
	}
	gone("opened")
	put(t, s, "a")
	fill(t, s, 10)
	want := s.Dump()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Compact(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	gone("stopped")
	if s.Dump() != want || s.touched != nil {
		t.Error("the state has changed")
	}
	put(t, s, "b")
}

func TestACompactionThatASnapshotOvertakesIsGivenUp(t *testing.T) {
	dir := t.TempDir()
	s, other := open(t, filepath.Join(dir, "state.db")), open(t, filepath.Join(dir, "other.db"))
	defer s.Close()
	defer other.Close()
	put(t, s, "a")
	put(t, other, "b")
	snap, err := other.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	var data bytes.Buffer
	if _, err := snap.WriteTo(&data); err != nil {
		t.Fatal(err)
	}
	s.setTouched(newTouched()) // as a started compaction does
	if err := s.Restore(&data); err != nil {
		t.Fatal(err)
	}
	if _, err := s.takeTouched(); !errors.Is(err, errReplaced) {
		t.Errorf("it continues: %v", err)
	}
	if s.Index().Name("b") == nil || s.Dump() != other.Dump() {
		t.Error("the state is not that of the snapshot")
	}
}

func TestTooManyWritesEndACompactionAndNotMemory(t *testing.T) {
	w := newTouched()
	for i := range uint64(mostTouched + 10) {
		w.add(tableOutput, key(i))
	}
	if _, err := w.take(); err == nil || len(w.keys) > mostTouched+1 {
		t.Errorf("%d keys, %v", len(w.keys), err)
	}
}
