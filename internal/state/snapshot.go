package state

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"

	bolt "go.etcd.io/bbolt"
)

// A snapshot is sent as the length of the database, the database, and a checksum. It is checked before it is opened,
// because opening a truncated database is not safe.

var crcTable = crc32.MakeTable(crc32.Castagnoli)

// Snapshot is a consistent view of the state that can be written out while the state changes.
type Snapshot struct {
	tx   *bolt.Tx
	file *file
}

// Snapshot opens a view. It must be closed soon: pages that it sees can't be reused until then.
func (s *Store) Snapshot() (*Snapshot, error) {
	f := s.use()
	tx, err := f.db.Begin(false)
	if err != nil {
		f.readers.Done()
		return nil, fmt.Errorf("snapshot state: %w", err)
	}
	return &Snapshot{tx, f}, nil
}

// WriteTo writes the whole database.
func (s *Snapshot) WriteTo(w io.Writer) (int64, error) {
	var head [8]byte
	binary.BigEndian.PutUint64(head[:], uint64(s.tx.Size()))
	if _, err := w.Write(head[:]); err != nil {
		return 0, err
	}
	sum := crc32.New(crcTable)
	n, err := s.tx.WriteTo(io.MultiWriter(w, sum))
	if err != nil {
		return n + 8, err
	}
	_, err = w.Write(sum.Sum(nil))
	return n + 12, err
}

// Close releases the view.
func (s *Snapshot) Close() error {
	defer s.file.readers.Done()
	return s.tx.Rollback()
}

// restoring is the suffix of a file that will replace the state's.
const restoring = ".new"

// Restore replaces the state with a snapshot. If it fails the old state remains, unless only the last sync failed.
func (s *Store) Restore(r io.Reader) error {
	path := s.path + restoring
	if err := s.restore(path, r); err != nil {
		os.Remove(path)
		return fmt.Errorf("restore state: %w", err)
	}
	s.feed.publish(&Changes{All: true})
	if len(s.observers) == 0 {
		return nil
	}
	return s.View(func(tx *Tx) error {
		if id := tx.Cluster(); id != "" {
			s.named(id)
		}
		t, err := tx.Trust()
		s.trusted(t)
		return err
	})
}

func (s *Store) restore(path string, r io.Reader) error {
	if err := receive(path, r); err != nil {
		return err
	}
	db, applied, err := openFile(path)
	if err != nil {
		return err
	}
	fresh, err := readIndex(db)
	if err != nil {
		db.Close()
		return err
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	unsynced := s.replace(path, db)
	if unsynced != nil && !errors.Is(unsynced, errUnsynced) {
		return unsynced
	}
	s.touched = nil // a running compaction of the old file detects that it was replaced
	s.index.Replace(fresh)
	s.events.since(applied)
	return unsynced
}

// receive writes the snapshot to a file next to the database and checks that it is complete.
func receive(path string, r io.Reader) error {
	var head [8]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return fmt.Errorf("snapshot is cut short: %w", err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	err = receiveBody(f, r, int64(binary.BigEndian.Uint64(head[:])))
	return errors.Join(err, f.Close())
}

func receiveBody(f *os.File, r io.Reader, size int64) error {
	sum := crc32.New(crcTable)
	if _, err := io.CopyN(io.MultiWriter(f, sum), r, size); err != nil {
		return fmt.Errorf("snapshot is cut short: %w", err)
	}
	var tail [4]byte
	if _, err := io.ReadFull(r, tail[:]); err != nil {
		return fmt.Errorf("snapshot is cut short: %w", err)
	}
	if binary.BigEndian.Uint32(tail[:]) != sum.Sum32() {
		return errors.New("snapshot is corrupt: its checksum is wrong")
	}
	return f.Sync()
}
