package httpapi

import (
	"errors"
	"net/http"
	"net/url"

	"dkron"
	"dkron/internal/jobform"
	"dkron/internal/request"
	"dkron/internal/respond"
	"dkron/internal/state"
)

// jobJSON returns a job in the form that clients read.
func (a *api) jobJSON(r *dkron.Record) *jobform.Job {
	out := jobform.New(r)
	health, since := a.Store.Index().Of(r).Health(a.now())
	out.Condition = jobform.NewCondition(r, health.String(), since)
	out.ScheduleText = a.wording.Of(&r.Job)
	return out
}

func (a *api) getJob(w http.ResponseWriter, r *http.Request) error {
	recent, err := parseRecent(r.URL.Query())
	if err != nil {
		return err
	}
	job, err := read(a, func(tx *state.Tx) (*jobform.Job, error) { return a.shownJob(tx, r.PathValue("job"), recent) })
	if err != nil {
		return err
	}
	return respond.JSON(w, r, http.StatusOK, job)
}

// setJob creates a job or replaces its definition: POST and PATCH of the collection, PUT of one job.
func (a *api) setJob(w http.ResponseWriter, r *http.Request) error {
	if err := a.refusePaused(r.Context()); err != nil {
		return err
	}
	job, err := a.readJob(w, r)
	if err != nil {
		return err
	}
	stored, err := request.Do(r.Context(), a.Controller, &request.SetJob{Record: *job})
	if errors.Is(err, dkron.ErrInvalid) {
		return invalidJob(err)
	}
	if err != nil {
		return err
	}
	a.warnJob(w, &stored.Job)
	body := a.jobJSON(&stored.Record)
	if asks(r.URL.Query(), "runoncreate") && !stored.Job.Disabled {
		if body.LaunchID, err = a.runNew(w, r, stored.Job.Name); err != nil {
			return err
		}
	}
	w.Header().Set("Location", jobPath(stored.Job.Name))
	return respond.JSON(w, r, http.StatusCreated, body)
}

// readJob reads the body, including its progress. The name may be in the path or in the body; if it is in both, they
// must be equal.
func (a *api) readJob(w http.ResponseWriter, r *http.Request) (*dkron.Record, error) {
	object, err := readObject(r)
	if err != nil {
		return nil, err
	}
	body, err := jobform.Decode(object)
	if err != nil {
		return nil, unparsable(err)
	}
	progress, err := body.Progress()
	if err != nil {
		return nil, unparsable(err)
	}
	respond.WarnUnknown(w, body.Unknown)
	job := &body.Job
	if name := r.PathValue("job"); name != "" {
		if job.Name != "" && job.Name != name {
			return nil, invalidJob(dkron.Invalid("name %q differs from %q in the path", respond.Shorten(job.Name), respond.Shorten(name)))
		}
		job.Name = name
	}
	return &dkron.Record{Job: *job, Progress: progress}, nil
}

func invalidJob(err error) error {
	return respond.Refuse(http.StatusBadRequest, "Job validation failed: %s.", err)
}

// asHeader escapes a launch id for a header: names of jobs may have non-ASCII letters.
func asHeader(id string) string { return url.PathEscape(id) }

func jobPath(name string) string { return "/v1/jobs/" + url.PathEscape(name) }

// deleteJob removes a job. Its running executions continue, and can be found until they end. With ?stop they are
// stopped, and with ?wait too the answer waits for that.
func (a *api) deleteJob(w http.ResponseWriter, r *http.Request) error {
	job := r.PathValue("job")
	var stop *dkron.Stop
	if asks(r.URL.Query(), "stop") {
		reason, err := stopReason(r)
		if err != nil {
			return err
		}
		stop = &dkron.Stop{Reason: reason}
	}
	open, err := a.openOf(job)
	if err != nil {
		return err
	}
	from := a.Store.Events().Last()
	deleted, err := request.Do(r.Context(), a.Controller, &request.DeleteJob{Job: job, Stop: stop})
	if err != nil {
		return err
	}
	if stop != nil && waits(r) {
		if _, err := a.awaitEnd(r.Context(), from, job, open); err != nil {
			return err
		}
	}
	return respond.JSON(w, r, http.StatusOK, a.jobJSON(&deleted.Record))
}

func (a *api) toggleJob(w http.ResponseWriter, r *http.Request) error {
	stored, err := request.Do(r.Context(), a.Controller, &request.ToggleJob{Job: r.PathValue("job")})
	if err != nil {
		return err
	}
	if !stored.Job.Disabled {
		a.warnJob(w, &stored.Job)
	}
	w.Header().Set("Location", r.URL.RequestURI())
	return respond.JSON(w, r, http.StatusOK, a.jobJSON(&stored.Record))
}
