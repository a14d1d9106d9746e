package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"dkron"
	"dkron/internal/state"
)

const (
	batchRecords = 500
	// batchBytes is how much is read for one write, besides its last record.
	batchBytes  = 1 << 20
	firstPause  = time.Second
	longestWait = 30 * time.Second
	savedFile   = "sent.json"
)

// Target takes records as JSON, each a line.
type Target interface {
	// Write returns once the lines are written, and with an error if some may not be. It is not called concurrently.
	Write(ctx context.Context, lines [][]byte) error
	Close()
}

// Counter counts what becomes of records. Its methods are safe for concurrent use.
type Counter interface {
	AuditWritten(target string, records int)
	AuditFailed(target string)
	AuditDropped(target string, records int) // they made way for newer ones before the target took them
}

// Stream writes records to a target: all changes that this server applies, and its own records. It reads them from where they are
// kept, at the target's pace, and remembers how far it came. So a target that is slow, full or away delays nothing, and gets
// what it missed later, unless that is not kept any more.
type Stream struct {
	Name    string // of the target: file or syslog
	Target  Target
	Store   *state.Store
	Local   *Local
	Server  string // name of this server
	Dir     string // where to remember how far the stream came
	Counter Counter
	Logger  *slog.Logger
}

// place is how far a stream came: the numbers of the next records.
type place struct {
	Edits uint64 `json:"changes"`
	Work  uint64 `json:"work"`
	Own   uint64 `json:"own"`
}

// Run writes records until ctx ends. The first time it begins with those that are made from then on.
func (s *Stream) Run(ctx context.Context) {
	defer s.Target.Close()
	w := s.Store.Watch()
	defer w.Close()
	at, err := s.begin()
	if err != nil {
		s.Logger.Error("the audit is not written: how far it came can't be read", "target", s.Name, "error", err)
		return
	}
	failing, pause := false, firstPause
	for ctx.Err() == nil {
		next, lines, err := s.next(at)
		if err == nil && len(lines) > 0 {
			err = s.Target.Write(ctx, lines)
		}
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			s.Counter.AuditFailed(s.Name)
			if !failing {
				s.Logger.Error("the audit can't be written to its target; it is tried again, and what is kept meanwhile comes later", "target", s.Name, "error", err)
			}
			failing = true
			sleep(ctx, pause)
			pause = min(2*pause, longestWait)
			continue
		case failing:
			s.Logger.Info("the audit is written to its target again", "target", s.Name)
		}
		failing, pause = false, firstPause
		if next != at {
			s.Counter.AuditWritten(s.Name, len(lines))
			at = next
			s.save(at)
		}
		if len(lines) == 0 {
			s.wait(ctx, w)
		}
	}
}

// wait returns when there may be more records, or soon.
func (s *Stream) wait(ctx context.Context, w *state.Watcher) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.C:
			if c := w.Take(); c.All || c.Audit {
				return
			}
		case <-s.Local.more:
			return
		case <-time.After(longestWait): // of two streams, one gets the wake-up of the server's own records
			return
		}
	}
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

func (s *Stream) path() string { return filepath.Join(s.Dir, s.Name+"-"+savedFile) }

// begin returns where to go on.
func (s *Stream) begin() (at place, err error) {
	raw, err := os.ReadFile(s.path())
	if err == nil && json.Unmarshal(raw, &at) == nil {
		return at, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return at, err
	}
	err = s.Store.View(func(tx *state.Tx) error {
		_, at.Edits = tx.AuditEnds(state.Edits)
		_, at.Work = tx.AuditEnds(state.Work)
		return nil
	})
	_, at.Own = s.Local.Ends()
	s.save(at)
	return at, err
}

// save remembers how far the stream came. If it fails, records are written again after a restart, which does no harm.
func (s *Stream) save(at place) {
	raw, _ := json.Marshal(at) //nolint:errchkjson // numbers
	fresh := s.path() + ".new"
	if os.WriteFile(fresh, raw, 0o600) == nil {
		_ = os.Rename(fresh, s.path())
	}
}

// next reads the next records, as lines, and where they end.
func (s *Stream) next(at place) (end place, lines [][]byte, err error) {
	end = at
	size := 0
	add := func(r *dkron.AuditRecord, id string) bool {
		var line []byte
		if line, err = json.Marshal(NewForm(&Found{*r, id})); err != nil {
			return false
		}
		lines = append(lines, line)
		size += len(line)
		return len(lines) < batchRecords && size < batchBytes
	}
	for _, one := range []struct {
		share  state.Share
		letter string
		number *uint64
	}{{state.Edits, "c", &end.Edits}, {state.Work, "w", &end.Work}} {
		failed := s.Store.View(func(tx *state.Tx) error {
			first, next := tx.AuditEnds(one.share)
			*one.number = s.skip(*one.number, first, next)
			return tx.AuditFrom(one.share, *one.number, func(r *dkron.AuditRecord) bool {
				more := add(r, fmt.Sprintf("%s%d", one.letter, r.Number))
				*one.number = r.Number + 1
				return more
			})
		})
		if failed != nil || err != nil {
			return at, nil, errors.Join(failed, err)
		}
	}
	first, next := s.Local.Ends()
	end.Own = s.skip(end.Own, first, next)
	own, err := s.Local.From(end.Own, batchRecords)
	for i := range own {
		end.Own = own[i].Number + 1
		if !add(&own[i], fmt.Sprintf("%s/%d", s.Server, own[i].Number)) {
			break
		}
	}
	return end, lines, err
}

// skip returns the number to go on with, given what is kept, and counts what was not written and is gone. A number after all that
// there is belongs to another cluster, which was founded anew.
func (s *Stream) skip(number, first, next uint64) uint64 {
	switch {
	case number > next:
		return first
	case number < first:
		lost := first - max(number, 1)
		s.Counter.AuditDropped(s.Name, int(min(lost, 1<<31))) // it is small
		s.Logger.Error("records of the audit were not written to their target in time, and are not kept any more", "target", s.Name, "records", lost)
		return first
	}
	return number
}

// File appends lines to a file. It opens the path anew when the file there is another one, so that it can be rotated by renaming it.
type File struct {
	Path string
	file *os.File
	torn bool // the last line may not be complete
}

// Write appends the lines.
func (f *File) Write(_ context.Context, lines [][]byte) error {
	if f.file != nil && !f.current() {
		f.Close()
	}
	if f.file == nil {
		file, err := os.OpenFile(f.Path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		f.file = file
	}
	text := append(bytes.Join(lines, []byte{'\n'}), '\n')
	if f.torn {
		text = append([]byte{'\n'}, text...)
	}
	n, err := f.file.Write(text)
	f.torn = err != nil && (n > 0 || f.torn)
	return err
}

func (f *File) current() bool {
	here, err := f.file.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(f.Path)
	return err == nil && os.SameFile(here, there)
}

// Close closes the file.
func (f *File) Close() {
	if f.file != nil {
		f.file.Close()
		f.file = nil
	}
}
