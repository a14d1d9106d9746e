package httpapi

import (
	"encoding/json"
	"net/http"

	"dkron/internal/jobform"
	"dkron/internal/respond"
	"dkron/internal/state"
)

// Executor is an executor or a processor that jobs may use.
type Executor struct {
	Name string `json:"name"`
	// Schema is the JSON Schema of its configuration; nil: it does not describe itself.
	Schema json.RawMessage `json:"schema,omitempty"`
}

func (a *api) getExecutors(w http.ResponseWriter, r *http.Request) error {
	return respond.List(w, r, len(a.Executors), a.Executors)
}

func (a *api) getProcessors(w http.ResponseWriter, r *http.Request) error {
	return respond.List(w, r, len(a.Processors), a.Processors)
}

// getJobProcessors answers with what came of giving the job's outputs to its processors.
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
