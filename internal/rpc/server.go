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

// streamWindow and connWindow are how much a sender may be ahead of who reads, of one stream and of one connection. They
// are fixed: where the library finds them out by itself, it asks the other end for an answer with every message.
const (
	streamWindow = 1 << 20
	connWindow   = 4 << 20
)

// maxStreams bounds the calls and streams of one connection; a node's clients share one.
const maxStreams = 4096

// Server answers other nodes on one port, and sorts out the connections that are Raft's.
type Server struct {
	grpc *grpc.Server
	mux  *mux
	end  context.CancelFunc // of the streams
}

// lastWords is how long Close waits for calls under way, so that the answer to an order to leave gets out.
const lastWords = 500 * time.Millisecond

// Door is who is let in: all calls and, on a server, Raft's connections.
type Door interface {
	Identity
	Gate
}

// NewServer returns a server for the connections of l, at most so many. leader does what is asked of this server as the
// leader, and must not forward it. It is nil on an agent, as is cluster. A nil door lets all in.
func NewServer(
	l net.Listener, connections int, node Node, leader request.Doer, cluster Cluster, door Door, log *slog.Logger,
) *Server {
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
	m := newMux(l, connections, door, log)
	s := &services{node, leader, cluster, door, m.conns.Know, ending}
	g.RegisterService(nodeMethods, s)
	if cluster != nil {
		g.RegisterService(serverMethods, s)
	}
	return &Server{g, m, end}
}

// Raft returns a listener of the connections that speak Raft.
func (s *Server) Raft() net.Listener { return s.mux.raft }

// Connections returns how full the port is.
func (s *Server) Connections() limit.Usage { return s.mux.conns.Usage() }

// Serve answers until Close.
func (s *Server) Serve() error {
	go s.mux.run()
	err := s.grpc.Serve(s.mux.grpc)
	if errors.Is(err, grpc.ErrServerStopped) { // it was closed before it began
		return nil
	}
	return err
}

// Close ends all streams, calls and connections. Calls under way have a moment to be answered.
func (s *Server) Close() {
	s.end()
	limit := time.AfterFunc(lastWords, s.grpc.Stop)
	s.grpc.GracefulStop() // before the mux, so that Serve ends without an error
	limit.Stop()
	s.mux.close()
}
