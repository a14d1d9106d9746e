package nodetls

import (
	"net"
	"sync"
)

// conns is the open connections of a node that belongs to a cluster with an authority of its own, so that those of a peer that
// must not go on can be closed.
type conns struct {
	mu   sync.Mutex // guards open
	open map[*entry]struct{}
}

type entry struct {
	conn net.Conn
	peer Peer
	own  Role // that this node showed; empty: none
}

func newConns() *conns { return &conns{open: make(map[*entry]struct{})} }

func (c *conns) add(conn net.Conn, peer Peer, own Role) *entry {
	e := &entry{conn, peer, own}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open[e] = struct{}{}
	return e
}

func (c *conns) remove(e *entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.open, e)
}

// end closes the connections for which when holds.
func (c *conns) end(when func(*entry) bool) {
	c.mu.Lock()
	var closing []net.Conn
	for e := range c.open {
		if when(e) {
			closing = append(closing, e.conn)
		}
	}
	c.mu.Unlock()
	for _, conn := range closing {
		_ = conn.Close()
	}
}

// plain is a connection without TLS, which ends when the node refuses such connections.
type plain struct {
	net.Conn
	conns *conns
	entry *entry
}

func (p *plain) Close() error {
	p.conns.remove(p.entry)
	return p.Conn.Close()
}

// Plain returns a connection without TLS that ends when this node learns to refuse those.
func (m *Material) Plain(conn net.Conn) net.Conn {
	if m == nil || m.conns == nil {
		return conn
	}
	p := &plain{Conn: conn, conns: m.conns}
	p.entry = m.conns.add(conn, Peer{}, "")
	if m.required.Load() { // learned in between
		_ = conn.Close()
	}
	return p
}

// Close closes the connection.
func (c *Conn) Close() error {
	if c.conns != nil {
		c.conns.remove(c.entry)
	}
	return c.Conn.Close()
}

// admitted registers a connection, and closes it if its peer was expelled during the handshake.
func (m *Material) admitted(c *Conn, own Peer) {
	if m.conns == nil {
		return
	}
	c.conns, c.entry = m.conns, m.conns.add(c.NetConn(), c.Peer, own.Role)
	if m.refusedName(c.Peer) != nil {
		_ = c.Close()
	}
}
