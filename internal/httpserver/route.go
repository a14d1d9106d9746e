package httpserver

import "net/http"

// Endpoint answers one method of one path. respond.Fail answers an error that it returns; until then it must not have
// written anything.
type Endpoint func(w http.ResponseWriter, r *http.Request) error

// Route is a path, as a pattern of http.ServeMux, and its endpoints by method. HEAD and OPTIONS follow from these.
type Route struct {
	Path    string
	Methods map[string]Endpoint
	Bare    bool // without X-Whom and CORS
}
