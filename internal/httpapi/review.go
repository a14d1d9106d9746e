package httpapi

import (
	"net/http"

	"dkron/internal/jobfile"
	"dkron/internal/jobform"
	"dkron/internal/respond"
	"dkron/internal/review"
)

func (a *api) reviewer() *review.Reviewer {
	return &review.Reviewer{Store: a.Store, Judge: a.Judge, Planner: a.Planner, Now: a.now, Logger: a.Logger}
}

// reviewJSON is the plan of a restore with everything that is wrong with its jobs. The plan has the jobs without errors.
type reviewJSON struct {
	planJSON
	jobform.Found
	Changes []jobform.Change `json:"changes"`
}

// reviewRestore answers a dry run with all problems of all jobs, where planRestore refuses the first.
func (a *api) reviewRestore(w http.ResponseWriter, r *http.Request, items []jobfile.Item) error {
	if a.Planner == nil {
		return respond.Refuse(http.StatusNotImplemented, "this server can't plan a restore; leave out ?dry_run")
	}
	f, err := a.reviewer().File(r.Context(), jobform.Inspect(items))
	if err != nil {
		return err
	}
	return respond.JSON(w, r, http.StatusOK, reviewJSON{newPlanJSON(&f.Plan), f.Found, f.Changes})
}
