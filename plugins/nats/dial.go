package nats

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
)

const (
	// helloLimit is how much a server may say before the connection is established: its description of itself.
	helloLimit = 1 << 20
	// maxMessage is the largest message that a server can be set to pass on. The library would allocate what is announced.
	maxMessage = 64 << 20
)

var errTooMuch = errors.New("the server sends data without end")

// dialer makes connections that end with ctx, and keeps why one could not be made, which the library does not.
type dialer struct {
	ctx    context.Context
	framed bool // WebSocket

	mu    sync.Mutex // guards the rest
	conns []*conn
	err   error
}

// conn bounds what the library reads into its memory: before the connection is established by the bytes that come, and then
// by the sizes that the protocol announces. It can't see these in what is encrypted or framed, and does not look there.
type conn struct {
	net.Conn
	forget func() bool
	ready  atomic.Bool // the connection is established
	hello  int         // bytes read before that
	scan   scanner
}

// Dial connects to a server.
func (d *dialer) Dial(network, address string) (net.Conn, error) {
	dial := net.Dialer{Timeout: connectLimit}
	made, err := dial.DialContext(d.ctx, network, address)
	d.mu.Lock()
	defer d.mu.Unlock()
	if err != nil {
		d.err = err
		return nil, err
	}
	c := &conn{Conn: made, scan: scanner{off: d.framed}}
	c.forget = context.AfterFunc(d.ctx, func() { _ = made.Close() })
	d.conns = append(d.conns, c)
	return c, nil
}

// failed returns why a server could not be reached.
func (d *dialer) failed() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.err
}

// reached reports whether any server could.
func (d *dialer) reached() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.conns) > 0
}

// established is called when the library has a connection.
func (d *dialer) established() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, c := range d.conns {
		c.ready.Store(true)
	}
}

// close ends what the library may have left open.
func (d *dialer) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, c := range d.conns {
		_ = c.Close()
	}
}

// Read reads, within the limits.
func (c *conn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if !c.ready.Load() {
		c.hello += n
	}
	if c.hello > helloLimit || !c.scan.accept(b[:n]) {
		_ = c.Close()
		return 0, errTooMuch
	}
	return n, err
}

// Close closes it.
func (c *conn) Close() error {
	c.forget()
	return c.Conn.Close()
}
