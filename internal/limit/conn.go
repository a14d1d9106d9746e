package limit

import (
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Conns is the set of open connections of one port, with a limit. It is safe for concurrent use.
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

// Admit adds c to the set. If the set is full, it closes the connection that has been idle longest; connections of
// unknown peers go first. It returns false, without closing c, if none may be closed.
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

// drop removes a connection from the set. The caller holds mu.
func (s *Conns) drop(c *Conn) {
	delete(s.open, c)
	if addr := c.RemoteAddr().String(); s.from[addr] == c {
		delete(s.from, addr)
	}
}

// Know marks the peer at addr as known, because it has proved who it is: unknown peers' connections are closed before
// its own.
func (s *Conns) Know(addr net.Addr) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.from[addr.String()]; c != nil {
		c.known.Store(true)
	}
}

// Usage is the fill level of a set and its counters.
type Usage struct {
	Open, Max        int
	Evicted, Refused uint64
}

// Usage returns how full the set is and its counters.
func (s *Conns) Usage() Usage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Usage{len(s.open), s.max, s.evicted.Load(), s.refused.Load()}
}

// Conn is a connection of a set.
type Conn struct {
	net.Conn
	owner *Conns
	heard atomic.Int64 // Unix time in nanoseconds of the last data from the other end
	busy  atomic.Bool
	known atomic.Bool
}

// before reports whether c is closed before other.
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

// Busy marks that the peer waits for this process, so that its silence means nothing: the connection is not closed.
func (c *Conn) Busy(busy bool) {
	if !busy {
		c.heard.Store(time.Now().UnixNano())
	}
	c.busy.Store(busy)
}

// Listener returns a listener whose connections are of type *Conn and belong to the set. A connection that finds no
// room is passed to refuse, which must not block, and closed.
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
