package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"dkron"
	"dkron/internal/codec"
	"dkron/plugin"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// executor counts what it starts. do is what an execution does; nil succeeds at once.
type executor struct {
	do func(ctx context.Context, r *plugin.ExecuteRequest, s plugin.Status) (*plugin.ExecuteResponse, error)

	mu     sync.Mutex // guards starts
	starts []string   // by execution id
}

func (e *executor) Execute(ctx context.Context, r *plugin.ExecuteRequest, s plugin.Status) (*plugin.ExecuteResponse, error) {
	e.mu.Lock()
	e.starts = append(e.starts, r.JobName+"/"+r.ExecutionID)
	e.mu.Unlock()
	if e.do == nil {
		return &plugin.ExecuteResponse{}, nil
	}
	return e.do(ctx, r, s)
}

func (e *executor) started() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.starts)
}

// adopter is an executor whose work outlives the agent.
type adopter struct {
	executor
	adopt func(ctx context.Context, r *plugin.ExecuteRequest, handle []byte, s plugin.Status) (*plugin.ExecuteResponse, error)
}

func (e *adopter) Adopt(ctx context.Context, r *plugin.ExecuteRequest, handle []byte, s plugin.Status) (*plugin.ExecuteResponse, error) {
	return e.adopt(ctx, r, handle, s)
}

// untilStopped runs until the agent is closed.
func untilStopped(ctx context.Context, _ *plugin.ExecuteRequest, _ plugin.Status) (*plugin.ExecuteResponse, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func open(t testing.TB, dir string, e plugin.Executor) *Agent {
	t.Helper()
	a, err := Open(Config{NodeName: "n1", DataDir: dir, Executors: map[string]plugin.Executor{"test": e}, Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	return a
}

// crash returns a data directory as a crash of the process would leave it now.
func crash(t testing.TB, dir string) string {
	t.Helper()
	data, err := os.ReadFile(journalOf(dir))
	if err != nil {
		t.Fatal(err)
	}
	left := t.TempDir()
	write(t, left, data)
	return left
}

func journalOf(dir string) string { return filepath.Join(dir, "agent", "journal") }

func write(t testing.TB, dir string, data []byte) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Join(dir, "agent"), 0o700), os.WriteFile(journalOf(dir), data, 0o600)); err != nil {
		t.Fatal(err)
	}
}

// leader is the other end of a stream, in memory. What passes it is written and read as on the wire.
type leader struct {
	t     testing.TB
	term  uint64
	ctx   context.Context
	cut   context.CancelFunc
	in    chan *dkron.ToNode
	done  chan error // what Attach returned
	skew  time.Duration
	began time.Time

	mu   sync.Mutex // guards the fields below
	got  []*dkron.FromNode
	read int
}

func attach(t testing.TB, a *Agent, term uint64) *leader {
	return attachSkewed(t, a, term, 0)
}

func attachSkewed(t testing.TB, a *Agent, term uint64, skew time.Duration) *leader {
	ctx, cut := context.WithCancel(context.Background())
	l := &leader{t: t, term: term, ctx: ctx, cut: cut, in: make(chan *dkron.ToNode, 100), done: make(chan error, 1), skew: skew, began: time.Now()}
	l.say(&dkron.ToNode{})
	go func() {
		err := a.Attach(ctx, l)
		cut() // as gRPC does when the handler returns
		l.done <- err
	}()
	t.Cleanup(cut)
	return l
}

func copyOf[T any, P interface {
	*T
	codec.Message
}](m P) P {
	out := P(new(T))
	if err := codec.Decode(codec.Encode(m), out); err != nil {
		panic(err)
	}
	return out
}

func (l *leader) Send(m *dkron.FromNode) error {
	if l.ctx.Err() != nil {
		return l.ctx.Err()
	}
	m = copyOf(m)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.got = append(l.got, m)
	return nil
}

func (l *leader) Recv() (*dkron.ToNode, error) {
	select {
	case m := <-l.in:
		return m, nil
	case <-l.ctx.Done():
		return nil, l.ctx.Err()
	}
}

func (l *leader) say(m *dkron.ToNode) {
	m = copyOf(m)
	m.Term, m.Leader = l.term, "leader"
	if m.SentAt.IsZero() {
		m.SentAt = time.Now()
	}
	m.Elapsed = m.SentAt.Sub(l.began) + 1
	m.SentAt = m.SentAt.Add(l.skew).Round(0)
	l.in <- m
}

func (l *leader) order(orders ...dkron.Order) { l.say(&dkron.ToNode{Orders: orders}) }

func (l *leader) accepted(refs ...dkron.ExecutionRef) { l.say(&dkron.ToNode{Accepted: refs}) }

// messages returns what has come since the last call.
func (l *leader) messages() []*dkron.FromNode {
	synctest.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	out := l.got[l.read:]
	l.read = len(l.got)
	return out
}

// results returns the results that have come since the last call.
func (l *leader) results() (out []dkron.Result) {
	for _, m := range l.messages() {
		out = append(out, m.Results...)
	}
	return out
}

// only returns the one result that has come since the last call.
func (l *leader) only() dkron.Result {
	l.t.Helper()
	r := l.results()
	if len(r) != 1 {
		l.t.Fatalf("%d results have come, want one: %v", len(r), summary(r))
	}
	return r[0]
}

// ended returns what Attach returned; it must have.
func (l *leader) ended() error {
	l.t.Helper()
	synctest.Wait()
	select {
	case err := <-l.done:
		if err == nil {
			l.t.Fatal("Attach ended without an error")
		}
		return err
	default:
		l.t.Fatal("the stream continues")
		return nil
	}
}

func (l *leader) goesOn() {
	l.t.Helper()
	synctest.Wait()
	select {
	case err := <-l.done:
		l.t.Fatalf("the stream ended: %v", err)
	default:
	}
}

func summary(rs []dkron.Result) string {
	var b strings.Builder
	for _, r := range rs {
		fmt.Fprintf(&b, "%s:%s(%s) ", r.JobName, r.Outcome, r.Error)
	}
	return b.String()
}

func order(job string, launch uint64) dkron.Order {
	return dkron.Order{
		Key: dkron.ExecutionKey{Launch: launch}, JobName: job, Group: int64(launch) * 1000, Attempt: 1,
		Nominal: time.Unix(1_700_000_000, 0).UTC(), Executor: "test", Config: map[string]string{"k": "v"},
	}
}

// bubble runs a test in virtual time, and closes what it opened within it.
func bubble(t *testing.T, f func(t *testing.T)) { synctest.Test(t, f) }
