package rpc

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"

	"dkron/internal/limit"
	"dkron/internal/nodetls"
	"dkron/internal/request"
)

// maxMessage bounds one message: a batch of results with their output.
const maxMessage = 64 << 20

// streamWindow and connWindow are the bytes that a sender may be ahead of the reader, per stream and per connection.
// They are fixed because the library, to measure them itself, sends a ping with every message.
const (
	streamWindow = 1 << 20
	connWindow   = 4 << 20
)

// maxStreams bounds the calls and streams of a connection. All clients of a node share one connection.
const maxStreams = 4096

// Server answers other nodes on one port, and hands Raft's connections over.
type Server struct {
	grpc *grpc.Server
	mux  *mux
	gate Gate
	end  context.CancelFunc // of the streams
}

// lastWords is the time that Close gives running calls, so that the answer to Leave gets out.
const lastWords = 500 * time.Millisecond

// Door decides who is admitted: to all calls and, on a server, to Raft's connections.
type Door interface {
	Identity
	Gate
}

// Port is the node's RPC port. Connections wait until a Server serves it.
type Port struct{ mux *mux }

// NewPort returns the port of a listener with a limit of connections. With tls, connections may be protected, or must be if
// that requires it.
func NewPort(l net.Listener, connections int, tls *nodetls.Material, log *slog.Logger) *Port {
	return &Port{newMux(l, connections, tls, log)}
}

// Raft returns a listener for Raft's connections.
func (p *Port) Raft() net.Listener { return p.mux.raft }

// Close closes the port and its connections. A Server closes its own port.
func (p *Port) Close() { p.mux.close() }

// NewServer returns a server for a port's connections. leader executes requests while this server leads, and must not
// forward them. On an agent, leader and cluster are nil. A nil door admits everybody.
func NewServer(port *Port, node Node, leader request.Doer, cluster *Cluster, door Door) *Server {
	if door == nil {
		door = nobody{}
	}
	g := grpc.NewServer(
		grpc.ForceServerCodecV2(wire{}), grpc.Creds(handshaken{}),
		grpc.MaxRecvMsgSize(maxMessage), grpc.MaxSendMsgSize(maxMessage),
		grpc.ConnectionTimeout(identifyTimeout), grpc.MaxConcurrentStreams(maxStreams), grpc.InTapHandle(onlyFor(node)),
		grpc.StaticStreamWindowSize(streamWindow), grpc.StaticConnWindowSize(connWindow),
		grpc.KeepaliveParams(keepalive.ServerParameters{Time: 10 * time.Second, Timeout: 5 * time.Second}),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 5 * time.Second, PermitWithoutStream: true}))
	ending, end := context.WithCancel(context.Background())
	m := port.mux
	s := &services{node, leader, cluster, door, m.conns.Know, ending}
	g.RegisterService(nodeMethods, s)
	if cluster != nil {
		g.RegisterService(serverMethods, s)
	}
	return &Server{g, m, door, end}
}

// Connections returns the port's use of its limit.
func (s *Server) Connections() limit.Usage { return s.mux.conns.Usage() }

// Serve serves until Close.
func (s *Server) Serve() error {
	go s.mux.run(s.gate)
	err := s.grpc.Serve(s.mux.grpc)
	if errors.Is(err, grpc.ErrServerStopped) { // Close was called before Serve
		return nil
	}
	return err
}

// Close ends all streams, calls and connections. Running calls get lastWords to finish.
func (s *Server) Close() {
	s.end()
	limit := time.AfterFunc(lastWords, s.grpc.Stop)
	s.grpc.GracefulStop() // before the mux, so that Serve returns no error
	limit.Stop()
	s.mux.close()
}
