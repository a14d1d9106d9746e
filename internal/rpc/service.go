package rpc

import (
	"context"
	"errors"
	"net"
	"slices"
	"strconv"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

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

// Node is what every node serves: the leader's stream of orders, its processors, its plugins, its log's level, and Leave.
type Node interface {
	// Name is the node's name.
	Name() string
	Attach(ctx context.Context, link NodeLink) error
	// Leave makes the node leave the cluster and stop. It returns when the node has left, or ctx ends.
	Leave(ctx context.Context) (LeaveReply, error)
	// SetLogLevel changes the level of the node's log, and returns it. Without a level it only returns it.
	SetLogLevel(r LogLevel) (*LogLevel, error)
	// Plugins returns how the node's plugins are doing.
	Plugins() []plugins.Plugin
	// DescribePlugin returns what a plugin of the node says of its configuration, as far as the node knows.
	DescribePlugin(s plugins.Subject) (*plugins.Description, error)
	// RestartPlugin gives new executions of a plugin a fresh process.
	RestartPlugin(ctx context.Context, r plugins.Restart) (*plugins.Plugin, error)
	// Process calls a processor with the output of what ran on the node.
	Process(ctx context.Context, c *deliver.Call) (*deliver.Answer, error)
	// DropOutput removes an output that no processor on the node needs any more.
	DropOutput(d *deliver.Drop) error
	// ChangeKeys changes the node's keys of gossip, and returns those that it then has.
	ChangeKeys(c *keyring.Change) (*keyring.Keys, error)
}

// NodeLink is the node's end of the stream.
type NodeLink interface {
	Send(*dkron.FromNode) error
	Recv() (*dkron.ToNode, error)
}

// Cluster is the rooms of a server that answer calls other than requests.
type Cluster struct {
	Membership Membership
	Standing   Standing
	Founder    Founder
	HTTP       Origin
	Live       Live
	Loads      Loads
	Authority  Authority
	Secrets    Secrets
	Keys       Keyring
	Audit      Audit
	// Noted gets each call by which somebody has changed something without the log. It may be nil.
	Noted func(ctx context.Context, action, object string)
}

// Membership knows and changes Raft's configuration.
type Membership interface {
	Status() ServerStatus
	// Peers returns Raft's configuration as this server knows it, with or without a leader.
	Peers() ([]Peer, error)
	// RemovePeer removes a server from Raft's configuration and returns when that is committed. A server that does not
	// lead asks the leader, unless another server forwarded the call.
	RemovePeer(ctx context.Context, r PeerRequest) (PeerReply, error)
}

// Standing reports a server's state to people; Membership.Status is the short form for servers.
type Standing interface {
	// Report may call the leader's Status, so it can take a moment.
	Report() ServerReport
}

// Founder agrees with other servers on the cluster's first configuration.
type Founder interface {
	ProposeFounding(Proposal) ProposalAnswer
}

// Origin answers HTTP requests.
type Origin interface {
	// ServeHTTPRequest answers a request in parts. ctx ends when the client no longer waits.
	ServeHTTPRequest(ctx context.Context, r *HTTPRequest, send func(*HTTPPart) error) error
}

// Live has the output of running executions; only on the leader is there any.
type Live interface {
	Output(keys []dkron.ExecutionKey, from []uint64) []dkron.Chunk
}

// Loads has the load of the nodes; only on the leader is there any.
type Loads interface{ Loads() []dkron.NodeLoad }

// Secrets gives nodes the secrets of the executions that they were given.
type Secrets interface {
	Answer(ctx context.Context, caller nodetls.Peer, q *dkron.SecretQuestion) (*dkron.SecretAnswer, error)
}

// Keyring changes the keys of gossip on all nodes.
type Keyring interface {
	ChangeAll(ctx context.Context, r *keyring.Request) (*keyring.Report, error)
}

// Audit has this server's own records.
type Audit interface {
	Before(q *audit.Question) (*audit.Answer, error)
}

const (
	nodeService   = "dkron.v1.Node"
	serverService = "dkron.v1.Server"
)

// nodeMethods and serverMethods are the whole protocol.
var nodeMethods = &grpc.ServiceDesc{
	ServiceName: nodeService, HandlerType: (*any)(nil),
	Methods: []grpc.MethodDesc{
		unary("Leave", func(ctx context.Context, s *services, _ *Empty) (*LeaveReply, error) {
			reply, err := s.node.Leave(ctx)
			return &reply, err
		}),
		unary("SetLogLevel", func(_ context.Context, s *services, l *LogLevel) (*LogLevel, error) {
			return s.node.SetLogLevel(*l)
		}),
		unary("Plugins", func(_ context.Context, s *services, _ *Empty) (*plugins.List, error) {
			return &plugins.List{Plugins: s.node.Plugins()}, nil
		}),
		unary("DescribePlugin", func(_ context.Context, s *services, which *plugins.Subject) (*plugins.Description, error) {
			return s.node.DescribePlugin(*which)
		}),
		unary("RestartPlugin", func(ctx context.Context, s *services, r *plugins.Restart) (*plugins.Plugin, error) {
			return s.node.RestartPlugin(ctx, *r)
		}),
		unary("Process", func(ctx context.Context, s *services, c *deliver.Call) (*deliver.Answer, error) {
			return s.node.Process(ctx, c)
		}),
		unary("DropOutput", func(_ context.Context, s *services, d *deliver.Drop) (*Empty, error) {
			return new(Empty), s.node.DropOutput(d)
		}),
		unary("ChangeKeys", func(_ context.Context, s *services, c *keyring.Change) (*keyring.Keys, error) {
			return s.node.ChangeKeys(c)
		}),
	},
	Streams: []grpc.StreamDesc{{StreamName: "Attach", Handler: attach, ServerStreams: true, ClientStreams: true}},
}

var serverMethods = &grpc.ServiceDesc{
	ServiceName: serverService, HandlerType: (*any)(nil),
	Methods: slices.Concat(forwarded(), []grpc.MethodDesc{
		unary("Status", func(_ context.Context, s *services, _ *Empty) (*ServerStatus, error) {
			st := s.cluster.Membership.Status()
			return &st, nil
		}),
		unary("Report", func(_ context.Context, s *services, _ *Empty) (*ServerReport, error) {
			r := s.cluster.Standing.Report()
			return &r, nil
		}),
		unary("ProposeFounding", func(_ context.Context, s *services, r *Proposal) (*ProposalAnswer, error) {
			answer := s.cluster.Founder.ProposeFounding(*r)
			return &answer, nil
		}),
		unary("Output", func(_ context.Context, s *services, r *OutputRequest) (*OutputReply, error) {
			return &OutputReply{s.cluster.Live.Output(r.Keys, r.From)}, nil
		}),
		unary("Loads", func(_ context.Context, s *services, _ *Empty) (*LoadsReply, error) {
			return &LoadsReply{s.cluster.Loads.Loads()}, nil
		}),
		unary("Secrets", func(ctx context.Context, s *services, q *dkron.SecretQuestion) (*dkron.SecretAnswer, error) {
			return s.cluster.Secrets.Answer(ctx, callerOf(ctx), q)
		}),
		unary("Audit", func(_ context.Context, s *services, q *audit.Question) (*audit.Answer, error) {
			return s.cluster.Audit.Before(q)
		}),
		unary("Peers", func(_ context.Context, s *services, _ *Empty) (*PeersReply, error) {
			peers, err := s.cluster.Membership.Peers()
			return &PeersReply{peers}, err
		}),
		unary("Enrol", func(ctx context.Context, s *services, r *authority.EnrolRequest) (*authority.EnrolReply, error) {
			return s.cluster.Authority.Enrol(callerOf(ctx), r)
		}),
		unary("Trust", func(_ context.Context, s *services, r *authority.TrustRequest) (*authority.Trust, error) {
			return s.cluster.Authority.TrustSince(r)
		}),
		unary("Certificates", func(ctx context.Context, s *services, _ *Empty) (*authority.Certificates, error) {
			return s.cluster.Authority.List(ctx)
		}),
		unary("Expel", func(ctx context.Context, s *services, r *authority.ExpelRequest) (*authority.ExpelReply, error) {
			return s.cluster.Authority.ExpelNode(ctx, r)
		}),
		unary("Keys", func(ctx context.Context, s *services, r *keyring.Request) (*keyring.Report, error) {
			return s.cluster.Keys.ChangeAll(ctx, r)
		}),
		unary("RemovePeer", func(ctx context.Context, s *services, r *PeerRequest) (*PeerReply, error) {
			reply, err := s.cluster.Membership.RemovePeer(ctx, *r)
			return &reply, err
		}),
	}),
	Streams: []grpc.StreamDesc{{StreamName: "HTTP", Handler: serveHTTP, ServerStreams: true}},
}

// forwarded returns a method for each kind of request.
func forwarded() (methods []grpc.MethodDesc) {
	for k := range request.Kinds() {
		methods = append(methods, method(k.Name, k.New, func(ctx context.Context, s *services, r request.Request) (codec.Message, error) {
			reply, index, err := s.leader.Do(ctx, r)
			if err != nil {
				return nil, err
			}
			return &answer{index, reply}, nil
		}))
	}
	return methods
}

// services is what the methods call.
type services struct {
	node    Node
	leader  request.Doer // nil on an agent, as is cluster
	cluster *Cluster
	id      Identity
	know    func(net.Addr)  // called with the address of each caller from this cluster
	ending  context.Context // ends with the server, and ends the streams
}

type message[T any] interface {
	*T
	codec.Message
}

// unary makes a method from a function whose message is a Req.
func unary[Req, Resp any, PReq message[Req], PResp message[Resp]](name string, call func(context.Context, *services, PReq) (PResp, error)) grpc.MethodDesc {
	return method(name, func() PReq { return new(Req) }, func(ctx context.Context, s *services, r PReq) (codec.Message, error) {
		return call(ctx, s, r)
	})
}

// method makes a method from a function. zero makes the empty message, which is then read from the wire.
func method[Req codec.Message](name string, zero func() Req, call func(context.Context, *services, Req) (codec.Message, error)) grpc.MethodDesc {
	return grpc.MethodDesc{MethodName: name, Handler: func(srv any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
		req := zero()
		if err := decode(req); err != nil {
			return nil, status.Error(codes.InvalidArgument, err.Error())
		}
		s := srv.(*services)
		var resp any
		err := s.admit(ctx, name)
		ctx = fromOrigin(fromActor(ctx), name, s.node.Name())
		if err == nil {
			resp, err = guard(func() (any, error) { return call(ctx, s, req) })
		}
		if herr := grpc.SetHeader(ctx, s.header()); herr != nil {
			return nil, herr
		}
		if err != nil {
			trailer, err := toStatus(err)
			if terr := grpc.SetTrailer(ctx, trailer); terr != nil {
				return nil, terr
			}
			return nil, err
		}
		s.note(ctx, name, req)
		return resp, nil
	}}
}

// actorKey is the metadata key of the caller's name, see dkron.WithActor.
const actorKey = "dkron-actor"

// fromActor returns a context with the name that the caller's withActor sent.
func fromActor(ctx context.Context) context.Context {
	if names := metadata.ValueFromIncomingContext(ctx, actorKey); len(names) > 0 {
		if name, err := strconv.Unquote(names[0]); err == nil { // metadata is ASCII
			return dkron.WithActor(ctx, name)
		}
	}
	return ctx
}

func withActor(ctx context.Context) context.Context {
	ctx = withOrigin(ctx)
	if name := dkron.Actor(ctx); name != "" {
		return metadata.AppendToOutgoingContext(ctx, actorKey, strconv.QuoteToASCII(name))
	}
	return ctx
}

// guard turns a panic into an error: no message may end the process.
func guard(call func() (any, error)) (resp any, err error) {
	defer func() {
		if r := recover(); r != nil {
			resp, err = nil, status.Errorf(codes.Internal, "internal error: %v", r)
		}
	}()
	return call()
}

// serveHTTP reads one request and answers it in parts.
func serveHTTP(srv any, stream grpc.ServerStream) error {
	req := new(HTTPRequest)
	if err := stream.RecvMsg(req); err != nil {
		return err
	}
	if p, ok := peer.FromContext(stream.Context()); ok && req.Remote == "" { // a command, and not an agent's client
		req.Remote = p.Addr.String()
	}
	s := srv.(*services)
	send := func(p *HTTPPart) error { return stream.SendMsg(p) }
	err := errors.Join(s.admit(stream.Context(), "HTTP"), stream.SetHeader(s.header()))
	if err == nil {
		_, err = guard(func() (any, error) {
			return nil, s.cluster.HTTP.ServeHTTPRequest(stream.Context(), req, send)
		})
	}
	if err != nil {
		var trailer metadata.MD
		trailer, err = toStatus(err)
		stream.SetTrailer(trailer)
	}
	return err
}

func attach(srv any, stream grpc.ServerStream) error {
	s, link := srv.(*services), nodeLink{stream}
	if err := errors.Join(s.admit(stream.Context(), "Attach"), stream.SetHeader(s.header())); err != nil {
		trailer, err := toStatus(err)
		stream.SetTrailer(trailer)
		return err
	}
	ctx, cancel := context.WithCancel(stream.Context())
	defer cancel()
	defer context.AfterFunc(s.ending, cancel)()
	_, err := guard(func() (any, error) { return nil, s.node.Attach(ctx, link) })
	if errors.Is(err, context.Canceled) {
		return nil
	}
	trailer, err := toStatus(err)
	stream.SetTrailer(trailer)
	return err
}

type nodeLink struct{ stream grpc.ServerStream }

func (l nodeLink) Send(m *dkron.FromNode) error { return l.stream.SendMsg(m) }

func (l nodeLink) Recv() (*dkron.ToNode, error) {
	m := new(dkron.ToNode)
	return m, l.stream.RecvMsg(m)
}
