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
	maxPart   = 32 << 10         // bytes of an answer that are sent at once
	writeTime = 30 * time.Second // for which a client may keep a part of its answer waiting
)

// Servers is the servers of the cluster.
type Servers interface {
	// Servers returns the names of those to ask, the first one first. It should always be the same one, so that a client
	// reads what it wrote.
	Servers() []string
	// Send hands a request to a server. The answer takes as long as it likes: ctx must end when it is not wanted any more,
	// and after its end.
	Send(ctx context.Context, server string, r *Request) (Answer, error)
}

// Answer is a server's answer on its way.
type Answer interface {
	// Recv returns the next part, and io.EOF after the last.
	Recv() (*Part, error)
}

// Config is what a Relay needs to know.
type Config struct {
	Servers Servers
	MaxBody int64           // of a request, in bytes
	Streams context.Context // ends the streams of events; all else is answered still
	Logger  *slog.Logger
}

// Relay answers HTTP requests with the answers of a server.
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
			ErrorLog:     slog.NewLogLogger(cfg.Logger.Handler(), slog.LevelDebug), // of answers that broke off
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

// unchanged takes back what the proxy has removed: the relay is a part of the server, which is to see what the client sent.
func unchanged(r *httputil.ProxyRequest) {
	r.Out.URL.RawQuery = r.In.URL.RawQuery
	r.Out.Host = r.In.Host
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"} {
		if values, ok := r.In.Header[name]; ok {
			r.Out.Header[name] = values
		}
	}
}

// Why there is no answer of a server.
var (
	errBody    = errors.New("request body could not be read")
	errNobody  = errors.New("no server answers; is this agent joined to a cluster?")
	errUnknown = errors.New("the request may or may not have been carried out")
)

// refuse answers for the servers.
func refuse(w http.ResponseWriter, r *http.Request, err error) {
	large := (*http.MaxBytesError)(nil)
	switch {
	case r.Context().Err() != nil: // the client has gone
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

// patient gives a client time for each part of its answer, and not for the whole. One that does not read is cut off, and
// with it the server's work for it.
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

// extend also lifts the limit that the HTTP server has set for the whole answer. Not every writer has limits.
func (p *patient) extend() { _ = p.control.SetWriteDeadline(time.Now().Add(writeTime)) }
