package httpapi

import (
	"encoding/json"
	"net/http"

	"dkron/internal/httpserver"
	"dkron/internal/jobform"
	"dkron/internal/respond"
)

// limitBody limits the body of a request to its endpoint's maximum.
func (a *api) limitBody(w http.ResponseWriter, r *http.Request) error {
	limit := a.MaxBody
	if r.Pattern == restorePath {
		limit = max(limit, httpserver.LargestBody)
	}
	return httpserver.LimitBody(w, r, limit)
}

// readObject returns the body, which must be exactly one JSON object.
func readObject(r *http.Request) (json.RawMessage, error) {
	object, err := jobform.ReadObject(r.Body)
	if err != nil {
		return nil, unreadable(err)
	}
	return object, nil
}

func unparsable(err error) error {
	return respond.Refuse(http.StatusBadRequest, "Unable to parse payload: %s.", err)
}
