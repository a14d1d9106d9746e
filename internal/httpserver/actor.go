package httpserver

import (
	"net"
	"net/http"

	"dkron"
)

// WithActor adds the caller to the request: its address, unless the node that relayed the request has set it, and the server
// that was asked. Headers that name a client are not trusted.
func WithActor(r *http.Request, server string) *http.Request {
	ctx := r.Context()
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err == nil && dkron.Actor(ctx) == "" {
		ctx = dkron.WithActor(ctx, host)
	}
	if err != nil {
		host = dkron.Actor(ctx)
	}
	return r.WithContext(dkron.WithOrigin(ctx, dkron.Origin{Address: host, Server: server}))
}
