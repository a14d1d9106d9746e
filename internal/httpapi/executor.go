package httpapi

import (
	"net/http"

	"dkron/internal/respond"
)

func (a *api) getExecutors(w http.ResponseWriter, r *http.Request) error {
	list := a.Executors()
	return respond.List(w, r, len(list), list)
}
