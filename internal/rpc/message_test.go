package rpc

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/status"

	"dkron"
	"dkron/internal/authority"
	"dkron/internal/codec"
	"dkron/internal/deliver"
	"dkron/internal/keyring"
	"dkron/internal/request"
)

// raw makes gRPC send bytes unchanged.
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
		&ServerStatus{Applied: 4, Leader: "l", Cluster: "c", Founded: true, Knows: true, Peers: []string{"p"}, Speaks: "0-1/0.1.0", Stopping: "term"}, &Proposal{Coordinator: "c", IDs: []string{"a"}, Addresses: []string{"b"}},
		&ServerReport{Term: 1, Applied: 2, Last: 3, Reason: "r", Now: time.Unix(4, 5).UTC(), Notices: []string{"n"}, HTTP: "h:1"},
		&ProposalAnswer{Granted: true, HasState: true, Holder: "r"}, &HTTPRequest{
			Method: "M", URI: "u", Header: []HTTPField{{Name: "k", Value: "v"}}, Body: []byte("b"), Host: "h", Remote: "r",
		},
		&aPart, &OutputRequest{[]dkron.ExecutionKey{{Launch: 1}}, []uint64{7}},
		&OutputReply{[]dkron.Chunk{aChunk}},
		&LoadsReply{[]dkron.NodeLoad{aLoad}},
		&LogLevel{"debug", "n", "info"}, &LeaveReply{"n", "k"}, &aPeer, &PeersReply{[]Peer{aPeer}}, &PeerRequest{ID: "i", Direct: true}, &PeerReply{Note: "n"},
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

func TestTheIndexComesBeforeTheReply(t *testing.T) {
	want := answer{42, &request.Stopped{Count: 3}}
	const bytes = "082a1003" // servers of earlier versions send and expect these
	if got := fmt.Sprintf("%x", codec.Encode(&want)); got != bytes {
		t.Errorf("%s, want %s", got, bytes)
	}
	got := answer{Reply: new(request.Stopped)}
	if err := codec.Decode(codec.Encode(&want), &got); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
}

// received is every type that a peer can send.
var received = []func() codec.Message{
	func() codec.Message { return new(request.SetJob) }, func() codec.Message { return new(request.DeleteJob) },
	func() codec.Message { return new(request.SetPaused) }, func() codec.Message { return new(Empty) },
	func() codec.Message { return new(Proposal) }, func() codec.Message { return new(HTTPRequest) },
	func() codec.Message { return new(OutputRequest) }, func() codec.Message { return new(dkron.ToNode) },
	func() codec.Message { return new(dkron.FromNode) }, func() codec.Message { return &answer{Reply: new(request.Stored)} },
	func() codec.Message { return &answer{Reply: new(request.Launched)} }, func() codec.Message { return new(HTTPPart) },
	func() codec.Message { return new(ServerStatus) }, func() codec.Message { return new(ProposalAnswer) },
	func() codec.Message { return new(OutputReply) }, func() codec.Message { return &answer{Reply: new(request.Done)} },
	func() codec.Message { return new(PeerRequest) }, func() codec.Message { return new(PeersReply) },
	func() codec.Message { return new(ServerReport) }, func() codec.Message { return new(PeerReply) }, func() codec.Message { return new(LeaveReply) },
	func() codec.Message { return new(LoadsReply) }, func() codec.Message { return new(LogLevel) },
}

// fromAnybody returns the messages of received, and every request and other message that whoever reaches the port may send.
func fromAnybody() []func() codec.Message {
	all := slices.Concat(received, []func() codec.Message{
		func() codec.Message { return new(authority.EnrolRequest) }, func() codec.Message { return new(authority.TrustRequest) },
		func() codec.Message { return new(authority.ExpelRequest) }, func() codec.Message { return new(keyring.Request) },
		func() codec.Message { return new(keyring.Change) }, func() codec.Message { return new(dkron.SecretQuestion) },
		func() codec.Message { return new(deliver.Call) }, func() codec.Message { return new(RaftHello) },
	})
	for k := range request.Kinds() {
		all = append(all, func() codec.Message { return k.New() }, func() codec.Message { return &answer{Reply: k.Reply()} })
	}
	return all
}

// FuzzHello reads what a stranger sends as the beginning of a connection for Raft.
func FuzzHello(f *testing.F) {
	var b bytes.Buffer
	if err := writeHello(&b, &RaftHello{Node: "n", Cluster: "c", Refusal: "r", Speaks: "0-2/0.2.0"}); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes()[1:])
	f.Add([]byte{0xff, 0xff})
	f.Fuzz(func(t *testing.T, data []byte) {
		h, err := readHello(bytes.NewReader(data))
		if err != nil {
			return
		}
		var again bytes.Buffer
		if err := writeHello(&again, h); err != nil {
			t.Fatalf("%+v can't be written: %v", h, err)
		}
		if back, err := readHello(bytes.NewReader(again.Bytes()[1:])); err != nil || *back != *h {
			t.Errorf("%+v became %+v, %v", h, back, err)
		}
	})
}

func FuzzUnmarshal(f *testing.F) {
	received := fromAnybody()
	for i := range received {
		f.Add(byte(i), []byte{})
		f.Add(byte(i), []byte{0x0a, 0x02, 0x0a, 0x00, 0x12, 0x01, 0x78})
	}
	f.Add(byte(0), codec.Encode(&request.SetJob{Record: aRecord}))
	f.Add(byte(7), codec.Encode(&dkron.ToNode{Orders: []dkron.Order{{JobName: "j", Config: map[string]string{"a": "b"}}}}))
	f.Fuzz(func(t *testing.T, which byte, data []byte) {
		m := received[int(which)%len(received)]()
		if err := codec.Decode(data, m); err == nil {
			codec.Encode(m)
		}
	})
}
