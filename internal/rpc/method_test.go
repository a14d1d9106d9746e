package rpc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"dkron"
	"dkron/internal/audit"
	"dkron/internal/authority"
	"dkron/internal/codec"
	"dkron/internal/deliver"
	"dkron/internal/keyring"
	"dkron/internal/plugins"
	"dkron/internal/request"
)

// call is a call of a method: the request that the server gets, and the client's result.
type call struct {
	call func(ctx context.Context, c *Client) (any, error)
	asks string
	want any
}

// methods is every method.
func methods() map[string]call {
	all := maps.Clone(others)
	for k := range request.Kinds() {
		r := k.New()
		if filled[k.Name] != nil {
			r = filled[k.Name]
		}
		all[k.Name] = call{func(ctx context.Context, c *Client) (any, error) {
			reply, index, err := c.Do(dkron.WithActor(ctx, "Zoë"), r)
			if err != nil && (reply != nil || index != 0) {
				return nil, fmt.Errorf("an error came with a reply: %v, %d, %w", reply, index, err)
			}
			return []any{reply, index}, err
		}, fmt.Sprintf("%s %x for %q", k.Name, codec.Encode(r), "Zoë"), []any{replyTo(k), uint64(42)}}
	}
	return all
}

// filled is requests with content. Package request proves that every request survives the wire.
var filled = map[string]request.Request{
	"SetJob": &request.SetJob{Record: aRecord},
	"RunJob": &request.RunJob{Job: "x", Cause: dkron.CauseManual},
	"Stop":   &request.Stop{What: dkron.StopTarget{Job: "x", Group: 1, Execution: "e"}, Reason: "why"},
}

// replyTo returns what the fake answers.
func replyTo(k request.Kind) request.Reply {
	switch r := k.Reply().(type) {
	case *request.Stored:
		r.Record = aRecord
		return r
	case *request.Launched:
		r.Launched = aLaunched
		return r
	default:
		return r
	}
}

// others is the methods that are not requests.
var others = map[string]call{
	"Status": {func(ctx context.Context, c *Client) (any, error) { return c.Status(ctx) },
		"Status", &ServerStatus{Applied: 7, Leader: "n1"}},
	"Report": {func(ctx context.Context, c *Client) (any, error) { return c.Report(ctx) },
		"Report", &ServerReport{Term: 3, Applied: 7, Last: 8, Reason: "why"}},
	"ProposeFounding": {func(ctx context.Context, c *Client) (any, error) {
		return c.ProposeFounding(ctx, &Proposal{Coordinator: "n1", IDs: []string{"a", "b"}, Addresses: []string{"c"}})
	}, "ProposeFounding {Coordinator:n1 IDs:[a b] Addresses:[c]}", &ProposalAnswer{Granted: true, HasState: true, Holder: "why"}},
	"HTTP": {func(ctx context.Context, c *Client) (any, error) {
		a, err := c.HTTP(ctx, &HTTPRequest{
			Method: "POST", URI: "/v1/jobs?x", Header: []HTTPField{{Name: "H", Value: "v"}, {Name: "H", Value: "w"}}, Body: []byte("b"), Host: "host", Remote: "1.2.3.4:5",
		})
		if err != nil {
			return nil, err
		}
		return parts(a)
	}, "HTTP POST /v1/jobs?x [{H v} {H w}] b host 1.2.3.4:5", []HTTPPart{aPart, {Body: []byte("more")}}},
	"Output": {func(ctx context.Context, c *Client) (any, error) {
		return c.Output(ctx, []dkron.ExecutionKey{{Launch: 4, Slot: 5}}, []uint64{6})
	}, "Output [{4 5}] from [6]", []dkron.Chunk{aChunk}},
	"Secrets": {func(ctx context.Context, c *Client) (any, error) {
		return c.Secrets(ctx, &dkron.SecretQuestion{Node: "n2", Names: []string{"a", "b"}, Key: dkron.ExecutionKey{Launch: 4}})
	}, "Secrets for n2 of {4 0}: [a b]", &dkron.SecretAnswer{Values: []dkron.SecretValue{{Text: "v"}}}},
	"Audit": {func(ctx context.Context, c *Client) (any, error) {
		return c.Audit(ctx, &audit.Question{Before: 9, Limit: 3})
	}, "Audit before 9: 3", &audit.Answer{Records: []dkron.AuditRecord{{Number: 8}}}},
	"Loads": {func(ctx context.Context, c *Client) (any, error) { return c.Loads(ctx) }, "Loads", []dkron.NodeLoad{aLoad}},
	"Peers": {func(ctx context.Context, c *Client) (any, error) { return c.Peers(ctx) }, "Peers", []Peer{aPeer}},
	"RemovePeer": {func(ctx context.Context, c *Client) (any, error) {
		return c.RemovePeer(ctx, PeerRequest{ID: "x", Direct: true})
	}, "RemovePeer x true", &PeerReply{Note: "note"}},
	"Enrol": {func(ctx context.Context, c *Client) (any, error) {
		return c.Enrol(ctx, &authority.EnrolRequest{Name: "n"})
	}, "Enrol n", &anEnrolReply},
	"Trust": {func(ctx context.Context, c *Client) (any, error) {
		return c.Trust(ctx, &authority.TrustRequest{Version: 2})
	}, "Trust 2", &anEnrolReply.Trust},
	"Certificates": {func(ctx context.Context, c *Client) (any, error) { return c.Certificates(ctx) },
		"Certificates", &authority.Certificates{Authority: "f"}},
	"Expel": {func(ctx context.Context, c *Client) (any, error) {
		return c.Expel(ctx, &authority.ExpelRequest{Node: "n", Direct: true})
	}, "Expel n true", &authority.ExpelReply{Note: "note"}},
	"Plugins": {func(ctx context.Context, c *Client) (any, error) { return c.Plugins(ctx) }, "Plugins", []plugins.Plugin{aPlugin}},
	"DescribePlugin": {func(ctx context.Context, c *Client) (any, error) {
		return c.DescribePlugin(ctx, plugins.Subject{Kind: "processor", Name: "note"})
	}, "DescribePlugin processor note", &aDescription},
	"RestartPlugin": {func(ctx context.Context, c *Client) (any, error) {
		return c.RestartPlugin(dkron.WithActor(ctx, "Zoë"), plugins.Restart{Kind: "executor", Name: "hello"})
	}, `RestartPlugin executor hello for "Zoë"`, &aPlugin},
	"Process": {func(ctx context.Context, c *Client) (any, error) {
		return c.Process(ctx, &deliver.Call{Term: 3, Processor: "files", Config: map[string]string{"k": "v"}, Execution: dkron.Execution{Output: []byte("o")}})
	}, "Process 3 files map[k:v] o", &deliver.Answer{Error: "full", Hopeless: true}},
	"DropOutput": {func(ctx context.Context, c *Client) (any, error) {
		return nil, c.DropOutput(ctx, &deliver.Drop{Term: 3, Execution: dkron.ExecutionRef{JobName: "a", Group: 5, Attempt: 1}})
	}, "DropOutput 3 {a 5 1 0}", nil},
	"Keys": {func(ctx context.Context, c *Client) (any, error) {
		return c.Keys(ctx, &keyring.Request{Act: keyring.Use, ID: "a", Key: []byte("k"), Force: true})
	}, "Keys use a k true", &keyring.Report{ID: "a"}},
	"ChangeKeys": {func(ctx context.Context, c *Client) (any, error) {
		return c.ChangeKeys(ctx, &keyring.Change{Act: keyring.Install, ID: "a", Sealed: []byte("s")})
	}, "ChangeKeys install a s", &keyring.Keys{IDs: []string{"a"}}},
	"SetLogLevel": {func(ctx context.Context, c *Client) (any, error) { return c.SetLogLevel(ctx, "debug") },
		"SetLogLevel debug", &LogLevel{Level: "debug", Node: "n1", Before: "info"}},
	"Leave": {func(ctx context.Context, c *Client) (any, error) { return c.Leave(ctx) },
		"Leave", &LeaveReply{Node: "n1", Kept: "why"}},
}

