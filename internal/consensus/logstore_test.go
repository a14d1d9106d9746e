package consensus

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"
)

func entry(index uint64, size int) *raft.Log {
	return &raft.Log{Index: index, Term: 1, Data: bytes.Repeat([]byte{byte(index)}, size)}
}

func TestLogCacheHoldsTheNewestWithinItsBounds(t *testing.T) {
	c := newLogCache(10_000)
	var l raft.Log
	for i := uint64(1); i <= 3*cacheSlots; i++ {
		c.put([]*raft.Log{entry(i, int(i%50))})
		if c.bytes > 10_000 {
			t.Fatalf("%d bytes", c.bytes)
		}
		if !c.get(i, &l) || l.Index != i {
			t.Fatalf("newest entry %d is not there", i)
		}
	}
	if c.get(1, &l) || c.get(0, &l) || c.get(3*cacheSlots-200, &l) {
		t.Error("an old entry is still there")
	}
	c.put([]*raft.Log{entry(3*cacheSlots+1, cacheMaxEntry+1)})
	if c.get(3*cacheSlots+1, &l) {
		t.Error("a large entry is kept")
	}
}

// The cache is compared with a map, through overwrites and removals at both ends.
func TestLogCacheNeverReturnsWhatWasRemovedOrReplaced(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	c, truth, first, last := newLogCache(50_000), map[uint64]byte{}, uint64(1), uint64(0)
	for step := range 5000 {
		switch r.IntN(10) {
		case 0: // conflicting tail
			if last > first {
				from := first + r.Uint64N(last-first+1)
				c.remove(from, last)
				for i := from; i <= last; i++ {
					delete(truth, i)
				}
				last = from - 1
			}
		case 1: // compaction
			if last > first {
				to := first + r.Uint64N(last-first)
				c.remove(first, to)
				for i := first; i <= to; i++ {
					delete(truth, i)
				}
				first = to + 1
			}
		default:
			var logs []*raft.Log
			for range 1 + r.IntN(20) {
				last++
				b := byte(r.IntN(256))
				logs = append(logs, &raft.Log{Index: last, Data: bytes.Repeat([]byte{b}, 1+r.IntN(200))})
				truth[last] = b
			}
			c.put(logs)
		}
		bytesHeld := 0
		for i := range c.slots {
			if s := &c.slots[i]; s.Index != 0 {
				bytesHeld += size(s)
				if b, ok := truth[s.Index]; !ok || b != s.Data[0] {
					t.Fatalf("step %d: entry %d is stale", step, s.Index)
				}
			}
		}
		if bytesHeld != c.bytes || c.bytes > 50_000 {
			t.Fatalf("step %d: counts %d bytes, holds %d", step, c.bytes, bytesHeld)
		}
	}
}

func TestLogKeepsEntriesAsTheyWere(t *testing.T) {
	for _, kind := range []string{LogWAL, LogBolt} {
		t.Run(kind, func(t *testing.T) {
			e, path, err := openEngine(t.TempDir(), kind, hclog.NewNullLogger())
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			s := newLogStore(e, path)
			want := []*raft.Log{
				{Index: 1, Term: 1, Type: raft.LogConfiguration, Data: []byte("c")},
				{Index: 2, Term: 2, Data: []byte("d"), Extensions: []byte("e"), AppendedAt: time.Now()},
				{Index: 3, Term: 2, Type: raft.LogNoop},
			}
			if err := s.StoreLogs(want); err != nil {
				t.Fatal(err)
			}
			s.cache.remove(1, 3)
			for _, w := range want {
				var got raft.Log
				if err := s.GetLog(w.Index, &got); err != nil {
					t.Fatal(err)
				}
				if got.Term != w.Term || got.Type != w.Type || !bytes.Equal(got.Data, w.Data) ||
					!bytes.Equal(got.Extensions, w.Extensions) || !got.AppendedAt.Equal(w.AppendedAt) {
					t.Errorf("got %+v, want %+v", got, *w)
				}
			}
		})
	}
}

