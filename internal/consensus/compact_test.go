package consensus

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"
)

// noise is data that can't be compressed.
func noise(size int) []byte {
	b := make([]byte, 0, size+8)
	for len(b) < size {
		b = binary.BigEndian.AppendUint64(b, rand.Uint64())
	}
	return b[:size]
}

var smallLimits = limits{snapshotBytes: 2 << 20, keepBytes: 4 << 20, heldBytes: 8 << 20, restBytes: 1 << 20,
	keepFor: 200 * time.Millisecond, cutBytes: 512 << 10}

func TestLogIsBoundedInBytesAndShrinksWhenIdle(t *testing.T) {
	t.Parallel()
	for _, store := range []string{LogWAL, LogBolt} {
		t.Run(store, func(t *testing.T) {
			s := single(t, func(c *Config) { c.LogStore, c.limits = store, smallLimits })
			data := noise(200 << 10)
			most := int64(0)
			for range 150 { // 30 MB, in far fewer entries than call for a snapshot
				if _, _, err := s.node.Propose(t.Context(), data); err != nil {
					t.Fatal(err)
				}
				total, _ := s.node.LogBytes()
				most = max(most, total)
			}
			// A snapshot is taken beside the appends, so a few more of them come in meanwhile.
			if limit := smallLimits.keepBytes + smallLimits.snapshotBytes + 4<<20; most > limit {
				t.Errorf("the log had %d bytes, want at most %d", most, limit)
			}
			eventually(t, 10*time.Second, "small log though nothing is appended", func() bool {
				total, _ := s.node.LogBytes()
				return total <= smallLimits.rest()+1<<20
			})
			eventually(t, 10*time.Second, "rest", func() bool { return !s.node.compactor.timed.Load() })
		})
	}
}

// weigher is a ledger that knows how many bytes it was given at once.
type weigher struct {
	*ledger
	mu   sync.Mutex // guards most
	most int
}

func (w *weigher) Apply(entries []Entry) []any {
	n := 0
	for _, e := range entries {
		n += len(e.Data)
	}
	w.mu.Lock()
	w.most = max(w.most, n)
	w.mu.Unlock()
	return w.ledger.Apply(entries)
}

