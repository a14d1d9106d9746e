package httpapi

import (
	"errors"
	"fmt"
	"net/http"

	"dkron"
	"dkron/internal/respond"
	"dkron/internal/state"
)

// warnJob adds warnings about the job that was just written.
func (a *api) warnJob(w http.ResponseWriter, j *dkron.Job) {
	out := respond.NewWarnings(w)
	out.Add("", a.reviewer().Problems(j, a.now()))
	out.End()
}

// warnJobs does so for the jobs of a restore. Jobs that are stored by now are read from the state: only that shows a
// job's children.
func (a *api) warnJobs(w http.ResponseWriter, jobs []dkron.Record) error {
	out := respond.NewWarnings(w)
	for i := range jobs {
		j := &jobs[i].Job
		err := a.Store.View(func(tx *state.Tx) error {
			stored, err := tx.Job(j.Name)
			if errors.Is(err, dkron.ErrNotFound) { // a dry run
				return nil
			}
			if err == nil {
				j.DependentJobs = stored.DependentJobs
			}
			return err
		})
		if err != nil {
			return err
		}
		out.Add(fmt.Sprintf("job %q: ", respond.Shorten(j.Name)), a.reviewer().Problems(j, a.now()))
	}
	out.End()
	return nil
}

// warningJSON is a warning of a preview.
type warningJSON struct {
	Field   string `json:"field"`
	Text    string `json:"text"`
	Refused bool   `json:"refused"` // a write would refuse such a job
}

func newWarningsJSON(problems []dkron.Problem) (out []warningJSON) {
	for _, p := range problems {
		out = append(out, warningJSON{p.Field, p.Text, p.Severity >= dkron.Hopeless})
	}
	return out
}
