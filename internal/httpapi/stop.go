package httpapi

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"dkron"
	"dkron/internal/launchform"
	"dkron/internal/request"
	"dkron/internal/respond"
	"dkron/internal/state"
)

// maxReason limits the reason of a stop, in characters.
const maxReason = 200

// stop asks for an end, and returns the number of runs concerned. Events after the position report the ends.
func (a *api) stop(r *http.Request, what dkron.StopTarget) (uint64, state.Position, error) {
	from := a.Store.Events().Last()
	reason, err := stopReason(r)
	if err != nil {
		return 0, from, err
	}
	stopped, err := request.Do(r.Context(), a.Controller, &request.Stop{What: what, Reason: reason})
	if err != nil {
		return 0, from, err
	}
	return stopped.Count, from, nil
}

// stopReason returns the request's reason in one line.
func stopReason(r *http.Request) (string, error) {
	reason := respond.OneLine(strings.ToValidUTF8(r.URL.Query().Get("reason"), "\ufffd"))
	if n := utf8.RuneCountInString(reason); n > maxReason {
		return "", respond.Refuse(http.StatusBadRequest, "reason has %d characters, use at most %d", n, maxReason)
	}
	return reason, nil
}

// stopOne is stop for one execution or launch.
func (a *api) stopOne(r *http.Request, what dkron.StopTarget, name string) (state.Position, error) {
	n, from, err := a.stop(r, what)
	if err == nil && n == 0 {
		err = dkron.Conflict("the %s has ended already", name)
	}
	return from, err
}

// stopStatus distinguishes a requested end from one that has happened.
func stopStatus(ended bool) int {
	if ended {
		return http.StatusOK
	}
	return http.StatusAccepted
}

func (a *api) stopExecution(w http.ResponseWriter, r *http.Request) error {
	what := dkron.StopTarget{Job: r.PathValue("job"), Execution: r.PathValue("id")}
	from, err := a.stopOne(r, what, "execution")
	if err != nil {
		return err
	}
	e, ended, err := awaitStop(a, r, from, what.Job, func() (*dkron.Execution, bool, error) {
		e, err := a.execution(what.Job, what.Execution)
		return e, err == nil && !e.FinishedAt.IsZero(), err
	})
	if err != nil {
		return err
	}
	return respond.JSON(w, r, stopStatus(ended), launchform.NewExecution(e))
}

func (a *api) stopLaunch(w http.ResponseWriter, r *http.Request) error {
	job, group, err := dkron.ParseLaunchID(r.PathValue("id"))
	if err != nil {
		return err
	}
	if group == 0 { // no launch has it, and it would mean all of the job's
		return dkron.ErrNotFound
	}
	from, err := a.stopOne(r, dkron.StopTarget{Job: job, Group: group}, "launch")
	if err != nil {
		return err
	}
	l, ended, err := awaitStop(a, r, from, job, func() (*dkron.Launch, bool, error) {
		l, err := a.launch(job, group)
		return l, err == nil && !l.State.Open(), err
	})
	if err != nil {
		return err
	}
	return respond.JSON(w, r, stopStatus(ended), launchform.New(l))
}

// awaitStop reads what was asked to stop; with ?wait, once it has ended or its record is gone, perhaps with the job:
// then it returns the last read. Without ?wait nothing counts as ended.
func awaitStop[T any](a *api, r *http.Request, from state.Position, job string, read func() (*T, bool, error)) (last *T, ended bool, err error) {
	look := func() (bool, error) {
		now, end, err := read()
		if errors.Is(err, dkron.ErrNotFound) && last != nil {
			ended = true
			return true, nil
		}
		if err != nil {
			return true, err
		}
		last, ended = now, end && waits(r)
		return ended, nil
	}
	if _, err = look(); err == nil && waits(r) {
		err = a.await(r.Context(), from, job, func(*state.Event) {}, look)
	}
	return last, ended, err
}

type stoppedJSON struct {
	Stopped uint64 `json:"stopped"` // launches
}

// stopJob stops all open launches of a job, and those of deleted jobs of that name.
func (a *api) stopJob(w http.ResponseWriter, r *http.Request) error {
	job := r.PathValue("job")
	open, err := a.openOf(job)
	if err != nil {
		return err
	}
	n, from, err := a.stop(r, dkron.StopTarget{Job: job})
	if err != nil {
		return err
	}
	ended := false
	if waits(r) {
		ended, err = a.awaitEnd(r.Context(), from, job, open)
	}
	if err != nil {
		return err
	}
	return respond.JSON(w, r, stopStatus(ended), stoppedJSON{n})
}

// openOf returns the numbers of the open launches of the named job, and of deleted jobs of that name.
func (a *api) openOf(job string) (open []uint64, err error) {
	err = a.Store.View(func(tx *state.Tx) error {
		open = tx.OpenLaunchesNamed(job)
		return nil
	})
	return open, err
}

// awaitEnd waits until none of the launches of a job is open, and reports whether that happened.
func (a *api) awaitEnd(ctx context.Context, from state.Position, job string, launches []uint64) (ended bool, err error) {
	err = a.await(ctx, from, job, func(*state.Event) {}, func() (bool, error) {
		open, err := a.openOf(job)
		ended = err == nil && !slices.ContainsFunc(launches, func(n uint64) bool { return slices.Contains(open, n) })
		return ended, err
	})
	return ended, err
}