func TestEveryMethodCarriesItsArgumentsAndAnswer(t *testing.T) {
	f := new(fake)
	_, addr := serve(t, f, false)
	c := client(t, addr)
	all := methods()
	var names []string
	for _, m := range slices.Concat(serverMethods.Methods, nodeMethods.Methods) {
		names = append(names, m.MethodName)
	}
	for _, m := range serverMethods.Streams {
		names = append(names, m.StreamName)
	}
	for _, name := range names {
		x, ok := all[name]
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

func TestARequestMayTakeAsLongAsItsRowSays(t *testing.T) {
	f := new(fake)
	_, addr := serve(t, f, false)
	c := client(t, addr)
	for k := range request.Kinds() {
		began := time.Now()
		if _, _, err := c.Do(t.Context(), k.New()); err != nil {
			t.Error(err)
		}
		f.mu.Lock()
		if d := f.until.Sub(began); d < k.Limit-5*time.Second || d > k.Limit+5*time.Second {
			t.Errorf("%s times out after %s, want %s", k.Name, d, k.Limit)
		}
		f.mu.Unlock()
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
			for name, m := range methods() {
				if name == "Status" || name == "Report" || name == "ProposeFounding" || name == "Output" || name == "Loads" || name == "Plugins" {
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
	if _, _, err := c.Do(t.Context(), new(request.SetPaused)); !errors.Is(err, dkron.ErrUnavailable) || !strings.Contains(err.Error(), "of no kind") {
		t.Errorf("an error of no kind: %v", err)
	}
}

func TestPanicOfAHandlerIsAnError(t *testing.T) {
	f := &fake{attach: func(context.Context, NodeLink) error { panic("oh") }}
	_, addr := serve(t, f, false)
	c := client(t, addr)
	f.answer(nil, true)
	for name, m := range methods() {
		f.answer(nil, true)
		if _, err := m.call(t.Context(), c); !errors.Is(err, dkron.ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
		if !f.mu.TryLock() {
			t.Fatalf("%s: the panic left the fake locked", name)
		}
		f.mu.Unlock()
	}
	link, err := NewPool(nobody{}, nil).Attach(t.Context(), "fake", addr)
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
	for name, m := range methods() {
		_, err := m.call(t.Context(), c)
		if slices.ContainsFunc(nodeMethods.Methods, func(m grpc.MethodDesc) bool { return m.MethodName == name }) {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		} else if !errors.Is(err, dkron.ErrUnavailable) || !errors.Is(err, ErrUnserved) {
			t.Errorf("%s: %v", name, err)
		}
	}
	link, err := NewPool(nobody{}, nil).Attach(t.Context(), "fake", addr)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := link.Recv(); err != io.EOF {
		t.Errorf("the stream of a node: %v", err)
	}
}
