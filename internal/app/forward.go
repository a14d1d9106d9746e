package app

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"dkron"
	"dkron/internal/httpapi"
	"dkron/internal/rpc"
)

const (
	maxForward  = httpapi.DefaultMaxBody // of the body of a request that an agent hands on
	maxPart     = 32 << 10               // of an answer
	forwardTime = 30 * time.Second       // for which a client may keep a part of its answer waiting
)

// forward hands a request to a server and relays the answer as it comes.
func (n *Node) forward(w http.ResponseWriter, r *http.Request) {
	servers := slices.DeleteFunc(n.Members(), func(m dkron.Node) bool { return !m.Server })
	// Always the same one first, so that a client reads what it wrote.
	slices.SortFunc(servers, func(a, b dkron.Node) int { return strings.Compare(a.Name, b.Name) })
	n.handOn(w, r, servers)
}

// handOn tries the servers in order. Only a read is tried on a further one.
func (n *Node) handOn(w http.ResponseWriter, r *http.Request, servers []dkron.Node) {
	if r.ContentLength > maxForward {
		http.Error(w, "request body is too large", http.StatusRequestEntityTooLarge)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxForward))
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		http.Error(w, "request body is too large", http.StatusRequestEntityTooLarge)
		return
	}
	if err != nil {
		http.Error(w, "request body could not be read", http.StatusBadRequest)
		return
	}
	req := &rpc.HTTPRequest{
		Method: r.Method, URI: r.URL.RequestURI(), Header: fields(r.Header), Body: body, Host: r.Host, Remote: r.RemoteAddr,
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	for _, m := range servers {
		answer, head, err := n.ask(ctx, m, req)
		if err == nil {
			n.relay(w, answer, head, cancel)
			return
		}
		if ctx.Err() != nil {
			return // the client has gone
		}
		n.log.Warn("a server did not accept a request", "server", m.Name, "error", err)
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			http.Error(w, "the request may or may not have been carried out: "+err.Error(), http.StatusBadGateway)
			return
		}
	}
	http.Error(w, "no server answers; is this agent joined to a cluster?", http.StatusServiceUnavailable)
}

// ask returns the answer of a server once its head is there.
func (n *Node) ask(ctx context.Context, m dkron.Node, req *rpc.HTTPRequest) (*rpc.HTTPAnswer, *rpc.HTTPPart, error) {
	client, err := n.pool.Node(m.Name, m.RPCAddr)
	if err != nil {
		return nil, nil, err
	}
	answer, err := client.HTTP(ctx, req)
	if err != nil {
		return nil, nil, err
	}
	head, err := answer.Recv()
	if errors.Is(err, io.EOF) {
		err = errors.New("it sent no answer")
	}
	return answer, head, err
}

// relay copies an answer. A client that does not read is cut off, and with it the server's work for it. A stream has no
// end of its own: it ends when this node stops.
func (n *Node) relay(w http.ResponseWriter, answer *rpc.HTTPAnswer, part *rpc.HTTPPart, cancel context.CancelFunc) {
	for _, f := range part.Header {
		w.Header().Add(f.Name, f.Value)
	}
	var stopped <-chan struct{}
	if media, _, _ := mime.ParseMediaType(w.Header().Get("Content-Type")); media == "text/event-stream" {
		stopped = n.streams.Done()
		defer context.AfterFunc(n.streams, cancel)()
	}
	out := http.NewResponseController(w)
	w.WriteHeader(int(part.Status))
	for {
		_ = out.SetWriteDeadline(time.Now().Add(forwardTime)) // also lifts the limit for the whole answer
		_, err := w.Write(part.Body)
		if err == nil && part.Flush {
			err = out.Flush()
		}
		if err == nil {
			part, err = answer.Recv()
		}
		switch {
		case err == nil:
			continue
		case errors.Is(err, io.EOF):
			return
		}
		select {
		case <-stopped:
			return
		default:
			panic(http.ErrAbortHandler) // half an answer must not look like a whole one
		}
	}
}

// ServeHTTPRequest answers a request that an agent hands on.
func (s *server) ServeHTTPRequest(ctx context.Context, r *rpc.HTTPRequest, send func(*rpc.HTTPPart) error) error {
	u, err := url.ParseRequestURI(r.URI)
	if err != nil {
		return dkron.Invalid("request: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, "/", bytes.NewReader(r.Body))
	if err != nil {
		return dkron.Invalid("request: %w", err)
	}
	req.URL, req.RequestURI, req.Host, req.RemoteAddr = u, r.URI, r.Host, r.Remote
	for _, f := range r.Header {
		req.Header.Add(f.Name, f.Value)
	}
	w := &partWriter{send: send, header: make(http.Header), bodiless: r.Method == http.MethodHead}
	s.http.ServeHTTP(w, req)
	return w.flush(false)
}

// partWriter sends an answer in parts.
type partWriter struct {
	send     func(*rpc.HTTPPart) error
	header   http.Header
	bodiless bool
	part     rpc.HTTPPart // what is to be sent next
	status   int          // 0 until it is known
	begun    bool         // the head has been sent
	err      error        // of the first part that could not be sent
}

func (w *partWriter) Header() http.Header { return w.header }

func (w *partWriter) WriteHeader(status int) {
	if w.status != 0 || status < http.StatusOK {
		return
	}
	w.status = status
	w.part.Status, w.part.Header = uint64(status), fields(w.header)
}

func (w *partWriter) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	if w.bodiless {
		return len(p), w.err
	}
	written := 0
	for len(p) > 0 && w.err == nil {
		n := min(len(p), maxPart-len(w.part.Body))
		w.part.Body = append(w.part.Body, p[:n]...)
		written, p = written+n, p[n:]
		if len(w.part.Body) == maxPart {
			w.err = w.flush(false)
		}
	}
	return written, w.err
}

// FlushError sends what there is, for the client to have it at once.
func (w *partWriter) FlushError() error { return w.flush(true) }

// Flush is FlushError for those who know only http.Flusher.
func (w *partWriter) Flush() { _ = w.flush(true) }

func (w *partWriter) flush(atOnce bool) error {
	w.WriteHeader(http.StatusOK)
	if w.err != nil || w.begun && len(w.part.Body) == 0 {
		return w.err
	}
	w.part.Flush = atOnce
	w.err = w.send(&w.part)
	w.begun = true
	w.part = rpc.HTTPPart{Body: w.part.Body[:0]}
	return w.err
}

// fields is a header with all its lines.
func fields(h http.Header) (out []rpc.HTTPField) {
	for name, values := range h {
		for _, value := range values {
			out = append(out, rpc.HTTPField{Name: name, Value: value})
		}
	}
	return out
}
