package state

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"dkron"
	"dkron/internal/codec"
)

func open(t testing.TB, path string, observers ...Observer) *Store {
	t.Helper()
	s, err := Open(path, observers...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func put(t testing.TB, s *Store, names ...string) {
	t.Helper()
	err := s.Update(1, func(tx *Tx) error {
		for _, name := range names {
			j := &dkron.Job{Name: name, Schedule: "@daily", Number: tx.NewJobNumber(), Revision: 1}
			if err := tx.PutJob(j, &dkron.Progress{Next: time.Unix(100, 0)}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAStoreGoesOnWhereItWasClosed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	s := open(t, path)
	put(t, s, "b", "a")
	before := s.Dump()
	s.Close()
	s = open(t, path)
	defer s.Close()
	if s.Dump() != before {
		t.Error("the state changed by being closed and opened")
	}
	if applied, _ := s.Applied(); applied != 1 {
		t.Errorf("applied index is %d, want 1", applied)
	}
	if e := s.Index().Slice(0, 9); len(e) != 2 || e[0].Name != "a" || !e[0].Due().Equal(time.Unix(100, 0)) {
		t.Errorf("the index holds %v", e)
	}
}

func TestAStoreOfANewerVersionIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	s := open(t, path)
	s.file.db.Update(func(tx *bolt.Tx) error {
		return tx.Bucket(tableMeta).Put(keyMeta, codec.Encode(&meta{Version: Version + 1}))
	})
	s.Close()
	if _, err := Open(path); !errors.Is(err, ErrNewer) || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v, want an ErrNewer that names the file", err)
	}
}

func TestAFailedTransactionLeavesNothingBehind(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "state.db"))
	defer s.Close()
	put(t, s, "a")
	before := s.Dump()
	w := s.Watch()
	w.Take()
	<-w.C
	broken := errors.New("broken")
	err := s.Update(2, func(tx *Tx) error {
		j, _ := tx.Job("a")
		p, _ := tx.Progress(j.Number)
		if err := tx.DeleteJob(j); err != nil {
			return err
		}
		if err := tx.PutJob(&dkron.Job{Name: "b", Number: 9}, p); err != nil {
			return err
		}
		return broken
	})
	if !errors.Is(err, broken) || s.Dump() != before || s.Index().Name("a") == nil || s.Index().Name("b") != nil {
		t.Errorf("a failed transaction changed something (%v)", err)
	}
	if c := w.Take(); len(c.Jobs) > 0 {
		t.Errorf("watchers were notified of %v", c)
	}
}

func TestAWatcherHearsOfEachJobAndNeverHoldsUpTheWriter(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "state.db"))
	defer s.Close()
	w := s.Watch()
	if !w.Take().All {
		t.Error("a new watcher's first Take does not return All")
	}
	for i := range 5 { // no reader in between
		put(t, s, fmt.Sprint("job-", i))
	}
	if c := w.Take(); len(c.Jobs) != 5 || c.All {
		t.Errorf("notified of %v", c)
	}
	w.Close()
	put(t, s, "another")
	if c := w.Take(); len(c.Jobs) != 0 {
		t.Errorf("a closed watcher was notified of %v", c)
	}
}

func TestAWatcherThatFallsFarBehindReadsEverything(t *testing.T) {
	var c Changes
	many := Changes{Jobs: make([]uint64, maxChanges+1)}
	c.add(&many)
	c.add(&Changes{Jobs: []uint64{1}})
	if !c.All || len(c.Jobs) != 0 {
		t.Errorf("All is %v with %d jobs kept", c.All, len(c.Jobs))
	}
}

func TestASecondProcessFailsBecauseTheStoreIsInUse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	defer open(t, path).Close()
	if _, err := Open(path); err == nil || !strings.Contains(err.Error(), "--data-dir") {
		t.Errorf("got %v", err)
	}
}
