package httpapi

import (
	"context"
	"errors"
	"net/http"

	"dkron"
	"dkron/internal/request"
	"dkron/internal/respond"
	"dkron/internal/state"
)

// runJob answers once the launch is recorded, with the job before it; with ?wait, once the launch has ended.
func (a *api) runJob(w http.ResponseWriter, r *http.Request) error {
	from := a.Store.Events().Last()
	launched, err := request.Do(r.Context(), a.Controller, &request.RunJob{Job: r.PathValue("job"), Cause: dkron.CauseManual})
	if err != nil {
		return err
	}
	body := a.jobJSON(&launched.Before)
	body.LaunchID = launched.Launch.ID()
	w.Header().Set("Location", r.URL.RequestURI())
	if err := a.tellLaunch(w, r, from, &launched.Launch); err != nil {
		return err
	}
	return respond.JSON(w, r, http.StatusOK, body)
}

// runNew runs a job that was just stored, and returns the launch's id. The job stays stored if it can't be run, so the
// client only gets a warning.
func (a *api) runNew(w http.ResponseWriter, r *http.Request, name string) (string, error) {
	from := a.Store.Events().Last()
	launched, err := request.Do(r.Context(), a.Controller, &request.RunJob{Job: name, Cause: dkron.CauseCreate})
	if err != nil {
		a.Logger.Warn("job was stored but not run", "job", name, "error", err)
		respond.Warn(w, "stored, but not run")
		return "", nil
	}
	return launched.Launch.ID(), a.tellLaunch(w, r, from, &launched.Launch)
}

// tellLaunch sets headers about a new launch; with ?wait, once it has ended. Events after the position report the end.
func (a *api) tellLaunch(w http.ResponseWriter, r *http.Request, from state.Position, l *dkron.Launch) error {
	now := l.State
	if waits(r) {
		var err error
		if now, err = a.awaitLaunch(r.Context(), from, l); err != nil {
			return err
		}
	}
	w.Header().Set("X-Launch-Id", asHeader(l.ID()))
	if now != "" {
		w.Header().Set("X-Launch-State", string(now))
	}
	return nil
}

// awaitLaunch returns the state of a launch that has ended, or its state when the time limit is reached. The state is
// empty if the launch was removed with its job.
func (a *api) awaitLaunch(ctx context.Context, from state.Position, l *dkron.Launch) (dkron.LaunchState, error) {
	now, missing := l.State, false
	err := a.await(ctx, from, l.Job, func(e *state.Event) {
		if e.Type == state.LaunchEnded && e.Group == l.Group && !e.State.Open() {
			now = e.State // a job that runs once is deleted with its launch
		}
	}, func() (bool, error) {
		if !now.Open() {
			return true, nil
		}
		found, err := a.launch(l.Job, l.Group)
		switch {
		case errors.Is(err, dkron.ErrNotFound):
			if !missing { // the event that says how it ended follows the commit that removed it
				missing = true
				return false, nil
			}
			now = ""
		case err != nil:
			return true, err
		default:
			now = found.State
		}
		return !now.Open(), nil
	})
	return now, err
}
