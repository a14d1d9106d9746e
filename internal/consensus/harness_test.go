package consensus

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// ledger is a machine that remembers every entry. The value outlives the node, as a durable state does.
type ledger struct {
	mu      sync.Mutex // guards what follows
	state   ledgerState
	calls   int
	biggest int
	twice   []uint64 // entries that came again
	onApply func(Entry) any
	gate    chan struct{} // if set, a snapshot is written only when it is closed
	gated   chan struct{} // receives when one waits for that
}

type ledgerState struct {
	Index  uint64
	Values []string
}

func (l *ledger) Apply(entries []Entry) []any {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls++
	l.biggest = max(l.biggest, len(entries))
	results := make([]any, len(entries))
	for i, e := range entries {
		if l.onApply != nil {
			if r := l.onApply(e); r != nil {
				results[i] = r
				continue
			}
		}
		if e.Index <= l.state.Index {
			l.twice = append(l.twice, e.Index)
		}
		l.state.Index = e.Index
		l.state.Values = append(l.state.Values, string(e.Data))
		results[i] = len(l.state.Values)
	}
	return results
}

func (l *ledger) AppliedIndex() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state.Index
}

func (l *ledger) values() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.state.Values)
}

func (l *ledger) Snapshot() (Snapshot, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b, err := json.Marshal(l.state)
	return &ledgerSnapshot{b: b, gate: l.gate, gated: l.gated}, err
}

func (l *ledger) Restore(r io.Reader) error {
	var s ledgerState
	if err := json.NewDecoder(r).Decode(&s); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.state = s
	return nil
}

type ledgerSnapshot struct {
	b           []byte
	gate, gated chan struct{}
}

func (s *ledgerSnapshot) WriteTo(w io.Writer) (int64, error) {
	if s.gate != nil {
		select {
		case s.gated <- struct{}{}:
		default:
		}
		<-s.gate
	}
	return io.Copy(w, bytes.NewReader(s.b))
}

func (s *ledgerSnapshot) Close() error { return nil }

// sights is what an observer has seen.
type sights struct {
	mu       sync.Mutex // guards what follows
	moved    int
	written  []int64
	restored int
}

func (s *sights) snapshots() (written []int64, restored int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.written), s.restored
}

func (s *sights) SnapshotWritten(bytes int64, _ time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.written = append(s.written, bytes)
}

func (s *sights) SnapshotRestored(time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.restored++
}

func (s *sights) ServerMoved() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.moved++
}

// server is a node with what outlives it.
type server struct {
	t       testing.TB
	cfg     Config
	machine *ledger
	weigher Machine // in place of machine, if set
	node    *Node   // nil while it is stopped
}

func newServer(t testing.TB, id string) *server {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, machine: &ledger{}, cfg: Config{ID: id, AdvertiseAddr: ln.Addr().String(), DataDir: t.TempDir(),
		Listener: ln, LogStore: LogWAL, Multiplier: 3, Logger: testLogger(t, id)}}
	t.Cleanup(s.stop)
	return s
}

func testLogger(t testing.TB, id string) *slog.Logger {
	if os.Getenv("RAFT_TEST_LOG") == "" {
		return nil
	}
	return slog.New(slog.NewTextHandler(os.Stderr, nil)).With("node", id, "test", t.Name())
}

func (s *server) open() error {
	if s.cfg.Listener == nil {
		ln, err := net.Listen("tcp", s.cfg.AdvertiseAddr)
		if err != nil {
			return err
		}
		s.cfg.Listener = ln
	}
	var m Machine = s.machine
	if s.weigher != nil {
		m = s.weigher
	}
	n, err := Open(s.cfg, m)
	s.cfg.Listener = nil
	s.node = n
	return err
}

func (s *server) start() *server {
	s.t.Helper()
	if err := s.open(); err != nil {
		s.t.Fatalf("open %s: %v", s.cfg.ID, err)
	}
	return s
}

func (s *server) stop() {
	if s.cfg.Listener != nil {
		_ = s.cfg.Listener.Close()
		s.cfg.Listener = nil
	}
	if s.node == nil {
		return
	}
	if err := s.node.Close(); err != nil {
		s.t.Errorf("close %s: %v", s.cfg.ID, err)
	}
	s.node = nil
}

func (s *server) self() Server {
	return Server{ID: s.cfg.ID, Address: s.cfg.AdvertiseAddr, Voter: true}
}

// single returns a started cluster of one.
func single(t testing.TB, change ...func(*Config)) *server {
	t.Helper()
	s := newServer(t, "a")
	s.cfg.Multiplier = 1
	for _, c := range change {
		c(&s.cfg)
	}
	s.start()
	if err := s.node.Bootstrap([]Server{s.self()}); err != nil {
		t.Fatal(err)
	}
	waitLeader(t, s)
	return s
}

func cluster(t testing.TB, size int, change ...func(*Config)) []*server {
	t.Helper()
	var all []*server
	var set []Server
	for i := range size {
		s := newServer(t, string(rune('a'+i))) // slow timing, for slow machines
		for _, c := range change {
			c(&s.cfg)
		}
		all = append(all, s.start())
		set = append(set, s.self())
	}
	if err := all[0].node.Bootstrap(set); err != nil {
		t.Fatal(err)
	}
	waitLeader(t, all...)
	return all
}

// waitLeader returns the server that all running ones agree to be the leader, ready to take proposals.
func waitLeader(t testing.TB, all ...*server) *server {
	t.Helper()
	var leader *server
	eventually(t, 30*time.Second, "a leader", func() bool {
		leader = nil
		want := ""
		for _, s := range all {
			if s.node == nil {
				continue
			}
			id, _ := s.node.Leader()
			if id == "" || want != "" && id != want {
				return false
			}
			want = id
			if id == s.cfg.ID {
				leader = s
			}
		}
		if leader == nil {
			return false
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		return leader.node.Barrier(ctx) == nil
	})
	return leader
}

func eventually(t testing.TB, limit time.Duration, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("no %s within %v", what, limit)
		}
	}
}

func propose(t testing.TB, s *server, value string) uint64 {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, index, err := s.node.Propose(ctx, []byte(value))
	if err != nil {
		t.Fatalf("propose %q: %v", value, err)
	}
	return index
}

func proposeMany(t testing.TB, s *server, prefix string, count int) {
	t.Helper()
	var wg sync.WaitGroup
	errs := make(chan error, count)
	for i := range count {
		wg.Go(func() {
			_, _, err := s.node.Propose(t.Context(), fmt.Appendf(nil, "%s%d", prefix, i))
			errs <- err
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func noneTwice(t testing.TB, all ...*server) {
	t.Helper()
	for _, s := range all {
		s.machine.mu.Lock()
		if len(s.machine.twice) > 0 {
			t.Errorf("%s applied twice: %v", s.cfg.ID, s.machine.twice)
		}
		s.machine.mu.Unlock()
	}
}

// sameValues waits until all servers hold what the first holds.
func sameValues(t testing.TB, all ...*server) {
	t.Helper()
	eventually(t, 30*time.Second, "equal state", func() bool {
		want := all[0].machine.values()
		for _, s := range all[1:] {
			if !slices.Equal(s.machine.values(), want) {
				return false
			}
		}
		return true
	})
	noneTwice(t, all...)
}

var errNever = errors.New("never")
