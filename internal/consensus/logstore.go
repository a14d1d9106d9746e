package consensus

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"
	boltlog "github.com/hashicorp/raft-boltdb/v2"
	wal "github.com/hashicorp/raft-wal"
	"github.com/hashicorp/raft-wal/metadb"
	"go.etcd.io/bbolt"
)

const (
	walDir      = "wal"
	boltFile    = "log.db"
	segmentSize = 16 << 20 // bytes; preallocated, and the unit in which the log gives space back

	// spaceReserve is what the log leaves free: room for the wal's next segment, whose failed creation would require a
	// restart, for the term and vote, and for the machine's database to apply what is committed.
	spaceReserve = segmentSize + 8<<20
)

// engine is a log engine with its place for term and vote.
type engine interface {
	raft.LogStore
	raft.StableStore
	Close() error
}

// openEngine opens the log in dir, which exists. path appears in messages.
func openEngine(dir, kind string, logger hclog.Logger) (e engine, path string, err error) {
	other := map[string]string{LogWAL: boltFile, LogBolt: walDir}[kind]
	if _, err := os.Stat(filepath.Join(dir, other)); err == nil {
		return nil, "", fmt.Errorf("the raft log in %s was written by another log store than %q; choose that one, or "+
			"move the data directory away to fetch everything from the leader", filepath.Join(dir, other), kind)
	}
	path = filepath.Join(dir, map[string]string{LogWAL: walDir, LogBolt: boltFile}[kind])

	for _, file := range []string{filepath.Join(dir, boltFile), filepath.Join(dir, walDir, metadb.FileName)} {
		if err := checkBoltFile(file); err != nil {
			return nil, path, openError(file, err)
		}
	}
	// Other damage to a file shows as a panic or a page fault inside the engine.
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			e, err = nil, &CorruptError{Path: path, Err: fmt.Errorf("%v", p)}
		}
	}()
	if kind == LogBolt {
		e, err = boltlog.New(boltlog.Options{Path: path, BoltOptions: &bbolt.Options{
			NoFreelistSync: true, FreelistType: bbolt.FreelistMapType}})
	} else {
		e, err = openWAL(path, logger)
	}
	if err != nil {
		return nil, path, openError(path, err)
	}
	return e, path, nil
}

func openWAL(dir string, logger hclog.Logger) (engine, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	meta := &metadb.BoltMetaDB{}
	w, err := wal.Open(dir, wal.WithSegmentSize(segmentSize),
		wal.WithLogger(logger.Named("wal")), wal.WithMetaStore(meta))
	if err != nil {
		_ = meta.Close() // wal.Open leaves it open, and locked
		return nil, err
	}
	return w, nil
}

// openError distinguishes damage from missing permissions and other problems of the environment.
func openError(path string, err error) error {
	if errors.Is(err, os.ErrPermission) || isNoSpace(err) {
		return fmt.Errorf("open raft log %s: %w", path, err)
	}
	return &CorruptError{Path: path, Err: err}
}

// logStore is the log that raft sees: the engine with the cache in front. It checks for free space, and tracks the
// result of the last write, the number of bytes, and the large entries.
type logStore struct {
	checkedLog
	path   string
	cache  *logCache
	large  *large
	meter  *meter
	space  func() error           // nil while there is room
	grown  atomic.Pointer[func()] // called after each write; may be nil
	failed atomic.Pointer[storageError]
	config atomic.Uint64 // index of the newest configuration entry

	mu      sync.Mutex // guards what follows
	configs []raft.Log // the configuration entries of the log
}

func newLogStore(inner raft.LogStore, path string) *logStore {
	return &logStore{checkedLog: checkedLog{inner}, path: path, cache: newLogCache(cacheMaxBytes), large: newLarge(),
		meter: new(meter), space: func() error { return roomIn(path) }}
}

// IsMonotonic tells raft that gaps are not allowed: it then empties the log after it installed a snapshot. This is true
// of both engines, so that they hold the same entries.
func (s *logStore) IsMonotonic() bool { return true }

