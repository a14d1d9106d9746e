package state

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"dkron"
	"dkron/internal/codec"
)

// Version is the version of the layout on disk. A store of a newer version is refused.
const Version = 1

// ErrNewer is returned by Open for a data directory that a newer version has written.
var ErrNewer = errors.New("written by a newer version of dkron")

// Store is the database with its index in memory. All methods are safe for concurrent use; Update has one caller at a
// time, the log.
type Store struct {
	path string

	mu sync.RWMutex // guards db against Restore, which replaces it
	db *bolt.DB

	index  *Index
	feed   feed
	events *Events
	ended  func(Ended)  // see OnEnded; may be nil
	named  func(string) // see OnCluster; may be nil
}

// meta is the one record of counters.
type meta struct {
	Version     uint64
	Applied     uint64 // index of the last log entry in the state
	Jobs        uint64 // last job number
	Launches    uint64 // last launch number
	Launched    uint64 // last record of the launch history
	Executed    uint64 // last record of the execution history
	SweptLaunch uint64 // where the sweep of each history stands
	SweptRun    uint64
	Paused      bool
	Settings    dkron.Settings
	Clock       time.Time // of the latest command that told the time; it never goes back
	Bytes       uint64    // of output ever recorded
	Cluster     string    // its id; empty until the log has given one
}

func (m *meta) Fields(w *codec.Wire) {
	w.Uint(1, &m.Version)
	w.Uint(2, &m.Applied)
	w.Uint(3, &m.Jobs)
	w.Uint(4, &m.Launches)
	w.Uint(5, &m.Launched)
	w.Uint(6, &m.Executed)
	w.Uint(7, &m.SweptLaunch)
	w.Uint(8, &m.SweptRun)
	w.Bool(9, &m.Paused)
	codec.Nested(w, 10, &m.Settings)
	w.Time(11, &m.Clock)
	w.Uint(12, &m.Bytes)
	w.String(16, &m.Cluster)
}

// Tables of the database.
var (
	tableMeta      = []byte("meta")
	tableJob       = []byte("job")
	tableProgress  = []byte("progress")
	tableLaunch    = []byte("launch")
	tableExecution = []byte("execution")
	tableLaunched  = []byte("launched")
	tableExecuted  = []byte("executed")
	tableStat      = []byte("stat")
	tableVersion   = []byte("version")
	tableStaged    = []byte("staged")
	tableMinute    = []byte("minute")

	tables = [][]byte{tableMeta, tableJob, tableProgress, tableLaunch, tableExecution, tableLaunched, tableExecuted, tableStat,
		tableVersion, tableStaged, tableMinute}

	keyMeta = []byte("meta")
)

// Open opens the store at path, or creates it. Opening reads every job once.
func Open(path string) (*Store, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("open state: %w", err)
	}
	s := &Store{path: path, index: newIndex(), events: newEvents()}
	if err := s.open(); err != nil {
		return nil, fmt.Errorf("open state %s: %w", path, err)
	}
	return s, nil
}

func (s *Store) open() error {
	db, err := bolt.Open(s.path, 0o600, &bolt.Options{Timeout: 3 * time.Second, FreelistType: bolt.FreelistMapType})
	if errors.Is(err, bolterrors.ErrTimeout) {
		return errors.New("another process uses it; stop that one, or give this one a --data-dir of its own")
	}
	if err != nil {
		return err
	}
	var applied uint64
	err = db.Update(func(b *bolt.Tx) error {
		for _, name := range tables {
			if _, err := b.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		var m meta
		if raw := b.Bucket(tableMeta).Get(keyMeta); raw != nil {
			if err := codec.Decode(raw, &m); err != nil {
				return err
			}
		}
		if m.Version > Version {
			return fmt.Errorf("%w: its layout is %d, this version knows up to %d; run the newer version", ErrNewer, m.Version, Version)
		}
		if m.Settings.History.Count == 0 {
			m.Settings = dkron.DefaultSettings()
		}
		m.Version, applied = Version, m.Applied
		return b.Bucket(tableMeta).Put(keyMeta, codec.Encode(&m))
	})
	if err == nil {
		err = db.View(s.index.load)
	}
	if err != nil {
		db.Close()
		return err
	}
	s.db = db
	s.events.since(applied)
	return nil
}

// Close closes the database.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.db.Close()
}

// Index returns the jobs as they can be listed, kept in memory.
func (s *Store) Index() *Index { return s.index }

// Update runs fn in a transaction that ends at log entry applied. If fn fails or the disk refuses, nothing of it
// remains.
func (s *Store) Update(applied uint64, fn func(tx *Tx) error) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var done *Tx
	err := s.db.Update(func(b *bolt.Tx) error {
		tx, err := s.begin(b)
		if err != nil {
			return err
		}
		if err := fn(tx); err != nil {
			return err
		}
		tx.meta.Applied = max(tx.meta.Applied, applied)
		done = tx
		return tx.flush()
	})
	if err != nil {
		return err
	}
	s.index.update(done.entries)
	s.index.follow(done.launches)
	s.feed.publish(done.changes)
	s.events.add(done.events)
	if s.ended != nil {
		s.ended(done.ended)
	}
	if s.named != nil && done.named {
		s.named(done.meta.Cluster)
	}
	return nil
}

// Events are the latest changes that the log has made here.
func (s *Store) Events() *Events { return s.events }

// View runs fn on a consistent view of the state. The view must be short: it keeps pages from being used again.
func (s *Store) View(fn func(tx *Tx) error) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.db.View(func(b *bolt.Tx) error {
		tx, err := s.begin(b)
		if err != nil {
			return err
		}
		return fn(tx)
	})
}

// Applied returns the index of the last log entry in the state.
func (s *Store) Applied() (index uint64, err error) {
	err = s.View(func(tx *Tx) error {
		index = tx.meta.Applied
		return nil
	})
	return index, err
}

// Paused reports whether submissions are paused.
func (s *Store) Paused() (paused bool, err error) {
	err = s.View(func(tx *Tx) error {
		paused = tx.meta.Paused
		return nil
	})
	return paused, err
}
