package state

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"
)

// A bbolt database never shrinks: removal leaves free pages that are reused. When much of the file is free, its content
// is copied to a new file, which replaces it. The state stays in use: it is copied in portions, so that no reader holds
// up the reuse of free pages, and keys that were written in the meantime are copied again until few are left. The
// writer waits only for those. At every moment one of the two files is complete.

const (
	// compacting is the suffix of the new file's name.
	compacting = ".compact"
	// leastFree and freeShare are how much of a file must be free before it is compacted: 32 MiB, and a third.
	leastFree = 32 << 20
	freeShare = 3
	// compactPause is the pause after a failed compaction.
	compactPause = 10 * time.Minute
	// settlePause is how long a compaction waits for a running sweep, and settleTries how often.
	settlePause = 500 * time.Millisecond
	settleTries = 20
	// A portion ends after this many bytes or records.
	portionBytes   = 4 << 20
	portionRecords = 10_000
	// lastKeys is how many keys may be left to copy while the writer waits; after catchUps rounds it waits for any
	// number of them.
	lastKeys = 1000
	catchUps = 20
	// mostTouched is how many keys may be written during an attempt before it is given up, to bound memory.
	mostTouched = 1_000_000
)

// Compaction is the result of compacting the file.
type Compaction struct {
	Before, After int64 // bytes of the file
}

// errReplaced ends a compaction during which a snapshot replaced the state.
var errReplaced = errors.New("the state was replaced meanwhile")

// KeepCompact compacts the file whenever much of it is free, until the context ends. report is called with the result
// of each attempt.
func (s *Store) KeepCompact(ctx context.Context, report func(Compaction, error)) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.worn:
		}
		if !s.isWorn() {
			continue
		}
		s.settle(ctx)
		c, err := s.Compact(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		report(c, err)
		if err == nil {
			continue
		}
		select {
		case <-ctx.Done():
		case <-time.After(compactPause):
			wake(s.worn)
		}
	}
}

// settle waits for a short time while there is history to remove: what will be removed needn't be copied.
func (s *Store) settle(ctx context.Context) {
	for range settleTries {
		unswept := false
		err := s.View(func(tx *Tx) error {
			unswept = tx.Unswept()
			return nil
		})
		if err != nil || !unswept {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(settlePause):
		}
	}
}

// checkWear wakes the compaction if much of the file is free.
func (s *Store) checkWear(db *bolt.DB) {
	stats := db.Stats()
	if stats.FreeAlloc >= leastFree {
		wake(s.worn)
	}
}

func (s *Store) isWorn() bool {
	size, free := s.space()
	return free >= leastFree && free*freeShare >= size
}

// space returns how large the file is and how much of it is free.
func (s *Store) space() (size, free int64) {
	f := s.use()
	defer f.readers.Done()
	_ = f.db.View(func(tx *bolt.Tx) error {
		size = tx.Size()
		return nil
	})
	stats := f.db.Stats()
	return size, int64(stats.FreeAlloc)
}

// Compact copies the content of the file to a new one, which replaces it. It may be called at any time; while one call
// runs, another one fails at once.
func (s *Store) Compact(ctx context.Context) (c Compaction, err error) {
	var free int64
	c.Before, free = s.space()
	c.After = c.Before
	path := s.path + compacting
	if err := roomFor(filepath.Dir(path), c.Before-free); err != nil {
		return c, fmt.Errorf("compact state: %w", err)
	}
	if !s.compacts.TryLock() {
		return c, errors.New("compact state: it is being compacted")
	}
	defer s.compacts.Unlock()
	s.setTouched(newTouched())
	defer s.setTouched(nil)
	os.Remove(path)
	opt := options(0)
	opt.NoSync = true // the file is synced once it is complete; until then it does not count
	db, err := bolt.Open(path, 0o600, opt)
	if err == nil {
		if err = s.compact(ctx, path, db); err != nil && !errors.Is(err, errUnsynced) {
			db.Close()
		}
	}
	if err != nil {
		os.Remove(path)
		return c, fmt.Errorf("compact state: %w", err)
	}
	s.compactions.Add(1)
	c.After, _ = s.space()
	return c, nil
}

func (s *Store) setTouched(t *touched) {
	s.writing.Lock()
	defer s.writing.Unlock()
	s.touched = t
}

