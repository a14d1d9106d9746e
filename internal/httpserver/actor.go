package httpserver

import (
	"net"
	"net/http"

	"dkron"
)

// WithActor adds the caller to the request: its address, unless the node that relayed the request has set it. Headers
// that name a client are not trusted.
func WithActor(r *http.Request) *http.Request {
	if dkron.Actor(r.Context()) != "" {
		return r
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r
	}
	return r.WithContext(dkron.WithActor(r.Context(), host))
}
