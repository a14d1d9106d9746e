package httpapi

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"dkron"
	"dkron/internal/history"
	"dkron/internal/jobform"
	"dkron/internal/launchform"
	"dkron/internal/request"
	"dkron/internal/respond"
	"dkron/internal/state"
)

// launchJob launches a job with an environment or a payload of its own.
func (a *api) launchJob(w http.ResponseWriter, r *http.Request) error {
	asked, err := jobform.ReadLaunch(r.Body)
	if errors.Is(err, dkron.ErrInvalid) {
		return err
	}
	if err != nil {
		return unreadable(err)
	}
	return a.launched(w, r, &request.LaunchJob{Job: r.PathValue("job"), Change: asked.Change, Alone: !asked.WithChildren})
}

// rerunLaunch runs an ended launch again.
func (a *api) rerunLaunch(w http.ResponseWriter, r *http.Request) error {
	job, group, err := dkron.ParseLaunchID(r.PathValue("id"))
	if err != nil {
		return err
	}
	return a.launched(w, r, &request.RerunLaunch{Job: job, Group: group, Alone: !asks(r.URL.Query(), "with_children")})
}

// launched makes a launch and answers with it.
func (a *api) launched(w http.ResponseWriter, r *http.Request, ask request.Typed[request.Launched]) error {
	from := a.Store.Events().Last()
	done, err := request.Do(r.Context(), a.Controller, ask)
	if err != nil {
		return err
	}
	l := &done.Launch
	w.Header().Set("Location", "/v1/launches/"+l.ID())
	if err := a.tellLaunch(w, r, from, l); err != nil {
		return err
	}
	if now, err := a.launch(l.Job, l.Group); err == nil {
		l = now
	}
	return respond.JSON(w, r, http.StatusCreated, launchform.New(l).Whole(l.Change))
}

// selected selects launches by the request's filter. It answers a dry run itself: then the selection is nil.
func (a *api) selected(w http.ResponseWriter, r *http.Request, states []string, example dkron.LaunchState,
	selecting func(*history.LaunchQuery, *state.Tx) (*history.Selection, error)) (*history.LaunchQuery, *history.Selection, error) {
	v := r.URL.Query()
	q, err := parseLaunchQuery(v, states)
	if err != nil {
		return nil, nil, err
	}
	if len(q.Words) == 0 {
		return nil, nil, respond.Refuse(http.StatusBadRequest, "state must say which launches are meant, such as %q", example)
	}
	if q.Until.IsZero() {
		q.Until = a.now().UTC()
	}
	found, err := read(a, func(tx *state.Tx) (*history.Selection, error) { return selecting(q, tx) })
	if err != nil || !asks(r.URL.Query(), "dry_run") {
		return q, found, err
	}
	out := launchform.NewSelection(len(found.Numbers), found.Jobs, found.First, q.Since, q.Until)
	out.Confirm.Set(found.Careful(a.Store.Index()))
	return nil, nil, respond.JSON(w, r, http.StatusOK, out)
}

// counted refuses a selection that is not the one that the client has counted.
func counted(r *http.Request, now int) error {
	s := r.URL.Query().Get("count")
	if s == "" {
		return nil
	}
	want, err := strconv.Atoi(s)
	if err != nil || want < 0 {
		return respond.Refuse(http.StatusBadRequest, "count must be the number of a dry run, not %q", respond.Shorten(s))
	}
	if want != now {
		return dkron.Conflict("%d launches match now, not %d as counted; count again with dry_run", now, want)
	}
	return nil
}

// rerunLaunches runs many ended launches again.
func (a *api) rerunLaunches(w http.ResponseWriter, r *http.Request) error {
	if r.URL.Query().Get("since") == "" {
		return respond.Refuse(http.StatusBadRequest, "since must be the time from which launches are run again, such as \"2026-01-31T02:00:00Z\"")
	}
	q, found, err := a.selected(w, r, history.LaunchStates[3:], dkron.LaunchFailed, (*history.LaunchQuery).Again)
	if err != nil || found == nil {
		return err
	}
	if n := len(found.Numbers); n > 0 { // none: perhaps the same request again
		if err := counted(r, n); err != nil {
			return err
		}
	}
	filter, alone := q.String(), !asks(r.URL.Query(), "with_children")
	if !alone {
		filter += "&with_children=true"
	}
	done, err := request.Do(r.Context(), a.Controller, &request.RerunLaunches{Records: found.Numbers, Filter: filter, Alone: alone})
	if err != nil {
		return err
	}
	w.Header().Set("Location", "/v1/reruns/"+strconv.FormatUint(done.Number, 10))
	return respond.JSON(w, r, http.StatusAccepted, launchform.NewRerun(&done.Rerun))
}

// stopLaunches stops many open launches.
func (a *api) stopLaunches(w http.ResponseWriter, r *http.Request) error {
	reason, err := stopReason(r)
	if err != nil {
		return err
	}
	_, found, err := a.selected(w, r, history.LaunchStates[:3], dkron.LaunchWaiting, (*history.LaunchQuery).Open)
	if err != nil || found == nil {
		return err
	}
	if err := counted(r, len(found.Numbers)); err != nil {
		return err
	}
	stopped, err := request.Do(r.Context(), a.Controller, &request.StopLaunches{Launches: found.Numbers, Reason: reason})
	if err != nil {
		return err
	}
	return respond.JSON(w, r, http.StatusAccepted, stoppedJSON{stopped.Count})
}

func (a *api) listReruns(w http.ResponseWriter, r *http.Request) error {
	list := []*launchform.Rerun{}
	err := a.Store.View(func(tx *state.Tx) error {
		all, err := tx.Reruns()
		for _, one := range slices.Backward(all) {
			list = append(list, launchform.NewRerun(one))
		}
		return err
	})
	if err != nil {
		return err
	}
	return respond.JSON(w, r, http.StatusOK, list)
}

// rerunNumber returns the number in the path.
func rerunNumber(r *http.Request) (uint64, error) {
	n, err := strconv.ParseUint(r.PathValue("number"), 10, 64)
	if err != nil {
		err = dkron.Invalid("%.40q is not the number of a rerun", r.PathValue("number"))
	}
	return n, err
}

func (a *api) getRerun(w http.ResponseWriter, r *http.Request) error {
	n, err := rerunNumber(r)
	if err != nil {
		return err
	}
	found, err := read(a, func(tx *state.Tx) (*dkron.Rerun, error) { return tx.Rerun(n) })
	if err != nil {
		return err
	}
	return respond.JSON(w, r, http.StatusOK, launchform.NewRerun(found))
}

func (a *api) stopRerun(w http.ResponseWriter, r *http.Request) error {
	n, err := rerunNumber(r)
	if err != nil {
		return err
	}
	reason, err := stopReason(r)
	if err != nil {
		return err
	}
	done, err := request.Do(r.Context(), a.Controller, &request.StopRerun{Number: n, Reason: reason})
	if err != nil {
		return err
	}
	return respond.JSON(w, r, http.StatusOK, launchform.NewRerun(&done.Rerun))
}
