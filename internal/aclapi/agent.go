package aclapi

import (
	"bytes"
	"net/http"

	"dkron/internal/httpserver"
	"dkron/internal/respond"
)

// Agent is the gate of an agent, which knows no tokens: it asks a server whether a client may do what the agent does itself.
type Agent struct {
	Servers http.Handler       // passes requests to a server
	Origins httpserver.Origins // as of Gate
}

// Admit is as Gate.Admit, for the administration of the node.
func (g Agent) Admit(w http.ResponseWriter, r *http.Request) (*http.Request, func(), error) {
	if hasCookie(r) && r.Header.Get("Authorization") == "" {
		if err := g.Origins.CheckOwn(r); err != nil { // the server that is asked sees no change
			return nil, nil, err
		}
	}
	if err := g.ask(w, r, "admin"); err != nil {
		return nil, nil, err
	}
	return r, func() {}, nil
}

// Metrics returns a handler that answers those who may read everything.
func (g Agent) Metrics(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := g.ask(w, r, "read"); err != nil {
			respond.Fail(w, r, err, nil)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// ask returns the refusal of a server, or of the way to one.
func (g Agent) ask(w http.ResponseWriter, r *http.Request, verb string) error {
	q, err := http.NewRequestWithContext(r.Context(), http.MethodGet, "/v1/acl/self?may="+verb, http.NoBody)
	if err != nil {
		return err
	}
	q.RemoteAddr, q.Host = r.RemoteAddr, r.Host
	for _, name := range []string{"Authorization", "Cookie"} {
		if values, ok := r.Header[name]; ok {
			q.Header[name] = values
		}
	}
	a := &answer{header: make(http.Header)}
	g.Servers.ServeHTTP(a, q)
	if a.status == http.StatusOK {
		return nil
	}
	for _, name := range []string{"Retry-After", "WWW-Authenticate"} {
		if values, ok := a.header[http.CanonicalHeaderKey(name)]; ok {
			w.Header()[http.CanonicalHeaderKey(name)] = values
		}
	}
	return respond.Refuse(a.status, "%s", a.text.String())
}

// answer keeps an answer.
type answer struct {
	header http.Header
	status int
	text   bytes.Buffer
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *answer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.text.Write(p)
}
