package httpserver

import (
	"net"
	"net/http"

	"dkron"
)

// WithActor notes who asks: the address that the request came from, unless the node that handed it on has noted that
// already. Headers that name a client are not believed.
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
