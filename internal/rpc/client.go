package rpc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"

	"dkron"
	"dkron/internal/audit"
	"dkron/internal/codec"
	"dkron/internal/compat"
	"dkron/internal/deliver"
	"dkron/internal/nodetls"
	"dkron/internal/plugins"
	"dkron/internal/request"
)

// callTimeout limits a call to another node. Requests have their own limits.
const callTimeout = 10 * time.Second

// connectTimeout limits an attempt to connect; the pool tries again later.
const connectTimeout = 2 * time.Second

// Pool keeps one connection per node and address.
type Pool struct {
	id       Identity
	tls      *nodetls.Material // nil: connections are not protected
	patience time.Duration     // limit for making a connection

	mu    sync.Mutex // guards conns
	conns map[string]*grpc.ClientConn
}

// NewPool returns an empty pool. Its calls reach only nodes of id's cluster. tls may be nil.
func NewPool(id Identity, tls *nodetls.Material) *Pool {
	return &Pool{id: id, tls: tls, patience: connectTimeout, conns: make(map[string]*grpc.ClientConn)}
}

// NewPatientPool returns an empty pool for a program that is not a node. limit applies to connecting. tls may be nil.
func NewPatientPool(limit time.Duration, tls *nodetls.Material) *Pool {
	return &Pool{id: nobody{}, tls: tls, patience: limit, conns: make(map[string]*grpc.ClientConn)}
}

// Close closes all connections.
func (p *Pool) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		c.Close()
	}
	p.conns = make(map[string]*grpc.ClientConn)
}

// Client returns a client of the node at addr (host:port), whatever its name. The first call dials.
func (p *Pool) Client(addr string) (*Client, error) { return p.Node("", addr) }

// Node returns a client of the node with the given name at addr (host:port). A node with another name refuses the
// calls. The first call dials, and each dial looks the host name up again.
func (p *Pool) Node(name, addr string) (*Client, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := name + "@" + addr
	conn := p.conns[key]
	if conn == nil {
		var err error
		if conn, err = p.dial(name, addr); err != nil {
			return nil, err
		}
		p.conns[key] = conn
	}
	return &Client{conn, addr, p.id}, nil
}

func (p *Pool) dial(name, addr string) (*grpc.ClientConn, error) {
	return p.dialBy(name, addr, func(ctx context.Context, addr string) (net.Conn, error) { return p.connect(ctx, name, addr) })
}

func (p *Pool) dialBy(name, addr string, connect func(ctx context.Context, addr string) (net.Conn, error)) (*grpc.ClientConn, error) {
	return grpc.NewClient("passthrough:///"+addr,
		grpc.WithUnaryInterceptor(callTo(name)), grpc.WithStreamInterceptor(streamTo(name)),
		grpc.WithTransportCredentials(handshaken{}),
		grpc.WithContextDialer(connect),
		grpc.WithDefaultCallOptions(grpc.ForceCodecV2(wire{}), grpc.MaxCallRecvMsgSize(maxMessage), grpc.MaxCallSendMsgSize(maxMessage)),
		grpc.WithStaticStreamWindowSize(streamWindow), grpc.WithStaticConnWindowSize(connWindow),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 10 * time.Second, Timeout: 5 * time.Second}),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: 50 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: time.Second},
			MinConnectTimeout: p.patience,
		}))
}

// Client calls another node.
type Client struct {
	conn *grpc.ClientConn
	addr string
	id   Identity
}

// Do executes r on the node if it leads; ErrNoLeader if it does not. See request.Doer.
func (c *Client) Do(ctx context.Context, r request.Request) (request.Reply, uint64, error) {
	k, ok := request.KindOf(r)
	if !ok {
		return nil, 0, fmt.Errorf("%w: %s is not in the table of package request", dkron.ErrUnavailable, r.Name())
	}
	a := &answer{Reply: k.Reply()}
	if err := c.call(ctx, k.Limit, k.Name, r, a); err != nil {
		return nil, 0, err
	}
	return a.Reply, a.Index, nil
}

// call calls a method of a server, for at most limit.
func (c *Client) call(ctx context.Context, limit time.Duration, method string, req, resp codec.Message) error {
	ctx, cancel := context.WithTimeout(withActor(ctx), limit)
	defer cancel()
	return c.invoke(ctx, serverService, method, req, resp)
}

