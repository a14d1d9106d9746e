package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"dkron"
	"dkron/internal/httpserver"
	"dkron/internal/request"
	"dkron/internal/respond"
)

const restorePath = "/v1/restore"

// Planner tells what a restore would do, without doing it. It refuses what the restore would.
type Planner interface {
	CheckRestore(ctx context.Context, jobs []dkron.Record) (*dkron.RestorePlan, error)
}

// export answers all jobs, definitions and counters, in a form that can be restored.
func (a *api) export(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Content-Disposition", `attachment; filename="jobs.json"`)
	entries := a.Store.Index().Slice(0, a.Store.Index().Len())
	return a.writeJobs(w, r, len(entries), entries)
}

// planJSON is what a restore would do.
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
	jobs, unknown, err := decodeRecords(file)
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
	return respond.JSON(w, r, http.StatusOK, string(text)) // an array within a string, as it always was
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
	list := func(names []string) []string { return append([]string{}, names...) }
	return respond.JSON(w, r, http.StatusOK, planJSON{list(plan.Create), list(plan.Update), list(plan.Unchanged)})
}

func unrestorable(err error) error {
	if errors.Is(err, dkron.ErrInvalid) {
		return respond.Refuse(http.StatusBadRequest, "Unable to restore: %s.", err)
	}
	return err
}

// unreadable tells what is wrong with a file.
func unreadable(err error) error {
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		return httpserver.TooLarge(large.Limit)
	}
	return unparsable(err)
}

// restoreFile returns where the jobs are in a request: the part "file" of a form, or the body.
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
			return nil, unreadable(readable(err))
		}
		if part.FormName() == "file" {
			return part, nil
		}
	}
}

// decodeRecords reads an array of jobs as they are listed, with what had become of them. Nothing may follow it.
func decodeRecords(file io.Reader) (jobs []dkron.Record, unknown []string, err error) {
	d := json.NewDecoder(file)
	first, err := d.Token()
	if err != nil {
		return nil, nil, readable(err)
	}
	if first != json.Delim('[') {
		return nil, nil, errors.New("the jobs must be an array of objects")
	}
	for d.More() {
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return nil, nil, readable(err)
		}
		record, ignored, err := decodeRecord(raw)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", whichJob(raw, len(jobs)), err)
		}
		jobs, unknown = append(jobs, *record), append(unknown, ignored...)
	}
	if _, err = d.Token(); err != nil {
		return nil, nil, readable(err)
	}
	return jobs, unknown, atEnd(d, "the jobs must be one array")
}

// whichJob names a job of a file for people.
func whichJob(raw json.RawMessage, index int) string {
	var named struct{ Name string }
	if json.Unmarshal(raw, &named) == nil && named.Name != "" {
		return fmt.Sprintf("job %q", respond.Shorten(named.Name))
	}
	return fmt.Sprintf("job number %d", index+1)
}

// decodeRecord reads a job with its counters. What it does not say of its policies stays open.
func decodeRecord(raw json.RawMessage) (*dkron.Record, []string, error) {
	if raw[0] != '{' {
		return nil, nil, errors.New("it must be an object, not " + describe(raw))
	}
	b := new(jobBody)
	if err := b.decode(raw); err != nil {
		return nil, nil, err
	}
	p, err := b.progress()
	if err != nil {
		return nil, nil, err
	}
	switch b.status {
	case "", dkron.StatusSuccess, dkron.StatusFailed, dkron.StatusPartiallyFailed:
	default:
		return nil, nil, fmt.Errorf("status must be %q, %q, %q or empty, not %q",
			dkron.StatusSuccess, dkron.StatusFailed, dkron.StatusPartiallyFailed, respond.Shorten(string(b.status)))
	}
	p.Status = b.status
	return &dkron.Record{Job: b.job, Progress: p}, b.unknown, nil
}
