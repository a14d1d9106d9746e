package state

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/compat"
	"dkron/internal/index"
)

// Version is the version of the layout on disk. A store of a newer version is refused. Layout 2 keeps large outputs
// apart from their records, and links each record of a history to the one after it.
const Version = 2

// ErrNewer is returned by Open for a data directory written by a newer version.
var ErrNewer = errors.New("written by a newer version of dkron")

// Store is the database with its index in memory. All methods are safe for concurrent use, but Update has only one
// caller at a time, the log.
type Store struct {
	path string

	// writing is held while the state is changed or its file replaced. It is taken before mu.
	writing sync.Mutex
	touched *touched // keys written while the file is compacted, else nil
	ruling  *ruling  // rules as the last commit left them, nil if nobody has needed them

	mu      sync.RWMutex // guards file
	file    *file
	closing sync.WaitGroup // replaced files whose readers must finish before they are closed

	worn        chan struct{} // capacity 1: much of the file may be free
	compacts    sync.Mutex    // held by a compaction; taken before writing
	compactions atomic.Uint64
	unswept     chan struct{} // capacity 1: see Unswept

	index     *index.Index
	feed      feed
	events    *Events
	observers []Observer
}

// Observer is called after commits, but not if a transaction fails. Its functions may be nil; they must be quick and must not use
// the store: the log waits.
type Observer struct {
	// Ended gets what ended in a commit. It must neither change nor keep its argument.
	Ended func(Ended)
	// Named gets the cluster's id, after the commit that gives it, and after a snapshot with an id was restored.
	Named func(cluster string)
	// Trusted gets the cluster's authority and whom it has expelled, after a commit that changes it, and after a snapshot was
	// restored. It may write a small file.
	Trusted func(*Trust)
}

// meta is the one record of counters.
type meta struct {
	Version     uint64
	Applied     uint64 // index of the last log entry in the state
	Jobs        uint64 // last job number
	Launches    uint64 // last launch number
	Launched    uint64 // last record of the launch history
	Executed    uint64 // last record of the execution history
	SweptLaunch uint64 // how far records up to UnlinkedLaunches have been linked
	SweptRun    uint64 // how far records up to UnlinkedRuns have been linked
	Paused      bool
	Settings    dkron.Settings
	Clock       time.Time // of the latest command with a time; it never goes back
	Bytes       uint64    // of output ever recorded
	Held        uint64    // of output that the history holds
	Stamped     time.Time // see Tx.Stamped
	Cluster     string    // its id; empty until the log has given one

	UnlinkedLaunches uint64 // records up to here may be of an older layout; 0 if none is
	UnlinkedRuns     uint64
	Passed           uint64 // the last job that the turn over all jobs has visited
	Turns            uint64 // 1 while a turn over all jobs is due, because less may be kept than before

	Protocol   uint64 // that the cluster has agreed on; see Tx.Agree
	ProtocolBy string // the release that proposed it

	Deliveries  uint64 // last number of one
	Undelivered uint64 // deliveries that are kept
	Unnotified  uint64 // of these, those that go to channels

	Rules        uint64 // how many there are
	RuleChanges  uint64 // how often rules and silences have changed
	Silences     uint64 // last number of one
	Alerts       uint64 // last number of one
	OpenAlerts   uint64 // how many there are
	Messages     uint64 // last number of one
	KeptMessages uint64 // how many there are
	Letters      uint64 // how many dead letters of the settings there are
	Bootstrapped bool   // access control has had its first token

	AuditChanges share // of changes
	AuditWork    share // of runs, stops and sign-ins
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
	w.Uint(13, &m.Held)
	w.Uint(14, &m.UnlinkedLaunches)
	w.Uint(15, &m.UnlinkedRuns)
	w.Uint(16, &m.Passed)
	w.Uint(17, &m.Turns)
	w.Time(30, &m.Stamped)
	w.String(31, &m.Cluster)
	w.Uint(32, &m.Protocol)
	w.String(33, &m.ProtocolBy)
	w.Uint(34, &m.Deliveries)
	w.Uint(35, &m.Undelivered)
	w.Uint(36, &m.Unnotified)
	w.Uint(50, &m.Rules)
	w.Uint(51, &m.RuleChanges)
	w.Uint(52, &m.Silences)
	w.Uint(53, &m.Alerts)
	w.Uint(54, &m.OpenAlerts)
	w.Uint(55, &m.Messages)
	w.Uint(56, &m.KeptMessages)
	w.Bool(57, &m.Bootstrapped)
	codec.Nested(w, 58, &m.AuditChanges)
	codec.Nested(w, 59, &m.AuditWork)
	w.Uint(60, &m.Letters)
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
	tableOutput    = []byte("output")
	tableWaste     = []byte("waste")
	tableRerun     = []byte("rerun")
	tableDelivery  = []byte("delivery")
	tableDelivered = []byte("delivered") // by job: counts of its deliveries
	tablePolicy    = []byte("policy")
	tableToken     = []byte("token") // by accessor

	tablePersonSession = []byte("personsession") // by hash

	tableChannel     = []byte("channel")
	tableChannelStat = []byte("channelstat")
	tableRule        = []byte("rule")
	tableSilence     = []byte("silence")
	tableAlert       = []byte("alert")   // by job and rule: those that are open
	tableWaiting     = []byte("waiting") // by channel, rule, job and event: what is still to be sent
	tableMessage     = []byte("message")
	tableUnsent      = []byte("unsent") // messages that are still to be sent
	tableLetter      = []byte("letter") // messages of the settings' channels that could not be sent
	tableSecret      = []byte("secret") // sealed
	tableAudit       = []byte("audit")  // by share and number

	tableNextLaunch = []byte("nextlaunch")
	tableNextRun    = []byte("nextrun")

	tables = [][]byte{tableMeta, tableJob, tableProgress, tableLaunch, tableExecution, tableLaunched, tableExecuted, tableStat,
		tableVersion, tableStaged, tableMinute, tableOutput, tableWaste, tableNextLaunch, tableNextRun, tableRerun,
		tableDelivery, tableDelivered, tablePolicy, tableToken, tablePersonSession,
		tableChannel, tableChannelStat, tableRule, tableSilence, tableAlert, tableWaiting, tableMessage, tableUnsent, tableLetter, tableSecret, tableAudit}

	keyMeta = []byte("meta")
)

