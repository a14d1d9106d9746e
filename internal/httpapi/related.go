package httpapi

import (
	"net/http"

	"dkron"
)

// How many related jobs are returned, and how many are counted: a job's relations may be all jobs.
const (
	maxRelated   = 500
	countRelated = 10_000
)

// getRelated answers the job and all that hang together with it by parents, nearest first.
func (a *api) getRelated(w http.ResponseWriter, r *http.Request) error {
	found := a.Store.Index().Related(r.PathValue("job"), countRelated)
	if found == nil {
		return dkron.ErrNotFound
	}
	return a.writeJobs(w, r, len(found), found[:min(len(found), maxRelated)])
}
