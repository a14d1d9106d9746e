package httpapi

import (
	"net/http"

	"dkron/internal/jobform"
	"dkron/internal/respond"
	"dkron/internal/state"
)

func (a *api) getExecutors(w http.ResponseWriter, r *http.Request) error {
	list := a.Executors()
	return respond.List(w, r, len(list), list)
}

func (a *api) getProcessors(w http.ResponseWriter, r *http.Request) error {
	list := a.Processors()
	return respond.List(w, r, len(list), list)
}

// getJobProcessors answers with how far the job's outputs have been delivered to its processors.
func (a *api) getJobProcessors(w http.ResponseWriter, r *http.Request) error {
	var list []jobform.Processor
	err := a.Store.View(func(tx *state.Tx) error {
		j, stats, err := tx.DeliveriesOf(r.PathValue("job"))
		if err == nil {
			list = jobform.NewProcessors(j, stats)
		}
		return err
	})
	if err != nil {
		return err
	}
	return respond.List(w, r, len(list), list)
}