// file is a database in use. One that was replaced is closed when its last reader has finished.
type file struct {
	db      *bolt.DB
	readers sync.WaitGroup
}

// Open opens the store at path, or creates it. Opening reads every job once, and nothing of the history.
func Open(path string, observers ...Observer) (*Store, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("open state: %w", err)
	}
	for _, left := range []string{path + restoring, path + compacting} { // left by a process that was killed
		os.Remove(left)
	}
	s := &Store{path: path, observers: observers, events: newEvents(), worn: make(chan struct{}, 1), unswept: make(chan struct{}, 1)}
	db, applied, err := openFile(path)
	if err == nil {
		s.index, err = readIndex(db)
	}
	if err != nil {
		if db != nil {
			db.Close()
		}
		return nil, fmt.Errorf("open state %s: %w", path, err)
	}
	s.file = &file{db: db}
	s.events.since(applied)
	s.checkWear(db)
	return s, nil
}

// openFile opens a database, creates its missing tables, and returns the index of the last log entry in it.
func openFile(path string) (db *bolt.DB, applied uint64, err error) {
	db, err = bolt.Open(path, 0o600, options(3*time.Second))
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, 0, errors.New("another process uses it; stop that one, or give this one a --data-dir of its own")
	}
	if err != nil {
		return nil, 0, err
	}
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
		if err := compat.Own().CheckAgreed("this server", m.Protocol, m.ProtocolBy); err != nil {
			return fmt.Errorf("%w: %w", ErrNewer, err)
		}
		if m.Settings.History.Count == 0 {
			m.Settings = dkron.DefaultSettings()
		}
		m.migrate()
		applied = m.Applied
		return b.Bucket(tableMeta).Put(keyMeta, codec.Encode(&m))
	})
	if err != nil {
		db.Close()
		return nil, 0, err
	}
	return db, applied, nil
}

func options(wait time.Duration) *bolt.Options {
	return &bolt.Options{Timeout: wait, FreelistType: bolt.FreelistMapType}
}

// use returns the current file. The caller must call done on its readers.
func (s *Store) use() *file {
	s.mu.RLock()
	defer s.mu.RUnlock()
	s.file.readers.Add(1)
	return s.file
}

// exchange makes f the file of the store and closes the previous one when its readers have finished. The caller holds
// writing.
func (s *Store) exchange(f *file) {
	s.mu.Lock()
	old := s.file
	s.file = f
	s.mu.Unlock()
	s.closing.Go(func() {
		old.readers.Wait()
		old.db.Close()
	})
}

// Close waits for readers and closes the database.
func (s *Store) Close() error {
	s.writing.Lock()
	defer s.writing.Unlock()
	s.closing.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.file.readers.Wait()
	return s.file.db.Close()
}

// Index returns the jobs as they can be listed, kept in memory.
func (s *Store) Index() *index.Index { return s.index }

// Update runs fn in a transaction that ends at log entry applied. If fn or the disk fails, nothing of it remains.
func (s *Store) Update(applied uint64, fn func(tx *Tx) error) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	f := s.use()
	defer f.readers.Done()
	var done *Tx
	unswept := false
	err := f.db.Update(func(b *bolt.Tx) error {
		tx, err := s.begin(b)
		if err != nil {
			return err
		}
		if err := fn(tx); err != nil {
			return err
		}
		tx.meta.Applied = max(tx.meta.Applied, applied)
		done, unswept = tx, tx.Unswept()
		return tx.flush()
	})
	if err != nil {
		return err
	}
	s.checkWear(f.db)
	if unswept {
		wake(s.unswept)
	}
	s.index.Update(done.entries, done.launches)
	s.feed.publish(done.changes)
	s.events.add(done.events)
	for _, o := range s.observers {
		if o.Ended != nil {
			o.Ended(done.ended)
		}
	}
	if done.named {
		s.named(done.meta.Cluster)
	}
	s.trusted(done.trust)
	return nil
}

func (s *Store) named(cluster string) {
	for _, o := range s.observers {
		if o.Named != nil {
			o.Named(cluster)
		}
	}
}

// Unswept receives a token when a commit left history on disk that is no longer kept. It is for one reader.
func (s *Store) Unswept() <-chan struct{} { return s.unswept }

// wake leaves a token in a channel of capacity 1.
func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Events returns the latest changes made by the log.
func (s *Store) Events() *Events { return s.events }

// View runs fn on a consistent view of the state. It must be short: pages that it sees can't be reused until it ends.
func (s *Store) View(fn func(tx *Tx) error) error {
	f := s.use()
	defer f.readers.Done()
	return f.db.View(func(b *bolt.Tx) error {
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
