package limit

import (
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Conns is the open connections of one port, at most so many. It is safe for concurrent use.
type Conns struct {
	max int

	evicted, refused atomic.Uint64

	mu   sync.Mutex // guards what follows
	open map[*Conn]struct{}
	from map[string]*Conn // by the other end's address
}

// NewConns returns a set for at most n connections.
func NewConns(n int) *Conns {
	return &Conns{max: max(n, 1), open: make(map[*Conn]struct{}), from: make(map[string]*Conn)}
}

// Admit makes c one of the set. If the set is full, it closes the connection that has been silent for longest, one whose
// other end is not known before one whose other end is. It returns false, without closing c, if it may close none.
func (s *Conns) Admit(c net.Conn) (*Conn, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.open) >= s.max {
		oldest := s.oldest()
		if oldest == nil {
			s.refused.Add(1)
			return nil, false
		}
		s.drop(oldest)
		s.evicted.Add(1)
		_ = oldest.Conn.Close()
	}
	conn := &Conn{Conn: c, owner: s}
	conn.heard.Store(time.Now().UnixNano())
	s.open[conn] = struct{}{}
	s.from[c.RemoteAddr().String()] = conn
	return conn, true
}

func (s *Conns) oldest() (oldest *Conn) {
	for c := range s.open {
		if !c.busy.Load() && (oldest == nil || c.before(oldest)) {
			oldest = c
		}
	}
	return oldest
}

// drop takes a connection out of the set. The caller holds mu.
func (s *Conns) drop(c *Conn) {
	delete(s.open, c)
	if addr := c.RemoteAddr().String(); s.from[addr] == c {
		delete(s.from, addr)
	}
}

// Know says that the other end of the connection from addr has shown who it is: strangers make way before it does.
func (s *Conns) Know(addr net.Addr) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.from[addr.String()]; c != nil {
		c.known.Store(true)
	}
}

// Usage is what a set has seen.
type Usage struct {
	Open, Max        int
	Evicted, Refused uint64
}

// Usage returns how full the set is.
func (s *Conns) Usage() Usage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Usage{len(s.open), s.max, s.evicted.Load(), s.refused.Load()}
}

// Conn is a connection of a set.
type Conn struct {
	net.Conn
	owner *Conns
	heard atomic.Int64 // Unix time in nanoseconds of what the other end has sent last
	busy  atomic.Bool
	known atomic.Bool
}

// before reports whether c makes way before other.
func (c *Conn) before(other *Conn) bool {
	if known := c.known.Load(); known != other.known.Load() {
		return !known
	}
	return c.heard.Load() < other.heard.Load()
}

// Read implements net.Conn.
func (c *Conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.heard.Store(time.Now().UnixNano())
	}
	return n, err
}

// Close implements net.Conn.
func (c *Conn) Close() error {
	c.owner.mu.Lock()
	c.owner.drop(c)
	c.owner.mu.Unlock()
	return c.Conn.Close()
}

// Busy says that the other end waits for this one, so that silence means nothing: the connection does not make way.
func (c *Conn) Busy(busy bool) {
	if !busy {
		c.heard.Store(time.Now().UnixNano())
	}
	c.busy.Store(busy)
}

// Listener returns a listener whose connections are of type *Conn, and belong to the set. One that finds no room is
// given to refuse, which must not wait, and closed.
func (s *Conns) Listener(l net.Listener, refuse func(net.Conn)) net.Listener {
	return &listener{l, s, refuse}
}

type listener struct {
	net.Listener
	conns  *Conns
	refuse func(net.Conn)
}

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if conn, ok := l.conns.Admit(c); ok {
			return conn, nil
		}
		l.refuse(c)
		_ = c.Close()
	}
}
