package rpc

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"dkron/internal/limit"
	"dkron/internal/nodetls"
)

// identifyTimeout is how long a connection may take to show its protocol.
const identifyTimeout = 5 * time.Second

// mux sorts connections by their first byte: HTTP/2 begins with 'P', a connection for Raft with a hello (hello.go) or,
// from an older version, with the type of a request, 0 to 4. Any other connection is closed.
type mux struct {
	listener   net.Listener
	grpc, raft *branch
	log        *slog.Logger
	conns      *limit.Conns
	tls        *nodetls.Material // nil: connections are not protected
	reported   atomic.Int64      // when a refusal was last reported, in Unix seconds

	mu      sync.Mutex // guards unnamed
	unnamed map[net.Conn]struct{}
}

func newMux(l net.Listener, connections int, tls *nodetls.Material, log *slog.Logger) *mux {
	return &mux{
		listener: l, grpc: newBranch(l.Addr()), raft: newBranch(l.Addr()), log: log, tls: tls,
		conns: limit.NewConns(connections), unnamed: make(map[net.Conn]struct{}),
	}
}

// run sorts connections until close. gate admits those for Raft.
func (m *mux) run(gate Gate) {
	for {
		conn, err := m.listener.Accept()
		if err != nil {
			if ne, ok := err.(net.Error); ok && ne.Timeout() || !m.closed() {
				m.log.Warn("connection could not be accepted", "error", err)
				time.Sleep(50 * time.Millisecond) // usually out of descriptors: let some close
				if !m.closed() {
					continue
				}
			}
			return
		}
		// Silent connections are closed to make room, strangers' before those of the cluster's nodes.
		if c, ok := m.conns.Admit(conn); ok {
			go m.identify(c, gate)
		} else {
			conn.Close()
		}
	}
}

func (m *mux) identify(conn net.Conn, gate Gate) {
	m.note(conn)
	first := make([]byte, 1)
	conn.SetReadDeadline(time.Now().Add(identifyTimeout))
	n, err := conn.Read(first)
	raw := conn
	if n == 1 && err == nil {
		if conn, err = m.secure(conn, first); err == nil && first[0] != 'P' {
			err = m.admit(conn, first[0], gate)
		}
	}
	m.forget(raw)
	if n == 0 || err != nil {
		conn.Close()
		return
	}
	if conn == raw {
		conn = m.tls.Plain(conn)
	}
	_ = conn.SetDeadline(time.Time{}) // if it fails, the connection is closed and the next read fails too
	switch first[0] {
	case 'P':
		m.grpc.hand(&peeked{Conn: conn, first: first})
	case helloByte:
		m.raft.hand(conn)
	default:
		m.raft.hand(&peeked{Conn: conn, first: first})
	}
}

// secure makes a connection that begins with TLS secure, and reads the first byte in it into first.
func (m *mux) secure(conn net.Conn, first []byte) (net.Conn, error) {
	if m.tls == nil || first[0] != nodetls.Hello {
		if m.tls.Required() {
			return conn, m.refuse(conn, errors.New("it is not protected by TLS, which this node requires (require-tls, or its join secret)"))
		}
		return conn, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), identifyTimeout)
	defer cancel()
	secured, err := m.tls.Serve(ctx, &peeked{Conn: conn, first: []byte{first[0]}})
	if err != nil {
		return conn, m.refuse(conn, err)
	}
	_, err = secured.Read(first)
	return secured, err
}

// reportAgain is how often refused connections are a warning. Others are in the log at debug.
const reportAgain = 60

func (m *mux) refuse(conn net.Conn, err error) error {
	level, now, last := slog.LevelDebug, time.Now().Unix(), m.reported.Load()
	if now-last >= reportAgain && m.reported.CompareAndSwap(last, now) {
		level = slog.LevelWarn
	}
	m.log.Log(context.Background(), level, "a connection was refused", "from", conn.RemoteAddr(), "error", err)
	return err
}

// admit admits or refuses a connection that may be for Raft.
func (m *mux) admit(conn net.Conn, first byte, gate Gate) (err error) {
	gate = certified{gate, peerOf(conn)}
	switch {
	case first == helloByte:
		_ = conn.SetWriteDeadline(time.Now().Add(identifyTimeout))
		if err = answerHello(conn, gate); err == nil {
			m.conns.Know(conn.RemoteAddr())
		}
	case first <= 4:
		err = gate.AdmitRaft(RaftHello{}, true)
	default:
		err = errors.New("unknown protocol")
	}
	if err != nil {
		m.log.Debug("connection closed", "from", conn.RemoteAddr(), "first_byte", first, "error", err)
	}
	return err
}

// note registers a connection of unknown protocol, so that close ends it.
func (m *mux) note(conn net.Conn) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.unnamed[conn] = struct{}{}
	if m.closed() {
		conn.Close()
	}
}

func (m *mux) forget(conn net.Conn) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.unnamed, conn)
}

func (m *mux) closed() bool {
	select {
	case <-m.grpc.done:
		return true
	default:
		return false
	}
}

func (m *mux) close() {
	m.grpc.Close()
	m.raft.Close()
	m.listener.Close()
	m.mu.Lock()
	defer m.mu.Unlock()
	for conn := range m.unnamed {
		conn.Close()
	}
}

// peeked is a connection whose first byte has been read.
type peeked struct {
	net.Conn
	first []byte
}

func (c *peeked) Read(p []byte) (int, error) {
	if len(c.first) > 0 && len(p) > 0 {
		n := copy(p, c.first)
		c.first = c.first[n:]
		return n, nil
	}
	return c.Conn.Read(p)
}

// branch is a listener for the connections of one protocol.
type branch struct {
	addr  net.Addr
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newBranch(addr net.Addr) *branch {
	return &branch{addr: addr, conns: make(chan net.Conn), done: make(chan struct{})}
}

func (b *branch) hand(c net.Conn) {
	select {
	case b.conns <- c:
	case <-b.done:
		c.Close()
	case <-time.After(identifyTimeout): // nothing accepts: an agent has no Raft
		c.Close()
	}
}

func (b *branch) Accept() (net.Conn, error) {
	select {
	case c := <-b.conns:
		return c, nil
	case <-b.done:
		return nil, net.ErrClosed
	}
}

func (b *branch) Close() error {
	b.once.Do(func() { close(b.done) })
	return nil
}

func (b *branch) Addr() net.Addr { return b.addr }
