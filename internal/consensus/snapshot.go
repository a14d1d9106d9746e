package consensus

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/hashicorp/raft"
)

// snapshotMagic starts every snapshot in transfer; the machine's applied index follows (8 bytes, big endian), then its
// own data.
const (
	snapshotMagic  = "consnap1"
	snapshotHeader = len(snapshotMagic) + 8
)

const (
	transferDir = "transfer" // in the data directory; holds copies of the state on their way

	// holdFor is how long after sending a copy the log from there on is still kept for its receiver, which must take
	// over the copy before it can take entries. If nothing was sent, because the receiver is down, nothing is kept.
	holdFor = time.Minute
)

// snapshots is raft's snapshot store. It keeps only points. A server that needs the state gets a copy of the present
// one, made for it; a received copy is passed to the machine and becomes a point.
type snapshots struct {
	dir      string // raft
	transfer string
	logs     *logStore
	fsm      *fsm // nil until raft is started

	mu       sync.Mutex // guards what follows
	newest   *point     // nil if there is none
	received *received
	holds    map[*copied]hold
}

// received is a copy of the state that raft has received and the machine has not yet taken over.
type received struct {
	point
	path string
}

// hold keeps the log after an index while a copy of the state up to there is being transferred.
type hold struct {
	index uint64
	until time.Time // zero while it is being sent
}

// openSnapshots reads dir, and removes leftover copies in dataDir.
func openSnapshots(dir, dataDir string, logs *logStore) (*snapshots, error) {
	s := &snapshots{dir: dir, transfer: filepath.Join(dataDir, transferDir), logs: logs, holds: make(map[*copied]hold)}
	if err := os.RemoveAll(s.transfer); err != nil {
		return nil, err
	}
	var err error
	s.newest, err = readPoint(filepath.Join(dir, pointFile))
	return s, err
}

// settle completes what a crash has interrupted: if the machine has taken over a received state, its point is valid.
func (s *snapshots) settle(applied uint64) error {
	path := filepath.Join(s.dir, receivedFile)
	p, err := readPoint(path)
	if err != nil || p == nil {
		return err
	}
	if applied >= p.Applied && (s.newest == nil || s.newest.Meta.Index < p.Meta.Index) {
		s.newest = p
		return rename(path, filepath.Join(s.dir, pointFile))
	}
	return os.Remove(path)
}

// set makes a point the newest.
func (s *snapshots) set(p *point) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := writePoint(filepath.Join(s.dir, pointFile), p); err != nil {
		return err
	}
	s.newest = p
	return nil
}

// last returns the newest point, nil if there is none.
func (s *snapshots) last() *point {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.newest
}

// List implements raft.SnapshotStore.
func (s *snapshots) List() ([]*raft.SnapshotMeta, error) {
	p := s.last()
	if p == nil {
		return nil, nil
	}
	meta := p.Meta
	return []*raft.SnapshotMeta{&meta}, nil
}

// Create implements raft.SnapshotStore.
func (s *snapshots) Create(version raft.SnapshotVersion, index, term uint64, configuration raft.Configuration,
	configurationIndex uint64, _ raft.Transport) (raft.SnapshotSink, error) {
	return &sink{store: s, point: point{Meta: raft.SnapshotMeta{Version: version, ID: snapshotID(term, index), Index: index,
		Term: term, Configuration: configuration, ConfigurationIndex: configurationIndex}}}, nil
}

func snapshotID(term, index uint64) string { return fmt.Sprintf("%d-%d", term, index) }

// Open implements raft.SnapshotStore. It returns what was just received, otherwise a copy of the present state,
// whatever its index.
func (s *snapshots) Open(id string) (*raft.SnapshotMeta, io.ReadCloser, error) {
	s.mu.Lock()
	r := s.received
	s.mu.Unlock()
	if r == nil || r.Meta.ID != id {
		return s.copy()
	}
	f, err := os.Open(r.path)
	if err != nil {
		return nil, nil, err
	}
	meta := r.Meta
	return &meta, f, nil
}

