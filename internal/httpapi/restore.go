package httpapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"dkron"
	"dkron/internal/httpserver"
	"dkron/internal/jobform"
	"dkron/internal/request"
	"dkron/internal/respond"
)

const restorePath = "/v1/restore"

// export answers with all jobs, definitions and counters, in a form that can be restored.
func (a *api) export(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Content-Disposition", `attachment; filename="jobs.json"`)
	entries := a.Store.Index().Slice(0, a.Store.Index().Len())
	return a.writeJobs(w, r, &jobList{total: len(entries), entries: entries, file: true})
}

// planJSON is the plan of a restore.
type planJSON struct {
	Create    []string `json:"create"`
	Update    []string `json:"update"`
	Unchanged []string `json:"unchanged"`
}

func (a *api) restore(w http.ResponseWriter, r *http.Request) error {
	file, err := restoreFile(r)
	if err != nil {
		return err
	}
	if asks(r.URL.Query(), "dry_run") && asks(r.URL.Query(), "problems") {
		return a.reviewRestore(w, r, file)
	}
	jobs, unknown, err := jobform.DecodeRecords(file)
	if err != nil {
		return unreadable(err)
	}
	warnUnknown(w, unknown)
	if asks(r.URL.Query(), "dry_run") {
		return a.planRestore(w, r, jobs)
	}
	done := make([]string, 0, len(jobs))
	if len(jobs) > 0 {
		restored, err := request.Do(r.Context(), a.Controller, &request.Restore{Jobs: jobs})
		if err != nil {
			return unrestorable(err)
		}
		for _, name := range restored.Names {
			done = append(done, "success create "+name)
		}
	}
	if err := a.warnJobs(w, jobs); err != nil {
		return err
	}
	text, err := json.Marshal(done)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	return respond.JSON(w, r, http.StatusOK, string(text)) // an array within a string, as in v4
}

func (a *api) planRestore(w http.ResponseWriter, r *http.Request, jobs []dkron.Record) error {
	if a.Planner == nil {
		return respond.Refuse(http.StatusNotImplemented, "this server can't plan a restore; leave out ?dry_run")
	}
	plan, err := a.Planner.CheckRestore(r.Context(), jobs)
	if err != nil {
		return unrestorable(err)
	}
	if err := a.warnJobs(w, jobs); err != nil {
		return err
	}
	return respond.JSON(w, r, http.StatusOK, newPlanJSON(plan))
}

func newPlanJSON(plan *dkron.RestorePlan) planJSON {
	list := func(names []string) []string { return append([]string{}, names...) }
	return planJSON{list(plan.Create), list(plan.Update), list(plan.Unchanged)}
}

func unrestorable(err error) error {
	if errors.Is(err, dkron.ErrInvalid) {
		return respond.Refuse(http.StatusBadRequest, "Unable to restore: %s.", err)
	}
	return err
}

// unreadable answers with the fault of a body.
func unreadable(err error) error {
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		return httpserver.TooLarge(large.Limit)
	}
	return unparsable(err)
}

// restoreFile returns the jobs' part of a request: the part "file" of a form, or the body.
func restoreFile(r *http.Request) (io.Reader, error) {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case err == nil && media == "application/json":
		return r.Body, nil
	case err != nil || !strings.HasPrefix(media, "multipart/"):
		return nil, respond.Refuse(http.StatusBadRequest,
			`send the jobs as the part "file" of multipart/form-data, or as a body of type application/json`)
	}
	form, err := r.MultipartReader()
	if err != nil {
		return nil, respond.Refuse(http.StatusBadRequest, "the form can't be read: Content-Type must be multipart/form-data with a boundary")
	}
	for {
		part, err := form.NextPart()
		if err == io.EOF {
			return nil, respond.Refuse(http.StatusBadRequest, `the form has no part named "file"`)
		}
		if err != nil {
			return nil, unreadable(jobform.Readable(err))
		}
		if part.FormName() == "file" {
			return part, nil
		}
	}
}