// invoke is call without a limit, for any service.
func (c *Client) invoke(ctx context.Context, service, method string, req, resp codec.Message) error {
	var header, trailer metadata.MD
	var who peer.Peer
	err := c.conn.Invoke(withNeeds(withCluster(ctx, c.id), req), "/"+service+"/"+method, req, resp, grpc.Header(&header), grpc.Trailer(&trailer), grpc.Peer(&who))
	if service == serverService {
		if wrong := isServer(&who); wrong != nil {
			return wrong
		}
	}
	if foreign := c.id.Meet(viaRPC, "the node at "+c.addr, first(header, clusterKey)); foreign != nil {
		return foreign
	}
	if says := first(header, speaksKey); says != "" {
		if misfit := c.id.Speak(viaRPC, "the node at "+c.addr, compat.Parse(says)); misfit != nil {
			return misfit
		}
	}
	return fromStatus(err, trailer)
}

// ask calls a method of a server that returns a Resp.
func ask[Resp any, PResp message[Resp]](ctx context.Context, c *Client, method string, req codec.Message) (PResp, error) {
	resp := PResp(new(Resp))
	if err := c.call(ctx, callTimeout, method, req, resp); err != nil {
		return PResp(new(Resp)), err
	}
	return resp, nil
}

// Status asks a server for its log position, its leader and its cluster.
func (c *Client) Status(ctx context.Context) (*ServerStatus, error) {
	return ask[ServerStatus](ctx, c, "Status", &Empty{})
}

// Report asks a server for its term, its log, its clock and its problems.
func (c *Client) Report(ctx context.Context) (*ServerReport, error) {
	return ask[ServerReport](ctx, c, "Report", &Empty{})
}

// Audit asks a server for its own records of the audit.
func (c *Client) Audit(ctx context.Context, q *audit.Question) (*audit.Answer, error) {
	return ask[audit.Answer](ctx, c, "Audit", q)
}

// ProposeFounding asks a server to agree to a first configuration.
func (c *Client) ProposeFounding(ctx context.Context, p *Proposal) (*ProposalAnswer, error) {
	return ask[ProposalAnswer](ctx, c, "ProposeFounding", p)
}

// HTTP sends an HTTP request to a server. The answer has no time limit. The caller must end ctx when it no longer wants
// the answer, and also after the last part.
func (c *Client) HTTP(ctx context.Context, r *HTTPRequest) (*HTTPAnswer, error) {
	desc := &grpc.StreamDesc{StreamName: "HTTP", ServerStreams: true}
	stream, err := c.conn.NewStream(withCluster(ctx, c.id), desc, "/"+serverService+"/HTTP")
	if err != nil {
		return nil, fromStatus(err, nil)
	}
	if err := errors.Join(stream.SendMsg(r), stream.CloseSend()); err != nil && !errors.Is(err, io.EOF) { // else Recv returns the reason
		return nil, fromStatus(err, nil)
	}
	if who, ok := peer.FromContext(stream.Context()); ok {
		if err := isServer(who); err != nil {
			return nil, err
		}
	}
	return &HTTPAnswer{stream}, nil
}

// HTTPAnswer is a server's answer to an HTTP request, received in parts.
type HTTPAnswer struct{ stream grpc.ClientStream }

// Recv returns the next part, and io.EOF after the last.
func (a *HTTPAnswer) Recv() (*HTTPPart, error) {
	p := new(HTTPPart)
	err := a.stream.RecvMsg(p)
	switch {
	case err == nil:
		return p, nil
	case errors.Is(err, io.EOF):
		return nil, io.EOF
	}
	return nil, fromStatus(err, a.stream.Trailer())
}

// Output asks the leader for live output, from the given offsets.
func (c *Client) Output(ctx context.Context, keys []dkron.ExecutionKey, from []uint64) ([]dkron.Chunk, error) {
	reply, err := ask[OutputReply](ctx, c, "Output", &OutputRequest{keys, from})
	return reply.Chunks, err
}

// Loads asks the leader for the load of the nodes.
func (c *Client) Loads(ctx context.Context) ([]dkron.NodeLoad, error) {
	reply, err := ask[LoadsReply](ctx, c, "Loads", &Empty{})
	return reply.Loads, err
}

// Secrets asks a server for the secrets of an execution on this node.
func (c *Client) Secrets(ctx context.Context, q *dkron.SecretQuestion) (*dkron.SecretAnswer, error) {
	return ask[dkron.SecretAnswer](ctx, c, "Secrets", q)
}