// installed is called when the machine has taken over a received state.
func (s *snapshots) installed(applied uint64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.received
	if r == nil || r.Applied != applied {
		return fmt.Errorf("the machine has index %d, but no snapshot of it was received", applied)
	}
	if err := rename(filepath.Join(s.dir, receivedFile), filepath.Join(s.dir, pointFile)); err != nil {
		return err
	}
	_ = os.Remove(r.path)
	s.newest, s.received = &r.point, nil
	return nil
}

// copy writes a copy of the present state to a file and returns that. The copy is sent from the file because the state
// can't reuse overwritten pages while it is being read, and a receiver may be slow or hang.
func (s *snapshots) copy() (*raft.SnapshotMeta, io.ReadCloser, error) {
	snap, meta, applied, err := s.view()
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = snap.Close() }()
	f, err := s.temp()
	if err != nil {
		return nil, nil, err
	}
	c := &copied{File: f, store: s}
	s.mu.Lock()
	s.holds[c] = hold{index: meta.Index}
	s.mu.Unlock()
	if meta.Size, err = c.fill(snap, applied); err != nil {
		_ = c.Close()
		return nil, nil, fmt.Errorf("copy the state: %w", err)
	}
	return meta, c, nil
}

// view returns a view of the present state and its place in the log.
func (s *snapshots) view() (Snapshot, *raft.SnapshotMeta, uint64, error) {
	if s.fsm == nil { // a recovery, which only looks
		p := s.last()
		if p == nil {
			return nil, nil, 0, errors.New("there is no snapshot")
		}
		meta := p.Meta
		return none{}, &meta, p.Applied, nil
	}
	for {
		snap, applied, err := s.fsm.view()
		if err != nil {
			return nil, nil, 0, err
		}
		p := s.last()
		meta, err := s.place(p, applied)
		if err == nil {
			return snap, meta, applied, nil
		}
		_ = snap.Close()
		if now := s.last(); now == p {
			return nil, nil, 0, err
		}
	}
}

// place returns the position in the log of a state that contains the entries up to applied. It fails if the log was cut
// beyond that in the meantime.
func (s *snapshots) place(p *point, applied uint64) (*raft.SnapshotMeta, error) {
	switch {
	case p != nil && p.Applied == applied:
		meta := p.Meta
		return &meta, nil
	case p != nil && p.Applied > applied:
		return nil, fmt.Errorf("the state ends at entry %d, but must contain %d", applied, p.Applied)
	}
	var l raft.Log
	if err := s.logs.GetLog(applied, &l); err != nil {
		return nil, fmt.Errorf("entry %d, the last in the state: %w", applied, err)
	}
	meta := &raft.SnapshotMeta{Version: raft.SnapshotVersionMax, ID: snapshotID(l.Term, applied), Index: applied, Term: l.Term}
	if conf, ok := s.logs.configuration(applied); ok {
		meta.Configuration, meta.ConfigurationIndex = raft.DecodeConfiguration(conf.Data), conf.Index
	} else if p != nil {
		meta.Configuration, meta.ConfigurationIndex = p.Meta.Configuration, p.Meta.ConfigurationIndex
	} else {
		return nil, fmt.Errorf("no configuration is known at entry %d", applied)
	}
	return meta, nil
}

// advance makes the state's position in the log the newest point, if it is newer. It is called before raft starts, so
// that raft does not read again what the state contains.
func (s *snapshots) advance(applied uint64) error {
	p := s.last()
	if applied == 0 || p != nil && p.Applied >= applied {
		return nil
	}
	meta, err := s.place(p, applied)
	if err != nil {
		return err
	}
	return s.set(&point{Meta: *meta, Applied: applied})
}

// rewind gives up a point that promises more than the machine has, if the log still has everything that is missing:
// applied is the machine's last entry, first and last are the log's. If it does not, the state is lost.
func (s *snapshots) rewind(applied, first, last uint64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, path := s.newest, filepath.Join(s.dir, pointFile)
	if _, known := s.logs.configuration(applied); first == 0 || first > max(applied, 1) || last < p.Meta.Index || applied > 0 && !known {
		return &CorruptError{Path: path, Err: fmt.Errorf("the state ends at entry %d, but contained entry %d when the log was cut "+
			"off before entry %d: the state was lost, or replaced by an older copy", applied, p.Applied, first)}
	}
	s.newest = nil
	return os.Remove(path)
}

