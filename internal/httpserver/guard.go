package httpserver

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"dkron/internal/limit"
	"dkron/internal/respond"
)

const (
	// maxBodies limits the bytes of request bodies in memory at once: two of the largest size.
	maxBodies = 2 * LargestBody
	// retryAfter is the number of seconds that a refused client should wait.
	retryAfter = 1
	// refuseTime limits the writing of a refusal.
	refuseTime = 100 * time.Millisecond
)

// Guard keeps the clients of one port from using what the node needs for its work. When all connections are taken, it
// closes the one that has been silent longest, unless its request is being answered.
type Guard struct {
	conns   *limit.Conns
	bodies  *limit.Bytes
	clients *limit.Clients
	each    int
	proxies proxies
	naming  naming
}

// NewGuard returns a guard that allows so many connections. Requests from one client address may use half of them at a time. If the
// request came through a proxy in a trusted network, the client's address is the one that the proxy names, for this limit and for all
// handlers after the guard.
func NewGuard(connections int, trusted ...netip.Prefix) *Guard {
	each := max(1, connections/2)
	return &Guard{
		conns: limit.NewConns(connections), bodies: limit.NewBytes(maxBodies), clients: limit.NewClients(each), each: each, proxies: trusted,
	}
}

// Listener returns l with bounded connections.
func (g *Guard) Listener(l net.Listener) net.Listener { return g.conns.Listener(l, refuseConn) }

// Connections returns the use of connections.
func (g *Guard) Connections() limit.Usage { return g.conns.Usage() }

// BodyBytes returns the bytes of bodies in memory.
func (g *Guard) BodyBytes() int64 { return g.bodies.Used() }

// refuseConn answers that the node is full. It does not wait for the request.
func refuseConn(c net.Conn) {
	const text = "all connections of this node are in use; try again later"
	_ = c.SetWriteDeadline(time.Now().Add(refuseTime))
	fmt.Fprintf(c, "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\nRetry-After: %d\r\n"+
		"Connection: close\r\nContent-Length: %d\r\n\r\n%s", retryAfter, len(text), text)
}

func (g *Guard) handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = g.naming.take(r, g.proxies.sent(r))
		r.RemoteAddr = g.proxies.clientOf(r)
		q := &inWork{guard: g, conn: connOf(r), client: r.RemoteAddr}
		if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
			q.client = host
		}
		defer q.end()
		out := &guarded{ResponseWriter: w, q: q}
		if r.Body == nil || r.Body == http.NoBody {
			if !q.begin() {
				out.refuse()
				return
			}
		} else {
			r.Body = &guardedBody{r.Body, q}
		}
		next.ServeHTTP(out, r)
	})
}

// inWork is a request between its header and the end of its answer, for one goroutine.
type inWork struct {
	guard   *Guard
	conn    *limit.Conn // nil: not from a guard's listener
	client  string
	entered bool
	taken   int64 // bytes of its body
	refusal int   // status of the answer if a limit was reached, else 0
}

// begin is called once the request is complete; from then on the client waits for its answer.
func (q *inWork) begin() bool {
	if q.entered {
		return true
	}
	if !q.guard.clients.Enter(q.client) {
		q.refusal = http.StatusTooManyRequests
		return false
	}
	q.entered = true
	if q.conn != nil {
		q.conn.Busy(true)
	}
	return true
}

func (q *inWork) end() {
	q.guard.bodies.Give(q.taken)
	if q.entered {
		q.guard.clients.Leave(q.client)
	}
	if q.conn != nil {
		q.conn.Busy(false)
	}
}

func (q *inWork) why() string {
	if q.refusal == http.StatusTooManyRequests {
		return fmt.Sprintf("this client has %d requests in progress, which is its limit; try again later", q.guard.each)
	}
	return "the requests in progress hold as much memory as they may; try again later"
}

// guardedBody counts what is read, and notes the end.
type guardedBody struct {
	io.ReadCloser
	q *inWork
}

func (b *guardedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if n > 0 {
		if b.q.guard.bodies.Take(int64(n)) != nil {
			b.q.refusal = http.StatusServiceUnavailable
			return 0, limit.ErrFull
		}
		b.q.taken += int64(n)
	}
	if err == io.EOF && !b.q.begin() { // readers never wrap it
		return 0, limit.ErrFull
	}
	return n, err
}

// guarded answers with the refusal instead of the handler's error about a body that it could not read.
type guarded struct {
	http.ResponseWriter
	q        *inWork
	begun    bool
	replaced bool
}

func (w *guarded) WriteHeader(status int) {
	switch {
	case w.replaced:
	case w.q.refusal != 0 && !w.begun:
		w.refuse()
	default:
		w.begun = w.begun || status >= http.StatusOK
		w.ResponseWriter.WriteHeader(status)
	}
}

func (w *guarded) Write(p []byte) (int, error) {
	if w.q.refusal != 0 && !w.begun && !w.replaced {
		w.refuse()
	}
	if w.replaced {
		return len(p), nil
	}
	w.begun = true
	return w.ResponseWriter.Write(p)
}

func (w *guarded) refuse() {
	w.replaced = true
	h := w.Header()
	clear(h)
	h.Set("Retry-After", strconv.Itoa(retryAfter))
	h.Set("Connection", "close")
	respond.Text(w.ResponseWriter, w.q.refusal, w.q.why())
}

func (w *guarded) Unwrap() http.ResponseWriter { return w.ResponseWriter }
