package agent

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"dkron"
	"dkron/internal/codec"
)

// The journal survives the process. It is a file of records, each with its length and checksum; a torn record at the
// end is the trace of a crash and is cut off. An accepted execution is on disk before it starts; other records reach
// the disk with the next accepted one.

// record is one entry of the journal; one of its parts is set.
type record struct {
	Term     uint64
	Accepted []dkron.Order
	Started  *started
	Result   *dkron.Result
	Forget   []dkron.ExecutionRef
	At       time.Time // of Forget
	Cluster  string    // the cluster of Term and of all records that follow
}

// Fields describes the wire form.
func (r *record) Fields(w *codec.Wire) {
	w.Uint(1, &r.Term)
	codec.List(w, 2, &r.Accepted)
	codec.Optional(w, 3, &r.Started)
	codec.Optional(w, 4, &r.Result)
	codec.List(w, 5, &r.Forget)
	w.Time(6, &r.At)
	w.String(7, &r.Cluster)
}

// started is the handle by which an executor finds its work again.
type started struct {
	Ref    dkron.ExecutionRef
	Handle []byte
	At     time.Time
	// Secrets is when the newest of the secrets that it was given was set; zero if it has none.
	Secrets time.Time
}

// begun returns the record of a task that has begun. The caller holds the agent's mu.
func (t *task) begun() *started {
	return &started{Ref: t.order.Ref(), Handle: t.handle, At: t.startedAt, Secrets: t.secretsAt}
}

// Fields describes the wire form.
func (s *started) Fields(w *codec.Wire) {
	codec.Nested(w, 1, &s.Ref)
	w.Bytes(2, &s.Handle)
	w.Time(3, &s.At)
	w.Since(2)
	w.Time(4, &s.Secrets)
}

// bare reports that the record has a result without its output, which an earlier record of the journal has.
func (r *record) bare() bool {
	return r.Result != nil && r.Result.OutputSize > 0 && len(r.Result.Output) == 0
}

// rotateSize is the size at which the journal is rewritten with only what still matters. If that is much, the journal
// first doubles, so that what waits for a slow leader is not written over and over.
const rotateSize = 16 << 20

var crcTable = crc32.MakeTable(crc32.Castagnoli)

type journal struct {
	path string
	log  *slog.Logger
	// synced is called with how long each write took that waited for the disk. It may be nil.
	synced func(time.Duration)

	mu   sync.Mutex // guards the fields below
	file *os.File   // is replaced with results' mutex held too
	size int64
	base int64 // the size after the last rewrite
	err  error // why the last write failed: nothing is accepted until the file is rewritten
	shut bool  // closed: the file may already be another process's

	results places
}

// openJournal reads the journal, calls replay for each record, and opens it for appending.
func openJournal(path string, log *slog.Logger, replay func(*record)) (*journal, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	j := &journal{path: path, log: log, file: f}
	size, damaged, err := readRecords(f, func(rec *record, at int64, n int) {
		j.results.note(rec, at, n)
		replay(rec)
	})
	if err == nil {
		err = f.Truncate(size)
	}
	if err == nil {
		err = syncDir(path)
	}
	if err == nil {
		_, err = f.Seek(size, io.SeekStart)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("open journal %s: %w", path, err)
	}
	if damaged > 0 {
		log.Error("the journal of this agent is damaged; the records after the damage are kept. Check the disk", "file", path, "bytes", damaged)
	}
	j.size = size
	return j, nil
}

// readRecords calls replay with each record, its offset and its length in bytes. It returns where the last intact record
// ends, and how many bytes before that are damaged. A damaged record is skipped if an intact one follows: the orders in the
// following ones must not start again.
func readRecords(r io.Reader, replay func(rec *record, at int64, n int)) (size, damaged int64, err error) {
	var skipped int64 // after size
	in := bufio.NewReaderSize(r, 1<<20)
	var head [8]byte
	for {
		if _, err := io.ReadFull(in, head[:]); err != nil {
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				return size, damaged, nil
			}
			return size, damaged, err
		}
		length := binary.BigEndian.Uint32(head[:])
		if length > 128<<20 {
			return size, damaged, nil
		}
		body := make([]byte, length)
		if _, err := io.ReadFull(in, body); err != nil {
			return size, damaged, nil
		}
		framed := int64(len(head)) + int64(length)
		rec := new(record)
		if crc32.Checksum(body, crcTable) != binary.BigEndian.Uint32(head[4:]) || codec.Decode(body, rec) != nil {
			skipped += framed
			continue
		}
		replay(rec, size+skipped, int(framed))
		size, damaged, skipped = size+skipped+framed, damaged+skipped, 0
	}
}

func frame(rec *record) []byte {
	buf := codec.Append(make([]byte, 8, 256), rec)
	binary.BigEndian.PutUint32(buf, uint32(len(buf)-8))
	binary.BigEndian.PutUint32(buf[4:], crc32.Checksum(buf[8:], crcTable))
	return buf
}

// append writes a record, and waits until it is on disk if sync is set.
func (j *journal) append(rec *record, sync bool) error {
	buf := frame(rec)
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.shut {
		return errShut
	}
	if j.err != nil {
		return j.err
	}
	began := time.Now()
	n, err := j.file.Write(buf)
	if err == nil && sync {
		if err = syncData(j.file); err == nil && j.synced != nil {
			j.synced(time.Since(began))
		}
	}
	if err != nil {
		// Cut off what was written, so that later records don't follow a torn one. If that fails too, or the sync
		// failed, the file is rewritten before anything is accepted.
		torn := err
		if n < len(buf) {
			_, torn = j.file.Seek(j.size, io.SeekStart)
			torn = errors.Join(j.file.Truncate(j.size), torn)
		}
		err = fmt.Errorf("write journal %s: %w", j.path, err)
		if torn != nil {
			j.err = err
		}
		return err
	}
	j.results.note(rec, j.size, n)
	j.size += int64(n)
	return nil
}

func (j *journal) bytes() int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.size
}

func (j *journal) full() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.size > max(rotateSize, 2*j.base) || j.err != nil
}

// broken returns why the file must be rewritten, nil if it need not be.
func (j *journal) broken() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.err
}

// syncDir waits until the file's name is on disk: otherwise a crash of the host could bring back an older file.
func syncDir(path string) error {
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// rewrite replaces the file with the records that still matter.
func (j *journal) rewrite(records func() []*record) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.shut {
		return errShut
	}
	f, err := os.OpenFile(j.path+".new", os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	var size int64
	var results places
	out := bufio.NewWriter(f)
	for _, rec := range records() {
		if rec.bare() {
			rec = &record{Result: j.whole(rec.Result)}
		}
		n, _ := out.Write(frame(rec))
		results.note(rec, size, n)
		size += int64(n)
	}
	err = errors.Join(out.Flush(), f.Sync())
	if err == nil {
		err = os.Rename(j.path+".new", j.path)
	}
	if err != nil {
		f.Close()
		return err
	}
	j.results.mu.Lock()
	j.file.Close()
	j.file, j.results.at = f, results.at
	j.results.mu.Unlock()
	j.size, j.base, j.err = size, size, nil
	if err := syncDir(j.path); err != nil {
		j.err = fmt.Errorf("write journal %s: %w", j.path, err)
	}
	return j.err
}

func (j *journal) close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.shut = true
	return errors.Join(j.file.Sync(), j.file.Close())
}

var errShut = errors.New("the journal is closed")
