package rpc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"dkron"
	"dkron/internal/audit"
	"dkron/internal/authority"
	"dkron/internal/codec"
	"dkron/internal/deliver"
	"dkron/internal/keyring"
	"dkron/internal/nodetls"
	"dkron/internal/plugins"
	"dkron/internal/request"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var quiet = slog.New(slog.DiscardHandler)

// fake is a leader and its cluster. It records the calls that it gets and answers with the fields below.
type fake struct {
	mu     sync.Mutex // guards the fields below
	asked  []string
	err    error
	panics bool
	until  time.Time // deadline of the last request

	attach func(ctx context.Context, link NodeLink) error              // set before serving
	serve  func(ctx context.Context, send func(*HTTPPart) error) error // likewise
	leave  func()                                                      // may be nil
}

var (
	aRecord      = dkron.Record{Job: dkron.Job{Name: "job", Retries: 3}, Progress: dkron.Progress{SuccessCount: 9}}
	aLaunched    = dkron.Launched{Launch: dkron.Launch{Job: "job", Group: 5}, Before: aRecord}
	aPart        = HTTPPart{Status: 201, Header: []HTTPField{{Name: "A", Value: "b"}, {Name: "A", Value: "c"}}, Body: []byte("body"), Flush: true}
	aChunk       = dkron.Chunk{Key: dkron.ExecutionKey{Launch: 1, Slot: 2}, Offset: 3, Data: []byte("x")}
	aLoad        = dkron.NodeLoad{Node: "n", CPU: 1, High: []dkron.High{{What: dkron.HighCPU}}}
	aDescription = plugins.Description{Schema: []byte("{}")}
	aPlugin      = plugins.Plugin{Kind: "executor", Name: "hello", State: plugins.Running, PID: 7}
	anEnrolReply = authority.EnrolReply{Certificate: []byte("c"), Trust: authority.Trust{Trust: nodetls.Trust{Version: 3, Strict: true}}}
	aPeer        = Peer{Node: "n", ID: "i", Address: "a", Leader: true, Voter: true}
)

func (f *fake) note(format string, args ...any) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, fmt.Sprintf(format, args...))
	if f.panics {
		panic("oh")
	}
	return f.err
}

func (f *fake) answer(err error, panics bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err, f.panics = err, panics
}

func (f *fake) last() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.asked) == 0 {
		return ""
	}
	return f.asked[len(f.asked)-1]
}

