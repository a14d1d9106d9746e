package httpapi

import (
	"encoding/json"
	"net/http"

	"dkron/internal/respond"
)

// Executor is an executor that jobs may use.
type Executor struct {
	Name string `json:"name"`
	// Schema is the JSON Schema of its configuration; nil: it does not describe itself.
	Schema json.RawMessage `json:"schema,omitempty"`
}

func (a *api) getExecutors(w http.ResponseWriter, r *http.Request) error {
	return respond.List(w, r, len(a.Executors), a.Executors)
}