// faultyLog fails writes with what err holds.
type faultyLog struct {
	raft.LogStore
	err     *atomic.Pointer[error]
	refused *atomic.Int64 // writes; nil: nobody counts
}

func (f faultyLog) StoreLogs(logs []*raft.Log) error {
	if e := f.err.Load(); e != nil {
		if f.refused != nil {
			f.refused.Add(1)
		}
		return *e
	}
	return f.LogStore.StoreLogs(logs)
}

func TestFullDiskIsReportedAndServiceResumesWithoutRestart(t *testing.T) {
	t.Parallel()
	var fault atomic.Pointer[error]
	var refused atomic.Int64
	s := single(t, func(c *Config) {
		c.wrapLog = func(l raft.LogStore) raft.LogStore { return faultyLog{l, &fault, &refused} }
	})
	term := receive(t, s.node.Terms(t.Context()))
	propose(t, s, "before")
	var full error = syscall.ENOSPC
	fault.Store(&full)
	_, _, err := s.node.Propose(t.Context(), []byte("during"))
	if !errors.Is(err, ErrStorage) || !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "raft") {
		t.Errorf("error %v", err)
	}
	<-term.Ctx.Done() // the leader steps down
	if err := s.node.Health(); !errors.Is(err, ErrStorage) {
		t.Errorf("health %v", err)
	}
	before := refused.Load()
	eventually(t, 30*time.Second, "elections continue and come to nothing", func() bool { return refused.Load() > before+1 })
	fault.Store(nil)
	waitLeader(t, s)
	propose(t, s, "after")
	if err := s.node.Health(); err != nil {
		t.Errorf("health %v", err)
	}
	noneTwice(t, s)
	if got := strings.Join(s.machine.values(), " "); got != "before after" {
		t.Errorf("applied %q", got)
	}
}

func TestServerWithAFullDiskDoesNotStopTheOthers(t *testing.T) {
	t.Parallel()
	faults := map[string]*atomic.Pointer[error]{}
	all := cluster(t, 3, func(c *Config) {
		fault := &atomic.Pointer[error]{}
		faults[c.ID] = fault
		c.wrapLog = func(l raft.LogStore) raft.LogStore { return faultyLog{l, fault, nil} }
	})
	leader := waitLeader(t, all...)
	var full error = syscall.ENOSPC
	faults[leader.cfg.ID].Store(&full)
	_, _, _ = leader.node.Propose(t.Context(), []byte("lost"))
	eventually(t, 30*time.Second, "write by another leader", func() bool {
		for _, s := range all {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			_, _, err := s.node.Propose(ctx, []byte("x"))
			cancel()
			if err == nil && s != leader {
				return true
			}
		}
		return false
	})
	faults[leader.cfg.ID].Store(nil)
	sameValues(t, all...)
}

func TestLogRefusesToFillTheDiskUp(t *testing.T) {
	t.Parallel()
	s := single(t)
	propose(t, s, "x")
	s.node.logs.space = func() error { return syscall.ENOSPC } // racy by design only if raft writes; it is idle
	_, _, err := s.node.Propose(t.Context(), []byte("y"))
	if !errors.Is(err, ErrStorage) || errors.Is(err, ErrOutcomeUnknown) {
		t.Errorf("error %v", err)
	}
}