func TestServerThatCatchesUpIsGivenEntriesInPortions(t *testing.T) {
	t.Parallel()
	all := cluster(t, 3)
	leader := waitLeader(t, all...)
	late := all[(slices.Index(all, leader)+1)%3]
	late.stop()
	data := noise(300 << 10)
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			for range 10 {
				if _, _, err := leader.node.Propose(context.Background(), data); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	w := &weigher{ledger: late.machine}
	late.weigher = w
	late.start()
	sameValues(t, all...)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.most == 0 || w.most > batchBytes+len(data) {
		t.Errorf("%d bytes at once, want at most %d", w.most, batchBytes+len(data))
	}
}

func TestRequestsToFollowersAreBoundedInBytes(t *testing.T) {
	e, path, err := openEngine(t.TempDir(), LogWAL, hclog.NewNullLogger())
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	s := newLogStore(e, path)
	data := noise(1 << 20)
	request := &raft.AppendEntriesRequest{LeaderCommitIndex: 9}
	for i := range uint64(10) {
		if err := s.StoreLog(&raft.Log{Index: i + 1, Term: 1, Data: data}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range uint64(10) {
		l := new(raft.Log)
		if err := s.GetLog(i+1, l); err != nil {
			t.Fatal(err)
		}
		if len(l.Data) > 0 || l.Term != 1 || l.Index != i+1 {
			t.Errorf("entry %d of term %d comes with %d bytes, before they are needed", l.Index, l.Term, len(l.Data))
		}
		request.Entries = append(request.Entries, l)
	}
	if err := (sender{nil, s}).fit(request); err != nil {
		t.Fatal(err)
	}
	if n := len(request.Entries); n != batchBytes/len(data) || request.LeaderCommitIndex != uint64(n) {
		t.Errorf("%d entries, committed up to %d", n, request.LeaderCommitIndex)
	}
	for _, l := range request.Entries {
		if !bytes.Equal(l.Data, data) || len(l.Extensions) > 0 {
			t.Errorf("entry %d is sent with %d bytes and extensions %q", l.Index, len(l.Data), l.Extensions)
		}
	}
	if err := s.DeleteRange(5, 10); err != nil {
		t.Fatal(err)
	}
	request.Entries = []*raft.Log{{Index: 6, Term: 1, Type: raft.LogCommand, Extensions: stubMark}}
	if err := (sender{nil, s}).fit(request); !errors.Is(err, raft.ErrLogNotFound) {
		t.Errorf("a deleted entry: %v", err)
	}
}

// countingLog counts how often each entry is read.
type countingLog struct {
	raft.LogStore
	mu    sync.Mutex // guards reads
	reads map[uint64]int
}

func (c *countingLog) GetLog(index uint64, l *raft.Log) error {
	c.mu.Lock()
	c.reads[index]++
	c.mu.Unlock()
	return c.LogStore.GetLog(index, l)
}

func TestRestartReadsNoEntryTwice(t *testing.T) {
	t.Parallel()
	s := single(t)
	for range 20 {
		propose(t, s, string(noise(100<<10)))
	}
	proposeMany(t, s, "v", 300)
	last := s.node.LastIndex()
	s.stop()
	var counting *countingLog
	s.cfg.wrapLog = func(l raft.LogStore) raft.LogStore {
		counting = &countingLog{LogStore: l, reads: map[uint64]int{}}
		return counting
	}
	s.start()
	waitLeader(t, s)
	propose(t, s, "more")
	counting.mu.Lock()
	defer counting.mu.Unlock()
	for i, n := range counting.reads {
		if n > 1 && i < last-1 { // raft asks for the term of the end
			t.Errorf("entry %d is read %d times", i, n)
		}
	}
	noneTwice(t, s)
}

func TestLongLogOfAnOlderVersionIsCutOffAtTheStart(t *testing.T) {
	t.Parallel()
	s := single(t)
	for range 100 {
		propose(t, s, string(noise(100<<10)))
	}
	want := s.machine.values()
	s.stop()
	s.cfg.limits = smallLimits
	s.start()
	if total, _ := s.node.LogBytes(); total > smallLimits.keepBytes+1<<20 {
		t.Errorf("the log has %d bytes", total)
	}
	waitLeader(t, s)
	propose(t, s, "more")
	if !slices.Equal(s.machine.values(), append(want, "more")) {
		t.Error("the state differs")
	}
	noneTwice(t, s)
}

// writeLegacy writes a snapshot as older versions did.
func writeLegacy(t *testing.T, s *server, state ledgerState, index, term uint64) {
	t.Helper()
	store, err := raft.NewFileSnapshotStoreWithLogger(filepath.Join(s.cfg.DataDir, "raft"), 2, hclog.NewNullLogger())
	if err != nil {
		t.Fatal(err)
	}
	_, trans := raft.NewInmemTransport("")
	k, err := store.Create(raft.SnapshotVersionMax, index, term, configuration([]Server{s.self()}), 1, trans)
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(state)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range [][]byte{binary.BigEndian.AppendUint64([]byte(snapshotMagic), state.Index), body} {
		if _, err := k.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestSnapshotsOfAnOlderVersionBecomeAPoint(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]bool{"state is there": false, "state is older": true} {
		t.Run(name, func(t *testing.T) {
			s := single(t)
			proposeMany(t, s, "v", 50)
			middle := s.machine.state
			middle.Values = slices.Clone(middle.Values)
			term := s.node.Term()
			proposeMany(t, s, "w", 50)
			want := s.machine.values()
			s.stop()
			dir := filepath.Join(s.cfg.DataDir, "raft")
			writeLegacy(t, s, middle, middle.Index, term)
			if lose {
				s.machine.state = ledgerState{}
			}
			s.start()
			waitLeader(t, s)
			if !slices.Equal(s.machine.values(), want) {
				t.Errorf("%d values, want %d", len(s.machine.values()), len(want))
			}
			if _, err := os.Stat(filepath.Join(dir, legacyDir)); !os.IsNotExist(err) {
				t.Errorf("the copies are still there: %v", err)
			}
			noneTwice(t, s)
		})
	}
}

func TestCrashWhileAStateIsTakenOver(t *testing.T) {
	s := &snapshots{dir: t.TempDir(), logs: new(logStore)}
	old := &point{Meta: raft.SnapshotMeta{Index: 10}, Applied: 9}
	if err := s.set(old); err != nil {
		t.Fatal(err)
	}
	arrived := &point{Meta: raft.SnapshotMeta{Index: 30}, Applied: 28}
	for applied, want := range map[uint64]uint64{9: 10, 28: 30} {
		if err := writePoint(filepath.Join(s.dir, receivedFile), arrived); err != nil {
			t.Fatal(err)
		}
		if err := s.set(old); err != nil {
			t.Fatal(err)
		}
		if err := s.settle(applied); err != nil {
			t.Fatal(err)
		}
		p, err := readPoint(filepath.Join(s.dir, pointFile))
		if err != nil || p.Meta.Index != want || s.last().Meta.Index != want {
			t.Errorf("state at %d: point %+v, error %v", applied, p, err)
		}
		if _, err := os.Stat(filepath.Join(s.dir, receivedFile)); !os.IsNotExist(err) {
			t.Errorf("state at %d: the received point is still there: %v", applied, err)
		}
	}
}

func TestDamagedPointIsReported(t *testing.T) {
	t.Parallel()
	s := single(t)
	propose(t, s, "x")
	s.stop()
	s.start()
	s.stop()
	changeFile(t, filepath.Join(s.cfg.DataDir, "raft"), pointFile, func(b []byte) []byte { b[10] ^= 1; return b })
	mustBeCorrupt(t, s)
}

func TestLogIsKeptForTheReceiverOfAState(t *testing.T) {
	s := &snapshots{holds: make(map[*copied]hold)}
	now := time.Now()
	if _, ok := s.held(now); ok {
		t.Error("held for no receiver")
	}
	s.holds[new(copied)] = hold{index: 50}
	s.holds[&copied{store: s}] = hold{index: 30, until: now.Add(time.Second)}
	if first, ok := s.held(now); !ok || first != 30 {
		t.Errorf("held from %d, %v", first, ok)
	}
	if first, ok := s.held(now.Add(2 * time.Second)); !ok || first != 50 {
		t.Errorf("then held from %d, %v", first, ok)
	}
}

func TestLogIsNotKeptForAReceiverThatIsDown(t *testing.T) {
	t.Parallel()
	s := single(t)
	propose(t, s, "x")
	store := s.node.snapshots
	for _, tt := range []struct {
		sent int64
		held bool
	}{{0, false}, {4, true}} {
		_, r, err := store.Open("")
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := store.held(time.Now()); !ok {
			t.Error("not held while the copy is open")
		}
		if _, err := io.CopyN(io.Discard, r, tt.sent); err != nil {
			t.Fatal(err)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		if _, ok := store.held(time.Now()); ok != tt.held {
			t.Errorf("held: %v after %d bytes were sent", ok, tt.sent)
		}
	}
}

func TestLargeEntriesAreCompressedOnDisk(t *testing.T) {
	for _, kind := range []string{LogWAL, LogBolt} {
		t.Run(kind, func(t *testing.T) {
			e, path, err := openEngine(t.TempDir(), kind, hclog.NewNullLogger())
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			s := newLogStore(e, path)
			text := []byte(strings.Repeat("2026-11-28 21:00 INFO handled a request\n", 5000))
			random := noise(200_000)
			for i, data := range [][]byte{text, random} {
				if err := s.StoreLog(&raft.Log{Index: uint64(i + 1), Term: 1, Data: data}); err != nil {
					t.Fatal(err)
				}
			}
			var l raft.Log
			for i, want := range []struct {
				data []byte
				most int
			}{{text, 20_000}, {random, 201_000}} {
				stored, err := s.get(uint64(i+1), &l)
				if err != nil || !bytes.Equal(l.Data, want.data) || stored > want.most || len(l.Extensions) > 0 {
					t.Errorf("entry %d takes %d bytes, want at most %d; error %v", i+1, stored, want.most, err)
				}
			}
		})
	}
}
