package httpapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

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

// warnUnknown names a body's unknown fields, each once.
func warnUnknown(w http.ResponseWriter, fields []string) {
	var names []string
	more := 0
	for _, f := range fields {
		switch f = respond.Shorten(f); {
		case slices.Contains(names, f):
		case len(names) < respond.MaxWarnings:
			names = append(names, f)
		default:
			more++
		}
	}
	if len(names) == 0 {
		return
	}
	text := "unknown fields ignored: " + strings.Join(names, ", ")
	if more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	respond.Warn(w, text)
}