func TestDamagedLogIsReportedWithTheWayToRecover(t *testing.T) {
	t.Parallel()
	damage := map[string]func(b []byte) []byte{
		"flipped bit in an entry": func(b []byte) []byte { b[bytes.Index(b, []byte("value-20"))] ^= 1; return b },
		"header overwritten":      func(b []byte) []byte { copy(b, "garbage garbage garbage"); return b },
		"tail lost":               func(b []byte) []byte { clear(b[bytes.Index(b, []byte("value-20"))-100:]); return b },
		"cut short":               func(b []byte) []byte { return b[:bytes.Index(b, []byte("value-20"))] },
		"empty":                   func([]byte) []byte { return nil },
	}
	for name, f := range damage {
		t.Run(name, func(t *testing.T) {
			s := single(t)
			for i := range 40 {
				propose(t, s, fmt.Sprintf("value-%d-%s", i, strings.Repeat("x", 100)))
			}
			s.stop()
			changeFile(t, filepath.Join(s.cfg.DataDir, "raft"), ".wal", f)
			mustBeCorrupt(t, s)
		})
	}
	t.Run("meta database", func(t *testing.T) {
		s := single(t)
		s.stop()
		changeFile(t, filepath.Join(s.cfg.DataDir, "raft"), "wal-meta.db", func(b []byte) []byte { clear(b[:8192]); return b })
		mustBeCorrupt(t, s)
	})
	t.Run("bolt entry", func(t *testing.T) {
		s := single(t, func(c *Config) { c.LogStore = LogBolt })
		propose(t, s, "value-20")
		s.stop()
		changeFile(t, filepath.Join(s.cfg.DataDir, "raft"), boltFile, func(b []byte) []byte {
			return bytes.ReplaceAll(b, []byte("value-20"), []byte("value-21"))
		})
		mustBeCorrupt(t, s)
	})
	t.Run("bolt cut short", func(t *testing.T) {
		s := single(t, func(c *Config) { c.LogStore = LogBolt })
		propose(t, s, "value-20")
		s.stop()
		changeFile(t, filepath.Join(s.cfg.DataDir, "raft"), boltFile, func(b []byte) []byte { return b[:8192] })
		mustBeCorrupt(t, s)
	})
}

func mustBeCorrupt(t *testing.T, s *server) {
	t.Helper()
	err := s.open()
	var c *CorruptError
	if !errors.As(err, &c) {
		t.Fatalf("error %v", err)
	}
	if !strings.HasPrefix(c.Path, s.cfg.DataDir) || !strings.Contains(err.Error(), "To recover") {
		t.Errorf("message %q", err)
	}
}

func changeFile(t *testing.T, dir, suffix string, change func([]byte) []byte) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, suffix) {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(path, change(b), 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A write that was cut off by a crash is no damage: it was never acknowledged.
func TestTornLastWriteIsForgotten(t *testing.T) {
	t.Parallel()
	s := single(t)
	propose(t, s, "value-1")
	before := s.machine.state
	propose(t, s, "value-2")
	s.stop()
	s.machine.state = before // the crash came before it was applied
	changeFile(t, filepath.Join(s.cfg.DataDir, "raft"), ".wal", func(b []byte) []byte {
		clear(b[bytes.Index(b, []byte("value-2"))+3:])
		return b
	})
	s.start()
	waitLeader(t, s)
	propose(t, s, "value-3")
	if got := strings.Join(s.machine.values(), " "); got != "value-1 value-3" {
		t.Errorf("applied %q", got)
	}
}

func TestDataDirectoryIsHeldByOneNode(t *testing.T) {
	t.Parallel()
	s := single(t)
	second := newServer(t, "b")
	second.cfg.DataDir = s.cfg.DataDir
	if err := second.open(); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("error %v", err)
	}
}

func TestOtherLogStoreIsRefused(t *testing.T) {
	t.Parallel()
	s := single(t)
	s.stop()
	s.cfg.LogStore = LogBolt
	if err := s.open(); err == nil || !strings.Contains(err.Error(), `another log store than "bolt"`) {
		t.Errorf("error %v", err)
	}
}

func BenchmarkLogStore(b *testing.B) {
	for _, kind := range []string{LogWAL, LogBolt} {
		for _, n := range []int{1, 64} {
			b.Run(fmt.Sprintf("%s/%d", kind, n), func(b *testing.B) {
				e, path, err := openEngine(b.TempDir(), kind, hclog.NewNullLogger())
				if err != nil {
					b.Fatal(err)
				}
				defer e.Close()
				s := newLogStore(e, path)
				data := bytes.Repeat([]byte("x"), 300)
				index := uint64(0)
				b.SetBytes(int64(300 * n))
				for b.Loop() {
					logs := make([]*raft.Log, n)
					for i := range logs {
						index++
						logs[i] = &raft.Log{Index: index, Term: 1, Data: data, AppendedAt: time.Now()}
					}
					if err := s.StoreLogs(logs); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
