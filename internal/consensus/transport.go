package consensus

import (
	"context"
	"net"
	"sync"
	"time"

	"github.com/hashicorp/raft"
)

// carrier is raft's transport with all that raft looks for in one. What this room adds to the library's comes in layers
// that are carriers themselves: sender on transport on the library's.
type carrier interface {
	raft.Transport
	raft.WithPreVote
	raft.WithClose
}

// streams is raft's way to the network. It remembers every open connection, since the library leaves accepted and
// pooled ones open when it is closed.
type streams struct {
	net.Listener
	addr advertised
	dial func(ctx context.Context, addr string) (net.Conn, error)

	mu     sync.Mutex // guards what follows
	conns  map[*stream]struct{}
	closed bool
}

type advertised string

func (a advertised) Network() string { return "tcp" }
func (a advertised) String() string  { return string(a) }

func newStreams(c Config) *streams {
	return &streams{Listener: c.Listener, addr: advertised(c.AdvertiseAddr), dial: c.Dial, conns: map[*stream]struct{}{}}
}

// Addr is the address that goes into the configuration, not the one bound.
func (s *streams) Addr() net.Addr { return s.addr }

func (s *streams) Accept() (net.Conn, error) {
	c, err := s.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return s.track(c)
}

func (s *streams) Dial(addr raft.ServerAddress, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	c, err := s.dial(ctx, string(addr))
	if err != nil {
		return nil, err
	}
	return s.track(c)
}

// Close ends everything that is open.
func (s *streams) Close() error {
	s.mu.Lock()
	s.closed = true
	open := s.conns
	s.conns = map[*stream]struct{}{}
	s.mu.Unlock()
	for c := range open {
		_ = c.Conn.Close()
	}
	return s.Listener.Close()
}

func (s *streams) track(c net.Conn) (net.Conn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		_ = c.Close()
		return nil, net.ErrClosed
	}
	st := &stream{Conn: c, owner: s}
	s.conns[st] = struct{}{}
	return st, nil
}

type stream struct {
	net.Conn
	owner *streams
}

func (c *stream) Close() error {
	c.owner.mu.Lock()
	delete(c.owner.conns, c)
	c.owner.mu.Unlock()
	return c.Conn.Close()
}
