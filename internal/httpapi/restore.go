package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"dkron"
	"dkron/internal/httpserver"
	"dkron/internal/jobfile"
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
		items, err := file.entries()
		if err != nil {
			return unreadable(err)
		}
		return a.reviewRestore(w, r, items)
	}
	jobs, unknown, err := file.records()
	if err != nil {
		return unreadable(err)
	}
	respond.WarnUnknown(w, unknown)
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
	if errors.Is(err, httpserver.ErrDeep) {
		return httpserver.ErrDeep
	}
	return unparsable(err)
}

// jobsFile is the jobs' part of a request.
type jobsFile struct {
	io.Reader
	yaml bool // or what else people write: see jobfile.Text
}

// entries returns the jobs, as far as they can be read, with their places.
func (f *jobsFile) entries() ([]jobfile.Item, error) {
	text, err := io.ReadAll(f)
	switch {
	case err != nil:
		return nil, jobform.Readable(err)
	case f.yaml:
		return jobfile.Text(text), nil
	}
	return jobfile.JSON(text)
}

// records returns the jobs, and the unknown fields that they have. It refuses a file with an error.
func (f *jobsFile) records() ([]dkron.Record, []string, error) {
	if !f.yaml {
		return jobform.DecodeRecords(f)
	}
	items, err := f.entries()
	if err != nil {
		return nil, nil, err
	}
	list, err := jobfile.Array(items)
	if err != nil {
		return nil, nil, err
	}
	return jobform.DecodeRecords(httpserver.Shallow(io.NopCloser(bytes.NewReader(list))))
}

// restoreFile returns the jobs' part of a request: the part "file" of a form, or the body.
func restoreFile(r *http.Request) (*jobsFile, error) {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case err == nil && media == "application/json":
		return &jobsFile{r.Body, false}, nil
	case err == nil && (media == "application/yaml" || media == "application/x-yaml" || media == "text/yaml"):
		return &jobsFile{r.Body, true}, nil
	case err != nil || !strings.HasPrefix(media, "multipart/"):
		return nil, respond.Refuse(http.StatusBadRequest,
			`send the jobs as the part "file" of multipart/form-data, or as a body of type application/json or application/yaml`)
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
			return &jobsFile{httpserver.Shallow(part), false}, nil
		}
	}
}
