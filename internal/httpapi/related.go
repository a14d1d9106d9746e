package httpapi

import (
	"net/http"

	"dkron"
)

// Limits of the related jobs returned and counted: all jobs may be related.
const (
	maxRelated   = 500
	countRelated = 10_000
)

// getRelated answers with the job and all jobs linked to it by parents, nearest first.
func (a *api) getRelated(w http.ResponseWriter, r *http.Request) error {
	found := a.Store.Index().Related(r.PathValue("job"), countRelated)
	if found == nil {
		return dkron.ErrNotFound
	}
	return a.writeJobs(w, r, &jobList{total: len(found), entries: found[:min(len(found), maxRelated)]})
}
