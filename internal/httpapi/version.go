package httpapi

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"dkron"
	"dkron/internal/jobform"
	"dkron/internal/request"
	"dkron/internal/respond"
	"dkron/internal/state"
)

// versionJSON is a current or earlier definition of a job.
type versionJSON struct {
	Revision  uint64                     `json:"revision"`
	UpdatedAt time.Time                  `json:"updated_at"`
	UpdatedBy string                     `json:"updated_by"`
	Job       map[string]json.RawMessage `json:"job"` // its writable part, so that it can be sent back
}

func newVersionJSON(j *dkron.Job) (*versionJSON, error) {
	definition, err := jobform.Definition(j)
	return &versionJSON{Revision: j.Revision, UpdatedAt: respond.UTC(j.UpdatedAt), UpdatedBy: j.UpdatedBy, Job: definition}, err
}

// listVersions answers with a job's current definition and the earlier ones that are kept, newest first.
func (a *api) listVersions(w http.ResponseWriter, r *http.Request) error {
	var list []*versionJSON
	err := a.Store.View(func(tx *state.Tx) error {
		j, err := tx.Job(r.PathValue("job"))
		if err != nil {
			return err
		}
		earlier, err := tx.Versions(j.Number)
		if err != nil {
			return err
		}
		for _, v := range append([]*dkron.Job{j}, earlier...) {
			one, err := newVersionJSON(v)
			if err != nil {
				return err
			}
			list = append(list, one)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return respond.List(w, r, len(list), list)
}

func (a *api) getVersion(w http.ResponseWriter, r *http.Request) error {
	revision, err := revisionOf(r)
	if err != nil {
		return err
	}
	var out *versionJSON
	err = a.Store.View(func(tx *state.Tx) error {
		j, err := tx.Job(r.PathValue("job"))
		if err != nil {
			return err
		}
		if j.Revision != revision {
			j, err = tx.Version(j.Number, revision)
		}
		if errors.Is(err, dkron.ErrNotFound) {
			return noVersion(r, revision)
		}
		if err == nil {
			out, err = newVersionJSON(j)
		}
		return err
	})
	if err != nil {
		return err
	}
	return respond.JSON(w, r, http.StatusOK, out)
}

// revert makes an earlier definition the current one, as a new revision.
func (a *api) revert(w http.ResponseWriter, r *http.Request) error {
	revision, err := revisionOf(r)
	if err != nil {
		return err
	}
	job := r.PathValue("job")
	stored, err := request.Do(r.Context(), a.Controller, &request.RevertJob{Job: job, Revision: revision})
	switch {
	case errors.Is(err, dkron.ErrInvalid):
		return invalidJob(err)
	case errors.Is(err, dkron.ErrNotFound) && a.Store.Index().Name(job) != nil:
		return noVersion(r, revision)
	case err != nil:
		return err
	}
	a.warnJob(w, &stored.Job)
	w.Header().Set("Location", jobPath(job))
	return respond.JSON(w, r, http.StatusOK, a.jobJSON(&stored.Record))
}

func revisionOf(r *http.Request) (uint64, error) {
	s := r.PathValue("revision")
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil || n == 0 {
		return 0, respond.Refuse(http.StatusBadRequest, "the revision must be a positive number, not %q", respond.Shorten(s))
	}
	return n, nil
}

func noVersion(r *http.Request, revision uint64) error {
	return respond.Refuse(http.StatusNotFound,
		"job %q has no revision %d, or it is no longer kept; /v1/jobs/{job}/versions lists those that are",
		respond.Shorten(r.PathValue("job")), revision)
}
