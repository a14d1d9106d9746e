package audit

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"dkron"
)

// Limits of a server's own records. They are in segments, the oldest of which goes first: 100,000 records are kept, and at most
// 48 MiB.
const (
	segmentRecords = 20_000
	segmentBytes   = 8 << 20
	keepSegments   = 6
	maxWord        = 256 // bytes of a text in a record
)

// Local is the records that only this server has, in files.
type Local struct {
	dir    string
	log    *slog.Logger
	failed func()        // counts records that could not be written
	more   chan struct{} // capacity 1: there are more records

	mu       sync.Mutex // guards the fields below
	segments []segment
	file     *os.File // of the last segment
	next     uint64
	broken   bool // writing failed, and the log has said so
	limiter
}

// segment is a file of records with consecutive numbers.
type segment struct {
	first uint64
	count uint64
	bytes int64
}

// OpenLocal opens the records in a directory, which it creates if it is missing. failed is called for each record that can't be
// written; it may be nil.
func OpenLocal(dir string, failed func(), log *slog.Logger) (*Local, error) {
	l := &Local{dir: dir, log: log, failed: failed, next: 1, more: make(chan struct{}, 1), limiter: newLimiter()}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open audit: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("open audit: %w", err)
	}
	for _, e := range entries {
		text, ok := strings.CutSuffix(e.Name(), suffix)
		first, err := strconv.ParseUint(text, 10, 64)
		if !ok || err != nil {
			continue
		}
		s, err := l.check(first)
		if err != nil {
			return nil, fmt.Errorf("open audit: %w", err)
		}
		l.segments = append(l.segments, s)
	}
	slices.SortFunc(l.segments, func(a, b segment) int { return cmp.Compare(a.first, b.first) })
	if n := len(l.segments); n > 0 {
		l.next = l.segments[n-1].first + l.segments[n-1].count
	}
	return l, nil
}

const suffix = ".jsonl"

func (l *Local) path(first uint64) string {
	return filepath.Join(l.dir, fmt.Sprintf("%020d%s", first, suffix))
}

// check counts the records of a segment, and cuts off one that was not written completely.
func (l *Local) check(first uint64) (segment, error) {
	data, err := os.ReadFile(l.path(first))
	if err != nil {
		return segment{}, err
	}
	whole := bytes.LastIndexByte(data, '\n') + 1
	if whole < len(data) {
		err = os.Truncate(l.path(first), int64(whole))
	}
	return segment{first, uint64(bytes.Count(data[:whole], []byte{'\n'})), int64(whole)}, err
}

// Close writes what is still to be written.
func (l *Local) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.flush()
	if l.file != nil {
		l.file.Close()
		l.file = nil
	}
}

// Did adds a record of what was done to this node without the log.
func (l *Local) Did(r dkron.AuditRecord) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.write(r)
}

// write gives a record its number, and appends it. The caller holds mu.
func (l *Local) write(r dkron.AuditRecord) {
	if err := l.append(&r); err != nil {
		if l.failed != nil {
			l.failed()
		}
		if !l.broken {
			l.log.Error("a record of the audit could not be written; further ones may be lost until the disk is repaired", "error", err)
		}
		l.broken = true
		return
	}
	l.broken = false
	wake(l.more)
}

func (l *Local) append(r *dkron.AuditRecord) error {
	r.Number = l.next
	line, err := json.Marshal(toLine(r))
	if err != nil {
		return err
	}
	line = append(line, '\n')
	last := len(l.segments) - 1
	if last < 0 || l.segments[last].count >= segmentRecords || l.segments[last].bytes+int64(len(line)) > segmentBytes {
		if l.file != nil {
			l.file.Close()
			l.file = nil
		}
		l.segments = append(l.segments, segment{first: l.next})
		last++
	}
	if l.file == nil {
		if l.file, err = os.OpenFile(l.path(l.segments[last].first), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
			return err
		}
	}
	if n, err := l.file.Write(line); err != nil {
		if n > 0 { // a part of a line would spoil the next one
			err = errors.Join(err, l.file.Truncate(l.segments[last].bytes))
		}
		return err
	}
	l.segments[last].count++
	l.segments[last].bytes += int64(len(line))
	l.next++
	l.drop()
	return nil
}

// drop removes the oldest segments.
func (l *Local) drop() {
	for len(l.segments) > keepSegments {
		if err := os.Remove(l.path(l.segments[0].first)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return // tried again with the next record
		}
		l.segments = l.segments[1:]
	}
}

