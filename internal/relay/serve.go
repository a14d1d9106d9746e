package relay

import (
	"bytes"
	"context"
	"net/http"
	"net/url"

	"dkron"
)

// Origin is the server's side: its handler answers relayed requests.
type Origin struct{ Handler http.Handler }

// ServeHTTPRequest answers a request in parts. ctx ends when the client no longer waits.
func (o Origin) ServeHTTPRequest(ctx context.Context, r *Request, send func(*Part) error) error {
	u, err := url.ParseRequestURI(r.URI)
	if err != nil {
		return dkron.Invalid("request: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, "/", bytes.NewReader(r.Body))
	if err != nil {
		return dkron.Invalid("request: %w", err)
	}
	req.URL, req.RequestURI, req.Host, req.RemoteAddr = u, r.URI, r.Host, r.Remote
	req.Header = header(r.Header)
	w := &partWriter{send: send, header: make(http.Header), bodiless: r.Method == http.MethodHead}
	o.Handler.ServeHTTP(w, req)
	return w.flush(false)
}

// partWriter sends an answer in parts.
type partWriter struct {
	send     func(*Part) error
	header   http.Header
	bodiless bool
	part     Part  // not sent yet
	status   int   // 0 until it is known
	begun    bool  // the first part has been sent
	err      error // the first error of sending
}

func (w *partWriter) Header() http.Header { return w.header }

func (w *partWriter) WriteHeader(status int) {
	if w.status != 0 || status < http.StatusOK {
		return
	}
	w.status = status
	w.part.Status, w.part.Header = uint64(status), lines(w.header)
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

// FlushError sends what has been written, for the client to get at once.
func (w *partWriter) FlushError() error { return w.flush(true) }

// Flush is FlushError for callers that only know http.Flusher.
func (w *partWriter) Flush() { _ = w.flush(true) }

func (w *partWriter) flush(atOnce bool) error {
	w.WriteHeader(http.StatusOK)
	if w.err != nil || w.begun && len(w.part.Body) == 0 {
		return w.err
	}
	w.part.Flush = atOnce
	w.err = w.send(&w.part)
	w.begun = true
	w.part = Part{Body: w.part.Body[:0]}
	return w.err
}