func (s *Store) compact(ctx context.Context, path string, dst *bolt.DB) error {
	for _, table := range tables {
		if err := s.copyTable(ctx, dst, table); err != nil {
			return err
		}
	}
	for range catchUps {
		keys, err := s.takeTouched()
		if err != nil {
			return err
		}
		if err := s.copyKeys(ctx, dst, keys); err != nil {
			return err
		}
		if len(keys) <= lastKeys {
			break
		}
	}
	if err := dst.Sync(); err != nil {
		return err
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	keys, err := s.touched.take()
	if err == nil {
		err = s.copyKeys(ctx, dst, keys)
	}
	if err != nil {
		return err
	}
	dst.NoSync = false
	if err := dst.Sync(); err != nil {
		return err
	}
	return s.replace(path, dst)
}

// copyTable copies a table in portions, each of which sees the current state.
func (s *Store) copyTable(ctx context.Context, dst *bolt.DB, table []byte) error {
	var from []byte
	for more := true; more; {
		if err := ctx.Err(); err != nil {
			return err
		}
		f := s.use()
		err := f.db.View(func(src *bolt.Tx) error {
			return dst.Update(func(to *bolt.Tx) (err error) {
				from, more, err = copyPortion(src, to, table, from)
				return err
			})
		})
		f.readers.Done()
		if err != nil {
			return err
		}
	}
	return nil
}

// copyPortion copies records from a key on and returns the key to continue from.
func copyPortion(src, dst *bolt.Tx, table, from []byte) (next []byte, more bool, err error) {
	to, err := dst.CreateBucketIfNotExists(table)
	if err != nil {
		return nil, false, err
	}
	to.FillPercent = fillPercent
	c := src.Bucket(table).Cursor()
	left, records := portionBytes, portionRecords
	for k, v := c.Seek(from); k != nil; k, v = c.Next() {
		if left <= 0 || records == 0 {
			return bytes.Clone(k), true, nil
		}
		if err := to.Put(k, v); err != nil {
			return nil, false, err
		}
		left -= len(k) + len(v)
		records--
	}
	return nil, false, nil
}

// takeTouched returns the keys that were written since the last call. No write transaction may be open.
func (s *Store) takeTouched() ([]string, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	return s.touched.take()
}

// copyKeys updates the records with these keys to the current state.
func (s *Store) copyKeys(ctx context.Context, dst *bolt.DB, keys []string) error {
	for part := range slices.Chunk(keys, portionRecords/10) {
		if err := ctx.Err(); err != nil {
			return err
		}
		f := s.use()
		err := f.db.View(func(src *bolt.Tx) error {
			return dst.Update(func(to *bolt.Tx) error { return copyEach(src, to, part) })
		})
		f.readers.Done()
		if err != nil {
			return err
		}
	}
	return nil
}

func copyEach(src, dst *bolt.Tx, keys []string) (err error) {
	for _, k := range keys {
		table, k := tables[k[0]], []byte(k[1:])
		to := dst.Bucket(table)
		to.FillPercent = fillPercent
		if v := src.Bucket(table).Get(k); v != nil {
			err = to.Put(k, v)
		} else {
			err = to.Delete(k)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// replace makes the database at path the state's file. The caller holds writing. If it fails the old file remains and
// db is closed, unless only the last sync failed: then the error is an errUnsynced, and the new file is in use.
func (s *Store) replace(path string, db *bolt.DB) error {
	if runtime.GOOS == "windows" {
		return s.replaceClosed(path, db)
	}
	dir, err := openDir(filepath.Dir(s.path)) // before the point of no return: there may be no descriptors left
	if err == nil {
		defer dir.Close()
		err = os.Rename(path, s.path)
	}
	if err != nil {
		db.Close()
		return err
	}
	s.exchange(&file{db: db})
	if err := dir.Sync(); err != nil {
		return fmt.Errorf("%w: %w", errUnsynced, err)
	}
	return nil
}

// errUnsynced is wrapped by the error of a replacement that is in use but may be lost in a power failure.
var errUnsynced = errors.New("the new file's name could not be synced")

// replaceClosed is replace for systems on which open files can't be renamed: readers wait.
func (s *Store) replaceClosed(path string, db *bolt.DB) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.file.readers.Wait()
	if err := errors.Join(db.Close(), s.file.db.Close()); err != nil {
		return err
	}
	renamed := os.Rename(path, s.path)
	db, _, err := openFile(s.path) // the new file, or the old one again
	if err == nil {
		s.file = &file{db: db}
	}
	return errors.Join(renamed, err)
}

// touched is the keys that are written while the file is compacted. A nil *touched records nothing.
type touched struct {
	keys map[string]struct{} // number of the table, then the key
	full bool                // there are too many keys
}

func newTouched() *touched { return &touched{keys: make(map[string]struct{})} }

var tableNumber = numberTables()

func numberTables() map[string]byte {
	m := make(map[string]byte, len(tables))
	for i, name := range tables {
		m[string(name)] = byte(i)
	}
	return m
}

func (t *touched) add(table, key []byte) {
	if t == nil || t.full {
		return
	}
	k := make([]byte, 0, 1+len(key))
	t.keys[string(append(append(k, tableNumber[string(table)]), key...))] = struct{}{}
	t.full = len(t.keys) > mostTouched
}

// take returns the keys in order and clears them.
func (t *touched) take() ([]string, error) {
	switch {
	case t == nil:
		return nil, errReplaced
	case t.full:
		return nil, errors.New("too much was written meanwhile")
	}
	keys := sortedKeys(t.keys)
	t.keys = make(map[string]struct{})
	return keys, nil
}