// Ends returns the number of the oldest record and that of the next one.
func (l *Local) Ends() (first, next uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.segments) == 0 {
		return l.next, l.next
	}
	return l.segments[0].first, l.next
}

// Before returns the records that a question is about.
func (l *Local) Before(q *Question) (*Answer, error) {
	l.mu.Lock()
	segments, next := slices.Clone(l.segments), l.next
	l.mu.Unlock()
	switch {
	case q.From >= next: // the files need not be read
		return new(Answer), nil
	case q.From > 0:
		list, err := l.From(q.From, int(min(q.Limit, MostAtOnce))) // it is small
		return &Answer{list}, err
	}
	before := q.Before
	if before == 0 {
		before = 1<<64 - 1
	}
	a := new(Answer)
	for _, s := range slices.Backward(segments) {
		if s.first >= before {
			continue
		}
		list, err := l.read(s.first)
		if err != nil {
			return nil, err
		}
		for _, r := range slices.Backward(list) {
			if r.Number < before && q.Query.Selects(&r) {
				a.Records = append(a.Records, r)
			}
			if uint64(len(a.Records)) >= q.Limit {
				return a, nil
			}
		}
	}
	return a, nil
}

// From returns up to limit records from a number on, oldest first.
func (l *Local) From(number uint64, limit int) (list []dkron.AuditRecord, err error) {
	l.mu.Lock()
	segments := slices.Clone(l.segments)
	l.mu.Unlock()
	for _, s := range segments {
		if s.first+s.count <= number {
			continue
		}
		all, err := l.read(s.first)
		if err != nil {
			return nil, err
		}
		for _, r := range all {
			if r.Number >= number && len(list) < limit {
				list = append(list, r)
			}
		}
	}
	return list, nil
}

// read returns the records of a segment. A line that can't be read is left out.
func (l *Local) read(first uint64) (list []dkron.AuditRecord, err error) {
	data, err := os.ReadFile(l.path(first))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // it made way for others
	}
	if err != nil {
		return nil, fmt.Errorf("read audit: %w", err)
	}
	for text := range bytes.Lines(data) {
		var one line
		if bytes.HasSuffix(text, []byte{'\n'}) && json.Unmarshal(text, &one) == nil {
			list = append(list, one.record())
		}
	}
	return list, nil
}

// line is a record in a file.
type line struct {
	Number   uint64          `json:"number"`
	At       time.Time       `json:"at"`
	Accessor string          `json:"accessor,omitempty"`
	Name     string          `json:"name,omitempty"`
	How      dkron.Proof     `json:"how,omitempty"`
	Address  string          `json:"address,omitempty"`
	Server   string          `json:"server,omitempty"`
	Subject  string          `json:"subject,omitempty"`
	Action   string          `json:"action,omitempty"`
	Kind     dkron.AuditKind `json:"kind"`
	Object   string          `json:"object,omitempty"`
	Detail   string          `json:"detail,omitempty"`
	Status   uint64          `json:"status,omitempty"`
	Count    uint64          `json:"count,omitempty"`
	Left     uint64          `json:"left,omitempty"`
}

func toLine(r *dkron.AuditRecord) line {
	o := &r.Origin
	return line{
		Number: r.Number, At: r.At.UTC(), Accessor: shorten(o.Accessor), Name: shorten(o.Name), How: o.How, Address: shorten(o.Address), Server: o.Server, Subject: shorten(o.Subject),
		Action: shorten(r.Action), Kind: r.Kind, Object: shorten(r.Object), Detail: shorten(r.Detail), Status: r.Status, Count: r.Count, Left: r.Left,
	}
}

func (l *line) record() dkron.AuditRecord {
	return dkron.AuditRecord{
		Number: l.Number, At: l.At, Action: l.Action, Status: l.Status, Count: l.Count, Left: l.Left,
		Origin:    dkron.Origin{Accessor: l.Accessor, Name: l.Name, How: l.How, Address: l.Address, Server: l.Server, Subject: l.Subject},
		AuditNote: dkron.AuditNote{Kind: l.Kind, Object: l.Object, Detail: l.Detail},
	}
}

func shorten(text string) string {
	if len(text) <= maxWord {
		return text
	}
	return strings.ToValidUTF8(text[:maxWord], "") + "…"
}

func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
