package rpc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/status"

	"dkron"
	"dkron/internal/codec"
	"dkron/internal/proxy"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var quiet = slog.New(slog.DiscardHandler)

// fake is a server's use cases and cluster. It notes what it is asked and answers with the fields below.
type fake struct {
	mu     sync.Mutex // guards the fields below
	asked  []string
	err    error
	panics bool

	attach func(ctx context.Context, link NodeLink) error              // set before serving
	serve  func(ctx context.Context, send func(*HTTPPart) error) error // likewise
	leave  func()                                                      // may be nil
}

var (
	aRecord   = dkron.Record{Job: dkron.Job{Name: "job", Retries: 3}, Progress: dkron.Progress{SuccessCount: 9}}
	aLaunched = dkron.Launched{Launch: dkron.Launch{Job: "job", Group: 5}, Before: aRecord}
	aPart     = HTTPPart{Status: 201, Header: []HTTPField{{"A", "b"}, {"A", "c"}}, Body: []byte("body"), Flush: true}
	aChunk    = dkron.Chunk{Key: dkron.ExecutionKey{Launch: 1, Slot: 2}, Offset: 3, Data: []byte("x")}
	aPeer     = Peer{Node: "n", ID: "i", Address: "a", Leader: true, Voter: true}
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

func (f *fake) record(format string, args ...any) (*dkron.Record, uint64, error) {
	if err := f.note(format, args...); err != nil {
		return nil, 0, err
	}
	r := aRecord
	return &r, 42, nil
}

func (f *fake) SetJob(_ context.Context, j dkron.Record) (*dkron.Record, uint64, error) {
	return f.record("SetJob %s %d %d", j.Job.Name, j.Job.Retries, j.Progress.SuccessCount)
}

func (f *fake) DeleteJob(_ context.Context, n string, stop *dkron.Stop) (*dkron.Record, uint64, error) {
	return f.record("DeleteJob %s %+v", n, stop)
}

func (f *fake) ToggleJob(_ context.Context, n string) (*dkron.Record, uint64, error) {
	return f.record("ToggleJob %s", n)
}

func (f *fake) ClearExecutions(_ context.Context, n string) (*dkron.Record, uint64, error) {
	return f.record("ClearExecutions %s", n)
}

func (f *fake) RunJob(_ context.Context, n string, c dkron.Cause) (*dkron.Launched, uint64, error) {
	if err := f.note("RunJob %s %s", n, c); err != nil {
		return nil, 0, err
	}
	l := aLaunched
	return &l, 42, nil
}

func (f *fake) SetPaused(_ context.Context, p bool) (uint64, error) {
	return 42, f.note("SetPaused %t", p)
}

func (f *fake) RevertJob(_ context.Context, n string, revision uint64) (*dkron.Record, uint64, error) {
	return f.record("RevertJob %s %d", n, revision)
}

func (f *fake) Restore(_ context.Context, jobs []dkron.Record) ([]string, uint64, error) {
	_, index, err := f.record("Restore %d", len(jobs))
	return []string{"a"}, index, err
}

func (f *fake) Stop(_ context.Context, what dkron.StopTarget, reason string) (uint64, uint64, error) {
	_, index, err := f.record("Stop %v %s", what, reason)
	return 3, index, err
}

func (f *fake) Configure(_ context.Context, s dkron.Settings) (uint64, error) {
	_, index, err := f.record("Configure %d", s.TotalBytes)
	return index, err
}

func (f *fake) ReadIndex(context.Context) (uint64, error) { return 42, f.note("ReadIndex") }

func (f *fake) ServerStatus() ServerStatus {
	f.note("Status")
	return ServerStatus{Applied: 7, Leader: "n1"}
}

func (f *fake) Report() ServerReport {
	f.note("Report")
	return ServerReport{Term: 3, Applied: 7, Last: 8, Reason: "why"}
}

func (f *fake) ProposeFounding(p Proposal) ProposalAnswer {
	f.note("ProposeFounding %+v", p)
	return ProposalAnswer{Granted: true, HasState: true, Reason: "why"}
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

func (f *fake) Peers() ([]Peer, error) {
	return []Peer{aPeer}, f.note("Peers")
}

func (f *fake) RemovePeer(_ context.Context, r PeerRequest) (PeerReply, error) {
	return PeerReply{Note: "note"}, f.note("RemovePeer %s %t", r.ID, r.Direct)
}

func (f *fake) Name() string { return "fake" }

func (f *fake) Leave(context.Context) (LeaveReply, error) {
	if f.leave != nil {
		f.leave()
	}
	return LeaveReply{Node: "n1", Kept: "why"}, f.note("Leave")
}

func (f *fake) Attach(ctx context.Context, link NodeLink) error { return f.attach(ctx, link) }

// serve serves f on loopback until the test ends. An agent has no services of a server.
func serve(t testing.TB, f *fake, agent bool) (*Server, string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var control proxy.Controller
	var cluster Cluster
	if !agent {
		control, cluster = f, f
	}
	s := NewServer(l, 1000, f, control, cluster, nil, quiet)
	done := make(chan error, 1)
	go func() { done <- s.Serve() }()
	t.Cleanup(func() {
		s.Close()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("Serve ended with %v", err)
			}
		case <-time.After(5 * time.Second):
			t.Error("Serve goes on behind Close")
		}
	})
	return s, l.Addr().String()
}

