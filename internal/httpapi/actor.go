package httpapi

import (
	"net"
	"net/http"

	"dkron"
)

// withActor notes who asks: the address that the request came from, unless somebody who handed it on has said already.
// What headers say of it is not believed.
func withActor(r *http.Request) *http.Request {
	if dkron.Actor(r.Context()) != "" {
		return r
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r
	}
	return r.WithContext(dkron.WithActor(r.Context(), host))
}
