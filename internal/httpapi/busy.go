package httpapi

import (
	"cmp"
	"net/http"
	"slices"

	"dkron"
	"dkron/internal/access"
	"dkron/internal/history"
	"dkron/internal/launchform"
	"dkron/internal/respond"
	"dkron/internal/state"
)

// maxLive is the most executions for which one answer gathers live output.
const maxLive = 200

// getBusy answers with all running executions, oldest first.
func (a *api) getBusy(w http.ResponseWriter, r *http.Request) error {
	v := r.URL.Query()
	p, err := respond.ParsePage(v)
	if err != nil {
		return err
	}
	var found []*dkron.Execution
	now, sees := a.now(), access.SeesJob(r.Context())
	err = a.Store.View(func(tx *state.Tx) error {
		return tx.OpenExecutions(func(e *dkron.Execution) bool {
			if history.Begun(e, now) && (sees == nil || sees(e.JobName)) {
				found = append(found, e)
			}
			return true
		})
	})
	if err != nil {
		return err
	}
	slices.SortFunc(found, func(a, b *dkron.Execution) int {
		return cmp.Or(a.StartedAt.Compare(b.StartedAt), cmp.Compare(a.JobName, b.JobName), history.CompareID(a, b))
	})
	shown := respond.Cut(p, found)
	a.addLive(r.Context(), shown[:min(len(shown), maxLive)])
	var list []*launchform.Execution
	for _, e := range shown {
		out := launchform.NewExecution(e)
		limitOutput(out, v)
		list = append(list, out)
	}
	return respond.List(w, r, len(found), list)
}