func client(t testing.TB, addr string) *Client {
	t.Helper()
	p := NewPool(nobody{})
	t.Cleanup(p.Close)
	c, err := p.Client(addr)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// parts reads an answer to its end.
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

// methods is every method: a call of it, what the server is asked, and what the client gets.
var methods = map[string]struct {
	call func(ctx context.Context, c *Client) (any, error)
	asks string
	want any
}{
	"SetJob": {func(ctx context.Context, c *Client) (any, error) {
		r, i, err := c.SetJob(ctx, aRecord)
		return []any{r, i}, err
	}, "SetJob job 3 9", []any{&aRecord, uint64(42)}},
	"DeleteJob": {func(ctx context.Context, c *Client) (any, error) {
		r, i, err := c.DeleteJob(ctx, "x", &dkron.Stop{Reason: "old"})
		return []any{r, i}, err
	}, "DeleteJob x &{At:0001-01-01 00:00:00 +0000 UTC By: Reason:old}", []any{&aRecord, uint64(42)}},
	"ToggleJob": {func(ctx context.Context, c *Client) (any, error) {
		r, i, err := c.ToggleJob(ctx, "x")
		return []any{r, i}, err
	}, "ToggleJob x", []any{&aRecord, uint64(42)}},
	"ClearExecutions": {func(ctx context.Context, c *Client) (any, error) {
		r, i, err := c.ClearExecutions(ctx, "x")
		return []any{r, i}, err
	}, "ClearExecutions x", []any{&aRecord, uint64(42)}},
	"RunJob": {func(ctx context.Context, c *Client) (any, error) {
		r, i, err := c.RunJob(ctx, "x", dkron.CauseManual)
		return []any{r, i}, err
	}, "RunJob x manual", []any{&aLaunched, uint64(42)}},
	"SetPaused": {func(ctx context.Context, c *Client) (any, error) {
		i, err := c.SetPaused(ctx, true)
		return i, err
	}, "SetPaused true", uint64(42)},
	"ReadIndex": {func(ctx context.Context, c *Client) (any, error) {
		i, err := c.ReadIndex(ctx)
		return i, err
	}, "ReadIndex", uint64(42)},
	"Status": {func(ctx context.Context, c *Client) (any, error) { return c.Status(ctx) },
		"Status", &ServerStatus{Applied: 7, Leader: "n1"}},
	"Report": {func(ctx context.Context, c *Client) (any, error) { return c.Report(ctx) },
		"Report", &ServerReport{Term: 3, Applied: 7, Last: 8, Reason: "why"}},
	"ProposeFounding": {func(ctx context.Context, c *Client) (any, error) {
		return c.ProposeFounding(ctx, &Proposal{"n1", []string{"a", "b"}, []string{"c"}})
	}, "ProposeFounding {Coordinator:n1 IDs:[a b] Addresses:[c]}", &ProposalAnswer{Granted: true, HasState: true, Reason: "why"}},
	"HTTP": {func(ctx context.Context, c *Client) (any, error) {
		a, err := c.HTTP(ctx, &HTTPRequest{"POST", "/v1/jobs?x", []HTTPField{{"H", "v"}, {"H", "w"}}, []byte("b"), "host", "1.2.3.4:5"})
		if err != nil {
			return nil, err
		}
		return parts(a)
	}, "HTTP POST /v1/jobs?x [{H v} {H w}] b host 1.2.3.4:5", []HTTPPart{aPart, {Body: []byte("more")}}},
	"RevertJob": {func(ctx context.Context, c *Client) (any, error) {
		r, _, err := c.RevertJob(ctx, "a", 3)
		return r, err
	}, "RevertJob a 3", &aRecord},
	"Restore": {func(ctx context.Context, c *Client) (any, error) {
		names, _, err := c.Restore(ctx, []dkron.Record{aRecord, aRecord})
		return names, err
	}, "Restore 2", []string{"a"}},
	"Stop": {func(ctx context.Context, c *Client) (any, error) {
		n, _, err := c.Stop(ctx, dkron.StopTarget{Job: "a", Group: 1, Execution: "e"}, "why")
		return n, err
	}, "Stop {a 1 e} why", uint64(3)},
	"Configure": {func(ctx context.Context, c *Client) (any, error) {
		return c.Configure(ctx, dkron.Settings{TotalBytes: 9})
	}, "Configure 9", uint64(42)},
	"Output": {func(ctx context.Context, c *Client) (any, error) {
		return c.Output(ctx, []dkron.ExecutionKey{{Launch: 4, Slot: 5}}, []uint64{6})
	}, "Output [{4 5}] from [6]", []dkron.Chunk{aChunk}},
	"Peers": {func(ctx context.Context, c *Client) (any, error) { return c.Peers(ctx) }, "Peers", []Peer{aPeer}},
	"RemovePeer": {func(ctx context.Context, c *Client) (any, error) {
		return c.RemovePeer(ctx, PeerRequest{ID: "x", Direct: true})
	}, "RemovePeer x true", &PeerReply{Note: "note"}},
	"Leave": {func(ctx context.Context, c *Client) (any, error) { return c.Leave(ctx) },
		"Leave", &LeaveReply{Node: "n1", Kept: "why"}},
}

func TestEveryMethodCarriesItsArgumentsAndAnswer(t *testing.T) {
	f := new(fake)
	_, addr := serve(t, f, false)
	c := client(t, addr)
	var names []string
	for _, m := range slices.Concat(serverMethods.Methods, nodeMethods.Methods) {
		names = append(names, m.MethodName)
	}
	for _, m := range serverMethods.Streams {
		names = append(names, m.StreamName)
	}
	for _, name := range names {
		x, ok := methods[name]
		if !ok {
			t.Errorf("%s is not tested", name)
			continue
		}
		got, err := x.call(t.Context(), c)
		if err != nil || f.last() != x.asks || !reflect.DeepEqual(got, x.want) {
			t.Errorf("%s: asked %q, got %+v, %v", name, f.last(), got, err)
		}
	}
}

func TestErrorsKeepTheirKindAndText(t *testing.T) {
	f := new(fake)
	_, addr := serve(t, f, false)
	c := client(t, addr)
	all := []error{
		dkron.ErrInvalid, dkron.ErrNotFound, dkron.ErrNoParent, dkron.ErrConflict, dkron.ErrNoTarget, dkron.ErrPaused,
		dkron.ErrNoLeader, dkron.ErrUnavailable,
	}
	for _, kind := range all {
		for _, err := range []error{kind, fmt.Errorf("job %q: %w", "ä\n", kind), dkron.Error(kind, "only this")} {
			f.answer(err, false)
			for name, m := range methods {
				if name == "Status" || name == "Report" || name == "ProposeFounding" || name == "Output" {
					continue // these can't fail
				}
				_, got := m.call(t.Context(), c)
				if got == nil || got.Error() != err.Error() {
					t.Errorf("%s: %v became %v", name, err, got)
				}
				for _, other := range all {
					if errors.Is(got, other) != (other == kind) {
						t.Errorf("%s: %v is of kind %v: %t", name, err, other, errors.Is(got, other))
					}
				}
			}
		}
	}
	f.answer(errors.New("of no kind"), false)
	if _, err := c.SetPaused(t.Context(), true); !errors.Is(err, dkron.ErrUnavailable) || !strings.Contains(err.Error(), "of no kind") {
		t.Errorf("an error of no kind: %v", err)
	}
}

func TestPanicOfAHandlerIsAnError(t *testing.T) {
	f := &fake{attach: func(context.Context, NodeLink) error { panic("oh") }}
	_, addr := serve(t, f, false)
	c := client(t, addr)
	f.answer(nil, true)
	for name, m := range methods {
		f.answer(nil, true)
		if _, err := m.call(t.Context(), c); !errors.Is(err, dkron.ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
		if !f.mu.TryLock() {
			t.Fatalf("%s: the panic left the fake locked", name)
		}
		f.mu.Unlock()
	}
	link, err := Attach(t.Context(), "fake", addr, nobody{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := link.Recv(); status.Code(err) != codes.Internal {
		t.Errorf("Attach: %v", err)
	}
	f.answer(nil, false)
	if _, err := c.Status(t.Context()); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

func TestAgentHasTheServicesOfANodeButNotOfAServer(t *testing.T) {
	f := &fake{attach: func(context.Context, NodeLink) error { return nil }}
	_, addr := serve(t, f, true)
	c := client(t, addr)
	for name, m := range methods {
		_, err := m.call(t.Context(), c)
		if name == "Leave" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		} else if !errors.Is(err, dkron.ErrUnavailable) || !errors.Is(err, ErrUnserved) {
			t.Errorf("%s: %v", name, err)
		}
	}
	link, err := Attach(t.Context(), "fake", addr, nobody{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := link.Recv(); err != io.EOF {
		t.Errorf("the stream of a node: %v", err)
	}
}

func TestUnreachableNodeIsUnavailableSoon(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	began := time.Now()
	_, err = client(t, addr).Status(t.Context())
	if !errors.Is(err, dkron.ErrUnavailable) || !errors.Is(err, ErrUnreachable) || time.Since(began) > 5*time.Second {
		t.Errorf("%v after %s", err, time.Since(began))
	}
}

func TestANodeThatTakesConnectionsAndSaysNothingIsUnreachableInTime(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	pool := NewPatientPool(300 * time.Millisecond)
	defer pool.Close()
	c, err := pool.Client(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if _, err := c.Leave(t.Context()); !errors.Is(err, ErrUnreachable) || time.Since(began) > 3*time.Second {
		t.Errorf("%v after %s", err, time.Since(began))
	}
}

func TestACallUnderWayIsAnsweredWhenTheServerCloses(t *testing.T) {
	asked, answer := make(chan struct{}), make(chan struct{})
	f := &fake{leave: func() { close(asked); <-answer }}
	s, addr := serve(t, f, true)
	c := client(t, addr)
	got := make(chan error, 1)
	go func() {
		_, err := c.Leave(t.Context())
		got <- err
	}()
	<-asked
	close(answer)
	s.Close()
	if err := <-got; err != nil {
		t.Error(err)
	}
}

func TestStreamCarriesOrdersAndReportsBothWays(t *testing.T) {
	order := dkron.ToNode{Term: 3, Leader: "n1", SentAt: time.Unix(1, 2).UTC(), Orders: []dkron.Order{{JobName: "job"}}}
	report := dkron.FromNode{Term: 3, Results: []dkron.Result{{JobName: "job", Output: make([]byte, 8<<20)}}} // over gRPC's own limit
	ended := make(chan error, 1)
	f := &fake{attach: func(ctx context.Context, link NodeLink) error {
		for {
			m, err := link.Recv()
			if err != nil {
				ended <- err
				return ctx.Err()
			}
			if !reflect.DeepEqual(*m, order) {
				return fmt.Errorf("got %+v", m)
			}
			if err := link.Send(&report); err != nil {
				return err
			}
		}
	}}
	_, addr := serve(t, f, false)
	ctx, cancel := context.WithCancel(t.Context())
	link, err := Attach(ctx, "fake", addr, nobody{})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := link.Send(&order); err != nil {
			t.Fatal(err)
		}
		m, err := link.Recv()
		if err != nil || !reflect.DeepEqual(*m, report) {
			t.Fatalf("%v", err)
		}
	}
	cancel()
	select {
	case err := <-ended:
		if err == nil {
			t.Error("no error")
		}
	case <-time.After(5 * time.Second):
		t.Error("the node's end goes on when the leader's context has ended")
	}
	if _, err := link.Recv(); err == nil {
		t.Error("the leader's end goes on")
	}
}

func TestAnAnswerInPartsArrivesAsItIsSentAndEndsWithItsClient(t *testing.T) {
	next := make(chan struct{})
	ended := make(chan error, 1)
	f := &fake{serve: func(ctx context.Context, send func(*HTTPPart) error) error {
		for {
			select {
			case <-next:
				if err := send(&aPart); err != nil {
					return err
				}
			case <-ctx.Done():
				ended <- ctx.Err()
				return ctx.Err()
			}
		}
	}}
	_, addr := serve(t, f, false)
	ctx, cancel := context.WithCancel(t.Context())
	a, err := client(t, addr).HTTP(ctx, new(HTTPRequest))
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		next <- struct{}{}
		if p, err := a.Recv(); err != nil || !reflect.DeepEqual(*p, aPart) {
			t.Fatalf("%+v, %v", p, err)
		}
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := a.Recv(); err == nil || err == io.EOF {
		t.Errorf("an answer that was given up ends with %v", err)
	}
}

func TestAnAnswerThatBreaksOffDoesNotLookWhole(t *testing.T) {
	f := &fake{serve: func(_ context.Context, send func(*HTTPPart) error) error {
		if err := send(&aPart); err != nil {
			return err
		}
		panic("aborted")
	}}
	_, addr := serve(t, f, false)
	a, err := client(t, addr).HTTP(t.Context(), new(HTTPRequest))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := parts(a); len(got) != 1 || !errors.Is(err, dkron.ErrUnavailable) {
		t.Errorf("%d parts, %v", len(got), err)
	}
}

func TestCloseEndsStreamsAndUnnamedConnections(t *testing.T) {
	attached := make(chan struct{})
	ended := make(chan struct{})
	f := &fake{attach: func(ctx context.Context, _ NodeLink) error {
		close(attached)
		<-ctx.Done()
		close(ended)
		return ctx.Err()
	}}
	s, addr := serve(t, f, false)
	mute := dial1(t, addr)
	if _, err := Attach(t.Context(), "fake", addr, nobody{}); err != nil {
		t.Fatal(err)
	}
	<-attached
	until(t, "the mute connection is accepted", func() bool { return s.Connections().Open == 2 })
	began := time.Now()
	s.Close()
	<-ended
	if !closedByPeer(mute, time.Second) {
		t.Error("a connection that has said nothing is still open")
	}
	until(t, "nothing remains", func() bool { return s.Connections().Open == 0 })
	if d := time.Since(began); d > 3*time.Second {
		t.Errorf("it took %s", d)
	}
}

// raw makes gRPC send bytes as they are.
type raw struct{}

func (raw) Marshal(v any) ([]byte, error)   { return *v.(*[]byte), nil }
func (raw) Unmarshal(b []byte, v any) error { *v.(*[]byte) = b; return nil }
func (raw) Name() string                    { return "proto" }

var _ encoding.Codec = raw{}

func TestGarbageMessagesAreRefusedAndNothingBreaks(t *testing.T) {
	f := &fake{attach: func(_ context.Context, link NodeLink) error {
		_, err := link.Recv()
		return err
	}}
	_, addr := serve(t, f, false)
	conn, err := grpc.NewClient("passthrough:///"+addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	garbage := [][]byte{{}, {0xff}, {0x0a, 0xff}, []byte(strings.Repeat("\xff", 1000)), {0x08}, {0x0a, 0x05, 0x01}}
	for _, m := range serverMethods.Methods {
		for i, b := range garbage {
			var out []byte
			err := conn.Invoke(t.Context(), "/"+serverService+"/"+m.MethodName, &b, &out, grpc.ForceCodec(raw{}))
			if code := status.Code(err); i > 0 && code != codes.InvalidArgument && code != codes.Internal {
				t.Errorf("%s of %x: %v", m.MethodName, b[:min(len(b), 8)], err)
			}
		}
	}
	stream, err := conn.NewStream(t.Context(), &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, "/"+nodeService+"/Attach", grpc.ForceCodec(raw{}))
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.SendMsg(&garbage[3]); err != nil {
		t.Fatal(err)
	}
	var out []byte
	if err := stream.RecvMsg(&out); err == nil || err == io.EOF {
		t.Errorf("garbage on the stream: %v", err)
	}
	if _, err := client(t, addr).Status(t.Context()); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

func TestMessagesOfThisPackageSurvive(t *testing.T) {
	for _, in := range []codec.Message{
		&jobRequest{aRecord}, &nameRequest{"n", dkron.CauseManual, &dkron.Stop{Reason: "r"}}, &pauseRequest{true}, &recordReply{1, aRecord},
		&launchedReply{2, aLaunched}, &indexReply{3}, &ServerStatus{4, "l", "c", true, true, []string{"p"}, "0-1/0.1.0"}, &Proposal{"c", []string{"a"}, []string{"b"}},
		&ServerReport{1, 2, 3, "r", time.Unix(4, 5).UTC(), []string{"n"}},
		&ProposalAnswer{true, true, "r"}, &HTTPRequest{"M", "u", []HTTPField{{"k", "v"}}, []byte("b"), "h", "r"},
		&aPart, &OutputRequest{[]dkron.ExecutionKey{{Launch: 1}}, []uint64{7}},
		&OutputReply{[]dkron.Chunk{aChunk}},
		&revisionRequest{"n", 4}, &restoreRequest{[]dkron.Record{aRecord}}, &restoreReply{5, []string{"a"}}, &stopReply{6, 7},
		&stopRequest{dkron.StopTarget{Job: "a", Group: 1, Execution: "e"}, "why"},
		&LeaveReply{"n", "k"}, &aPeer, &PeersReply{[]Peer{aPeer}}, &PeerRequest{"i", true}, &PeerReply{"n"},
	} {
		v := reflect.ValueOf(in).Elem()
		for i := range v.NumField() {
			if v.Field(i).IsZero() {
				t.Errorf("%T: %s is not tested", in, v.Type().Field(i).Name)
			}
		}
		out := reflect.New(v.Type()).Interface().(codec.Message)
		if err := codec.Decode(codec.Encode(in), out); err != nil || !reflect.DeepEqual(in, out) {
			t.Errorf("%T: %+v became %+v, %v", in, in, out, err)
		}
	}
}

// requests is every type that a peer can send.
var requests = []func() codec.Message{
	func() codec.Message { return new(jobRequest) }, func() codec.Message { return new(nameRequest) },
	func() codec.Message { return new(pauseRequest) }, func() codec.Message { return new(Empty) },
	func() codec.Message { return new(Proposal) }, func() codec.Message { return new(HTTPRequest) },
	func() codec.Message { return new(OutputRequest) }, func() codec.Message { return new(dkron.ToNode) },
	func() codec.Message { return new(dkron.FromNode) }, func() codec.Message { return new(recordReply) },
	func() codec.Message { return new(launchedReply) }, func() codec.Message { return new(HTTPPart) },
	func() codec.Message { return new(ServerStatus) }, func() codec.Message { return new(ProposalAnswer) },
	func() codec.Message { return new(OutputReply) }, func() codec.Message { return new(indexReply) },
	func() codec.Message { return new(PeerRequest) }, func() codec.Message { return new(PeersReply) },
	func() codec.Message { return new(ServerReport) }, func() codec.Message { return new(PeerReply) }, func() codec.Message { return new(LeaveReply) },
}

func FuzzUnmarshal(f *testing.F) {
	for i := range requests {
		f.Add(byte(i), []byte{})
		f.Add(byte(i), []byte{0x0a, 0x02, 0x0a, 0x00, 0x12, 0x01, 0x78})
	}
	f.Add(byte(0), codec.Encode(&jobRequest{aRecord}))
	f.Add(byte(7), codec.Encode(&dkron.ToNode{Orders: []dkron.Order{{JobName: "j", Config: map[string]string{"a": "b"}}}}))
	f.Fuzz(func(t *testing.T, which byte, data []byte) {
		m := requests[int(which)%len(requests)]()
		if err := codec.Decode(data, m); err == nil {
			codec.Encode(m)
		}
	})
}
