package relay

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"time"
)

const (
	maxPart   = 32 << 10         // bytes of an answer in one message
	writeTime = 30 * time.Second // limit for a client to accept a part of its answer
)

// Servers is the cluster's servers.
type Servers interface {
	// Names returns the names of the servers to try, in order. The first should always be the same, so that a client
	// reads its own writes.
	Names() []string
	// Send sends a request to a server. The answer has no time limit: the caller must end ctx when it no longer wants
	// the answer, and after the answer's end.
	Send(ctx context.Context, server string, r *Request) (Answer, error)
}

// Answer is a server's answer, received in parts.
type Answer interface {
	// Recv returns the next part, and io.EOF after the last.
	Recv() (*Part, error)
}

// Config is what a Relay needs to know.
type Config struct {
	Servers Servers
	MaxBody int64           // of a request, in bytes
	Streams context.Context // ends event streams; other requests are still answered
	Logger  *slog.Logger
}

// Relay answers HTTP requests by asking a server.
type Relay struct {
	proxy   *httputil.ReverseProxy
	maxBody int64
}

// New returns a relay.
func New(cfg Config) *Relay {
	return &Relay{
		maxBody: cfg.MaxBody,
		proxy: &httputil.ReverseProxy{
			Rewrite:      unchanged,
			Transport:    &transport{cfg},
			ErrorHandler: refuse,
			ErrorLog:     slog.NewLogLogger(cfg.Logger.Handler(), slog.LevelDebug), // of interrupted answers
		},
	}
}

func (r *Relay) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if req.ContentLength > r.maxBody {
		refuse(w, req, &http.MaxBytesError{Limit: r.maxBody})
		return
	}
	req.Body = http.MaxBytesReader(w, req.Body, r.maxBody)
	r.proxy.ServeHTTP(&patient{w, http.NewResponseController(w)}, req)
}

// unchanged restores headers that the proxy removes: the server should see what the client sent.
func unchanged(r *httputil.ProxyRequest) {
	r.Out.URL.RawQuery = r.In.URL.RawQuery
	r.Out.Host = r.In.Host
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"} {
		if values, ok := r.In.Header[name]; ok {
			r.Out.Header[name] = values
		}
	}
}

// Reasons for no answer from a server.
var (
	errBody    = errors.New("request body could not be read")
	errNobody  = errors.New("no server answers; is this agent joined to a cluster?")
	errUnknown = errors.New("the request may or may not have been carried out")
)

// refuse answers when no server did.
func refuse(w http.ResponseWriter, r *http.Request, err error) {
	large := (*http.MaxBytesError)(nil)
	switch {
	case r.Context().Err() != nil: // the client has disconnected
		w.WriteHeader(http.StatusBadGateway)
	case errors.As(err, &large):
		http.Error(w, "request body is too large", http.StatusRequestEntityTooLarge)
	case errors.Is(err, errBody):
		http.Error(w, err.Error(), http.StatusBadRequest)
	case errors.Is(err, errUnknown):
		http.Error(w, err.Error(), http.StatusBadGateway)
	default:
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
	}
}

// patient limits the time for each part of an answer instead of the whole. A client that does not read is disconnected,
// which ends the server's work for it.
type patient struct {
	http.ResponseWriter
	control *http.ResponseController
}

// Unwrap is for http.ResponseController.
func (p *patient) Unwrap() http.ResponseWriter { return p.ResponseWriter }

func (p *patient) WriteHeader(status int) {
	p.extend()
	p.ResponseWriter.WriteHeader(status)
}

func (p *patient) Write(b []byte) (int, error) {
	p.extend()
	return p.ResponseWriter.Write(b)
}

// extend also lifts the HTTP server's limit for the whole answer. Not every writer has limits.
func (p *patient) extend() { _ = p.control.SetWriteDeadline(time.Now().Add(writeTime)) }