// Do records the request's name, content and caller, and answers with replyTo.
func (f *fake) Do(ctx context.Context, r request.Request) (request.Reply, uint64, error) {
	if err := f.note("%s %x for %q", r.Name(), codec.Encode(r), dkron.Actor(ctx)); err != nil {
		return nil, 0, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.until, _ = ctx.Deadline()
	k, _ := request.KindOf(r)
	return replyTo(k), 42, nil
}

func (f *fake) Status() ServerStatus {
	f.note("Status")
	return ServerStatus{Applied: 7, Leader: "n1"}
}

func (f *fake) Report() ServerReport {
	f.note("Report")
	return ServerReport{Term: 3, Applied: 7, Last: 8, Reason: "why"}
}

func (f *fake) ProposeFounding(p Proposal) ProposalAnswer {
	f.note("ProposeFounding %+v", p)
	return ProposalAnswer{Granted: true, HasState: true, Holder: "why"}
}

func (f *fake) ServeHTTPRequest(ctx context.Context, r *HTTPRequest, send func(*HTTPPart) error) error {
	if f.serve != nil {
		return f.serve(ctx, send)
	}
	if err := f.note("HTTP %s %s %v %s %s %s", r.Method, r.URI, r.Header, r.Body, r.Host, r.Remote); err != nil {
		return err
	}
	return errors.Join(send(&aPart), send(&HTTPPart{Body: []byte("more")}))
}

func (f *fake) Output(keys []dkron.ExecutionKey, from []uint64) []dkron.Chunk {
	f.note("Output %v from %v", keys, from)
	return []dkron.Chunk{aChunk}
}

func (f *fake) Before(q *audit.Question) (*audit.Answer, error) {
	return &audit.Answer{Records: []dkron.AuditRecord{{Number: 8}}}, f.note("Audit before %d: %d", q.Before, q.Limit)
}

func (f *fake) Loads() []dkron.NodeLoad {
	_ = f.note("Loads")
	return []dkron.NodeLoad{aLoad}
}

func (f *fake) Peers() ([]Peer, error) {
	return []Peer{aPeer}, f.note("Peers")
}

func (f *fake) RemovePeer(_ context.Context, r PeerRequest) (PeerReply, error) {
	return PeerReply{Note: "note"}, f.note("RemovePeer %s %t", r.ID, r.Direct)
}

func (f *fake) Enrol(_ nodetls.Peer, r *authority.EnrolRequest) (*authority.EnrolReply, error) {
	return &anEnrolReply, f.note("Enrol %s", r.Name)
}

func (f *fake) TrustSince(r *authority.TrustRequest) (*authority.Trust, error) {
	return &anEnrolReply.Trust, f.note("Trust %d", r.Version)
}

func (f *fake) ExpelNode(_ context.Context, r *authority.ExpelRequest) (*authority.ExpelReply, error) {
	return &authority.ExpelReply{Note: "note"}, f.note("Expel %s %t", r.Node, r.Direct)
}

func (f *fake) List(context.Context) (*authority.Certificates, error) {
	return &authority.Certificates{Authority: "f"}, f.note("Certificates")
}

func (f *fake) Name() string { return "fake" }

func (f *fake) Leave(context.Context) (LeaveReply, error) {
	if f.leave != nil {
		f.leave()
	}
	return LeaveReply{Node: "n1", Kept: "why"}, f.note("Leave")
}

func (f *fake) SetLogLevel(l LogLevel) (*LogLevel, error) {
	return &LogLevel{Level: l.Level, Node: "n1", Before: "info"}, f.note("SetLogLevel %s", l.Level)
}

func (f *fake) Plugins() []plugins.Plugin {
	_ = f.note("Plugins")
	return []plugins.Plugin{aPlugin}
}

func (f *fake) DescribePlugin(s plugins.Subject) (*plugins.Description, error) {
	return &aDescription, f.note("DescribePlugin %s %s", s.Kind, s.Name)
}

func (f *fake) RestartPlugin(ctx context.Context, r plugins.Restart) (*plugins.Plugin, error) {
	return &aPlugin, f.note("RestartPlugin %s %s for %q", r.Kind, r.Name, dkron.Actor(ctx))
}

func (f *fake) Process(_ context.Context, c *deliver.Call) (*deliver.Answer, error) {
	return &deliver.Answer{Error: "full", Hopeless: true}, f.note("Process %d %s %v %s", c.Term, c.Processor, c.Config, c.Execution.Output)
}

func (f *fake) DropOutput(d *deliver.Drop) error {
	return f.note("DropOutput %d %v", d.Term, d.Execution)
}

func (f *fake) ChangeKeys(c *keyring.Change) (*keyring.Keys, error) {
	return &keyring.Keys{IDs: []string{"a"}}, f.note("ChangeKeys %s %s %s", c.Act, c.ID, c.Sealed)
}

func (f *fake) ChangeAll(_ context.Context, r *keyring.Request) (*keyring.Report, error) {
	return &keyring.Report{ID: "a"}, f.note("Keys %s %s %s %t", r.Act, r.ID, r.Key, r.Force)
}

func (f *fake) Answer(_ context.Context, _ nodetls.Peer, q *dkron.SecretQuestion) (*dkron.SecretAnswer, error) {
	return &dkron.SecretAnswer{Values: []dkron.SecretValue{{Text: "v"}}}, f.note("Secrets for %s of %v: %v", q.Node, q.Key, q.Names)
}

func (f *fake) Attach(ctx context.Context, link NodeLink) error { return f.attach(ctx, link) }

// serve serves f on loopback until the test ends. An agent has no services of a server.
func serve(t testing.TB, f *fake, agent bool) (*Server, string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var leader request.Doer
	var cluster *Cluster
	if !agent {
		leader, cluster = f, &Cluster{f, f, f, f, f, f, f, f, f, f, nil}
	}
	s := NewServer(NewPort(l, 1000, nil, quiet), f, leader, cluster, nil)
	done := make(chan error, 1)
	go func() { done <- s.Serve() }()
	t.Cleanup(func() {
		s.Close()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("Serve ended with %v", err)
			}
		case <-time.After(time.Minute):
			t.Error("Serve still runs after Close")
		}
	})
	return s, l.Addr().String()
}

func client(t testing.TB, addr string) *Client {
	t.Helper()
	p := NewPool(nobody{}, nil)
	t.Cleanup(p.Close)
	c, err := p.Client(addr)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// parts reads all parts of an answer.
func parts(a *HTTPAnswer) (all []HTTPPart, err error) {
	for {
		p, err := a.Recv()
		if err == io.EOF {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		all = append(all, *p)
	}
}