// held returns the first index that must be kept for the receivers of copies, false if there is none.
func (s *snapshots) held(now time.Time) (first uint64, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c, h := range s.holds {
		if !h.until.IsZero() && now.After(h.until) {
			delete(s.holds, c)
			continue
		}
		if !ok || h.index < first {
			first, ok = h.index, true
		}
	}
	return first, ok
}

// temp creates a file for a copy of the state.
func (s *snapshots) temp() (*os.File, error) {
	if err := os.MkdirAll(s.transfer, 0o700); err != nil {
		return nil, err
	}
	return os.CreateTemp(s.transfer, "state-*")
}

// copied is a copy of the state that is being sent.
type copied struct {
	*os.File
	store *snapshots
}

func (c *copied) fill(snap Snapshot, applied uint64) (int64, error) {
	w := reserving{c.File}
	if _, err := w.Write(binary.BigEndian.AppendUint64([]byte(snapshotMagic), applied)); err != nil {
		return 0, err
	}
	if _, err := snap.WriteTo(w); err != nil {
		return 0, err
	}
	size, err := c.Seek(0, io.SeekCurrent)
	if err != nil {
		return 0, err
	}
	_, err = c.Seek(0, io.SeekStart)
	return size, err
}

func (c *copied) Close() error {
	c.store.mu.Lock()
	if h, ok := c.store.holds[c]; ok {
		if sent, err := c.Seek(0, io.SeekCurrent); err == nil && sent == 0 {
			delete(c.store.holds, c)
		} else {
			h.until = time.Now().Add(holdFor)
			c.store.holds[c] = h
		}
	}
	c.store.mu.Unlock()
	return errors.Join(c.File.Close(), os.Remove(c.Name()))
}

// reserving refuses to fill the disk up.
type reserving struct{ *os.File }

func (r reserving) Write(b []byte) (int, error) {
	if err := roomIn(r.Name()); err != nil {
		return 0, err
	}
	return r.File.Write(b)
}

// none is an empty view.
type none struct{}

func (none) WriteTo(io.Writer) (int64, error) { return 0, nil }
func (none) Close() error                     { return nil }

// sink receives a snapshot: a point if mark is called, otherwise a received state.
type sink struct {
	store  *snapshots
	point  point
	marked bool
	file   *os.File // nil until something is written
	head   []byte   // the first bytes written
	closed bool
}

func (k *sink) ID() string { return k.point.Meta.ID }

// mark says that the durable state contains the log up to applied.
func (k *sink) mark(applied uint64) { k.point.Applied, k.marked = applied, true }

func (k *sink) Write(b []byte) (n int, err error) {
	if k.file == nil {
		if k.file, err = k.store.temp(); err != nil {
			return 0, err
		}
	}
	if missing := snapshotHeader - len(k.head); missing > 0 {
		k.head = append(k.head, b[:min(missing, len(b))]...)
	}
	n, err = reserving{k.file}.Write(b)
	k.point.Meta.Size += int64(n)
	return n, err
}

func (k *sink) Close() error {
	if k.closed {
		return nil
	}
	if k.marked {
		k.closed = true
		return k.store.set(&k.point)
	}
	if err := k.receive(); err != nil {
		return errors.Join(err, k.Cancel())
	}
	k.closed = true
	return nil
}

// receive makes what was written the state that is opened next.
func (k *sink) receive() (err error) {
	if k.point.Applied, err = readHeader(bytes.NewReader(k.head)); err != nil {
		return err
	}
	s := k.store
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := writePoint(filepath.Join(s.dir, receivedFile), &k.point); err != nil {
		return err
	}
	if s.received != nil { // the machine could not take it over
		_ = os.Remove(s.received.path)
	}
	s.received = &received{point: k.point, path: k.file.Name()}
	return k.file.Close()
}

func (k *sink) Cancel() error {
	if k.closed {
		return nil
	}
	k.closed = true
	if k.file == nil {
		return nil
	}
	return errors.Join(k.file.Close(), os.Remove(k.file.Name()))
}
