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
	"dkron/internal/request"
)

// maxMessage bounds one message: a batch of results with their output.
const maxMessage = 64 << 20

// streamWindow and connWindow are how many bytes a sender may be ahead of the reader, per stream and per connection.
// They are fixed because the library, when it measures them itself, sends a ping with every message.
const (
	streamWindow = 1 << 20
	connWindow   = 4 << 20
)

// maxStreams bounds the calls and streams of one connection. All clients of a node share one.
const maxStreams = 4096

// Server answers other nodes on one port, and passes Raft's connections on.
type Server struct {
	grpc *grpc.Server
	mux  *mux
	gate Gate
	end  context.CancelFunc // of the streams
}

// lastWords is how long Close waits for running calls, so that the answer to Leave gets out.
const lastWords = 500 * time.Millisecond

// Door decides who is let in: for all calls and, on a server, for Raft's connections.
type Door interface {
	Identity
	Gate
}

// Port is what others connect to. It accepts nobody before a Server serves it: what connects earlier waits.
type Port struct{ mux *mux }

// NewPort returns the port of a listener, for so many connections at most.
func NewPort(l net.Listener, connections int, log *slog.Logger) *Port {
	return &Port{newMux(l, connections, log)}
}

// Raft returns a listener of the connections that speak Raft.
func (p *Port) Raft() net.Listener { return p.mux.raft }

// Close closes the port and its connections. The Server of a port does so itself.
func (p *Port) Close() { p.mux.close() }

// NewServer returns a server for the connections of a port. leader does what is asked of this server as the leader, and
// must not forward it. It is nil on an agent, as is cluster. A nil door lets all in.
func NewServer(port *Port, node Node, leader request.Doer, cluster *Cluster, door Door) *Server {
	if door == nil {
		door = nobody{}
	}
	g := grpc.NewServer(
		grpc.ForceServerCodecV2(wire{}),
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

// Connections returns how full the port is.
func (s *Server) Connections() limit.Usage { return s.mux.conns.Usage() }

// Serve answers until Close.
func (s *Server) Serve() error {
	go s.mux.run(s.gate)
	err := s.grpc.Serve(s.mux.grpc)
	if errors.Is(err, grpc.ErrServerStopped) { // Close came before Serve
		return nil
	}
	return err
}

// Close ends all streams, calls and connections. Running calls have lastWords to be answered.
func (s *Server) Close() {
	s.end()
	limit := time.AfterFunc(lastWords, s.grpc.Stop)
	s.grpc.GracefulStop() // before the mux, so that Serve ends without an error
	limit.Stop()
	s.mux.close()
}
