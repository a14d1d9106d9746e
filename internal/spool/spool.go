// Package spool keeps whole outputs of executions in files, on the node that runs them, until the processors that run
// there have had them. What is kept is bounded. A run never fails because its output can't be kept.
package spool

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"time"

	"dkron"
)

const (
	// keepFor is how long an output is kept if nobody drops it: longer than a delivery is tried.
	keepFor = 26 * time.Hour
	// sweepEvery is how often outputs that are too old are looked for.
	sweepEvery = time.Hour
)

var (
	// ErrNone says that no output of an execution is kept here.
	ErrNone = errors.New("this node keeps no output of the execution")
	// ErrRuns says that an execution has not ended here.
	ErrRuns = errors.New("the execution still runs here")
)

// Spool is the outputs that a node keeps. It is safe for concurrent use.
type Spool struct {
	dir   string
	limit int64 // of all outputs; one alone gets half of it
	log   *slog.Logger

	mu    sync.Mutex // guards the fields below
	files map[string]*file
	total int64
}

// file is the output of one execution.
type file struct {
	size     int64
	ended    time.Time // zero while the execution runs
	unwanted bool      // it goes when the execution ends
}

// Open returns the outputs in a directory, which is made when it is needed. limit is how many bytes all of them may have.
func Open(dir string, limit int64, log *slog.Logger) (*Spool, error) {
	s := &Spool{dir: dir, limit: limit, log: log, files: make(map[string]*file)}
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("open kept outputs: %w", err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || !ours.MatchString(e.Name()) {
			continue
		}
		s.files[e.Name()] = &file{size: info.Size(), ended: info.ModTime()}
		s.total += info.Size()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.makeRoom(0)
	return s, nil
}

var ours = regexp.MustCompile(`^[0-9a-f]{16}-\d+-\d+-\d+$`)

// nameOf returns the name of an execution's file. Names of jobs can have characters that names of files can't.
func nameOf(ref dkron.ExecutionRef) string {
	job := sha256.Sum256([]byte(ref.JobName))
	return fmt.Sprintf("%x-%d-%d-%d", job[:8], ref.Group, ref.Attempt, ref.Slot)
}

func (s *Spool) path(name string) string { return filepath.Join(s.dir, name) }

// Begin returns the writer of an execution that runs. What an earlier process of the node has kept of it stays.
func (s *Spool) Begin(ref dkron.ExecutionRef) *Writer {
	name := nameOf(ref)
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.files[name]
	if f == nil {
		f = new(file)
		s.files[name] = f
	}
	f.ended = time.Time{}
	return &Writer{spool: s, name: name, job: ref.JobName, resumed: f.size > 0}
}

// Size returns how many bytes are kept of an execution that has ended, ErrNone or ErrRuns.
func (s *Spool) Size(ref dkron.ExecutionRef) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch f := s.files[nameOf(ref)]; {
	case f == nil:
		return 0, ErrNone
	case f.ended.IsZero():
		return 0, ErrRuns
	default:
		return f.size, nil
	}
}

// Open opens what is kept of an execution.
func (s *Spool) Open(ref dkron.ExecutionRef) (io.ReadCloser, error) {
	f, err := os.Open(s.path(nameOf(ref)))
	if errors.Is(err, os.ErrNotExist) {
		return nil, ErrNone
	}
	return f, err
}

// Drop removes what is kept of an execution; if it still runs, when it has ended.
func (s *Spool) Drop(ref dkron.ExecutionRef) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(nameOf(ref))
}

// DropAll removes everything.
func (s *Spool) DropAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name := range s.files {
		s.drop(name)
	}
}

// Bytes returns how many bytes are kept.
func (s *Spool) Bytes() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.total
}

// Keep removes what is too old, until ctx ends.
func (s *Spool) Keep(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		s.sweep(time.Now())
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (s *Spool) sweep(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, f := range s.files {
		if !f.ended.IsZero() && now.Sub(f.ended) > keepFor {
			s.drop(name)
		}
	}
}

// drop removes a file, or notes that it has to go. The caller holds mu.
func (s *Spool) drop(name string) {
	f := s.files[name]
	if f == nil {
		return
	}
	if f.ended.IsZero() {
		f.unwanted = true
		return
	}
	if err := os.Remove(s.path(name)); err != nil && !errors.Is(err, os.ErrNotExist) {
		s.log.Warn("could not remove a kept output; trying again within an hour", "file", s.path(name), "error", err)
		f.ended = time.Now().Add(-keepFor)
		return
	}
	s.total -= f.size
	delete(s.files, name)
}

// makeRoom removes the oldest outputs of executions that have ended, until n more bytes fit. It returns how many fit. The
// caller holds mu.
func (s *Spool) makeRoom(n int64) int64 {
	for s.total+n > s.limit {
		oldest := ""
		for name, f := range s.files {
			if !f.ended.IsZero() && f.size > 0 && (oldest == "" || f.ended.Before(s.files[oldest].ended)) {
				oldest = name
			}
		}
		if oldest == "" {
			break
		}
		s.drop(oldest)
		if s.files[oldest] != nil { // it can't be removed
			break
		}
		s.log.Warn("an output that processors may still have to be given is no longer kept: there are too many; raise --processor-spool-size", "file", oldest)
	}
	return max(0, min(n, s.limit-s.total))
}

// reserve takes room for n more bytes of an output, and returns how many of them fit.
func (s *Spool) reserve(name string, n int64) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.files[name]
	n = s.makeRoom(max(0, min(n, s.limit/2-f.size)))
	f.size += n
	s.total += n
	return n
}

// giveBack returns room that was reserved and not used.
func (s *Spool) giveBack(name string, n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files[name].size -= n
	s.total -= n
}

func (s *Spool) sizeOf(name string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.files[name].size
}

// end notes that an execution has ended.
func (s *Spool) end(name string, made bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.files[name]
	switch f.ended = time.Now(); {
	case !made:
		delete(s.files, name)
	case f.unwanted:
		s.drop(name)
	default:
		_ = os.Chtimes(s.path(name), f.ended, f.ended) // a later process reads from it when this was
	}
}
