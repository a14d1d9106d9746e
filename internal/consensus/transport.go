package consensus

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/hashicorp/raft"
)

// carrier is raft's transport with all its optional interfaces. This room adds layers to the library's, which are
// carriers themselves: sender on transport on the library's.
type carrier interface {
	raft.Transport
	raft.WithPreVote
	raft.WithClose
}

// streams is raft's network layer. It tracks every open connection, since the library leaves accepted and pooled ones
// open when it is closed.
type streams struct {
	net.Listener
	addr   advertised
	dial   func(ctx context.Context, id, addr string) (net.Conn, error)
	routes *routes
	forget func()        // closes idle pooled connections; set before the first Dial
	opened chan struct{} // closed when other servers may be dialled

	mu     sync.Mutex // guards what follows
	conns  map[*stream]struct{}
	closed bool
}

type advertised string

func (a advertised) Network() string { return "tcp" }
func (a advertised) String() string  { return string(a) }

func newStreams(c Config) *streams {
	return &streams{Listener: c.Listener, addr: advertised(c.AdvertiseAddr), dial: c.Dial, routes: newRoutes(c),
		opened: make(chan struct{}), conns: map[*stream]struct{}{}}
}

// open lets Dial continue, which waits until then.
func (s *streams) open() { close(s.opened) }

// Addr is the address for the configuration, not the bound one.
func (s *streams) Addr() net.Addr { return s.addr }

func (s *streams) Accept() (net.Conn, error) {
	c, err := s.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return s.track(c, "")
}

// Dial connects to a server; address was made by target.
func (s *streams) Dial(to raft.ServerAddress, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), min(timeout, dialTimeout))
	defer cancel()
	id, addr := splitTarget(to)
	if addr == displaced(id) { // avoids asking a name server
		return nil, errors.New("another server now has its address, and its new one is not known yet")
	}
	select {
	case <-s.opened:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	c, err := s.dial(ctx, id, addr)
	if s.routes.tried(id, addr, err) {
		s.forget() // the library would keep connections to the old address for ever
	}
	if err != nil {
		return nil, err
	}
	return s.track(c, to)
}

// leave closes connections to servers that now publish another address: otherwise raft would wait for a host that
// vanished without closing them.
func (s *streams) leave() {
	s.mu.Lock()
	var old []*stream
	for c := range s.conns {
		if id, addr := splitTarget(c.to); c.to != "" {
			if said := s.routes.where(id); said != "" && said != addr {
				old = append(old, c)
			}
		}
	}
	s.mu.Unlock()
	for _, c := range old {
		_ = c.Conn.Close()
	}
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

func (s *streams) track(c net.Conn, to raft.ServerAddress) (net.Conn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		_ = c.Close()
		return nil, net.ErrClosed
	}
	st := &stream{Conn: c, owner: s, to: to}
	s.conns[st] = struct{}{}
	return st, nil
}

type stream struct {
	net.Conn
	owner *streams
	to    raft.ServerAddress // made by target; empty for an accepted connection
}

func (c *stream) Close() error {
	c.owner.mu.Lock()
	delete(c.owner.conns, c)
	c.owner.mu.Unlock()
	return c.Conn.Close()
}
