package aclapi

import (
	"errors"
	"net/http"
	"os"
	"slices"
	"time"

	"dkron"
	"dkron/internal/access"
	"dkron/internal/httpserver"
	"dkron/internal/request"
	"dkron/internal/state"
)

// Config is what the endpoints need from the server.
type Config struct {
	Controller request.Doer
	Gate       *Gate // nil if access control is off
	Store      *state.Store
	Now        func() time.Time
	// Reset is the file that allows one more first token, made by dkron acl reset in the data directory.
	Reset string
	// OpenID is who else says who somebody is; nil: nobody does.
	OpenID *OpenID
	// Refused notes a sign-in that was refused by sending the browser back to the page; may be nil.
	Refused func(r *http.Request, err error)
}

type api struct{ Config }

// Routes returns the endpoints. Which there are depends on what is on: anybody may ask who it is, agents ask whether a client
// may do something, and with tokens there is all the rest.
func Routes(cfg Config, tokens bool) []httpserver.Route {
	a := &api{cfg}
	list := []httpserver.Route{{Path: "/v1/acl/session", Methods: methods(map[string]httpserver.Endpoint{
		"GET": a.session, "POST": a.signIn, "DELETE": a.signOut,
	})}}
	list = append(list, a.openIDRoutes()...)
	if cfg.Gate != nil {
		list = append(list, httpserver.Route{Path: "/v1/acl/self", Methods: methods(map[string]httpserver.Endpoint{"GET": a.self})})
	}
	if !tokens {
		return list
	}
	return append(list, []httpserver.Route{
		{Path: "/v1/acl/bootstrap", Methods: methods(map[string]httpserver.Endpoint{"POST": a.bootstrap})},
		{Path: "/v1/acl/policies", Methods: methods(map[string]httpserver.Endpoint{"GET": a.listPolicies})},
		{Path: "/v1/acl/policies/{name}", Methods: methods(map[string]httpserver.Endpoint{
			"GET": a.getPolicy, "POST": a.setPolicy, "DELETE": a.deletePolicy,
		})},
		{Path: "/v1/acl/tokens", Methods: methods(map[string]httpserver.Endpoint{"GET": a.listTokens, "POST": a.createToken})},
		{Path: "/v1/acl/sessions", Methods: methods(map[string]httpserver.Endpoint{"GET": a.listSessions})},
		{Path: "/v1/acl/sessions/{session}", Methods: methods(map[string]httpserver.Endpoint{"DELETE": a.endSession})},
		{Path: "/v1/acl/tokens/{accessor}", Methods: methods(map[string]httpserver.Endpoint{"GET": a.getToken, "DELETE": a.deleteToken})},
	}...)
}

func methods(m map[string]httpserver.Endpoint) map[string]httpserver.Endpoint {
	for name, call := range m {
		m[name] = uncached(call)
	}
	return m
}

// uncached keeps secrets and rights out of caches.
func uncached(call httpserver.Endpoint) httpserver.Endpoint {
	return func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Cache-Control", "no-store")
		return call(w, r)
	}
}

// again reports whether the operator has allowed one more first token, and takes that back once used is called.
func (a *api) again() (allowed bool, used func()) {
	if a.Reset == "" {
		return false, func() {}
	}
	_, err := os.Stat(a.Reset)
	return err == nil, func() { _ = os.Remove(a.Reset) }
}

// missing returns the policies that do not exist.
func (a *api) missing(names []string) (missing []string, err error) {
	err = a.Store.View(func(tx *state.Tx) error {
		for _, name := range names {
			_, known := access.Builtin(name)
			if _, err := tx.Policy(name); !known && err != nil {
				if !notFound(err) {
					return err
				}
				missing = append(missing, name)
			}
		}
		return nil
	})
	return slices.Compact(missing), err
}

// unreadable returns why a body could not be read.
func unreadable(err error) error {
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		return httpserver.TooLarge(large.Limit)
	}
	return dkron.Invalid("the body must be a JSON object: %w", err)
}