// Peers asks a server for Raft's configuration as that server knows it.
func (c *Client) Peers(ctx context.Context) ([]Peer, error) {
	reply, err := ask[PeersReply](ctx, c, "Peers", &Empty{})
	return reply.Peers, err
}

// RemovePeer asks a server to remove a server, maybe itself, from Raft's configuration.
func (c *Client) RemovePeer(ctx context.Context, r PeerRequest) (*PeerReply, error) {
	return ask[PeerReply](ctx, c, "RemovePeer", &r)
}

// Leave makes a node leave the cluster and stop. The node first waits for its running executions; only ctx limits that.
func (c *Client) Leave(ctx context.Context) (*LeaveReply, error) {
	reply := new(LeaveReply)
	if err := c.invoke(ctx, nodeService, "Leave", new(Empty), reply); err != nil {
		return new(LeaveReply), err
	}
	return reply, nil
}

// SetLogLevel changes the level of a node's log. Without a level it asks for it.
func (c *Client) SetLogLevel(ctx context.Context, level string) (*LogLevel, error) {
	reply := new(LogLevel)
	return reply, c.askNode(ctx, "SetLogLevel", &LogLevel{Level: level}, reply)
}

// Plugins asks a node how its plugins are doing.
func (c *Client) Plugins(ctx context.Context) ([]plugins.Plugin, error) {
	list := new(plugins.List)
	err := c.askNode(ctx, "Plugins", new(Empty), list)
	return list.Plugins, err
}

// DescribePlugin asks a node what one of its plugins says of its configuration.
func (c *Client) DescribePlugin(ctx context.Context, s plugins.Subject) (*plugins.Description, error) {
	d := new(plugins.Description)
	if err := c.askNode(ctx, "DescribePlugin", &s, d); err != nil {
		return new(plugins.Description), err
	}
	return d, nil
}

// RestartPlugin makes a node start a plugin afresh, and returns the plugin as it is then.
func (c *Client) RestartPlugin(ctx context.Context, r plugins.Restart) (*plugins.Plugin, error) {
	p := new(plugins.Plugin)
	if err := c.askNode(ctx, "RestartPlugin", &r, p); err != nil {
		return new(plugins.Plugin), err
	}
	return p, nil
}

// Process makes a node call one of its processors. Only ctx limits how long that takes.
func (c *Client) Process(ctx context.Context, call *deliver.Call) (*deliver.Answer, error) {
	a := new(deliver.Answer)
	if err := c.invoke(ctx, nodeService, "Process", call, a); err != nil {
		return new(deliver.Answer), err
	}
	return a, nil
}

// DropOutput tells a node that it may remove an output.
func (c *Client) DropOutput(ctx context.Context, d *deliver.Drop) error {
	return c.askNode(ctx, "DropOutput", d, new(Empty))
}

// askNode calls a method that every node serves.
func (c *Client) askNode(ctx context.Context, method string, req, resp codec.Message) error {
	ctx, cancel := context.WithTimeout(withActor(ctx), callTimeout)
	defer cancel()
	return c.invoke(ctx, nodeService, method, req, resp)
}

// LeaderLink is the leader's end of the stream to a node.
type LeaderLink struct{ stream grpc.ClientStream }

// Attach opens the stream to the node with the given name at addr. It ends with ctx. The stream has its own connection,
// so that it never waits for one that went silent in a network partition. It fails if the node has another name or
// belongs to another cluster.
func (p *Pool) Attach(ctx context.Context, name, addr string) (*LeaderLink, error) {
	conn, err := p.dial(name, addr)
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() { conn.Close() })
	desc := &grpc.StreamDesc{StreamName: "Attach", ServerStreams: true, ClientStreams: true}
	stream, err := conn.NewStream(withCluster(ctx, p.id), desc, "/"+nodeService+"/Attach")
	if err != nil {
		return nil, err
	}
	return &LeaderLink{stream}, nil
}

// Send sends orders.
func (l *LeaderLink) Send(m *dkron.ToNode) error { return l.stream.SendMsg(m) }

// Recv receives reports.
func (l *LeaderLink) Recv() (*dkron.FromNode, error) {
	m := new(dkron.FromNode)
	err := l.stream.RecvMsg(m)
	if err != nil && !errors.Is(err, io.EOF) {
		if kind := fromStatus(err, l.stream.Trailer()); errors.Is(kind, dkron.ErrForeign) {
			return nil, kind
		}
	}
	return m, err
}