// GetLog returns an entry that is in memory or small, otherwise a stub of it.
func (s *logStore) GetLog(index uint64, into *raft.Log) error {
	if s.cache.get(index, into) || s.large.stub(index, into) {
		return nil
	}
	return s.checkedLog.GetLog(index, into)
}

func (s *logStore) StoreLog(l *raft.Log) error { return s.StoreLogs([]*raft.Log{l}) }

func (s *logStore) StoreLogs(logs []*raft.Log) error {
	if err := s.space(); err != nil {
		return s.fail(err, true)
	}
	sizes, err := s.store(logs)
	if err != nil {
		return s.fail(err, false)
	}
	s.failed.Store(nil)
	s.cache.put(logs)
	for _, l := range logs {
		s.note(l)
	}
	s.meter.add(time.Now(), logs[0].Index, sizes...)
	if grown := s.grown.Load(); grown != nil {
		(*grown)()
	}
	return nil
}

func (s *logStore) note(l *raft.Log) {
	s.large.put(l)
	if l.Type == raft.LogConfiguration {
		s.config.Store(l.Index)
		s.mu.Lock()
		s.configs = append(s.configs, *l)
		s.mu.Unlock()
	}
}

// configuration returns the newest configuration entry in the log that is not beyond an index; false if there is none.
func (s *logStore) configuration(index uint64) (raft.Log, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := len(s.configs) - 1; i >= 0; i-- {
		if s.configs[i].Index <= index {
			return s.configs[i], true
		}
	}
	return raft.Log{}, false
}

// DeleteRange refuses to cut off the end while the disk is full: the following write would be refused, and the log
// would be shorter than raft believes.
func (s *logStore) DeleteRange(first, last uint64) error {
	if end, err := s.LastIndex(); err == nil && last >= end && first <= end {
		if begin, err := s.FirstIndex(); err == nil && first > begin {
			if err := s.space(); err != nil {
				return s.fail(err, true)
			}
		}
	}
	s.cache.remove(first, last)
	if err := s.LogStore.DeleteRange(first, last); err != nil {
		return err
	}
	s.large.remove(first, last)
	s.meter.remove(first, last)
	s.mu.Lock()
	s.configs = slices.DeleteFunc(s.configs, func(l raft.Log) bool { return l.Index >= first && l.Index <= last })
	s.mu.Unlock()
	return nil
}

func (s *logStore) fail(err error, refused bool) error {
	e := &storageError{path: s.path, err: err, refused: refused}
	s.failed.Store(e)
	return e
}

// health is nil if the next write is expected to succeed.
func (s *logStore) health() error {
	if err := s.space(); err != nil {
		return &storageError{path: s.path, err: err, refused: true}
	}
	if e := s.failed.Load(); e != nil && !e.refused {
		return e
	}
	return nil
}

// verify reads every entry, only once, at the start, since raft would panic over a bad one. applied is the machine's
// last entry, snapshot the index of the newest snapshot: a log that ends before both has lost its tail.
func (s *logStore) verify(applied, snapshot uint64) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
		if err != nil {
			err = &CorruptError{Path: s.path, Err: err}
		}
	}()
	first, err := s.FirstIndex()
	if err != nil {
		return err
	}
	last, err := s.LastIndex()
	if err != nil {
		return err
	}
	now := time.Now()
	for i := max(first, 1); i <= last; i++ {
		var l raft.Log
		stored, err := s.get(i, &l)
		if err != nil {
			return fmt.Errorf("entry %d: %w", i, err)
		}
		s.note(&l)
		s.meter.add(now, i, stored)
	}
	if last > 0 && first > snapshot+1 {
		return fmt.Errorf("the log begins at entry %d, but the newest snapshot ends at %d", first, snapshot)
	}
	if end := max(last, snapshot); applied > end {
		return fmt.Errorf("the log ends at entry %d, but the state already contains entry %d", end, applied)
	}
	return nil
}
